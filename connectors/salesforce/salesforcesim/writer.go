package salesforcesim

import (
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// rowError is one refusal of a row, in the vendor's words.
type rowError struct {
	code, message string
	fields        []string
	duplicates    any
	status        int // HTTP status when the row is a whole call; 400 when nought
}

func refuse(code, message string, fields ...string) *rowError {
	return &rowError{code: code, message: message, fields: fields}
}

// writer is one call or direct edit that writes: who, how, and how to take it
// all back. It is used under the twin's write lock.
type writer struct {
	user         string
	noAssign     bool
	allowSave    bool
	quiet        bool // set while automations write, so that they do not answer themselves
	method, path string
	faults       *simkit.Faults
	undo         []func()
	spoiled      map[string]bool // kinds of row fault this call has had
}

func (w *writer) rollback(to int) {
	for i := len(w.undo) - 1; i >= to; i-- {
		w.undo[i]()
	}
	w.undo = w.undo[:to]
}

// take asks for a fault that belongs to this write.
func (w *writer) take(kind string) (simkit.Fault, bool) {
	if w.faults == nil {
		return simkit.Fault{}, false
	}
	return w.faults.Take(w.method, w.path, kind)
}

// takeRow asks for a fault of this row. A fault that names other rows stays;
// one that names none spoils the first row of a call.
func (w *writer) takeRow(kind string, values ...string) (simkit.Fault, bool) {
	if w.faults == nil {
		return simkit.Fault{}, false
	}
	f, ok := w.faults.TakeWhere(w.method, w.path, func(f simkit.Fault) bool {
		return f.Kind == kind && (f.MatchesRow(values...) || len(f.Rows) == 0 && !w.spoiled[kind])
	})
	if ok && len(f.Rows) == 0 {
		if w.spoiled == nil {
			w.spoiled = map[string]bool{}
		}
		w.spoiled[kind] = true
	}
	return f, ok
}

// stampNow is when a row written now says it was written; a lag fault moves it
// into the past, as a transaction that took long to commit.
func (t *Twin) stampNow(w *writer) int64 {
	ms := t.now()
	if f, ok := w.take("lag"); ok {
		ms -= f.Duration(time.Minute).Truncate(time.Second).Milliseconds()
	}
	return ms
}

// veil keeps what a row was before a write, for reads that do not see it yet.
type veil struct {
	until  int64
	before *row // nil: there was no row
}

const keptVeils = 5000

func (t *Twin) veilRow(w *writer, o *object, seq uint32, before *row) {
	if o.recent == nil || len(o.recent) >= keptVeils {
		o.recent = map[uint32]veil{}
	}
	o.recent[seq] = veil{before: before}
	if f, ok := w.take("late_visible"); ok {
		if o.hidden == nil {
			o.hidden = map[uint32]veil{}
		}
		o.hidden[seq] = veil{until: t.Clock.Now().Add(f.Duration(2 * time.Second)).UnixMilli(), before: before}
	}
}

// put inserts a new row and remembers how to take it back.
func (t *Twin) put(w *writer, o *object, r *row) {
	o.insert(r)
	t.veilRow(w, o, r.seq, nil)
	w.undo = append(w.undo, func() { o.forget(o.rows[r.seq-1]) })
}

// swap replaces a row and remembers how to put it back.
func (t *Twin) swap(w *writer, o *object, old, next *row) {
	o.replace(old, next)
	t.veilRow(w, o, old.seq, old)
	w.undo = append(w.undo, func() { o.replace(o.rows[old.seq-1], old) })
}
