package rest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Read returns records by id.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	e, ok := c.entity(object)
	if !ok || e.get == nil {
		return nil, c.unsupported(object, "read")
	}
	d := newDecoder(e, c.api.times.rows, fields)
	var records []connectors.Record
	for chunk := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(ids))), e.get.batch) {
		rows, err := c.found(ctx, question{e, e.get, "id", chunk, fields})
		if err != nil {
			return nil, err
		}
		got, _ := d.records(rows)
		for i := range got {
			if e.get.batch == 1 && got[i].ID != chunk[0] {
				got[i].Asked = chunk[0] // it lives on as another
			}
		}
		records = append(records, got...)
	}
	return records, nil
}

// Lookup finds records by a key.
func (c *Connector) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	e, ok := c.entity(object)
	if !ok || e.lookup == nil || !slices.Contains(e.keys, key) {
		return nil, c.unsupported(object, "look up by "+key)
	}
	rows, err := c.holding(ctx, e, key, values, fields)
	if err != nil {
		return nil, err
	}
	d := newDecoder(e, c.api.times.rows, fields)
	out := make([][]connectors.Record, len(values))
	for i, v := range values {
		for _, row := range rows {
			if e.holds(row, key, v) {
				got, _ := d.records([]value{row})
				out[i] = append(out[i], got...)
			}
		}
	}
	return out, nil
}

// holding returns the rows with any of these values in a field, each once.
func (c *Connector) holding(ctx context.Context, e *entity, key string, values, fields []string) ([]value, error) {
	var rows []value
	seen, ids := map[string]bool{}, map[string]bool{}
	var wanted []string
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" && !seen[v] {
			seen[v] = true
			wanted = append(wanted, v)
		}
	}
	if !slices.Contains(fields, key) {
		fields = append(slices.Clip(fields), key)
	}
	for chunk := range slices.Chunk(wanted, e.lookup.batch) {
		found, err := c.found(ctx, question{e, e.lookup, key, chunk, fields})
		if err != nil {
			return nil, err
		}
		for _, row := range found {
			if id := row.at(e.id).text; !ids[id] {
				ids[id] = true
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

// holds compares without regard to case, as databases do with unique texts.
func (e *entity) holds(row value, key, want string) bool {
	f, ok := e.field(key)
	held := row.at(f.path).text
	want = strings.TrimSpace(want)
	return ok && want != "" && strings.EqualFold(strings.TrimSpace(held), want)
}

// question asks for the records of some ids, or with some values of a key.
type question struct {
	e      *entity
	f      *find
	key    string
	asked  []string
	fields []string
}

// found makes one call.
func (c *Connector) found(ctx context.Context, q question) ([]value, error) {
	e, f, chunk := q.e, q.f, q.asked
	s := scope{"fields": e.remote(q.fields), "ids": chunk, "id": chunk[0], "values": chunk, "value": chunk[0], "key": remoteName(e, q.key)}
	if f.row != nil {
		rows := make([]any, len(chunk))
		for i, one := range chunk {
			own := maps.Clone(s)
			own["id"], own["value"] = one, one
			rows[i], _ = f.row.fill(own)
		}
		s["rows"] = rows
	}
	var tree value
	_, err := c.ask(ctx, f.call, s, &tree)
	if fault.Is(err, fault.Missing) && len(chunk) == 1 {
		return nil, nil // what is not there is no error
	}
	if err != nil {
		return nil, err
	}
	at := tree.at(f.records)
	if f.batch == 1 && at.sort == object && at.at(e.id).text != "" {
		return []value{at}, nil
	}
	rows, err := rowsAt(tree, f.records)
	if err != nil {
		return nil, c.about(err, f.call)
	}
	if total, ok := tree.at(f.total).number(); ok && f.total != nil && total > int64(len(rows)) {
		return nil, c.about(malformed("the answer counts more records than it holds; make batch smaller"), f.call)
	}
	return rows, nil
}

func remoteName(e *entity, name string) string {
	if f, ok := e.field(name); ok && len(f.path) > 0 {
		return f.path[len(f.path)-1]
	}
	return name
}
