package suitecrm

import (
	"time"

	"github.com/tandem-sync/tandem/connectors"
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
	connectors.Pass

	// ID is that of the last row; empty at the beginning of a pass.
	ID string `json:"i,omitempty"`
}

func readCursor(c connectors.Cursor) (cursor, error) {
	cur := cursor{Mode: modeAll}
	err := connectors.DecodeCursor(c, &cur)
	return cur, err
}

func (c cursor) from() string { return column(c.Since()) }

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
