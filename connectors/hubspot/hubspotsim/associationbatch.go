package hubspotsim

import (
	"fmt"
	"net/http"
)

// results is a list as HubSpot wraps it.
type results[T any] struct {
	Results []T     `json:"results"`
	Paging  *paging `json:"paging,omitempty"`
}

type typeRow struct {
	Category string  `json:"category"`
	TypeID   int     `json:"typeId"`
	Label    *string `json:"label"`
}

type linkRow struct {
	To    int64     `json:"toObjectId"`
	Types []typeRow `json:"associationTypes"`
}

type linkedRow struct {
	FromType string   `json:"fromObjectTypeId"`
	From     int64    `json:"fromObjectId"`
	ToType   string   `json:"toObjectTypeId"`
	To       int64    `json:"toObjectId"`
	Labels   []string `json:"labels"`
}

// batchAnswer is a batch's answer where rows are not records.
type batchAnswer[T any] struct {
	CompletedAt string     `json:"completedAt"`
	Status      string     `json:"status"`
	StartedAt   string     `json:"startedAt"`
	Results     []T        `json:"results"`
	Errors      []rowError `json:"errors,omitempty"`
	NumErrors   int        `json:"numErrors,omitempty"`
}

func answerBatch[T any](c *call, status int, rows []T, errs []rowError) error {
	now := iso(c.t.now())
	if len(errs) > 0 {
		status = http.StatusMultiStatus
	}
	if rows == nil {
		rows = []T{}
	}
	return c.json(status, batchAnswer[T]{now, "COMPLETE", now, rows, errs, len(errs)})
}

type ref struct {
	ID looseID `json:"id"`
}

// looseID is a record id that clients send as a string or as a number.
type looseID string

// UnmarshalJSON takes "5" and 5.
func (s *looseID) UnmarshalJSON(b []byte) error {
	if len(b) > 1 && b[0] == '"' {
		b = b[1 : len(b)-1]
	}
	*s = looseID(b)
	return nil
}

func (t *Twin) linkRows(from *table, id int64, to *table) []linkRow {
	var rows []linkRow
	for _, e := range t.edges[edgeKey{from.plural, id, to.plural}] {
		row := linkRow{To: e.to}
		for _, typeID := range e.types {
			row.Types = append(row.Types, typeRow{"HUBSPOT_DEFINED", typeID, label(typeID)})
		}
		rows = append(rows, row)
	}
	return rows
}

func (t *Twin) linked(from *table, id int64, to *table, other int64) linkedRow {
	row := linkedRow{from.typeID, id, to.typeID, other, []string{}}
	for _, e := range t.edges[edgeKey{from.plural, id, to.plural}] {
		for _, typeID := range e.types {
			if l := label(typeID); l != nil && e.to == other {
				row.Labels = append(row.Labels, *l)
			}
		}
	}
	return row
}

func (t *Twin) batchLinks(c *call) error {
	var body struct {
		Inputs []ref `json:"inputs"`
	}
	from, to, err := c.tables()
	if err != nil {
		return err
	}
	if err := c.decode(&body); err != nil {
		return err
	}
	if len(body.Inputs) > 1000 {
		return invalid("Maximum number of inputs allowed in one batch is 1000")
	}
	type fromRow struct {
		From ref       `json:"from"`
		To   []linkRow `json:"to"`
	}
	var rows []fromRow
	var errs []rowError
	for _, in := range body.Inputs {
		links := t.linkRows(from, number(string(in.ID)), to)
		if len(links) > 0 {
			rows = append(rows, fromRow{in, links})
			continue
		}
		errs = append(errs, rowError{
			Status: "error", Category: "OBJECT_NOT_FOUND", SubCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
			Message: fmt.Sprintf("No %s is associated with %s %s.", to.singular, from.singular, in.ID),
			Context: map[string][]string{"fromObjectId": {string(in.ID)}, "fromObjectType": {from.singular}, "toObjectType": {to.singular}},
		})
	}
	return answerBatch(c, http.StatusOK, rows, errs)
}

// linkInput is one pair of a batch; create names types, archive several tos.
type linkInput struct {
	From  ref        `json:"from"`
	To    refs       `json:"to"`
	Types []linkType `json:"types"`
}

// linkBatch is a batch of pairs with the objects they are of.
type linkBatch struct {
	from, to *table
	inputs   []linkInput
}

func (c *call) linkBatch(most int) (*linkBatch, error) {
	var body struct {
		Inputs []linkInput `json:"inputs"`
	}
	from, to, err := c.tables()
	if err != nil {
		return nil, err
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if len(body.Inputs) > most {
		return nil, invalid("Maximum number of inputs allowed in one batch is %d", most)
	}
	return &linkBatch{from, to, body.Inputs}, nil
}

func (t *Twin) batchLink(c *call) error {
	b, err := c.linkBatch(2000)
	if err != nil {
		return err
	}
	from, to := b.from, b.to
	var rows []linkedRow
	var errs []rowError
	for _, in := range b.inputs {
		id := number(string(in.From.ID))
		for _, other := range in.To {
			if bad := badPair(from, in.From, to, other); bad != nil {
				errs = append(errs, *bad)
				continue
			}
			t.link(from, id, to, number(string(other.ID)), 0)
			for _, lt := range in.Types {
				t.link(from, id, to, number(string(other.ID)), lt.TypeID)
			}
			rows = append(rows, t.linked(from, id, to, number(string(other.ID))))
		}
	}
	return answerBatch(c, http.StatusCreated, rows, errs)
}

func badPair(from *table, a ref, to *table, b ref) *rowError {
	if from == to && a.ID == b.ID {
		return &rowError{Status: "error", Category: "VALIDATION_ERROR", Message: fmt.Sprintf("Object %s cannot be associated to itself (%s)", a.ID, b.ID)}
	}
	for id, tb := range map[looseID]*table{a.ID: from, b.ID: to} {
		if tb.find(number(string(id))) == nil {
			return &rowError{
				Status: "error", Category: "VALIDATION_ERROR", SubCategory: "crm.associations.INVALID_IDENTIFIER",
				Message: string(id) + " is not a valid ID", Context: map[string][]string{"id": {string(id)}},
			}
		}
	}
	return nil
}

func (t *Twin) batchUnlink(c *call) error {
	b, err := c.linkBatch(2000)
	if err != nil {
		return err
	}
	for _, in := range b.inputs {
		for _, other := range in.To {
			t.unlink(b.from, number(string(in.From.ID)), b.to, number(string(other.ID)))
		}
	}
	return c.raw(http.StatusNoContent, nil)
}
