package espocrm

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
)

// Read returns records by id.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	o, err := c.object(ctx, object)
	if err != nil {
		return nil, err
	}
	d := newDecoder(o, fields)
	rows, err := c.byIDs(ctx, d, ids)
	if err != nil {
		return nil, err
	}
	return d.records(rows), nil
}

func (c *Connector) byIDs(ctx context.Context, d *decoder, ids []string) ([]row, error) {
	ids = slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(ids))), func(id string) bool { return id == "" })
	var rows []row
	for chunk := range slices.Chunk(ids, batchRead) {
		found, err := c.all(ctx, d.kind, d.attrs(), where("id", "in", chunk...))
		if err != nil {
			return nil, err
		}
		if err := c.whole(ctx, d, found); err != nil {
			return nil, err
		}
		rows = append(rows, found...)
	}
	return rows, nil
}

// longestQuery keeps the address of a call within what web servers take.
const longestQuery = 5000

// Lookup finds records by their first e-mail address or by a field of the
// customer's own, in the database itself.
func (c *Connector) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	o, err := c.object(ctx, object)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(o.Keys, key) {
		return nil, c.unsupported(object, "look up by "+key)
	}
	d := newDecoder(o, fields)
	rows, err := c.holding(ctx, d.kind, append(d.attrs(), key), key, values)
	if err != nil {
		return nil, err
	}
	if err := c.whole(ctx, d, rows); err != nil {
		return nil, err
	}
	out := make([][]connectors.Record, len(values))
	for i, v := range values {
		for _, r := range rows {
			if r.holds(key, v) {
				out[i] = append(out[i], d.record(r))
			}
		}
	}
	return out, nil
}

// holding returns the rows with any of these values in an attribute. By e-mail
// they may be rows that have one as a further address.
func (c *Connector) holding(ctx context.Context, k kind, attrs []string, attr string, values []string) ([]row, error) {
	slices.Sort(attrs)
	var rows []row
	for _, chunk := range fitting(values) {
		found, err := c.all(ctx, k, slices.Compact(attrs), oneOf(attr, chunk))
		if err != nil {
			return nil, err
		}
		rows = append(rows, slices.DeleteFunc(found, func(r row) bool { // two values may be of one row
			return slices.ContainsFunc(rows, func(x row) bool { return x.text("id") == r.text("id") })
		})...)
	}
	return rows, nil
}

// fitting divides values, without empty and repeated ones, so that each part
// fits into an address.
func fitting(values []string) [][]string {
	const around = 40 // what stands in the address beside each value
	var parts [][]string
	seen := map[string]bool{}
	size := longestQuery
	for _, v := range values {
		v = strings.TrimSpace(v)
		low := strings.ToLower(v)
		if v == "" || seen[low] {
			continue
		}
		seen[low] = true
		n := len(url.QueryEscape(v)) + around
		if size+n > longestQuery {
			parts, size = append(parts, nil), 0
		}
		parts[len(parts)-1], size = append(parts[len(parts)-1], v), size+n
	}
	return parts
}

// holds compares as EspoCRM does.
func (r row) holds(attr, value string) bool {
	value = strings.TrimSpace(value)
	return value != "" && strings.EqualFold(r.text(attr), value)
}
