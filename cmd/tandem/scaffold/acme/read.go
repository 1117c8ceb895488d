package acme

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// cursor is where a pass goes on: after which id, in what changed since when.
// It walks by id, so that rows edited meanwhile push none aside and any number
// of rows may have changed at one moment.
type cursor struct {
	Since time.Time `json:"since,omitzero"` // what the pass reaches back to; zero reads everything
	Start time.Time `json:"start,omitzero"` // when it began, by Acme's clock
	After string    `json:"after,omitempty"`
}

func readCursor(c connectors.Cursor) (cursor, error) {
	var cur cursor
	if c != "" && json.Unmarshal([]byte(c), &cur) != nil {
		return cur, fault.New(fault.Expired, fault.ScopeObject, "the stored cursor is not one of this connector; read from the beginning")
	}
	return cur, nil
}

func (c cursor) encode() connectors.Cursor {
	b, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	return connectors.Cursor(b)
}

func (c cursor) query() url.Values {
	q := url.Values{"limit": {strconv.Itoa(pageSize)}}
	if !c.Since.IsZero() {
		q.Set("changed_since", c.Since.UTC().Format(time.RFC3339Nano))
	}
	if c.After != "" {
		q.Set("after", c.After)
	}
	return q
}

// page completes a page and moves the cursor on. The pass after this one
// reaches back a little before this one began, for what becomes visible late.
func (c cursor) page(res *httpapi.Response, last string, overlap time.Duration) (p connectors.Page) {
	if c.Start.IsZero() {
		c.Start = res.ServerTime
	}
	if c.Start.IsZero() {
		c.Start = time.Now()
	}
	if last != "" {
		c.After = last
		return connectors.Page{Next: c.encode(), More: true}
	}
	since := c.Start.Add(-overlap)
	return connectors.Page{Next: cursor{Since: since}.encode(), CompleteTo: since}
}

// Changes reads one page.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	if q.Object != contacts {
		return connectors.Page{}, c.unsupported(q.Object, "read changes")
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	rows, res, err := c.list(ctx, cur.query())
	if err != nil {
		return connectors.Page{}, err
	}
	p := cur.page(res, rows.last(), c.cfg.Overlap)
	for _, r := range rows.Contacts {
		rec, issues := r.record(q.Fields)
		p.Records, p.Issues = append(p.Records, rec), append(p.Issues, issues...)
	}
	return p, nil
}

// list makes the call that everything reads contacts by.
func (c *Connector) list(ctx context.Context, query url.Values) (answer, *httpapi.Response, error) {
	var a answer
	res, err := c.http.Do(ctx, httpapi.Request{Path: "/v1/contacts", Query: query, Op: "read contacts", Object: contacts, Into: &a})
	return a, res, err
}

// Gone reads what was deleted, which Acme remembers for 30 days.
func (c *Connector) Gone(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	if q.Object != contacts {
		return connectors.Page{}, c.unsupported(q.Object, "tell what was deleted")
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	var a struct {
		Deletions []struct {
			ID      string    `json:"id"`
			Contact string    `json:"contact"`
			At      time.Time `json:"at"`
		} `json:"deletions"`
		More bool `json:"more"`
	}
	res, err := c.http.Do(ctx, httpapi.Request{Path: "/v1/deletions", Query: cur.query(), Op: "read deletions", Object: contacts, Into: &a})
	if err != nil {
		return connectors.Page{}, err
	}
	last := ""
	if n := len(a.Deletions); n > 0 && a.More {
		last = a.Deletions[n-1].ID
	}
	p := cur.page(res, last, c.cfg.Overlap)
	for _, d := range a.Deletions {
		p.Gone = append(p.Gone, connectors.Gone{Object: contacts, ID: d.Contact, Kind: connectors.GoneDeleted, At: d.At})
	}
	return p, nil
}
