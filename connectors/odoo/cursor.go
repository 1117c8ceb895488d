package odoo

import (
	"time"

	"github.com/tandem-sync/tandem/connectors"
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
	connectors.Pass

	ID int64 `json:"i,omitempty"` // of the last row
	// Listed is the last entry of the blacklist whose records were read.
	Listed int64 `json:"l,omitempty"`
}

func readCursor(c connectors.Cursor) (cursor, error) {
	cur := cursor{Mode: modeAll}
	err := connectors.DecodeCursor(c, &cur)
	return cur, err
}

func (c cursor) since() term { return term{"write_date", ">=", printed(c.Since())} }

// end is the page that ends a pass: the next one reaches back a little before
// this one's begin.
func (c cursor) end(p connectors.Page, overlap time.Duration) connectors.Page {
	next := cursor{Mode: modeChanged, Pass: c.After(overlap)}
	p.Next, p.More, p.CompleteTo = connectors.EncodeCursor(next), false, next.Since()
	return p
}

// on is the page after which the walk goes on.
func (c cursor) on(p connectors.Page) connectors.Page {
	p.Next, p.More = connectors.EncodeCursor(c), true
	return p
}
