package hubspotsim

import "net/http"

// typePair is a pair of HubSpot's own association types: forth and back.
type typePair struct {
	from, to    string
	forth, back int
}

func unlabelled() []typePair {
	return []typePair{
		{"contacts", "companies", 279, 280},
		{"contacts", "deals", 4, 3},
		{"companies", "deals", 342, 341},
		{"contacts", "contacts", 449, 449},
		{"companies", "companies", 450, 450},
		{"deals", "deals", 451, 451},
		{"calls", "contacts", 194, 193},
		{"calls", "companies", 182, 181},
		{"calls", "deals", 206, 205},
		{"emails", "contacts", 198, 197},
		{"emails", "companies", 186, 185},
		{"emails", "deals", 210, 209},
		{"meetings", "contacts", 200, 199},
		{"meetings", "companies", 188, 187},
		{"meetings", "deals", 212, 211},
		{"notes", "contacts", 202, 201},
		{"notes", "companies", 190, 189},
		{"notes", "deals", 214, 213},
		{"tasks", "contacts", 204, 203},
		{"tasks", "companies", 192, 191},
		{"tasks", "deals", 216, 215},
		{"communications", "contacts", 81, 82},
		{"communications", "companies", 87, 88},
		{"communications", "deals", 85, 86},
	}
}

func labelled() []typePair {
	return []typePair{{"contacts", "companies", 1, 2}, {"companies", "deals", 6, 5}}
}

// defaultTypes returns the unlabelled type between two objects and its inverse.
func defaultTypes(from, to string) (forth, back int) {
	for _, p := range unlabelled() {
		if p.from == from && p.to == to {
			return p.forth, p.back
		}
		if p.from == to && p.to == from {
			return p.back, p.forth
		}
	}
	return 0, 0
}

func inverseType(typeID int) int {
	for _, p := range append(labelled(), unlabelled()...) {
		switch typeID {
		case p.forth:
			return p.back
		case p.back:
			return p.forth
		}
	}
	return typeID
}

// targetOf tells which object an association type leads to from this one.
func (t *Twin) targetOf(from *table, typeID int) *table {
	for _, p := range append(labelled(), unlabelled()...) {
		if p.from == from.plural && p.forth == typeID {
			return t.tables[p.to]
		}
		if p.to == from.plural && p.back == typeID {
			return t.tables[p.from]
		}
	}
	return nil
}

// label is what a type is called; most have none.
func label(typeID int) *string {
	primary := "Primary"
	for _, p := range labelled() {
		if typeID == p.forth || typeID == p.back {
			return &primary
		}
	}
	return nil
}

func (t *Twin) linkLabels(c *call) error {
	from, to, err := c.tables()
	if err != nil {
		return err
	}
	var rows []typeRow
	for _, p := range append(labelled(), unlabelled()...) {
		switch {
		case p.from == from.plural && p.to == to.plural:
			rows = append(rows, typeRow{"HUBSPOT_DEFINED", p.forth, label(p.forth)})
		case p.to == from.plural && p.from == to.plural:
			rows = append(rows, typeRow{"HUBSPOT_DEFINED", p.back, label(p.back)})
		}
	}
	return c.json(http.StatusOK, results[typeRow]{Results: rows})
}
