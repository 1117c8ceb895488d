package salesforcesim

import (
	"slices"
	"strconv"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// cell is one filled field of a row: values are kept as canonical text, so a
// row costs what it holds and amounts stay exact.
type cell struct {
	field uint16
	text  string
}

// row is one record. Empty fields have no cell.
type row struct {
	seq                   uint32
	deleted               bool
	created, modified     int64 // milliseconds, whole seconds as the vendor keeps them
	stamp                 int64
	createdBy, modifiedBy string
	deletedAt             int64
	cells                 []cell
}

func (r *row) clone() *row {
	c := *r
	c.cells = slices.Clone(r.cells)
	return &c
}

func (r *row) at(f int) (string, bool) {
	for i := range r.cells {
		if int(r.cells[i].field) == f {
			return r.cells[i].text, true
		}
	}
	return "", false
}

func (r *row) set(f int, text string) {
	for i := range r.cells {
		if int(r.cells[i].field) == f {
			if text == "" {
				r.cells = slices.Delete(r.cells, i, i+1)
			} else {
				r.cells[i].text = text
			}
			return
		}
	}
	if text != "" {
		r.cells = append(r.cells, cell{field: uint16(f), text: text})
	}
}

// table holds an object's rows by number, which is the order of their ids.
type table struct {
	rows   []*row // index is seq-1; nil is a row that was rolled back
	live   int
	stamps stampIndex
	values map[int]*valueIndex
	hidden map[uint32]veil
	recent map[uint32]veil
}

func newTable(o *object) table {
	t := table{values: map[int]*valueIndex{}}
	for i, f := range o.fields {
		if f.indexed() && f.sys == sysNone {
			t.values[i] = &valueIndex{}
		}
	}
	return t
}

func (o *object) id(r *row) string { return idOf(o.start, r.seq) }

// find returns the row of an id of either length, deleted ones included.
func (o *object) find(id string) *row {
	n, ok := seqOf(o.start, id)
	if !ok || n == 0 || int(n) > len(o.rows) {
		return nil
	}
	return o.rows[n-1]
}

// value returns a field's canonical text, whatever keeps it.
func (o *object) value(r *row, f int) (string, bool) {
	fd := o.fields[f]
	switch fd.sys {
	case sysNone:
	case sysID:
		return o.id(r), true
	case sysDeleted:
		return strconv.FormatBool(r.deleted), true
	case sysCreated:
		return millisText(r.created), true
	case sysCreatedBy:
		return r.createdBy, r.createdBy != ""
	case sysModified:
		return millisText(r.modified), true
	case sysModifiedBy:
		return r.modifiedBy, r.modifiedBy != ""
	case sysStamp:
		return millisText(r.stamp), true
	}
	if fd.compute != nil {
		s := fd.compute(func(name string) string { return o.text(r, name) })
		return s, s != ""
	}
	if fd.name == "PhotoUrl" {
		return "/services/images/photo/" + o.id(r), true
	}
	s, ok := r.at(f)
	if !ok && fd.typ == "boolean" {
		return "false", true
	}
	return s, ok
}

// text returns a field by name, empty when there is none.
func (o *object) text(r *row, name string) string {
	f := o.must(name)
	if f < 0 {
		return ""
	}
	s, _ := o.value(r, f)
	return s
}

func millisText(ms int64) string { return soql.Canonical(time.UnixMilli(ms)) }

// insert gives a row its number and enters it into every index.
func (o *object) insert(r *row) {
	r.seq = uint32(len(o.rows) + 1)
	o.rows = append(o.rows, r)
	o.live++
	o.stamps.add(r.stamp, r.seq)
	for f, ix := range o.values {
		if s, ok := r.at(f); ok {
			ix.add(s, r.seq)
		}
	}
}

// replace puts a changed copy in a row's place.
func (o *object) replace(old, next *row) {
	o.rows[old.seq-1] = next
	if old.stamp != next.stamp {
		o.stamps.add(next.stamp, next.seq)
		o.stamps.compact(o)
	}
	if old.deleted != next.deleted {
		o.live += map[bool]int{true: -1, false: 1}[next.deleted]
	}
	for f, ix := range o.values {
		was, had := old.at(f)
		is, has := next.at(f)
		if was == is {
			continue
		}
		if had {
			ix.remove(was, old.seq)
		}
		if has {
			ix.add(is, old.seq)
		}
	}
}

// forget rolls an insert back.
func (o *object) forget(r *row) {
	o.rows[r.seq-1] = nil
	o.live--
	for f, ix := range o.values {
		if s, ok := r.at(f); ok {
			ix.remove(s, r.seq)
		}
	}
}
