package hubspot

import (
	"context"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// byTrace notes the rows HubSpot wrote and returns the ops still open. Rows
// come in any order, and not always with the trace id they were sent with.
func (w *write) byTrace(answer *batchAnswer, same func(connectors.Op, *row) bool) []connectors.Op {
	open := slices.Clone(w.ops)
	for i := range answer.Results {
		r := &answer.Results[i]
		at := slices.IndexFunc(open, func(op connectors.Op) bool { return r.Trace != "" && op.ID == r.Trace })
		if at < 0 {
			at = slices.IndexFunc(open, func(op connectors.Op) bool { return same(op, r) })
		}
		if at < 0 && len(open) == 1 && len(answer.Errors) == 0 {
			at = 0
		}
		if at < 0 {
			continue // an op without a result is unknown
		}
		w.results = append(w.results, connectors.Result{Op: open[at].ID, Status: connectors.Applied, RemoteID: r.ID, Echo: w.echo(open[at], r)})
		open = slices.Delete(open, at, at+1)
	}
	return open
}

// echo is the record as the reply shows it: the fields written, as they are
// now. A reply leaves out what is empty.
func (w *write) echo(op connectors.Op, r *row) *connectors.Record {
	rec := connectors.Record{Object: w.kind.name, ID: r.ID, Version: r.Updated, Fields: record.Fields{}, Actor: record.Actor{Kind: record.ActorTandem}}
	rec.Modified, _ = instant(r.Updated)
	rec.Created, _ = instant(r.Created)
	for name, sent := range op.Fields {
		switch t, shown := r.Properties[name]; {
		case name == optOutField || strings.HasPrefix(name, linkPrefix):
			rec.Fields[name] = sent
		case shown:
			if v, err := decode(sent.Kind(), t); err == nil {
				rec.Fields[name] = v
			}
		case sent.IsNull():
			rec.Fields[name] = sent
		}
	}
	return &rec
}

// errors notes the rows that a 207 says were refused.
func (w *write) errors(ctx context.Context, problems []rowError, open []connectors.Op) error {
	var clash []connectors.Op
	faults := map[string]*fault.Error{}
	for i := range problems {
		p := &problems[i]
		f := w.c.rowFault(w.kind.name, p)
		for _, op := range open {
			named := slices.Contains(p.Context["objectWriteTraceId"], op.ID) || slices.Contains(p.Context["ids"], op.RemoteID)
			if !named && (len(open) > 1 || len(problems) > 1) || faults[op.ID] != nil {
				continue
			}
			faults[op.ID] = f
			clash = append(clash, op)
		}
	}
	for _, op := range clash {
		if err := w.settle(ctx, op, faults[op.ID]); err != nil {
			return err
		}
	}
	return nil
}

// settle says what a refused row means. A create that meets its own key was
// done before, by an attempt whose reply was lost.
func (w *write) settle(ctx context.Context, op connectors.Op, f *fault.Error) error {
	switch {
	case f.Class == fault.Conflict && op.Kind == connectors.Create && op.Key.Field != "":
		found, err := w.c.Lookup(ctx, w.kind.name, op.Key.Field, []string{op.Key.Value}, op.Fields.Names())
		if err != nil && !fault.Is(err, fault.Unsupported) {
			return err
		}
		if err == nil && len(found[0]) == 1 {
			rec := found[0][0]
			w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: rec.ID, Echo: &rec, Adopted: true})
			return nil
		}
	case f.Class == fault.Missing && op.Kind == connectors.Update:
		// A batch does not follow former ids; reading one does.
		r, err := w.c.readOne(ctx, w.kind, w.kind.ask(nil), op.RemoteID)
		if err != nil {
			return err
		}
		if r != nil && r.ID != op.RemoteID {
			merged := *f
			merged.Class, merged.Existing = fault.Merged, r.ID
			f = &merged
		}
	}
	one := *f
	w.reject(op, &one)
	return nil
}

// refused handles a whole batch refused: of one row it is that row's fault, of
// more the caller divides it.
func (w *write) refused(ctx context.Context, err error) error {
	f := fault.As(err)
	switch f.Class {
	case fault.Invalid, fault.Conflict, fault.Missing:
	default:
		return err
	}
	if len(w.ops) > 1 {
		whole := *f
		whole.Scope = fault.ScopeBatch
		return &whole
	}
	one := *f
	one.Scope = fault.ScopeRow
	if one.Field != "" {
		one.Scope = fault.ScopeField
	}
	return w.settle(ctx, w.ops[0], &one)
}
