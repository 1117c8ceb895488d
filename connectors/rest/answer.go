package rest

import (
	"slices"
	"strconv"

	"github.com/tandem-sync/tandem/connectors"
)

// answer says where an answer to a write tells what became of each row.
type answer struct {
	id        path
	record    path
	hasRecord bool
	rows      path
	hasRows   bool
	rowKey    []path
	whole     bool
	errors    path
	hasErrors bool
	errorKey  []path
	status    path
}

func (c *compiler) answer(a Answer, e *entity) answer {
	out := answer{
		id: e.id, record: parsePath(a.Record), hasRecord: a.Record != "", rows: parsePath(a.Rows), hasRows: a.Rows != "",
		rowKey: a.RowKey.parse(), whole: a.Whole, errors: parsePath(a.Errors), hasErrors: a.Errors != "",
		errorKey: a.ErrorKey.parse(), status: parsePath(a.Status),
	}
	if a.ID != "" {
		out.id = parsePath(a.ID)
	} else if out.hasRecord {
		out.id = slices.Concat(out.record, e.id)
	}
	return out
}

// tells whether the answer holds the version stored.
func (a answer) tells() bool { return a.hasRecord || a.hasRows && a.whole }

// fate is what an answer tells of one op.
type fate struct {
	row, err value // as far as they are there
	known    bool
}

// fates says what an answer to a batch tells of each op.
func (a answer) fates(ops []connectors.Op, tree value) []fate {
	out := make([]fate, len(ops))
	if a.hasErrors {
		a.refused(ops, tree.at(a.errors), out)
	}
	if a.hasRows {
		if a.stored(ops, tree.at(a.rows), out) {
			return out
		}
		return make([]fate, len(ops))
	}
	for i := range out {
		out[i].known = true
	}
	return out
}

func (a answer) refused(ops []connectors.Op, list value, out []fate) {
	for i, item := range list.items {
		for _, at := range places(ops, list, i, a.errorKey) {
			out[at] = fate{err: item, known: true}
		}
	}
}

// stored is false if an op is refused and stored at one place: then the places
// of one list count something else, and nothing is known.
func (a answer) stored(ops []connectors.Op, rows value, out []fate) bool {
	for i, item := range rows.items {
		for _, at := range places(ops, rows, i, a.rowKey) {
			switch {
			case out[at].known && len(a.rowKey) == 0:
				return false
			case !out[at].known && a.isOf(ops[at], item):
				out[at] = fate{row: item, known: true}
			}
		}
	}
	return true
}

// isOf tells whether a stored row can be that of an op.
func (a answer) isOf(op connectors.Op, row value) bool {
	id := row.at(a.id).text
	return op.RemoteID == "" || id == "" || id == op.RemoteID
}

// places are the ops that an item of an answer is about: those it names, or the
// one at its place.
func places(ops []connectors.Op, in value, i int, keys []path) (found []int) {
	if len(keys) == 0 {
		if n := in.place(i); n >= 0 && n < len(ops) {
			found = append(found, n)
		}
		return found
	}
	var names []string
	for _, key := range keys {
		names = append(names, in.items[i].at(key).texts()...)
	}
	for at, op := range ops {
		if slices.ContainsFunc(names, func(n string) bool { return n != "" && (n == op.ID || n == op.RemoteID) }) {
			found = append(found, at)
		}
	}
	return found
}

// place is where an item stands: its number in a list, or the number that it is
// kept under.
func (v value) place(i int) int {
	if v.sort != object {
		return i
	}
	if n, err := strconv.Atoi(v.keys[i]); err == nil {
		return n
	}
	return -1
}
