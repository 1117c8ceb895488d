package mautic

import (
	"encoding/json"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// The modes of a cursor over contacts or companies.
const (
	modeAll     = "all"      // a first read, by id
	modeChanged = "changed"  // what was added or changed since From
	modeOptOuts = "opt_outs" // contacts whose opt-outs were added since From
)

// cursor is where a walk goes on.
type cursor struct {
	Mode string `json:"m,omitempty"`
	// From is the moment that a pass reaches back to, Start that of its begin;
	// both in Mautic's time, in seconds.
	From  int64 `json:"f,omitempty"`
	Start int64 `json:"s,omitempty"`
	// At are the values of the last row in the columns that the walk is sorted
	// by; empty at the beginning of a pass.
	At []string `json:"a,omitempty"`
}

func readCursor(c connectors.Cursor) (cursor, error) {
	var cur cursor
	if c == "" {
		return cursor{Mode: modeAll}, nil
	}
	if err := json.Unmarshal([]byte(c), &cur); err != nil {
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

// begin notes when a pass began, by Mautic's clock where it tells it.
func (c *cursor) begin(res *httpapi.Response) {
	if c.Start != 0 {
		return
	}
	now := res.ServerTime
	if now.IsZero() {
		now = time.Now()
	}
	c.Start = now.Unix()
}

func (c cursor) from() string { return sql(time.Unix(c.From, 0)) }

// end is the page that ends a pass: the next one reaches back a little before
// this one's begin.
func (c cursor) end(p connectors.Page, overlap time.Duration) connectors.Page {
	from := time.Unix(c.Start, 0).Add(-overlap)
	p.Next, p.More, p.CompleteTo = cursor{Mode: modeChanged, From: from.Unix()}.encode(), false, from.UTC()
	return p
}

// on is the page after which the walk goes on.
func (c cursor) on(p connectors.Page) connectors.Page {
	p.Next, p.More = c.encode(), true
	return p
}
