package mautic

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Read returns records by id. A list does not know the ids of contacts that
// were merged; asked singly, Mautic answers with the one they live on in.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	k, ok := kindOf(object)
	if !ok {
		return nil, c.unsupported(object, "read")
	}
	o, err := c.object(ctx, k)
	if err != nil {
		return nil, err
	}
	d := newDecoder(o, fields)
	s := shapeOf(k, fields)
	var records []connectors.Record
	for chunk := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(ids))), batchRows) {
		rows, err := c.byIDs(ctx, s, chunk)
		if err != nil {
			return nil, err
		}
		records = append(records, d.records(rows)...)
		moved, err := c.moved(ctx, s, chunk, rows)
		if err != nil {
			return nil, err
		}
		for id, r := range moved {
			rec := d.record(r)
			rec.Asked = id
			records = append(records, rec)
		}
	}
	return records, nil
}

// moved returns, by the ids asked for that were not found, the contacts that
// those were merged into. Companies are not merged.
func (c *Connector) moved(ctx context.Context, s shape, asked []string, found []row) (map[string]*row, error) {
	out := map[string]*row{}
	for _, id := range asked {
		if s.kind.name != contacts || slices.ContainsFunc(found, func(r row) bool { return r.ID.s == id }) {
			continue
		}
		r, err := c.survivor(ctx, id)
		if err != nil {
			return nil, err
		}
		if r != nil {
			out[id] = r
		}
	}
	return out, nil
}

func (c *Connector) byIDs(ctx context.Context, s shape, ids []string) ([]row, error) {
	return c.all(ctx, s, where("id", "in", strings.Join(ids, ",")))
}

// all reads every row that a condition fits, by id.
func (c *Connector) all(ctx context.Context, s shape, fits cond) ([]row, error) {
	var rows []row
	for cur := (cursor{}); ; {
		w := byID(cur)
		w.conds = append(w.conds, fits)
		a, _, err := c.list(ctx, s, w)
		if err != nil {
			return nil, err
		}
		if rows = append(rows, a.rows...); !a.more {
			return rows, nil
		}
		cur.At = w.at(&a.rows[len(a.rows)-1])
	}
}

// survivor returns the contact that another was merged into; nil if it is gone.
func (c *Connector) survivor(ctx context.Context, id string) (*row, error) {
	if number(id) == 0 {
		return nil, nil //nolint:nilnil // what is no id names no record
	}
	var one struct {
		Contact *row `json:"contact"`
	}
	_, err := c.get(ctx, contacts, "/contacts/"+url.PathEscape(id), nil, &one)
	if fault.Is(err, fault.Missing) {
		return nil, nil //nolint:nilnil // no record is no error
	}
	return one.Contact, err
}

// longestQuery keeps the address of a call within what web servers take.
const longestQuery = 3000

// Lookup finds records by e-mail or another unique field. It asks the database
// itself, so that what was just stored is seen.
func (c *Connector) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	k, ok := kindOf(object)
	if !ok {
		return nil, c.unsupported(object, "look up")
	}
	o, err := c.object(ctx, k)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(o.Keys, key) {
		return nil, c.unsupported(object, "look up by "+key)
	}
	rows, err := c.holding(ctx, shapeOf(k, fields), key, values)
	if err != nil {
		return nil, err
	}
	d := newDecoder(o, fields)
	out := make([][]connectors.Record, len(values))
	for i, v := range values {
		for j := range rows {
			if rows[j].holds(key, v) {
				out[i] = append(out[i], d.record(&rows[j]))
			}
		}
	}
	return out, nil
}

// holding returns the rows with any of these values in a field, a few hundred
// values in a call: they stand in its address.
func (c *Connector) holding(ctx context.Context, s shape, field string, values []string) ([]row, error) {
	var rows []row
	for _, chunk := range fitting(values, longestQuery) {
		found, err := c.all(ctx, s, oneOf(field, chunk))
		if err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// fitting divides values, without empty and repeated ones, so that each part
// is no longer than most in an address.
func fitting(values []string, most int) [][]string {
	var parts [][]string
	seen := map[string]bool{}
	size := most
	for _, v := range values {
		v = strings.TrimSpace(v)
		if low := strings.ToLower(v); v == "" || seen[low] {
			continue
		} else {
			seen[low] = true
		}
		n := len(url.QueryEscape(v)) + 9 // quotes and a comma, escaped
		if size+n > most {
			parts, size = append(parts, nil), 0
		}
		parts[len(parts)-1], size = append(parts[len(parts)-1], v), size+n
	}
	return parts
}

// holds compares as Mautic's database does, but for accents.
func (r *row) holds(field, value string) bool {
	value = strings.TrimSpace(value)
	return value != "" && strings.EqualFold(r.Fields[field].s, value)
}
