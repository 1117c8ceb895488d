package rest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// writing is the carrying out of some ops of one object and kind.
type writing struct {
	c       *Connector
	e       *entity
	w       *write
	ops     []connectors.Op // still to be sent
	results []connectors.Result
}

// Write carries out ops, as many in a call as the manifest allows.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	e, ok := c.entity(ops[0].Object)
	if !ok || e.writes[ops[0].Kind] == nil {
		return nil, c.unsupported(ops[0].Object, string(ops[0].Kind))
	}
	r := &writing{c: c, e: e, w: e.writes[ops[0].Kind], ops: slices.Clone(ops)}
	r.refuse(func(op connectors.Op) *fault.Error {
		if op.Kind != connectors.Create && op.RemoteID == "" {
			return &fault.Error{Class: fault.Missing, Scope: fault.ScopeRow}
		}
		return nil
	})
	if err := r.refuseTaken(ctx); err != nil {
		r.unsent(r.ops, err)
		return r.results, err
	}
	for len(r.ops) > 0 {
		chunk := r.ops[:min(r.w.batch, len(r.ops))]
		r.ops = r.ops[len(chunk):]
		if err := r.send(ctx, chunk); err != nil {
			r.unsent(r.ops, err)
			return r.results, err
		}
	}
	return r.results, nil
}

// Resume has nothing to ask for: a manifest knows no work that is done later.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, fault.New(fault.Expired, fault.ScopeBatch, "%s: no work is done later here", c.name)
}

// Canonical returns fields as they are: a manifest does not tell how a system
// rewrites them.
func (*Connector) Canonical(_ string, f record.Fields) record.Fields { return f }

func (r *writing) refuse(check func(connectors.Op) *fault.Error) {
	r.ops = slices.DeleteFunc(r.ops, func(op connectors.Op) bool {
		f := check(op)
		if f != nil {
			r.reject(op, f)
		}
		return f != nil
	})
}

func (r *writing) reject(op connectors.Op, f *fault.Error) {
	f.System, f.Object = r.c.name, r.e.name
	if f.Op == "" {
		f.Op = r.w.op
	}
	r.results = append(r.results, connectors.Result{Op: op.ID, Status: connectors.Rejected, RemoteID: op.RemoteID, Err: f})
}

// unsent says of ops that they were not tried, after an earlier call failed:
// without a word their fate would pass for unknown.
func (r *writing) unsent(ops []connectors.Op, err error) {
	for _, op := range ops {
		f := *fault.As(err)
		stands := f.Class == fault.Auth || f.Class == fault.Permission || f.Class.Later() && connectors.Untouched(err)
		if !stands {
			f.Class = fault.Transient
		}
		f.Scope, f.Detail, f.Field, f.Existing = fault.ScopeCall, "not sent, because an earlier call failed", "", ""
		r.reject(op, &f)
	}
}

// send makes one call. An error is of the system or of the batch; what a single
// row met is its result.
func (r *writing) send(ctx context.Context, ops []connectors.Op) error {
	s := scope{}
	if r.w.batch == 1 {
		s = r.scope(ops[0])
	}
	var rows []any
	ids := make([]string, len(ops))
	for i, op := range ops {
		ids[i] = op.RemoteID
		if r.w.row != nil {
			own := r.c.scope()
			maps.Copy(own, r.scope(op))
			row, _ := r.w.row.fill(own)
			rows = append(rows, row)
		}
	}
	s["rows"], s["ids"] = rows, ids
	var tree value
	into := &tree
	if !r.w.reads() {
		into = nil
	}
	if _, err := r.c.ask(ctx, r.w.call, s, into); err != nil {
		return r.failed(ctx, ops, err)
	}
	if r.w.batch == 1 {
		r.single(ops[0], tree)
		return nil
	}
	for i, f := range r.w.answer.fates(ops, tree) {
		r.told(ops[i], f)
	}
	return nil
}

// reads tells whether the answer is looked at; one that is not may be empty.
func (w *write) reads() bool {
	return strings.HasPrefix(w.op, string(connectors.Create)) || w.answer.hasRecord || w.answer.hasRows || w.answer.hasErrors
}

// scope is what placeholders mean for one op.
func (r *writing) scope(op connectors.Op) scope {
	s := scope{"op": op.ID, "fields": r.e.payload(op, r.c.api.Values, r.c.api.times.write)}
	if op.RemoteID != "" {
		s["id"] = op.RemoteID
	}
	if op.Version != "" {
		s["version"] = op.Version
	}
	return s
}

// payload are the fields of an op as the system calls and writes them.
func (e *entity) payload(op connectors.Op, as Values, write layout) map[string]any {
	out := map[string]any{}
	set := func(name string, v record.Value) {
		f, ok := e.field(name)
		if !ok || v.IsAbsent() {
			return
		}
		at := out
		for _, part := range f.put[:max(len(f.put)-1, 0)] {
			inner, ok := at[part].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[part] = inner
			}
			at = inner
		}
		at[f.put[len(f.put)-1]] = f.encode(v, as, write)
	}
	for _, name := range op.Fields.Names() {
		set(name, op.Fields[name])
	}
	if op.Kind == connectors.Create && op.Key.Field != "" {
		set(op.Key.Field, record.OfString(op.Key.Value))
	}
	return out
}

// single is the result of a call for one op.
func (r *writing) single(op connectors.Op, tree value) {
	var row value
	if r.w.answer.hasRecord {
		row = tree.at(r.w.answer.record)
	}
	id := op.RemoteID
	if op.Kind == connectors.Create {
		id = tree.at(r.w.answer.id).text
	}
	r.applied(op, id, row)
}

func (r *writing) told(op connectors.Op, f fate) {
	switch {
	case !f.known: // no word of it: its fate is unknown
	case f.err.sort != nothing:
		r.reject(op, r.c.rowFault(f.err, r.w.answer.status))
	default:
		id := op.RemoteID
		if op.Kind == connectors.Create {
			id = f.row.at(r.w.answer.id).text
		}
		if !r.w.answer.whole {
			f.row = value{}
		}
		r.applied(op, id, f.row)
	}
}

// applied notes an op as done, with the record as stored where the answer has
// it.
func (r *writing) applied(op connectors.Op, id string, row value) {
	if id == "" {
		err := r.c.about(malformed("the answer to a create holds no id at "+strings.Join(r.w.answer.id, ".")), r.w.call)
		r.results = append(r.results, connectors.Result{Op: op.ID, Status: connectors.Unknown, Err: err})
		return
	}
	result := connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: id}
	if row.sort == object && op.Kind != connectors.Archive {
		d := newDecoder(r.e, r.c.api.times.rows, op.Fields.Names())
		rec := d.record(row)
		rec.ID = id
		result.Echo = &rec
	}
	r.results = append(r.results, result)
}

// failed tells what a call that failed means for its ops.
func (r *writing) failed(ctx context.Context, ops []connectors.Op, err error) error {
	f := *fault.As(err)
	ofRow := false
	switch f.Class {
	case fault.Invalid, fault.Conflict, fault.Missing, fault.Stale, fault.Locked, fault.Merged:
		ofRow = f.Scope <= fault.ScopeBatch
	default:
	}
	switch {
	case !ofRow:
		return err
	case len(ops) > 1:
		f.Scope = fault.ScopeBatch
		return &f
	}
	if adopted, err := r.adopt(ctx, ops[0], &f); err != nil || adopted {
		return err
	}
	f.Scope = max(min(f.Scope, fault.ScopeRow), fault.ScopeField)
	r.reject(ops[0], &f)
	return nil
}

// adopt finds the record that a refused create stands for: its own key is there
// already, from an attempt whose reply was lost.
func (r *writing) adopt(ctx context.Context, op connectors.Op, f *fault.Error) (bool, error) {
	if op.Kind != connectors.Create || f.Class != fault.Conflict || !slices.Contains(r.e.keys, op.Key.Field) {
		return false, nil
	}
	rows, err := r.c.holding(ctx, r.e, op.Key.Field, []string{op.Key.Value}, nil)
	if err != nil {
		r.unsent([]connectors.Op{op}, err)
		return false, err
	}
	rows = slices.DeleteFunc(rows, func(row value) bool { return !r.e.holds(row, op.Key.Field, op.Key.Value) })
	if len(rows) != 1 {
		return false, nil
	}
	r.results = append(r.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: rows[0].at(r.e.id).text, Adopted: true})
	return true, nil
}
