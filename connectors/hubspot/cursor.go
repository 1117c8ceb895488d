package hubspot

import (
	"encoding/json"
	"strconv"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// The modes of a cursor.
const (
	modeList  = "list"  // first read, in order of id
	modeDelta = "delta" // changed rows, newest first
	modeTie   = "tie"   // rows of one instant, in order of id
)

// cursor is where a read goes on. All times are HubSpot's, in milliseconds.
//
// A delta pass goes from the newest row down to From. Each page is asked for
// by time (at or before Upper), never by offset: offsets shift under edits and
// end at 10,000. Where a page does not get below an instant, mode tie walks
// that instant by id. What is edited during a pass is newer than its Start and
// belongs to the next pass, which begins at Start less the overlap. The
// once-an-hour deep pass begins at the last one, for rows that the index showed
// very late.
type cursor struct {
	Mode  string `json:"m"`
	After string `json:"a,omitempty"` // list, tie: the last id seen
	Start int64  `json:"s,omitempty"` // when the pass began
	From  int64  `json:"f,omitempty"`
	Upper int64  `json:"u,omitempty"`
	Deep  int64  `json:"d,omitempty"`
	Empty int    `json:"e,omitempty"` // pages in a row that led nowhere
	// Skip are rows of the instant Upper that were seen.
	Skip []string `json:"x,omitempty"`
	// What the pass before saw at its start, if more than a page: where the
	// same is seen again, nothing changed and nothing is read again. In a pass
	// under way, what it saw itself is in Now.
	Seen *sight `json:"p,omitempty"`
	Now  *sight `json:"n,omitempty"`
	// For what is read parent by parent (lists, forms, campaigns): the parents
	// still to be read, and where the list of parents goes on.
	Queue []parent `json:"q,omitempty"`
	Token string   `json:"k,omitempty"`
}

type parent struct {
	ID   string `json:"i"`
	Name string `json:"n,omitempty"`
}

// sight is a look at the search index: how many rows changed since From, and
// when the newest did.
type sight struct {
	From   int64 `json:"f"`
	Total  int64 `json:"t"`
	Newest int64 `json:"h"`
}

const maxEmpty = 20

func readCursor(c connectors.Cursor) (cursor, error) {
	if c == "" {
		return cursor{Mode: modeList}, nil
	}
	var cur cursor
	if err := json.Unmarshal([]byte(c), &cur); err != nil || cur.Mode == "" {
		return cursor{}, fault.New(fault.Expired, fault.ScopeObject, "the stored cursor is not one of this connector; read from the beginning")
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

// firstDelta is where changes go on after a first read by list. The list is no
// index: a short margin for writes under way when it began is enough.
func firstDelta(start int64) cursor {
	return cursor{Mode: modeDelta, From: max(start-listMargin, 0), Deep: start}
}

const listMargin = 5_000

// overlap is how far passes reach back, in milliseconds.
type overlap struct{ each, deep int64 }

// nextPass ends a pass.
func (c cursor) nextPass(o overlap) cursor {
	if c.Deep == 0 {
		c.Deep = c.Start
	}
	next := cursor{Mode: modeDelta, From: max(c.Start-o.each, 0), Deep: c.Deep}
	if s := c.Now; s != nil && s.Total > searchPage && s.Newest >= next.From {
		next.Seen = s
	}
	if o.deep > 0 && c.Start-c.Deep >= o.deep {
		next.From, next.Deep, next.Seen = max(c.Deep-o.each, 0), c.Start, nil
	}
	return next
}

// idRange is one of the ranges a first read is split into: ids above Over and
// up to To, read since Start. To 0 is no end.
type idRange struct {
	Over  int64 `json:"o"`
	To    int64 `json:"t,omitempty"`
	Start int64 `json:"s"`
}

func readRange(s string) (idRange, error) {
	var r idRange
	if s == "" {
		return r, nil
	}
	if err := json.Unmarshal([]byte(s), &r); err != nil {
		return r, fault.New(fault.Expired, fault.ScopeObject, "the stored range is not one of this connector; split again")
	}
	return r, nil
}

func (r idRange) encode() string {
	b, err := json.Marshal(r)
	if err != nil {
		return ""
	}
	return string(b)
}

func idNumber(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
