package sql

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
)

// The phases of a pass.
const (
	phaseBare  = ""  // the rows without a time, by id: they are read in every pass
	phaseTimed = "t" // the rows with one, by time and id
)

// cursor is where a walk goes on.
//
// A pass reads from From on. The time of the last row is no mark to begin the
// next one at: a transaction that is open commits later, with an earlier time.
// So the next pass reaches back by the overlap, from that row or from the
// moment this pass began, whichever is earlier: a walk may take long, and a row
// may bear a time in the future. Once a pass that began more than the overlap
// after the row was first seen has read that stretch again, nothing earlier can
// appear; from then on passes begin right after the row.
type cursor struct {
	V     int    `json:"v"`
	From  string `json:"f,omitempty"`
	After string `json:"a,omitempty"` // the id that a settled pass begins after
	// At and ID are of the last row in the pass under way. Begun is when it
	// began, by the database's clock, in milliseconds since 1970 as Seen.
	Phase string `json:"p,omitempty"`
	At    string `json:"t,omitempty"`
	ID    string `json:"i,omitempty"`
	Begun int64  `json:"b,omitempty"`
	// Top and TopID are of the latest row; Seen is when the pass began that saw
	// it first.
	Top   string `json:"m,omitempty"`
	TopID string `json:"n,omitempty"`
	Seen  int64  `json:"s,omitempty"`
	Later bool   `json:"l,omitempty"` // not the first pass
}

const cursorVersion = 1

func parseCursor(c connectors.Cursor) (cursor, bool) {
	out := cursor{V: cursorVersion}
	if c != "" && (json.Unmarshal([]byte(c), &out) != nil || out.V != cursorVersion) {
		return cursor{}, false
	}
	return out, true
}

func (c cursor) text() connectors.Cursor {
	b, err := json.Marshal(c)
	if err != nil {
		return "" // texts and numbers always encode
	}
	return connectors.Cursor(b)
}

// end makes the cursor after a pass.
func (c cursor) end(w *walk) cursor {
	out := cursor{V: cursorVersion, From: c.From, After: c.After, Top: c.Top, TopID: c.TopID, Seen: c.Seen, Later: true}
	if c.At != "" && (c.At != c.Top || c.ID != c.TopID) {
		out.Top, out.TopID, out.Seen = c.At, c.ID, c.Begun
	}
	if out.Top == "" {
		return out
	}
	top, ok := w.timeOf(out.Top)
	begun := time.UnixMilli(c.Begun)
	settled := begun.Add(-w.overlap - time.Second)
	switch {
	case !ok || top.After(begun):
		out.From, out.After = w.textOf(begun.Add(-w.overlap)), ""
	case top.Before(settled) && time.UnixMilli(out.Seen).Before(settled):
		out.From, out.After = out.Top, out.TopID
	default:
		out.From, out.After = w.textOf(top.Add(-w.overlap)), ""
	}
	return out
}

// timeOf reads a time as the walk sorts by it.
func (w *walk) timeOf(text string) (time.Time, bool) {
	v, err := w.by[0].read(text)
	if err != nil {
		return time.Time{}, false
	}
	return v.Time()
}

// textOf writes a time as the walk sorts by it.
func (w *walk) textOf(t time.Time) string {
	col := *w.by[0]
	col.scale = -1
	arg, err := col.writeTime(t)
	if err != nil {
		return ""
	}
	text, _ := plain(arg)
	return text
}

// arg is a time of a cursor as an argument.
func (w *walk) arg(text string) any {
	if w.by[0].counted() {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	return text
}

// walk is a way through a table.
type walk struct {
	*layout
	by    []*column // the times it sorts by; none: by id
	stamp string    // the expression of them, as it sorts
	// moment is the same as it is written.
	moment string
	order  string // the expression of the id
	gone   bool   // the rows that are removed, else those that are not
}

func (l *layout) changesWalk() *walk { return l.newWalk(l.modified, false) }

// goneWalk goes by the time of the removal, where it is one.
func (l *layout) goneWalk() *walk {
	if s := l.deleted.store; s == asStamp || s == asZoneStamp {
		return l.newWalk([]*column{l.deleted}, true)
	}
	return l.newWalk(l.modified, true)
}

func (l *layout) newWalk(by []*column, gone bool) *walk {
	d := l.c.d
	w := &walk{layout: l, by: slices.Clone(by), gone: gone, order: d.order(l.ref(l.id), l.id)}
	if len(by) == 0 {
		return w
	}
	expr := l.ref(by[0])
	if len(by) > 1 {
		all := make([]string, len(by))
		for i, col := range by {
			all[i] = l.ref(col)
		}
		expr = "COALESCE(" + strings.Join(all, ", ") + ")"
	}
	w.stamp, w.moment = d.stamp(expr, by[0]), d.stamp(expr, nil)
	return w
}

// ref names a column of the row: ORDER BY would take a bare name for what is
// selected under it.
func (l *layout) ref(col *column) string {
	return l.c.d.quote(rowAlias) + "." + l.c.d.quote(col.name)
}

// bare tells whether there may be rows without a time.
func (w *walk) bare() bool {
	if len(w.by) == 0 {
		return true
	}
	last := w.by[len(w.by)-1]
	return !last.notNull || w.c.cfg.Driver != driverPostgres && !last.counted()
}
