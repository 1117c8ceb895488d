package rest

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// maxOdd is how often a page that cannot be right is asked for again.
const maxOdd = 4

// Changes reads one page: of everything at first, later of what changed.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	e, ok := c.entity(q.Object)
	if !ok {
		return connectors.Page{}, c.unsupported(q.Object, "read changes")
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	w := e.list
	if cur.From != 0 && e.changes != nil {
		w = e.changes
	}
	rows, more, err := c.page(ctx, pass{e, w, &cur, q.Fields})
	if err != nil {
		return connectors.Page{}, err
	}
	d := newDecoder(e, c.api.times.rows, q.Fields)
	var p connectors.Page
	p.Records, p.Gone = d.records(rows)
	p.Issues = d.issues
	if more {
		return cur.on(p), nil
	}
	if !e.delta {
		return cur.whole(p), nil
	}
	return cur.end(p, e.Overlap), nil
}

// Gone reads one page of what was deleted.
func (c *Connector) Gone(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	e, ok := c.entity(q.Object)
	if !ok || e.gone == nil {
		return connectors.Page{}, c.unsupported(q.Object, "tell what was deleted")
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	rows, more, err := c.page(ctx, pass{e, &e.gone.walk, &cur, nil})
	if err != nil {
		return connectors.Page{}, err
	}
	var p connectors.Page
	for _, r := range rows {
		if id := r.at(e.gone.id).text; id != "" {
			p.Gone = append(p.Gone, connectors.Gone{Object: e.name, ID: id, Kind: connectors.GoneDeleted, At: c.api.times.rows.moment(r.at(e.gone.at))})
		}
	}
	if more {
		return cur.on(p), nil
	}
	if !e.gone.uses("since") {
		return cur.whole(p), nil
	}
	return cur.end(p, e.Overlap), nil
}

// pass is one reading of an object from its begin to its end.
type pass struct {
	e      *entity
	w      *walk
	cur    *cursor
	fields []string
}

// page reads one page and moves the cursor on.
func (c *Connector) page(ctx context.Context, ps pass) ([]value, bool, error) {
	w, cur := ps.w, ps.cur
	if cur.By != w.paging.By { // of another pass, or of another manifest
		cur.By, cur.At = w.paging.By, position{}
	}
	for range maxOdd {
		a, at, err := c.fetch(ctx, ps)
		if err != nil {
			return nil, false, c.about(err, w.call)
		}
		if cur.Start == 0 {
			cur.Start = at.UnixNano()
		}
		next, more, err := w.paging.step(c.api.times, cur.At, a)
		if errors.Is(err, errOdd) {
			continue
		}
		if err != nil {
			return nil, false, c.about(err, w.call)
		}
		if next.Next, err = c.link(next.Next, w.paging.By); err != nil {
			return nil, false, err
		}
		cur.At = next
		return append(a.rows, a.moved...), more, nil
	}
	return nil, false, c.about(malformed(errOdd.Error()), w.call)
}

// fetch asks for a page, and for the one before it where that is needed to see
// that no row was passed over.
func (c *Connector) fetch(ctx context.Context, ps pass) (answered, time.Time, error) {
	paging, pos := ps.w.paging, ps.cur.At
	a, res, err := c.rows(ctx, ps, paging.ask(pos))
	if err != nil {
		return a, time.Time{}, err
	}
	a.link = nextLink(res.Header)
	at := res.ServerTime
	if at.IsZero() {
		at = time.Now()
	}
	if paging.again(pos) {
		before, _, err := c.rows(ctx, ps, paging.ask(pos)-1)
		if err != nil {
			return a, at, err
		}
		a.before = paging.ids(before.rows)
		if i := slices.Index(a.before, pos.Anchors[len(pos.Anchors)-1]); i >= 0 {
			a.moved = before.rows[i+1:]
		} else {
			a.moved = before.rows
		}
	}
	return a, at, nil
}

// rows makes the call for one page.
func (c *Connector) rows(ctx context.Context, ps pass, number int64) (answered, *httpapi.Response, error) {
	w := ps.w
	s := c.position(w, *ps.cur, number)
	s["size"] = int64(ps.e.PageSize)
	s["fields"] = ps.e.remote(ps.fields)
	var a answered
	var res *httpapi.Response
	var err error
	if next := ps.cur.At.Next; next != "" && (w.paging.By == "next_url" || w.paging.By == "link") {
		res, err = c.followed(ctx, w.call, next, &a.tree)
	} else {
		res, err = c.ask(ctx, w.call, s, &a.tree)
	}
	if err != nil {
		return a, res, err
	}
	a.rows, err = rowsAt(a.tree, w.records)
	return a, res, err
}

// position is what placeholders mean at this place of the walk.
func (c *Connector) position(w *walk, cur cursor, number int64) scope {
	s := scope{}
	if since := cur.since(); !since.IsZero() {
		s["since"] = c.api.times.filter.since(since)
		s["last.time"] = s["since"]
	}
	switch w.paging.By {
	case "page", "offset":
		s[w.paging.By] = number
	case "cursor":
		if cur.At.Next != "" {
			s["cursor"] = cur.At.Next
		}
	case "keyset":
		if w.paging.Start != "" {
			s["last.id"] = w.paging.Start
		}
		if cur.At.ID != "" {
			s["last.id"] = cur.At.ID
		}
		if cur.At.Time != 0 {
			s["last.time"] = c.api.times.filter.write(cur.At.lastTime())
		}
	}
	return s
}

// followed asks for the page behind an address of the system's own.
func (c *Connector) followed(ctx context.Context, k call, next string, into *value) (*httpapi.Response, error) {
	r, err := k.request(c.scope())
	if err != nil {
		return nil, &fault.Error{Class: fault.Invalid, Scope: fault.ScopeObject, System: c.name, Object: k.object, Op: k.op, Err: err}
	}
	r.Path, r.Query, r.Into = next, nil, into
	return c.do(ctx, r)
}

// link makes an address a path on the same host, without a key in it: a cursor
// is stored and holds no secret.
func (c *Connector) link(next, by string) (string, error) {
	if next == "" || by != "next_url" && by != "link" {
		return next, nil
	}
	local, err := c.http.SameOrigin(next)
	if err != nil || c.api.Auth.kind() != "query" {
		return local, err
	}
	u, err := url.Parse(local)
	if err != nil {
		return "", malformed("the link cannot be read")
	}
	q := u.Query()
	q.Del(c.api.Auth.Name)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// rowsAt finds the rows of an answer. A path that leads nowhere is a mistake
// that must not pass for a system without records.
func rowsAt(tree value, p path) ([]value, error) {
	switch at := tree.at(p); at.sort {
	case list, object:
		return at.items, nil
	case null:
		return nil, nil
	default:
		return nil, malformed("the answer holds no rows at " + strings.Join(p, "."))
	}
}

// nextLink finds the address that a header Link (RFC 8288) calls next.
func nextLink(h http.Header) string {
	for _, line := range h.Values("Link") {
		for part := range strings.SplitSeq(line, ",") {
			address, params, _ := strings.Cut(strings.TrimSpace(part), ">")
			for p := range strings.SplitSeq(params, ";") {
				name, rel, _ := strings.Cut(strings.TrimSpace(p), "=")
				if strings.EqualFold(name, "rel") && slices.Contains(strings.Fields(strings.Trim(rel, `"`)), "next") {
					return strings.TrimPrefix(address, "<")
				}
			}
		}
	}
	return ""
}

// about tells where an error of ours arose.
func (c *Connector) about(err error, k call) error {
	f := *fault.As(err)
	if f.System == "" {
		f.System = c.name
	}
	if f.Object == "" {
		f.Object = k.object
	}
	if f.Op == "" {
		f.Op = k.op
	}
	return &f
}
