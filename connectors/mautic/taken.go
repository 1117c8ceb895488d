package mautic

import (
	"context"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// refuseTaken rejects ops whose unique values another record holds. Mautic
// would not refuse them: it overwrites that record when one is created, and
// merges the two when one is edited, both without a word.
func (w *write) refuseTaken(ctx context.Context) error {
	for _, field := range w.uniqueFields() {
		values := make([]string, len(w.ops))
		for i, op := range w.ops {
			values[i] = unique(op, field)
		}
		holders, err := w.c.holding(ctx, shape{kind: w.kind}, field, values)
		if err != nil {
			return err
		}
		w.meet(field, holders)
		w.refuseTwice(field)
	}
	return nil
}

// refuseTwice rejects rows that would meet in one record.
func (w *write) refuseTwice(field string) {
	seen := map[string]bool{}
	w.refuse(func(op connectors.Op) *fault.Error {
		value := strings.ToLower(unique(op, field))
		if value == "" || !seen[value] {
			seen[value] = true
			return nil
		}
		return &fault.Error{Class: fault.Conflict, Scope: fault.ScopeRow, Field: field, Detail: "another row of the same batch has this value"}
	})
}

// uniqueFields are the fields that Mautic, or we, know records by.
func (w *write) uniqueFields() []string {
	fields := slices.Clone(w.object.Keys)
	for _, op := range w.ops {
		if op.Kind == connectors.Create && op.Key.Field != "" && !slices.Contains(fields, op.Key.Field) {
			fields = append(fields, op.Key.Field)
		}
	}
	return fields
}

// unique is the value that an op is about to store in a unique field.
func unique(op connectors.Op, field string) string {
	if op.Kind == connectors.Create && op.Key.Field == field {
		return strings.TrimSpace(op.Key.Value)
	}
	if v := op.Fields[field]; v.IsPresent() {
		return strings.TrimSpace(v.Text())
	}
	return ""
}

// meet compares ops with the records that hold values of theirs. A create whose
// own key is there was done before, by an attempt whose reply was lost.
func (w *write) meet(field string, holders []row) {
	w.ops = slices.DeleteFunc(w.ops, func(op connectors.Op) bool {
		i := slices.IndexFunc(holders, func(r row) bool { return r.ID.s != op.RemoteID && r.holds(field, unique(op, field)) })
		if i < 0 {
			return false
		}
		id := holders[i].ID.s
		if op.Kind == connectors.Create && holders[i].holds(op.Key.Field, op.Key.Value) {
			w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: id, Adopted: true})
			return true
		}
		w.reject(op, &fault.Error{Class: fault.Conflict, Scope: fault.ScopeRow, Field: field, Existing: id})
		return true
	})
}
