package tryton

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// search reads up to limit records that a condition holds for, by id.
func (c *Connector) search(ctx context.Context, object string, domain []any, limit int, fields []string) ([]row, *httpapi.Response, error) {
	var rows []row
	m := method{object: object, name: "search_read", op: "read " + object, harmless: true}
	res, err := c.call(ctx, m, nil, &rows, domain, 0, limit, []any{[]any{"id", "ASC"}}, fields)
	return rows, res, err
}

// Changes reads one page of an object.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	o, err := c.ready(ctx, q.Object)
	if err != nil {
		return connectors.Page{}, err
	}
	domain := []any{[]any{"id", ">", cur.ID}}
	if since := cur.since(c.below(q.Object)...); since != nil {
		domain = append(domain, since)
	}
	if q.Object == parties && cur.From != 0 && slices.Contains(q.Fields, leadField) {
		if domain, err = c.orSold(ctx, cur, domain); err != nil {
			return connectors.Page{}, err
		}
	}
	rows, res, err := c.search(ctx, q.Object, domain, c.cfg.PageSize, c.asked(o, q.Fields))
	if err != nil {
		return connectors.Page{}, err
	}
	cur.Begin(res)
	d := decoder{object: o, fields: q.Fields}
	if d.records, err = c.records(ctx, o, rows, q.Fields, &d); err != nil {
		return connectors.Page{}, err
	}
	return cur.move(connectors.Page{Records: d.records, Issues: d.issues}, rows, c.cfg.PageSize, c.cfg.Overlap), nil
}

// below are the records that belong to a party and do not move its own dates.
func (c *Connector) below(object string) []string {
	if object == parties {
		return []string{"contact_mechanisms.", "addresses."}
	}
	return nil
}

// orSold widens a condition by the parties whose opportunities changed.
func (c *Connector) orSold(ctx context.Context, cur cursor, domain []any) ([]any, error) {
	var ids []any
	for last := int64(0); ; {
		rows, res, err := c.search(ctx, opportunities, []any{[]any{"id", ">", last}, cur.since()}, batch, []string{"party"})
		if err != nil {
			return nil, err
		}
		cur.Begin(res)
		for _, r := range rows {
			if p := integer(r["party"]); p > cur.ID {
				ids = append(ids, p)
			}
		}
		if len(rows) < batch {
			break
		}
		last = rows[len(rows)-1].id()
	}
	if either, ok := domain[len(domain)-1].([]any); ok && len(ids) > 0 {
		domain[len(domain)-1] = append(either, []any{"id", "in", ids})
	}
	return domain, nil
}

// asked is what to ask for: the fields, and what makes a version.
func (c *Connector) asked(o schema.Object, fields []string) []string {
	paths := []string{"write_date", "create_date", "write_uid", "create_uid", "_timestamp"}
	if o.Name == parties {
		return append(paths, partyPaths()...)
	}
	t := c.tables()[o.Name]
	for _, name := range fields {
		if _, ok := o.Field(name); ok {
			paths = append(paths, t.path(name))
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// decoder turns rows into records.
type decoder struct {
	object  schema.Object
	fields  []string
	records []connectors.Record
	issues  []connectors.Issue
}

func (d *decoder) issue(id, field string, err error) {
	d.issues = append(d.issues, connectors.Issue{Object: d.object.Name, Ref: id, Field: field, Err: &fault.Error{
		Class: fault.Malformed, Scope: fault.ScopeField, Object: d.object.Name, Op: "read " + d.object.Name, Field: field, Err: err,
	}})
}

func (c *Connector) records(ctx context.Context, o schema.Object, rows []row, fields []string, d *decoder) ([]connectors.Record, error) {
	if o.Name == parties {
		return c.partyRecords(ctx, rows, fields, d)
	}
	t := c.tables()[o.Name]
	out := make([]connectors.Record, 0, len(rows))
	for _, r := range rows {
		rec := base(o.Name, r)
		for _, name := range fields {
			f, ok := o.Field(name)
			if !ok {
				continue
			}
			v, err := fieldValue(f, r.at(t.path(name)))
			if err != nil {
				d.issue(rec.ID, name, err)
				continue
			}
			rec.Fields[name] = v
		}
		out = append(out, rec)
	}
	return out, nil
}

// base is what every record has.
func base(object string, r row) connectors.Record {
	created, _ := moment(r["create_date"])
	rec := connectors.Record{
		Object: object, ID: strconv.FormatInt(r.id(), 10), Version: text(r["_timestamp"]), Modified: r.changed(), Created: created,
		Fields: record.Fields{},
	}
	by := r["write_uid"]
	if by == nil {
		by = r["create_uid"]
	}
	if id := text(by); id != "" {
		rec.Actor = record.Actor{Kind: record.ActorUser, ID: id}
	}
	return rec
}

// fieldValue decodes a value; a reference to any model is "model,id".
func fieldValue(f schema.Field, v any) (record.Value, error) {
	if f.Kind != record.Reference {
		return decode(f.Kind, v)
	}
	s := text(v)
	if model, id, ok := strings.Cut(s, ","); ok {
		if s = id; model != f.RefersTo {
			s = "" // to something that is no party
		}
	}
	if integer(s) <= 0 {
		return record.NullOf(f.Kind), nil
	}
	return record.Of(f.Kind, s), nil
}

// Read returns records by id.
func (c *Connector) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	o, err := c.ready(ctx, object)
	if err != nil {
		return nil, err
	}
	var wanted []any
	for _, id := range ids {
		if n := integer(id); n > 0 {
			wanted = append(wanted, n)
		}
	}
	return c.find(ctx, o, []any{[]any{"id", "in", wanted}}, fields)
}

func (c *Connector) find(ctx context.Context, o schema.Object, domain []any, fields []string) ([]connectors.Record, error) {
	var all []connectors.Record
	for last := int64(0); ; {
		rows, _, err := c.search(ctx, o.Name, append([]any{[]any{"id", ">", last}}, domain...), c.cfg.PageSize, c.asked(o, fields))
		if err != nil {
			return nil, err
		}
		d := decoder{object: o, fields: fields}
		found, err := c.records(ctx, o, rows, fields, &d)
		if err != nil {
			return nil, err
		}
		if all = append(all, found...); len(rows) < c.cfg.PageSize {
			return all, nil
		}
		last = rows[len(rows)-1].id()
	}
}

// Lookup finds parties by e-mail address or code.
func (c *Connector) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	o, err := c.ready(ctx, object)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(o.Keys, key) {
		return nil, c.unsupported(object, "look up by "+key)
	}
	ask := fields
	if !slices.Contains(ask, key) {
		ask = append(slices.Clone(fields), key)
	}
	found, err := c.find(ctx, o, holding(key, values), ask)
	if err != nil {
		return nil, err
	}
	out := make([][]connectors.Record, len(values))
	for i, v := range values {
		for _, r := range found {
			if !r.Archived && strings.EqualFold(r.Fields[key].Text(), strings.TrimSpace(v)) {
				out[i] = append(out[i], only(r, fields))
			}
		}
	}
	return out, nil
}

// holding is the condition that a party has one of these addresses, in
// whichever case it was typed, or codes.
func holding(key string, values []string) []any {
	if key == "code" {
		return []any{[]any{"code", "in", values}}
	}
	either := []any{"OR"}
	for _, v := range values {
		either = append(either, []any{"contact_mechanisms", "where", []any{[]any{"type", "=", "email"}, []any{"value", "ilike", escaped(v)}}})
	}
	return []any{either}
}

// only leaves of a record's fields those asked for.
func only(r connectors.Record, fields []string) connectors.Record {
	maps.DeleteFunc(r.Fields, func(name string, _ record.Value) bool { return !slices.Contains(fields, name) })
	return r
}

// escaped takes their meaning from the signs of SQL's LIKE.
func escaped(v string) string {
	return strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.TrimSpace(v))
}
