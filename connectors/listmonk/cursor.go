package listmonk

import (
	"maps"
	"time"

	"github.com/tandem-sync/tandem/connectors"
)

// The modes of a cursor over subscribers.
const (
	modeAll     = ""  // a first read
	modeChanged = "c" // what was added or changed since From
	modeOptOuts = "o" // opt-outs that nothing else tells
)

// cursor is where a walk by id goes on.
type cursor struct {
	Mode string `json:"m,omitempty"`
	connectors.Pass

	ID int64 `json:"i,omitempty"` // the last one read
	// Known are the opt-outs there were at the end of the last walk over them,
	// Walked when all of them were walked; Found are those of the walk under way.
	Known  digest `json:"k,omitempty"`
	Found  digest `json:"n,omitempty"`
	Walked int64  `json:"w,omitempty"`
	// Campaign and Clicks are where a walk over what people did is, in early
	// versions.
	Campaign int64 `json:"p,omitempty"`
	Clicks   bool  `json:"t,omitempty"`
}

func readCursor(c connectors.Cursor) (cursor, error) {
	cur := cursor{}
	err := connectors.DecodeCursor(c, &cur)
	return cur, err
}

// on is the page after which the walk goes on.
func (c cursor) on(p connectors.Page) connectors.Page {
	p.Next, p.More = connectors.EncodeCursor(c), true
	return p
}

// end is the page that ends a pass: the next one reaches back a little before
// this one's begin.
func (c cursor) end(p connectors.Page, overlap time.Duration) connectors.Page {
	next := cursor{Mode: modeChanged, Pass: c.After(overlap), Known: c.Known, Walked: c.Walked}
	p.Next, p.More, p.CompleteTo = connectors.EncodeCursor(next), false, next.Since()
	return p
}

// buckets is how many parts the opt-outs are divided into, so that one more of
// them lets only its part be read again.
const buckets = 64

// digest tells, for each bucket of ids, how many opt-outs there are and the sum
// of their ids.
type digest map[int64][2]int64

func (d *digest) add(id int64) {
	if *d == nil {
		*d = digest{}
	}
	b := (*d)[id%buckets]
	(*d)[id%buckets] = [2]int64{b[0] + 1, b[1] + id}
}

// note adds the opt-outs among the rows of a walk that reads all there are, or
// all that are not known.
func (c *cursor) note(rows []subscriber, counted []int64) {
	for i := range rows {
		if c.Mode != modeChanged && rows[i].optedOut(counted) {
			c.Found.add(rows[i].ID)
		}
	}
}

// watch turns to the opt-outs that no date tells of.
func (c *cursor) watch() {
	c.Mode, c.ID = modeOptOuts, 0
	if c.Start-c.Walked > int64(walkedFor.Seconds()) {
		c.Known, c.Walked = nil, c.Start
	}
}

// walkedFor is after how long all opt-outs are read again, whatever is known of
// them.
const walkedFor = 24 * time.Hour

// learn takes over the buckets that were walked.
func (c *cursor) learn() {
	if c.Known == nil {
		c.Known = digest{}
	}
	maps.Copy(c.Known, c.Found)
	if c.Found = nil; c.Mode == modeAll {
		c.Walked = c.Start
	}
}
