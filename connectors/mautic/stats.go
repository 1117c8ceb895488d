package mautic

import (
	"context"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
)

const tablePage = 500

// tablePageOf is a page of a statistics table.
type tablePageOf struct {
	Total  text         `json:"total"`
	Stats  bag[cells]   `json:"stats"`
	Errors bag[problem] `json:"errors"`
	Tables bag[text]    `json:"availableTables"`

	rows []cells
	more bool
}

// since are the conditions of what is still to be read.
func (t table) since(cur cursor) []cond {
	switch moment := t.order[0]; {
	case len(cur.At) == len(t.order):
		return append(slices.Clone(t.only), where(moment, "gte", cur.At[0]), after(t.order, cur.At))
	case cur.From != 0:
		return append(slices.Clone(t.only), where(moment, "gte", cur.from()))
	default: // a row without its moment is of something that did not happen
		return append(slices.Clone(t.only), where(moment, "isNotNull", ""))
	}
}

// rows reads one page of a table and moves the cursor to its end. A page that
// is empty though it counts rows, or that came before, is asked for again.
func (c *Connector) rows(ctx context.Context, t table, cur *cursor) (tablePageOf, error) {
	limit := tablePage
	if t.object == contacts { // each row is a contact to read
		limit = c.cfg.PageSize
	}
	for range maxOdd {
		var p tablePageOf
		res, err := c.get(ctx, t.object, "/stats/"+t.name, ask(limit, t.since(*cur), t.order...), &p)
		if err == nil {
			err = c.tableFault(t, p)
		}
		if err != nil {
			return p, err
		}
		cur.Begin(res)
		p.rows = p.Stats.items
		if p.more = p.Total.number() > int64(len(p.rows)); !p.more {
			return p, nil
		}
		if at := t.last(p.rows); at != nil && !slices.Equal(at, cur.At) {
			cur.At = at
			return p, nil
		}
	}
	return tablePageOf{}, &fault.Error{
		Class: fault.Malformed, Scope: fault.ScopeObject, System: c.name, Object: t.object, Op: "read " + t.object,
		Detail: "the same page or an empty one comes again and again",
	}
}

// last is where the last of these rows stands; nil if there are none.
func (t table) last(rows []cells) []string {
	if len(rows) == 0 {
		return nil
	}
	at := make([]string, len(t.order))
	for i, col := range t.order {
		at[i] = rows[len(rows)-1][col].s
	}
	return at
}

// tableFault finds the errors that statistics put into a good answer.
func (c *Connector) tableFault(t table, p tablePageOf) error {
	f := &fault.Error{Class: fault.Malformed, Scope: fault.ScopeObject}
	switch {
	case len(p.Errors.items) > 0:
		if status := p.Errors.items[0].Code; status >= http.StatusBadRequest {
			f = httpapi.ClassifyStatus(status, nil, nil)
			f.Scope = fault.ScopeObject
		}
		f.Detail = "the statistics answer with an error"
		f.Next = "give the user's role the permission to view contacts of others in Mautic: Settings, Roles"
	case len(p.Tables.items) > 0:
		f.Class, f.Detail = fault.Unsupported, "this Mautic has no table "+t.name
	default:
		return nil
	}
	f.System, f.Object, f.Op = c.name, t.object, "read "+t.object
	return f
}

// tableChanges reads one page of what happened since the cursor.
func (c *Connector) tableChanges(ctx context.Context, t table, q connectors.Query) (connectors.Page, error) {
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	page, err := c.rows(ctx, t, &cur)
	if err != nil {
		return connectors.Page{}, err
	}
	var p connectors.Page
	for _, r := range page.rows {
		at := instant(r[t.order[0]].s)
		rec := connectors.Record{Object: t.object, ID: t.id(r), Modified: at, Created: at, Fields: record.Fields{}}
		var all []record.Value
		for _, col := range t.columns {
			v := col.value(r)
			all = append(all, v)
			if slices.Contains(q.Fields, col.field) {
				rec.Fields[col.field] = v
			}
		}
		rec.Version = sql(at) + "-" + fingerprint(all)
		p.Records = append(p.Records, rec)
	}
	if page.more {
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// fingerprint tells whether values differ from those of another time.
func fingerprint(values []record.Value) string {
	h := fnv.New64a()
	for _, v := range values {
		_, _ = h.Write([]byte(v.Hash())) // never fails
	}
	return strconv.FormatUint(h.Sum64(), 36)
}
