package suitecrm

import (
	"context"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Changes reads one page of an object: first all, then what was changed, then
// those whose addresses opted out. All go by id: SuiteCRM sorts by one field,
// and orders rows of one second by nothing.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	o, err := c.object(ctx, q.Object)
	if err != nil {
		return connectors.Page{}, err
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	d := newDecoder(o, q.Fields)
	if cur.Mode == modeOptOuts {
		return c.optOuts(ctx, d, cur)
	}
	found, res, err := c.list(ctx, ask{object: o.Name, fields: d.attrs(), conds: cur.conds(), most: c.cfg.PageSize})
	if err != nil {
		return connectors.Page{}, err
	}
	cur.Begin(res)
	p := connectors.Page{Records: d.records(found.rows), Issues: d.issues}
	switch n := len(found.rows); {
	case found.more && n > 0:
		cur.ID = found.rows[n-1].ID
		return cur.on(p), nil
	case cur.Mode == modeChanged && slices.Contains(q.Fields, optOutField) && kept(o):
		cur.Mode, cur.ID = modeOptOuts, ""
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// conds is what a walk still has before it.
func (c cursor) conds() []cond {
	var conds []cond
	if c.Mode != modeAll {
		conds = append(conds, cond{modified, "gte", c.from()})
	}
	if c.ID != "" {
		conds = append(conds, cond{"id", "gt", c.ID})
	}
	return conds
}

// optOuts reads those whose addresses opted out, which moves no record. One
// that was taken back is seen when the record is read for another reason.
func (c *Connector) optOuts(ctx context.Context, d *decoder, cur cursor) (connectors.Page, error) {
	a := ask{object: addressBook, fields: []string{"email_address"}, most: c.cfg.PageSize, conds: append(cur.conds(), cond{"opt_out", "eq", "1"})}
	found, _, err := c.list(ctx, a)
	if fault.Is(err, fault.Permission) {
		return cur.end(connectors.Page{}, c.cfg.Overlap), nil // seen when the record is read
	}
	if err != nil {
		return connectors.Page{}, err
	}
	var addresses []string
	for i := range found.rows {
		addresses = append(addresses, found.rows[i].text("email_address"))
	}
	rows, err := c.holding(ctx, d, emailField, addresses)
	if err != nil {
		return connectors.Page{}, err
	}
	p := connectors.Page{Records: d.records(rows), Issues: d.issues}
	if n := len(found.rows); found.more && n > 0 {
		cur.ID = found.rows[n-1].ID
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// Read returns records by id.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	o, err := c.object(ctx, object)
	if err != nil {
		return nil, err
	}
	d := newDecoder(o, fields)
	rows, err := c.either(ctx, object, d.attrs(), "id", distinct(ids))
	if err != nil {
		return nil, err
	}
	return d.records(rows), nil
}

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
	rows, err := c.holding(ctx, d, key, values)
	if err != nil {
		return nil, err
	}
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

// holding returns the rows that have one of these values in a field now: a
// filter by email1 finds former and further addresses too.
func (c *Connector) holding(ctx context.Context, d *decoder, field string, values []string) ([]row, error) {
	values = distinct(values)
	found, err := c.either(ctx, d.object.Name, append(d.attrs(), field), field, values)
	if err != nil {
		return nil, err
	}
	var rows []row
	for i := range found {
		r := &found[i]
		twice := slices.ContainsFunc(rows, func(x row) bool { return x.ID == r.ID })
		if !twice && slices.ContainsFunc(values, func(v string) bool { return r.holds(field, v) }) {
			rows = append(rows, *r)
		}
	}
	return rows, nil
}

// holds compares as the database does, but for accents.
func (r *row) holds(field, value string) bool {
	value = strings.TrimSpace(value)
	return value != "" && strings.EqualFold(r.text(field), value)
}

// distinct leaves out empty and repeated values.
func distinct(values []string) []string {
	seen := map[string]bool{"": true}
	var out []string
	for _, v := range values {
		v = strings.TrimSpace(v)
		if low := strings.ToLower(v); !seen[low] {
			seen[low] = true
			out = append(out, v)
		}
	}
	return out
}
