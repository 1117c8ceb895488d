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
func (c *Connector) list(ctx context.Context, k kind, full bool, q []cond, order []string, fits func(*row) bool) (answer, *httpapi.Response, error) {
	for range maxOdd {
		v := ask(c.cfg.PageSize, append(slices.Clone(q), where("id", "gt", c.fresh())), order...)
		if !full {
			v.Set("minimal", "1")
		}
		a, res, err := c.page(ctx, k, v)
		if err != nil {
			return a, res, err
		}
		count := len(a.rows)
		a.more = a.Total.number() > int64(count)
		a.rows = slices.DeleteFunc(a.rows, func(r row) bool { return !fits(&r) })
		if len(a.rows) > 0 || count == 0 && !a.more {
			return a, res, nil
		}
	}
	return answer{}, nil, &fault.Error{
		Class: fault.Malformed, Scope: fault.ScopeObject, System: c.name, Object: k.name, Op: "list " + k.name,
		Detail: "the same page or an empty one comes again and again",
	}
}

func (c *Connector) page(ctx context.Context, k kind, query url.Values) (answer, *httpapi.Response, error) {
	var a answer
	res, err := c.get(ctx, "list "+k.name, k.name, "/"+k.name, query, &a)
	if a.rows = a.Contacts.items; k.name == companies {
		a.rows = a.Companies.items
	}
	return a, res, err
}

func full(k kind, fields []string) bool {
	return k.name == contacts && slices.ContainsFunc(fields, needsFull)
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
		return c.optOutChanges(ctx, k, o, cur, q.Fields)
	}
	var conds []cond
	if k.name == contacts && !c.cfg.Anonymous {
		conds = append(conds, where("date_identified", "isNotNull", ""))
	}
	walk := byChange(cur)
	if cur.Mode == modeAll {
		walk = byID(cur)
	}
	a, res, err := c.list(ctx, k, full(k, q.Fields), append(conds, walk.conds...), walk.order, walk.fits)
	if err != nil {
		return connectors.Page{}, err
	}
	cur.begin(res)
	d := newDecoder(o, q.Fields)
	p := connectors.Page{Records: d.records(a.rows)}
	p.Issues = d.issues
	switch {
	case a.more:
		cur.At = walk.at(&a.rows[len(a.rows)-1])
		return cur.on(p), nil
	case cur.Mode == modeChanged && full(k, q.Fields):
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
func (c *Connector) optOutChanges(ctx context.Context, k kind, o schema.Object, cur cursor, fields []string) (connectors.Page, error) {
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
	d := newDecoder(o, fields)
	var p connectors.Page
	for chunk := range slices.Chunk(ids, batchRows) {
		found, err := c.byIDs(ctx, k, full(k, fields), chunk)
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
