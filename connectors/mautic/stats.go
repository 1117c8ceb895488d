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

// rows reads one page of a table and moves the cursor to its end.
func (c *Connector) rows(ctx context.Context, t table, cur *cursor) (tablePageOf, error) {
	conds := slices.Clone(t.only)
	switch {
	case len(cur.At) == len(t.order):
		conds = append(conds, where(t.order[0], "gte", cur.At[0]), after(t.order, cur.At))
	case cur.From != 0:
		conds = append(conds, where(t.order[0], "gte", cur.from()))
	default: // a first read; a row without its moment is of something that did not happen
		conds = append(conds, where(t.order[0], "isNotNull", ""))
	}
	limit := tablePage
	if t.object == contacts { // each row is a contact to read
		limit = c.cfg.PageSize
	}
	for range maxOdd {
		var p tablePageOf
		res, err := c.get(ctx, "list "+t.name, t.object, "/stats/"+t.name, ask(limit, conds, t.order...), &p)
		if err == nil {
			err = c.tableFault(t, p)
		}
		if err != nil {
			return p, err
		}
		cur.begin(res)
		p.rows, p.more = p.Stats.items, p.Total.number() > int64(len(p.Stats.items))
		if len(p.rows) == 0 && p.more {
			continue
		}
		if p.more {
			last := p.rows[len(p.rows)-1]
			at := make([]string, len(t.order))
			for i, col := range t.order {
				at[i] = last[col].s
			}
			if slices.Equal(at, cur.At) {
				continue
			}
			cur.At = at
		}
		return p, nil
	}
	return tablePageOf{}, &fault.Error{
		Class: fault.Malformed, Scope: fault.ScopeObject, System: c.name, Object: t.object, Op: "list " + t.name,
		Detail: "the same page or an empty one comes again and again",
	}
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
	f.System, f.Object, f.Op = c.name, t.object, "list "+t.name
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
		version := ""
		for _, col := range t.columns {
			v := col.value(r)
			version += v.Hash()
			if slices.Contains(q.Fields, col.field) {
				rec.Fields[col.field] = v
			}
		}
		rec.Version = sql(at) + "-" + short(version)
		p.Records = append(p.Records, rec)
	}
	if page.more {
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// short is a fingerprint of a text.
func short(s string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return strconv.FormatUint(h.Sum64(), 36)
}
