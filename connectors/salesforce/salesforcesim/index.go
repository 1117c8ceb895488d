package salesforcesim

import (
	"cmp"
	"slices"
	"strings"
)

// stampEntry places a row in the order of (SystemModstamp, Id). An entry whose
// row has moved on is stale and skipped.
type stampEntry struct {
	stamp int64
	seq   uint32
}

func compareEntries(a, b stampEntry) int {
	if c := cmp.Compare(a.stamp, b.stamp); c != 0 {
		return c
	}
	return cmp.Compare(a.seq, b.seq)
}

// stampIndex keeps rows in the order the usual incremental query wants. Rows
// are written in the order of time but for a few, so adding is nearly always
// at the end.
type stampIndex struct{ list []stampEntry }

func (ix *stampIndex) add(stamp int64, seq uint32) {
	e := stampEntry{stamp, seq}
	if n := len(ix.list); n == 0 || compareEntries(ix.list[n-1], e) < 0 {
		ix.list = append(ix.list, e)
		return
	}
	at, found := slices.BinarySearchFunc(ix.list, e, compareEntries)
	if !found {
		ix.list = slices.Insert(ix.list, at, e)
	}
}

// within returns the entries from one stamp to another, both included.
func (ix *stampIndex) within(low, high int64) []stampEntry {
	from, _ := slices.BinarySearchFunc(ix.list, stampEntry{low, 0}, compareEntries)
	to, _ := slices.BinarySearchFunc(ix.list, stampEntry{high, ^uint32(0)}, compareEntries)
	return ix.list[from:max(from, to)]
}

// compact drops stale entries once they are the greater part.
func (ix *stampIndex) compact(o *object) {
	if len(ix.list) < 1024 || len(ix.list) < 2*len(o.rows) {
		return
	}
	kept := ix.list[:0]
	for _, e := range ix.list {
		if o.current(e) != nil {
			kept = append(kept, e)
		}
	}
	ix.list = kept
}

// current returns an entry's row, or nil when the entry is stale.
func (o *object) current(e stampEntry) *row {
	r := o.rows[e.seq-1]
	if r == nil || r.stamp != e.stamp {
		return nil
	}
	return r
}

// valueIndex finds rows by a value, without regard to case.
type valueIndex struct {
	one  map[string]uint32
	more map[string][]uint32
}

func (ix *valueIndex) add(text string, seq uint32) {
	if ix.one == nil {
		ix.one, ix.more = map[string]uint32{}, map[string][]uint32{}
	}
	key := strings.ToLower(text)
	if list, ok := ix.more[key]; ok {
		ix.more[key] = append(list, seq)
		return
	}
	if first, ok := ix.one[key]; ok && first != seq {
		ix.more[key] = []uint32{first, seq}
		delete(ix.one, key)
		return
	}
	ix.one[key] = seq
}

func (ix *valueIndex) remove(text string, seq uint32) {
	key := strings.ToLower(text)
	if ix.one[key] == seq {
		delete(ix.one, key)
	}
	list, ok := ix.more[key]
	if !ok {
		return
	}
	list = slices.DeleteFunc(list, func(s uint32) bool { return s == seq })
	if len(list) > 1 {
		ix.more[key] = list
		return
	}
	delete(ix.more, key)
	if len(list) == 1 {
		ix.one[key] = list[0]
	}
}

// seqs returns the rows with a value, deleted ones included, in Id order.
func (ix *valueIndex) seqs(text string) []uint32 {
	key := strings.ToLower(text)
	if seq, ok := ix.one[key]; ok {
		return []uint32{seq}
	}
	list := slices.Clone(ix.more[key])
	slices.Sort(list)
	return list
}
