package mautic

import (
	"context"
	"net/url"
	"slices"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record/schema"
)

// answer is a page of contacts or companies.
type answer struct {
	Total     text     `json:"total"`
	Contacts  bag[row] `json:"contacts"`
	Companies bag[row] `json:"companies"`

	rows []row
	more bool
}

// maxOdd is how often a page that cannot be right is asked for again.
const maxOdd = 4

// list asks for one page. Mautic remembers the count of contacts for some
// seconds by the wording of the question, and a remembered nought hides the
// rows: so every question is worded anew, by a condition that all meet. A page
// that is empty though it counts rows, or has none that fits, is asked again.
func (c *Connector) list(ctx context.Context, s shape, w walk) (answer, *httpapi.Response, error) {
	for range maxOdd {
		q := ask(c.cfg.PageSize, append(slices.Clone(w.conds), where("id", "gt", c.fresh())), w.order...)
		s.narrow(q)
		a, res, err := c.page(ctx, s.kind, q)
		if err != nil {
			return a, res, err
		}
		count := len(a.rows)
		a.more = a.Total.number() > int64(count)
		a.rows = slices.DeleteFunc(a.rows, func(r row) bool { return !w.fits(&r) })
		if len(a.rows) > 0 || count == 0 && !a.more {
			return a, res, nil
		}
	}
	return answer{}, nil, &fault.Error{
		Class: fault.Malformed, Scope: fault.ScopeObject, System: c.name, Object: s.kind.name, Op: "list " + s.kind.name,
		Detail: "the same page or an empty one comes again and again",
	}
}

func (c *Connector) page(ctx context.Context, k kind, query url.Values) (answer, *httpapi.Response, error) {
	var a answer
	res, err := c.get(ctx, k.name, "/"+k.name, query, &a)
	if a.rows = a.Contacts.items; k.name == companies {
		a.rows = a.Companies.items
	}
	return a, res, err
}

// shape is which rows are asked for: short ones unless a field needs all.
type shape struct {
	kind kind
	full bool
}

func shapeOf(k kind, fields []string) shape {
	return shape{k, k.name == contacts && slices.ContainsFunc(fields, needsFull)}
}

func (s shape) narrow(q url.Values) {
	if !s.full {
		q.Set("minimal", "1")
	}
}

// recordChanges reads one page of contacts or companies: first all by id, then
// what was added or changed, then contacts whose opt-outs are new.
func (c *Connector) recordChanges(ctx context.Context, k kind, q connectors.Query) (connectors.Page, error) {
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	o, err := c.object(ctx, k)
	if err != nil {
		return connectors.Page{}, err
	}
	if cur.Mode == modeOptOuts {
		return c.optOutChanges(ctx, o, cur, q.Fields)
	}
	s, w := shapeOf(k, q.Fields), byChange(cur)
	if cur.Mode == modeAll {
		w = byID(cur)
	}
	if k.name == contacts && !c.cfg.Anonymous {
		w.conds = append(w.conds, where("date_identified", "isNotNull", ""))
	}
	a, res, err := c.list(ctx, s, w)
	if err != nil {
		return connectors.Page{}, err
	}
	cur.Begin(res)
	d := newDecoder(o, q.Fields)
	p := connectors.Page{Records: d.records(a.rows)}
	p.Issues = d.issues
	switch {
	case a.more:
		cur.At = w.at(&a.rows[len(a.rows)-1])
		return cur.on(p), nil
	case cur.Mode == modeChanged && s.full:
		cur.Mode, cur.At = modeOptOuts, nil
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// walk is an order of rows and where in it to go on.
type walk struct {
	order []string
	conds []cond
	at    func(*row) []string // where a row stands
	fits  func(*row) bool
}

func byID(cur cursor) walk {
	w := walk{order: []string{"id"}, at: func(r *row) []string { return []string{r.ID.s} }, fits: func(*row) bool { return true }}
	if len(cur.At) == 1 {
		w.conds = []cond{where("id", "gt", cur.At[0])}
		w.fits = func(r *row) bool { return r.ID.number() > number(cur.At[0]) }
	}
	return w
}

// byChange walks by (date_modified, id). Rows never changed come first, having
// none: they are known by when they were added.
func byChange(cur cursor) walk {
	w := walk{order: []string{"date_modified", "id"}, fits: func(*row) bool { return true }}
	w.at = func(r *row) []string {
		if r.Modified.IsZero() {
			return []string{"", r.ID.s}
		}
		return []string{sql(r.Modified.Time), r.ID.s}
	}
	fresh := []cond{where("date_modified", "isNull", ""), where("date_added", "gte", cur.from())}
	switch {
	case len(cur.At) != 2:
		w.conds = []cond{anyOf(allOf(fresh...), where("date_modified", "gte", cur.from()))}
		return w
	case cur.At[0] == "":
		w.conds = []cond{anyOf(allOf(append(fresh, where("id", "gt", cur.At[1]))...), where("date_modified", "gte", cur.from()))}
	default:
		w.conds = []cond{after(w.order, cur.At)}
	}
	w.fits = func(r *row) bool {
		at := w.at(r)
		if at[0] != cur.At[0] {
			return at[0] > cur.At[0]
		}
		return number(at[1]) > number(cur.At[1])
	}
	return w
}

// optOutChanges reads the contacts of new opt-outs, which do not move
// dateModified. One that was taken back leaves no trace.
func (c *Connector) optOutChanges(ctx context.Context, o schema.Object, cur cursor, fields []string) (connectors.Page, error) {
	page, err := c.rows(ctx, optOutTable(), &cur)
	if err != nil {
		return connectors.Page{}, err
	}
	var ids []string
	for _, r := range page.rows {
		if id := r["lead_id"].s; id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	k, _ := kindOf(contacts)
	d := newDecoder(o, fields)
	var p connectors.Page
	for chunk := range slices.Chunk(ids, batchRows) {
		found, err := c.byIDs(ctx, shapeOf(k, fields), chunk)
		if err != nil {
			return connectors.Page{}, err
		}
		p.Records = append(p.Records, d.records(found)...)
	}
	p.Issues = d.issues
	if page.more {
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}
