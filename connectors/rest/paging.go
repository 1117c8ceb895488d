package rest

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
)

// paging works out what to ask next from what came. It is pure.
type paging struct {
	Paging
	size              int64
	start             int64
	id                path
	time              []path
	next, more, total path
}

// position is where a pass stands.
type position struct {
	N     int64  `json:"n,omitempty"` // the page, or the row, to ask for
	Began bool   `json:"b,omitempty"` // N is set
	Next  string `json:"x,omitempty"` // a cursor or an address
	ID    string `json:"i,omitempty"` // of the last row
	Time  int64  `json:"t,omitempty"` // of the last row, in nanoseconds
	Since int64  `json:"s,omitempty"` // what the filter moved on to, in nanoseconds
	Full  int64  `json:"f,omitempty"` // rows of the first page
	// Anchors are the last rows of the page before: if none of them is where it
	// was, rows have moved.
	Anchors []string `json:"a,omitempty"`
	Back    int64    `json:"k,omitempty"` // pages gone back to look for them
}

// answered is one page as it came.
type answered struct {
	tree   value
	rows   []value
	link   string   // the address that the header Link calls next
	before []string // the ids of the page before, where it was read again
	moved  []value  // rows of it that were not there the first time
}

var errOdd = errors.New("the same page or an empty one comes again and again")

const mostAnchors = 5

func (p paging) first() int64 {
	if n, err := strconv.ParseInt(p.Start, 10, 64); err == nil {
		return n
	}
	if p.By == "page" {
		return 1
	}
	return 0
}

// ask returns what {page} or {offset} stands for. Offsets overlap by a row.
func (p paging) ask(pos position) int64 {
	switch {
	case !pos.Began:
		return p.start
	case p.By == "offset" && len(pos.Anchors) > 0 && !p.Stable:
		return max(pos.N-1, p.start)
	default:
		return pos.N
	}
}

// again tells whether the page before must be looked at too.
func (p paging) again(pos position) bool {
	return p.By == "page" && !p.Stable && pos.Began && pos.N > p.start && len(pos.Anchors) > 0
}

func (p paging) ids(rows []value) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.at(p.id).text
	}
	return out
}

// step returns where to go on, and whether there is more. errOdd asks for the
// same page again.
func (p paging) step(l times, pos position, a answered) (position, bool, error) {
	switch p.By {
	case "cursor":
		return p.follow(pos, a, a.tree.at(p.next).text)
	case "next_url":
		return p.follow(pos, a, a.tree.at(p.next).text)
	case "link":
		return p.follow(pos, a, a.link)
	case "keyset":
		return p.beyond(l, pos, a)
	case "page", "offset":
		return p.count(l, pos, a)
	default:
		return position{}, false, nil
	}
}

func (p paging) follow(pos position, a answered, next string) (position, bool, error) {
	if p.More != "" && !a.tree.at(p.more).truth() || next == "" {
		return position{}, false, nil
	}
	if next == pos.Next {
		return pos, true, errOdd
	}
	return position{Next: next}, true, nil
}

// beyond goes on after the last row.
func (p paging) beyond(l times, pos position, a answered) (position, bool, error) {
	n := int64(len(a.rows))
	more := p.hasMore(a.tree, 0, n)
	if n == 0 {
		if more {
			return pos, true, errOdd
		}
		return pos, false, nil
	}
	last := a.rows[n-1]
	id := last.at(p.id).text
	switch id {
	case "":
		return pos, false, malformed("the last row has no id to go on after")
	case pos.ID:
		return pos, true, errOdd
	}
	pos.ID = id
	if at := l.rows.moment(last.first(p.time)); !at.IsZero() {
		pos.Time = at.UnixNano()
	}
	return pos, more, nil
}

// count goes on by number.
func (p paging) count(l times, pos position, a answered) (position, bool, error) {
	at, n, ids := p.ask(pos), int64(len(a.rows)), p.ids(a.rows)
	if pos.Full == 0 {
		pos.Full = n
	}
	before := at
	if p.By == "page" {
		before = (at - p.start) * max(pos.Full, 1)
	} else {
		before -= p.start
	}
	more := p.hasMore(a.tree, before, n)
	overlap := p.By == "offset" && at < pos.N && n == 1 // nothing but the row that is known
	switch {
	case n > 1 && len(pos.Anchors) > 0 && ids[n-1] == pos.Anchors[len(pos.Anchors)-1]:
		return pos, true, errOdd // the page before once more
	case !p.confirmed(pos, at, ids, a.before):
		return p.goBack(pos, at), true, nil
	case overlap && p.More == "" && p.Total == "":
		more = false
	case (n == 0 || overlap) && more:
		return pos, true, errOdd
	case p.Advance && n > 0:
		if moved, ok, err := p.advance(l, pos, a.rows); err != nil || ok {
			return moved, more, err
		}
	}
	next := position{Began: true, N: at + 1, Since: pos.Since, Full: pos.Full, Anchors: ids[max(0, n-mostAnchors):]}
	if p.By == "offset" {
		next.N = at + n
	}
	return next, more, nil
}

// confirmed tells whether a row of the page before is still where it was, or
// there is nothing before.
func (p paging) confirmed(pos position, at int64, ids, before []string) bool {
	if p.Stable || len(pos.Anchors) == 0 || at <= p.start {
		return true
	}
	return slices.ContainsFunc(pos.Anchors, func(id string) bool {
		return slices.Contains(ids, id) || slices.Contains(before, id)
	})
}

// goBack steps back, each time twice as far, to where no row was passed over.
func (p paging) goBack(pos position, at int64) position {
	by := max(pos.Back*2, 1)
	pos.Back = by
	if p.By == "offset" {
		by *= max(pos.Full, 1)
	}
	pos.N = max(at-by, p.start)
	if pos.N == p.start {
		pos.Anchors = nil
	}
	return pos
}

// advance moves the filter on to the last row's time, if it is a later one.
func (p paging) advance(l times, pos position, rows []value) (position, bool, error) {
	since := pos.Since
	for _, row := range rows {
		at := l.rows.moment(row.first(p.time))
		if at.IsZero() {
			return pos, false, malformed("a row has no time to move the filter on to")
		}
		floor := l.filter.floor(at).UnixNano()
		if floor < since {
			return pos, false, malformed("the rows are not sorted by time, or the filter is not heeded")
		}
		since = floor
	}
	return position{Since: since}, since > pos.Since, nil
}

// hasMore tells whether rows follow the n that came after those before them.
func (p paging) hasMore(tree value, before, n int64) bool {
	switch total, ok := tree.at(p.total).number(); {
	case p.More != "":
		return tree.at(p.more).truth()
	case p.Total != "" && ok:
		return before+n < total
	case p.Until == "short":
		return n >= p.size
	default:
		return n > 0
	}
}

func (pos position) lastTime() time.Time { return time.Unix(0, pos.Time).UTC() }

func malformed(what string) error {
	return fault.New(fault.Malformed, fault.ScopeObject, "%s", what)
}
