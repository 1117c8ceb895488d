package hubspotsim

import (
	"fmt"
	"slices"
)

// BulkSeed makes n records quickly and leanly: fill writes row i's values in
// the order of columns, and may keep nothing of the slice. Values are stored as
// they are, unchecked, and set off no automation. Columns named as the object's
// create or modified property give those times (RFC 3339, a date or
// milliseconds); without them both are the portal's present time. It returns
// the first id; the others follow one by one.
func (t *Twin) BulkSeed(object string, columns []string, n int, fill func(i int, row []string)) (int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	tb := t.table(object)
	if tb == nil {
		return 0, fmt.Errorf("simulated portal has no object %q", object)
	}
	s, err := newSeeder(t, tb, columns)
	if err != nil {
		return 0, err
	}
	first := tb.nextID
	tb.recs = slices.Grow(tb.recs, n)
	tb.recent.log = slices.Grow(tb.recent.log, n)
	row := make([]string, len(columns))
	for i := range n {
		clear(row)
		fill(i, row)
		s.add(row)
	}
	slices.SortFunc(tb.recent.log, compareEntries)
	return first, nil
}

type seeder struct {
	tb                *table
	now               int64
	by                *Actor
	order             []int // columns in the order of their keys
	keys              []uint16
	created, modified int // columns, or -1
}

func newSeeder(t *Twin, tb *table, columns []string) (*seeder, error) {
	by := ImportActor("1")
	s := &seeder{tb: tb, now: t.now(), by: &by, created: slices.Index(columns, tb.created), modified: slices.Index(columns, tb.modified)}
	s.keys = make([]uint16, len(columns))
	for i, name := range columns {
		if tb.defs[name] == nil {
			return nil, fmt.Errorf("simulated portal's %s have no property %q; define it first", tb.plural, name)
		}
		s.keys[i] = tb.key(name)
		if i != s.created && i != s.modified {
			s.order = append(s.order, i)
		}
	}
	slices.SortFunc(s.order, func(a, b int) int { return int(s.keys[a]) - int(s.keys[b]) })
	return s, nil
}

func (s *seeder) add(row []string) {
	r := &record{created: s.time(row, s.created, s.now), origin: s.by, editor: s.by}
	r.modified = s.time(row, s.modified, max(r.created, s.now))
	size := 0
	for _, i := range s.order {
		if row[i] != "" {
			size++
		}
	}
	r.props = make([]prop, 0, size)
	for _, i := range s.order {
		if row[i] != "" {
			r.props = append(r.props, prop{s.keys[i], row[i]})
		}
	}
	tb := s.tb
	r.id = tb.nextID
	tb.nextID++
	tb.live++
	tb.recs = append(tb.recs, r)
	tb.claimAll(r)
	tb.recent.log = append(tb.recent.log, entry{r.modified, r})
}

func (s *seeder) time(row []string, column int, fallback int64) int64 {
	if column < 0 {
		return fallback
	}
	if ms, ok := parseTime(row[column]); ok {
		return ms
	}
	return fallback
}
