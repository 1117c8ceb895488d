package salesforcesim

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// order says how the rows of a plan come.
type order int

const (
	byNothing order = iota
	byID
	byStamp
)

// plan is where the rows of a query may be found.
type plan struct {
	each func(yield func(*row) bool)
	come order
}

// rows runs a query without its columns: filter, sort and bounds.
func (q *run) rows(query *soql.Query) ([]*row, error) {
	test, err := soql.Compile(query.Where, q.env())
	if err != nil {
		return nil, err
	}
	keys, err := q.sortKeys(query)
	if err != nil {
		return nil, err
	}
	p := q.plan(query)
	sorted, backward := inOrder(query.OrderBy, p.come)
	enough := -1
	if query.Limit >= 0 && sorted && !backward {
		enough = query.Limit + query.Offset
	}
	var out []*row
	if enough != 0 {
		p.each(func(r *row) bool {
			if (q.all || !r.deleted) && test(r) {
				out = append(out, r)
			}
			return len(out) != enough
		})
	}
	switch {
	case sorted && backward:
		slices.Reverse(out)
	case !sorted:
		sortRows(keys, out)
	}
	return bound(out, query), nil
}

func bound(rows []*row, query *soql.Query) []*row {
	rows = rows[min(query.Offset, len(rows)):]
	if query.Limit >= 0 && len(rows) > query.Limit {
		rows = rows[:query.Limit]
	}
	return rows
}

// plan chooses the index that leaves the fewest rows to look at.
func (q *run) plan(query *soql.Query) plan {
	o := q.o
	if q.veiled() {
		return plan{each: q.eachVeiled, come: byID}
	}
	if ids, ok := soql.Equals(query.Where, "Id"); ok {
		return plan{each: eachRow(q.byIDs(ids)), come: byID}
	}
	for f, ix := range o.values {
		if k := o.fields[f].kind(); k != soql.String && k != soql.ID {
			continue
		}
		if values, ok := soql.Equals(query.Where, o.fields[f].name); ok && !hasNull(values) {
			return plan{each: eachRow(q.bySeqs(ix, values)), come: byID}
		}
	}
	stamp := soql.RangeOf(query.Where, "SystemModstamp", instantText)
	wantsStamp := len(query.OrderBy) > 0 && strings.EqualFold(query.OrderBy[0].Field.Path, "SystemModstamp")
	if o.must("SystemModstamp") >= 0 && (stamp != soql.Bounds{} || wantsStamp) {
		return plan{each: q.eachByStamp(stamp), come: byStamp}
	}
	return plan{each: q.eachByID(soql.RangeOf(query.Where, "Id", idLiteral)), come: byID}
}

func hasNull(values []soql.Value) bool {
	return slices.ContainsFunc(values, func(v soql.Value) bool { return v.Text == "" || v.Kind == soql.Null })
}

func instantText(v soql.Value) (string, bool) { return v.Text, v.Kind == soql.DateTime }

func idLiteral(v soql.Value) (string, bool) {
	id, ok := soql.ID18(v.Text)
	return id, ok && v.Kind == soql.String
}

func eachRow(rows []*row) func(func(*row) bool) {
	return func(yield func(*row) bool) {
		for _, r := range rows {
			if !yield(r) {
				return
			}
		}
	}
}

func (q *run) byIDs(values []soql.Value) []*row {
	var out []*row
	for _, v := range values {
		if r := q.o.find(v.Text); r != nil {
			out = append(out, r)
		}
	}
	return uniqueRows(out)
}

func (q *run) bySeqs(ix *valueIndex, values []soql.Value) []*row {
	var out []*row
	for _, v := range values {
		text := v.Text
		if id, ok := soql.ID18(text); ok && len(text) == 15 {
			out = append(out, q.rowsOf(ix.seqs(id))...)
		}
		out = append(out, q.rowsOf(ix.seqs(text))...)
	}
	return uniqueRows(out)
}

func (q *run) rowsOf(seqs []uint32) []*row {
	out := make([]*row, 0, len(seqs))
	for _, seq := range seqs {
		if r := q.o.rows[seq-1]; r != nil {
			out = append(out, r)
		}
	}
	return out
}

func uniqueRows(rows []*row) []*row {
	slices.SortFunc(rows, func(a, b *row) int { return cmp.Compare(a.seq, b.seq) })
	return slices.Compact(rows)
}

func (q *run) eachByStamp(b soql.Bounds) func(func(*row) bool) {
	low, high := int64(-1<<62), int64(1<<62)
	if t, ok := soql.ReadInstant(b.Low); ok {
		low = t.UnixMilli()
	}
	if t, ok := soql.ReadInstant(b.High); ok {
		high = t.UnixMilli()
	}
	return func(yield func(*row) bool) {
		for _, e := range q.o.stamps.within(low, high) {
			if r := q.o.current(e); r != nil && !yield(r) {
				return
			}
		}
	}
}

func (q *run) eachByID(b soql.Bounds) func(func(*row) bool) {
	rows := q.o.rows
	if n, ok := seqOf(q.o.start, b.High); ok {
		rows = rows[:min(int(n), len(rows))]
	}
	if n, ok := seqOf(q.o.start, b.Low); ok && n > 0 {
		rows = rows[min(int(n)-1, len(rows)):]
	}
	return func(yield func(*row) bool) {
		for _, r := range rows {
			if r != nil && !yield(r) {
				return
			}
		}
	}
}
