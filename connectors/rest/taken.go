package rest

import (
	"context"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// refuseTaken rejects ops whose unique values another record holds, in systems
// that would merge or overwrite instead of refusing them.
func (r *writing) refuseTaken(ctx context.Context) error {
	if len(r.ops) == 0 || r.ops[0].Kind == connectors.Archive {
		return nil
	}
	for _, key := range r.e.CheckUnique {
		values := make([]string, len(r.ops))
		for i, op := range r.ops {
			values[i] = unique(op, key)
		}
		holders, err := r.c.holding(ctx, r.e, key, values, nil)
		if err != nil {
			return err
		}
		r.meet(key, holders)
		r.refuseTwice(key)
	}
	return nil
}

// unique is the value that an op is about to store in a unique field.
func unique(op connectors.Op, key string) string {
	if op.Kind == connectors.Create && op.Key.Field == key {
		return op.Key.Value
	}
	if v := op.Fields[key]; v.IsPresent() {
		return v.Text()
	}
	return ""
}

// meet compares ops with the records that hold values of theirs. A create whose
// own key is there was done before, by an attempt whose reply was lost.
func (r *writing) meet(key string, holders []value) {
	r.ops = slices.DeleteFunc(r.ops, func(op connectors.Op) bool {
		i := slices.IndexFunc(holders, func(row value) bool {
			return row.at(r.e.id).text != op.RemoteID && r.e.holds(row, key, unique(op, key))
		})
		if i < 0 {
			return false
		}
		id := holders[i].at(r.e.id).text
		if op.Kind == connectors.Create && op.Key.Field == key {
			r.results = append(r.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: id, Adopted: true})
			return true
		}
		r.reject(op, &fault.Error{Class: fault.Conflict, Scope: fault.ScopeRow, Field: key, Existing: id})
		return true
	})
}

// refuseTwice rejects rows that would meet in one record.
func (r *writing) refuseTwice(key string) {
	seen := map[string]bool{}
	r.refuse(func(op connectors.Op) *fault.Error {
		value := strings.ToLower(strings.TrimSpace(unique(op, key)))
		if value == "" || !seen[value] {
			seen[value] = true
			return nil
		}
		return &fault.Error{Class: fault.Conflict, Scope: fault.ScopeRow, Field: key, Detail: "another row of the same batch has this value"}
	})
}
