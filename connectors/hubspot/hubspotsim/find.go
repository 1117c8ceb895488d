package hubspotsim

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// searchQuery is a search ready to run.
type searchQuery struct {
	groups       [][]filter
	text         string
	sort         sortSpec
	limit, after int
	view         view
	// until is the newest change the index has seen; late are rows (every other
	// one when empty, nil for none) it has missed since fresh.
	until, fresh int64
	late         map[int64]bool
}

// span is the part of an ordered index that can hold matches.
type span struct{ low, high float64 }

// find runs a search: the number of all matches, and the page asked for. It
// goes through the smallest set that must hold them: what a unique value names,
// a span of the modified order, or a span of ids.
func (t *Twin) find(tb *table, q *searchQuery, after, limit int) (int, []*record) {
	if named, ok := t.named(tb, q); ok {
		return t.sorted(tb, q, named, after, limit)
	}
	times, ids := q.span(tb.modified), q.span("hs_object_id")
	log := tb.recent.log
	log = log[tb.recent.from(low(times)):tb.recent.from(high(times))]
	first, _ := tb.at(low(ids))
	last, _ := tb.at(high(ids))
	recs := tb.recs[first:max(first, last)]
	switch {
	case q.sort.PropertyName == tb.modified:
		return t.overLog(tb, q, log, after, limit)
	case q.sort.PropertyName == "hs_object_id" && len(recs) <= len(log):
		return t.overIDs(tb, q, recs, after, limit)
	}
	var rows []*record
	if len(log) < len(recs) {
		for _, e := range log {
			if e.live() && t.visible(tb, q, e.rec) {
				rows = append(rows, e.rec)
			}
		}
		return t.sorted(tb, q, rows, after, limit)
	}
	for _, r := range recs {
		if r.archived == 0 && t.visible(tb, q, r) {
			rows = append(rows, r)
		}
	}
	return t.sorted(tb, q, rows, after, limit)
}

func low(s span) int64 { return int64(max(s.low, 0)) }

func high(s span) int64 {
	if s.high >= math.MaxInt64 {
		return math.MaxInt64
	}
	return int64(s.high) + 1
}

// span bounds a column over all groups together.
func (q *searchQuery) span(name string) span {
	everything := span{math.Inf(-1), math.Inf(1)}
	if len(q.groups) == 0 {
		return everything
	}
	all := span{math.Inf(1), math.Inf(-1)}
	for _, group := range q.groups {
		one := everything
		for _, f := range group {
			if f.name == name {
				one = one.and(f)
			}
		}
		all.low, all.high = min(all.low, one.low), max(all.high, one.high)
	}
	return all
}

func (s span) and(f filter) span {
	switch f.op {
	case "GT", "GTE":
		s.low = max(s.low, f.number)
	case "LT", "LTE":
		s.high = min(s.high, f.number)
	case "EQ":
		s.low, s.high = max(s.low, f.number), min(s.high, f.number)
	case "BETWEEN":
		s.low, s.high = max(s.low, f.number), min(s.high, f.high)
	}
	return s
}

// named returns the records that unique values name, where every group has
// such a filter.
func (t *Twin) named(tb *table, q *searchQuery) ([]*record, bool) {
	var rows []*record
	for _, group := range q.groups {
		i := slices.IndexFunc(group, tb.naming)
		if i < 0 {
			return nil, false
		}
		for _, r := range tb.holders(group[i]) {
			if r.archived == 0 && t.visible(tb, q, r) && !slices.Contains(rows, r) {
				rows = append(rows, r)
			}
		}
	}
	return rows, len(q.groups) > 0
}

// naming reports whether a filter names records by a value only one can have.
func (tb *table) naming(f filter) bool {
	return (f.op == "EQ" || f.op == "IN") && (f.name == "hs_object_id" || tb.unique[f.name] != nil)
}

// holders returns the records, archived ones too, that a naming filter names.
func (tb *table) holders(f filter) []*record {
	values := f.values
	if f.op == "EQ" {
		values = []string{f.text}
	}
	var rows []*record
	for _, v := range values {
		r := tb.holder(f.name, v)
		if f.name == "hs_object_id" {
			r = tb.find(number(v))
		}
		if r != nil {
			rows = append(rows, r)
		}
	}
	return rows
}

// visible reports whether the index has seen a record and it matches.
func (t *Twin) visible(tb *table, q *searchQuery, r *record) bool {
	if r.modified > q.until || q.isLate(r) {
		return false
	}
	if q.text != "" && !t.containsText(tb, r, q.text) {
		return false
	}
	if len(q.groups) == 0 {
		return true
	}
	return slices.ContainsFunc(q.groups, func(group []filter) bool {
		for i := range group {
			if !t.matches(tb, r, &group[i]) {
				return false
			}
		}
		return true
	})
}

func (q *searchQuery) isLate(r *record) bool {
	if q.late == nil || r.modified <= q.fresh {
		return false
	}
	return q.late[r.id] || len(q.late) == 0 && r.id%2 == 0
}

func (t *Twin) containsText(tb *table, r *record, text string) bool {
	return slices.ContainsFunc(tb.defaults, func(name string) bool {
		return strings.Contains(strings.ToLower(t.value(tb, r, name)), text)
	})
}

// everyMatches: nothing but the span decides, so counting needs no looking.
func (q *searchQuery) everyMatches(name string) bool {
	if q.until != 1<<62 || q.late != nil || q.text != "" || len(q.groups) > 1 {
		return false
	}
	for _, group := range q.groups {
		for _, f := range group {
			if f.name != name || !slices.Contains([]string{"GTE", "LTE", "EQ", "BETWEEN"}, f.op) {
				return false
			}
		}
	}
	return true
}

func (t *Twin) overLog(tb *table, q *searchQuery, log []entry, after, limit int) (int, []*record) {
	at := func(i int) *record { return log[i].rec }
	keep := func(i int) bool { return log[i].live() && t.visible(tb, q, log[i].rec) }
	if tb.recent.stale == 0 && q.everyMatches(tb.modified) {
		keep = nil
	}
	return ordered{len(log), q.descending(), at, keep}.page(after, limit)
}

func (t *Twin) overIDs(tb *table, q *searchQuery, recs []*record, after, limit int) (int, []*record) {
	at := func(i int) *record { return recs[i] }
	keep := func(i int) bool { return recs[i].archived == 0 && t.visible(tb, q, recs[i]) }
	if tb.live == len(tb.recs) && q.everyMatches("hs_object_id") {
		keep = nil
	}
	return ordered{len(recs), q.descending(), at, keep}.page(after, limit)
}

func (q *searchQuery) descending() bool { return strings.EqualFold(q.sort.Direction, "DESCENDING") }

// ordered is an index in the order asked for; a nil keep means that every
// entry matches.
type ordered struct {
	n         int
	backwards bool
	at        func(int) *record
	keep      func(int) bool
}

// page counts the matches and takes one page of them.
func (o ordered) page(after, limit int) (int, []*record) {
	place := func(i int) int {
		if o.backwards {
			return o.n - 1 - i
		}
		return i
	}
	var rows []*record
	if o.keep == nil {
		for i := after; i < o.n && len(rows) < limit; i++ {
			rows = append(rows, o.at(place(i)))
		}
		return o.n, rows
	}
	total := 0
	for i := range o.n {
		if !o.keep(place(i)) {
			continue
		}
		if total >= after && len(rows) < limit {
			rows = append(rows, o.at(place(i)))
		}
		total++
	}
	return total, rows
}

// sorted orders matches by any property and takes one page; equal values stay
// in order of id.
func (t *Twin) sorted(tb *table, q *searchQuery, rows []*record, after, limit int) (int, []*record) {
	slices.SortFunc(rows, func(a, b *record) int {
		order := t.compare(tb, q.sort.PropertyName, a, b)
		if q.descending() {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(a.id, b.id))
	})
	total := len(rows)
	rows = rows[min(after, total):]
	return total, rows[:min(limit, len(rows))]
}

func (t *Twin) compare(tb *table, name string, a, b *record) int {
	switch name {
	case "hs_object_id":
		return cmp.Compare(a.id, b.id)
	case tb.modified:
		return cmp.Compare(a.modified, b.modified)
	}
	x, y := t.value(tb, a, name), t.value(tb, b, name)
	if def := tb.defs[name]; def.Type == "number" {
		m, _ := asNumber(def, x)
		n, _ := asNumber(def, y)
		return cmp.Compare(m, n)
	}
	return cmp.Compare(x, y)
}
