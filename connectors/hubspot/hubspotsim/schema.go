package hubspotsim

import "net/http"

// listSchemas lists custom objects; a simulated portal has none.
func (t *Twin) listSchemas(c *call) error {
	return c.json(http.StatusOK, results[map[string]any]{Results: []map[string]any{}})
}

func (t *Twin) getSchema(c *call) error {
	tb, err := c.table()
	if err != nil {
		return err
	}
	props := make([]*Property, 0, len(tb.order))
	for _, name := range tb.order {
		if p := tb.defs[name]; p != nil {
			props = append(props, p)
		}
	}
	return c.json(http.StatusOK, map[string]any{
		"labels":             map[string]string{"singular": tb.title(), "plural": tb.plural},
		"requiredProperties": []string{}, "searchableProperties": []string{},
		"primaryDisplayProperty": tb.defaults[1], "secondaryDisplayProperties": []string{},
		"archived": false, "restorable": true, "metaType": "HUBSPOT", "id": tb.typeID[2:],
		"fullyQualifiedName": tb.singular, "createdAt": dawn, "updatedAt": dawn, "objectTypeId": tb.typeID,
		"properties": props, "associations": t.schemaLinks(tb), "name": tb.singular,
	})
}

func (t *Twin) schemaLinks(tb *table) []map[string]any {
	links := []map[string]any{}
	for _, p := range append(labelled(), unlabelled()...) {
		to, typeID := p.to, p.forth
		switch tb.plural {
		case p.from:
		case p.to:
			to, typeID = p.from, p.back
		default:
			continue
		}
		other := t.tables[to]
		links = append(links, map[string]any{
			"fromObjectTypeId": tb.typeID, "toObjectTypeId": other.typeID,
			"name": tb.singular + "_to_" + other.singular, "id": itoa(int64(typeID)), "createdAt": nil, "updatedAt": nil,
		})
	}
	return links
}
