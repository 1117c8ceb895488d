package odoo

import (
	"encoding/json"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// The modes of a cursor.
const (
	modeAll     = "all"      // a first read
	modeChanged = "changed"  // what was written since From
	modeOptOuts = "opt_outs" // records of addresses put on or off the blacklist since From
)

// cursor is where a walk goes on. Every walk goes by id: Odoo prints
// write_date in seconds and compares it in microseconds, so that no place
// within a second can be named.
type cursor struct {
	Mode string `json:"m,omitempty"`
	// From is the moment that a pass reaches back to, Start that of its begin;
	// both in Odoo's time, in seconds.
	From  int64 `json:"f,omitempty"`
	Start int64 `json:"s,omitempty"`
	ID    int64 `json:"i,omitempty"` // of the last row
	// Listed is the last entry of the blacklist whose records were read.
	Listed int64 `json:"l,omitempty"`
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

// begin notes when a pass began, by Odoo's clock where it tells it.
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

func (c cursor) since() term { return term{"write_date", ">=", printed(time.Unix(c.From, 0))} }

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
