package salesforce

import (
	"context"
	"slices"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// sampled is how many records FieldWriters looks at.
const sampled = 200

// FieldWriters tells who last wrote each field in the records changed most
// recently: from field history where it is kept, else from who last changed
// the record as a whole. It costs two calls.
func (c *Connector) FieldWriters(ctx context.Context, name string, fields []string) (map[string][]connectors.FieldWriter, error) {
	o, ok := objectNamed(name)
	if !ok {
		return nil, fault.ErrUnsupported(c.name, name, "read field writers")
	}
	s, err := c.meta.describe(ctx, name, 0)
	if err != nil {
		return nil, err
	}
	if !s.has(fieldModifiedBy) || !s.has(o.stamp) {
		return nil, fault.ErrUnsupported(c.name, name, "read field writers")
	}
	rows, err := c.api.all(ctx, plainQuery, selection{
		object: name, fields: []string{fieldID, fieldModifiedBy}, order: o.stamp + " DESC", limit: sampled,
	})
	if err != nil {
		return nil, err
	}
	tracked, err := c.trackedWriters(ctx, name, rows)
	if err != nil {
		return nil, err
	}
	writers := make(map[string][]connectors.FieldWriter, len(fields))
	for _, field := range fields {
		if !s.has(field) {
			continue
		}
		if list := c.writersOf(rows, tracked[historyName(field)]); len(list) > 0 {
			writers[field] = list
		}
	}
	return writers, nil
}

// writersOf counts who wrote a field: as its history tells, if it has one.
func (c *Connector) writersOf(rows []jsonRow, tracked map[string]string) []connectors.FieldWriter {
	var list []connectors.FieldWriter
	for _, row := range rows {
		by := longID(value(row, fieldModifiedBy))
		if tracked != nil {
			by = tracked[longID(value(row, fieldID))]
		}
		if by != "" {
			list = countWriter(list, c.actor(by))
		}
	}
	slices.SortStableFunc(list, func(a, b connectors.FieldWriter) int { return b.Count - a.Count })
	return list
}

// historyName is how field history spells a field: references by their
// relationship.
func historyName(field string) string {
	if field == "OwnerId" {
		return "Owner"
	}
	return field
}

// trackedWriters returns, for each field with history, who wrote it last in
// each record. Without history it is empty.
func (c *Connector) trackedWriters(ctx context.Context, name string, rows []jsonRow) (map[string]map[string]string, error) {
	history, parent := name+"History", name+"Id"
	if name == "Opportunity" {
		history = "OpportunityFieldHistory"
	}
	if _, ok := objectNamed(history); !ok || len(rows) == 0 {
		return nil, nil //nolint:nilnil // no history is no error
	}
	if _, err := c.meta.describe(ctx, history, 0); err != nil {
		if hidden(err) {
			return nil, nil //nolint:nilnil // as above
		}
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = longID(value(row, fieldID))
	}
	changes, err := c.api.all(ctx, plainQuery, selection{
		object: history, fields: []string{parent, "Field", fieldCreatedBy}, where: []string{in(parent, ids)}, order: fieldCreated,
	})
	if err != nil {
		return nil, err
	}
	last := map[string]map[string]string{}
	for _, row := range changes {
		field := value(row, "Field")
		if last[field] == nil {
			last[field] = map[string]string{}
		}
		last[field][longID(value(row, parent))] = longID(value(row, fieldCreatedBy))
	}
	return last, nil
}

func countWriter(list []connectors.FieldWriter, by record.Actor) []connectors.FieldWriter {
	for i := range list {
		if list[i].Actor == by {
			list[i].Count++
			return list
		}
	}
	return append(list, connectors.FieldWriter{Actor: by, Count: 1})
}
