package salesforcesim

import (
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

type sortKey struct {
	get      getter
	kind     soql.Kind
	desc     bool
	nullLast bool
}

func (q *run) sortKeys(query *soql.Query) ([]sortKey, error) {
	if query.HasAggregate() || len(query.GroupBy) > 0 {
		return nil, nil // groups are sorted once they are there
	}
	keys := make([]sortKey, 0, len(query.OrderBy))
	for _, o := range query.OrderBy {
		p, err := q.resolve(o.Field)
		if err != nil {
			return nil, err
		}
		keys = append(keys, sortKey{p.get, p.field.kind(), o.Desc, o.NullsLast})
	}
	return keys, nil
}

func compareRows(keys []sortKey, a, b *row) int {
	for _, k := range keys {
		x, hasX := k.get(a)
		y, hasY := k.get(b)
		c := 0
		switch {
		case !hasX && !hasY:
		case !hasX || !hasY:
			if hasX == k.nullLast {
				return -1
			}
			return 1
		default:
			c = soql.Order2(k.kind, x, y)
		}
		if c != 0 && k.desc {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// inOrder reports whether rows that come in an order are already sorted as
// asked, perhaps backwards.
func inOrder(asked []soql.Order, come order) (sorted, backward bool) {
	names := make([]string, len(asked))
	for i, o := range asked {
		names[i] = strings.ToLower(o.Field.Path)
		if o.Desc != asked[0].Desc {
			return false, false
		}
	}
	switch list := strings.Join(names, ","); {
	case list == "":
		return true, false
	case come == byID && list == "id", come == byStamp && (list == "systemmodstamp,id" || list == "systemmodstamp"):
		return true, asked[0].Desc
	}
	return false, false
}

// veiled reports whether this run may see rows other than they are now.
func (q *run) veiled() bool {
	if q.stale {
		return true
	}
	now := q.t.Clock.Now().UnixMilli()
	for _, v := range q.o.hidden {
		if v.until > now {
			return true
		}
	}
	return false
}

// eachVeiled looks at every row as this run sees it.
func (q *run) eachVeiled(yield func(*row) bool) {
	now := q.t.Clock.Now().UnixMilli()
	for _, r := range q.o.rows {
		if r == nil {
			continue
		}
		if v, ok := q.o.hidden[r.seq]; ok && v.until > now {
			r = v.before
		} else if v, ok := q.o.recent[r.seq]; ok && q.stale {
			r = v.before
		}
		if r != nil && !yield(r) {
			return
		}
	}
}

func sortRows(keys []sortKey, rows []*row) {
	slices.SortStableFunc(rows, func(a, b *row) int { return compareRows(keys, a, b) })
}
