package suitecrm

import (
	"encoding/json"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// The modes of a cursor.
const (
	modeAll     = "all"      // a first read, by id
	modeChanged = "changed"  // what was changed since From
	modeOptOuts = "opt_outs" // whose addresses opted out since From
)

// cursor is where a walk goes on.
type cursor struct {
	Mode string `json:"m"`
	// From is the moment that a pass reaches back to, Start that of its begin;
	// both in SuiteCRM's time, in seconds.
	From  int64 `json:"f,omitempty"`
	Start int64 `json:"s,omitempty"`
	// ID is that of the last row; empty at the beginning of a pass.
	ID string `json:"i,omitempty"`
}

func readCursor(c connectors.Cursor) (cursor, error) {
	cur := cursor{Mode: modeAll}
	if c == "" {
		return cur, nil
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

// begin notes when a pass began, by SuiteCRM's clock where it tells it.
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

func (c cursor) from() string { return column(time.Unix(c.From, 0)) }

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
