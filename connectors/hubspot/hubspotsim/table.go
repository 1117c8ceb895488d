package hubspotsim

import (
	"cmp"
	"slices"
	"strings"
)

// prop is one value of a record; key indexes its table's names.
type prop struct {
	key   uint16
	value string
}

// record holds what it was given; derived properties are made when asked for,
// so that a portal of 200,000 people stays small.
type record struct {
	id                          int64
	created, modified, archived int64
	origin, editor              *Actor
	props                       []prop
	history                     []change
	merged                      []int64
}

type recordKey struct {
	object string
	id     int64
}

// table is all records of one object, and the indexes that answer quickly.
type table struct {
	kind
	names  []string
	keys   map[string]uint16
	recs   []*record
	live   int
	nextID int64
	recent modifiedIndex
	unique map[string]map[string]*record
	gone   map[int64]int64
	defs   map[string]*Property
	order  []string
	groups []PropertyGroup
}

func newTable(k kind) *table {
	tb := &table{
		kind: k, keys: map[string]uint16{}, nextID: k.baseID + 1, gone: map[int64]int64{},
		defs: map[string]*Property{}, unique: map[string]map[string]*record{},
	}
	tb.loadStandard()
	if k.plural == "contacts" {
		tb.unique["email"] = map[string]*record{}
	}
	return tb
}

func (tb *table) key(name string) uint16 {
	if k, ok := tb.keys[name]; ok {
		return k
	}
	k := uint16(len(tb.names))
	tb.names = append(tb.names, name)
	tb.keys[name] = k
	return k
}

// find returns the record of this id, archived ones included.
func (tb *table) find(id int64) *record {
	i, ok := tb.at(id)
	if !ok {
		return nil
	}
	return tb.recs[i]
}

func (tb *table) at(id int64) (int, bool) {
	return slices.BinarySearchFunc(tb.recs, id, func(r *record, id int64) int { return cmp.Compare(r.id, id) })
}

func (r *record) get(key uint16) string {
	i, ok := slices.BinarySearchFunc(r.props, key, func(p prop, k uint16) int { return cmp.Compare(p.key, k) })
	if !ok {
		return ""
	}
	return r.props[i].value
}

// set stores a value, or removes the property when it is empty.
func (r *record) set(key uint16, value string) {
	i, ok := slices.BinarySearchFunc(r.props, key, func(p prop, k uint16) int { return cmp.Compare(p.key, k) })
	switch {
	case ok && value == "":
		r.props = slices.Delete(r.props, i, i+1)
	case ok:
		r.props[i].value = value
	case value != "":
		r.props = slices.Insert(r.props, i, prop{key, value})
	}
}

func (tb *table) stored(r *record, name string) string {
	key, ok := tb.keys[name]
	if !ok {
		return ""
	}
	return r.get(key)
}

// add files a new record under the next id.
func (tb *table) add(r *record) {
	r.id = tb.nextID
	tb.nextID++
	tb.recs = append(tb.recs, r)
	tb.live++
	tb.claimAll(r)
	tb.recent.put(r)
}

// touch moves a record to the end of the modified order.
func (tb *table) touch(r *record, at int64) {
	if at == r.modified {
		return
	}
	r.modified = at
	tb.recent.moved(r)
}

func (tb *table) hide(r *record, at int64) {
	r.archived = at
	tb.live--
	tb.recent.dropped()
	tb.releaseAll(r)
}

func (tb *table) show(r *record, at int64) {
	r.archived = 0
	tb.live++
	r.modified = max(at, r.modified+1)
	tb.recent.put(r)
	tb.claimAll(r)
}

// remove forgets a record for good, as a merge or privacy deletion does.
func (tb *table) remove(r *record) {
	if r.archived == 0 {
		tb.live--
		tb.recent.dropped()
		tb.releaseAll(r)
	}
	r.archived = -1
	if i, ok := tb.at(r.id); ok {
		tb.recs = slices.Delete(tb.recs, i, i+1)
	}
}

func (tb *table) claimAll(r *record) {
	for name, values := range tb.unique {
		if v := tb.stored(r, name); v != "" {
			values[strings.ToLower(v)] = r
		}
	}
}

func (tb *table) releaseAll(r *record) {
	for name, values := range tb.unique {
		if v := strings.ToLower(tb.stored(r, name)); v != "" && values[v] == r {
			delete(values, v)
		}
	}
}

// holder returns the live record that holds a unique value.
func (tb *table) holder(name, value string) *record {
	return tb.unique[name][strings.ToLower(value)]
}
