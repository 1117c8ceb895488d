package rest

import (
	"time"

	"github.com/tandem-sync/tandem/connectors"
)

// cursor is where a read goes on.
type cursor struct {
	// From is the moment that the pass reaches back to, Start that of its begin,
	// in nanoseconds; without From everything is read.
	From  int64    `json:"f,omitempty"`
	Start int64    `json:"s,omitempty"`
	By    string   `json:"b,omitempty"` // the paging that At is of
	At    position `json:"a,omitzero"`
}

func readCursor(c connectors.Cursor) (cursor, error) {
	cur := cursor{}
	err := connectors.DecodeCursor(c, &cur)
	return cur, err
}

// since is the moment the filter asks for; zero if it asks for everything.
func (c cursor) since() time.Time {
	at := max(c.From, c.At.Since)
	if at == 0 {
		return time.Time{}
	}
	return time.Unix(0, at).UTC()
}

// on is the page after which the pass goes on.
func (c cursor) on(p connectors.Page) connectors.Page {
	p.Next, p.More = connectors.EncodeCursor(c), true
	return p
}

// end is the page that ends a pass over changes. The next one reaches back a
// little before this one's begin, by the system's clock.
func (c cursor) end(p connectors.Page, overlap time.Duration) connectors.Page {
	upTo := time.Unix(0, c.Start).Add(-overlap)
	p.Next, p.More, p.CompleteTo = connectors.EncodeCursor(cursor{From: upTo.UnixNano(), By: between}), false, upTo.UTC()
	return p
}

// whole is the page that ends a pass over everything; so is the next one.
func (c cursor) whole(p connectors.Page) connectors.Page {
	p.Next, p.More, p.CompleteTo = connectors.EncodeCursor(cursor{By: between}), false, time.Unix(0, c.Start).UTC()
	return p
}

// between marks a cursor that stands before a pass: it is never empty.
const between = "-"
