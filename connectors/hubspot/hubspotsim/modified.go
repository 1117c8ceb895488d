package hubspotsim

import (
	"cmp"
	"slices"
)

// modifiedIndex keeps records in order of (modified, id). Writes happen at the
// present time, so it is a log: a move appends and leaves its old entry to be
// skipped, and the log is rewritten when half of it is old.
type modifiedIndex struct {
	log   []entry
	stale int
}

type entry struct {
	at  int64
	rec *record
}

func (e entry) live() bool { return e.rec.modified == e.at && e.rec.archived == 0 }

func compareEntries(a, b entry) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.rec.id, b.rec.id))
}

func (m *modifiedIndex) put(r *record) {
	e := entry{r.modified, r}
	if n := len(m.log); n == 0 || compareEntries(m.log[n-1], e) <= 0 {
		m.log = append(m.log, e)
		return
	}
	i, found := slices.BinarySearchFunc(m.log, e, compareEntries)
	if found {
		// The record came back to a time it had before: its old entry lives again.
		m.stale--
		return
	}
	m.log = slices.Insert(m.log, i, e)
}

func (m *modifiedIndex) moved(r *record) {
	m.stale++
	m.put(r)
	m.compact()
}

func (m *modifiedIndex) dropped() { m.stale++ }

func (m *modifiedIndex) compact() {
	if m.stale < 4096 || m.stale < len(m.log)/2 {
		return
	}
	m.log = slices.DeleteFunc(m.log, func(e entry) bool { return !e.live() })
	m.stale = 0
}

// from returns the first position at or after a time.
func (m *modifiedIndex) from(at int64) int {
	i, _ := slices.BinarySearchFunc(m.log, at, func(e entry, at int64) int {
		if e.at < at {
			return -1
		}
		return 1
	})
	return i
}
