package odoo

import (
	"context"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// write is the carrying out of some ops of one object and kind.
type write struct {
	c       *Connector
	kind    kind
	object  schema.Object
	lists   lists
	ops     []connectors.Op // still to be sent
	results []connectors.Result
}

// Write carries out ops: those that set the same fields by one import, which
// takes other values for each record, as Odoo's own write does not.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	if ops[0].Object == notes {
		return c.post(ctx, ops)
	}
	k, ok := kindOf(ops[0].Object)
	if !ok || !k.writable {
		return nil, c.unsupported(ops[0].Object, string(ops[0].Kind))
	}
	o, l, err := c.object(ctx, k.name)
	if err != nil {
		return nil, err
	}
	if !o.Caps.Update {
		return nil, c.unsupported(k.name, string(ops[0].Kind))
	}
	var results []connectors.Result
	for chunk := range slices.Chunk(ops, c.cfg.BatchSize) {
		w := &write{c: c, kind: k, object: o, lists: l, ops: slices.Clone(chunk)}
		err := w.run(ctx)
		if results = append(results, w.results...); err != nil {
			return results, err
		}
	}
	return results, nil
}

// Resume has nothing to ask for: Odoo does everything at once.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, fault.New(fault.Expired, fault.ScopeBatch, "%s: no work is done later here", c.name)
}

func (w *write) run(ctx context.Context) error {
	if w.ops[0].Kind == connectors.Archive {
		return w.archive(ctx, w.ops)
	}
	w.refuse(w.unsuited)
	if err := w.refuseTaken(ctx); err != nil {
		return err
	}
	if err := w.optOut(ctx); err != nil {
		return err
	}
	for _, group := range w.groups() {
		stored, err := w.load(ctx, group)
		if err != nil {
			return err
		}
		if err := w.finish(ctx, stored); err != nil {
			return err
		}
	}
	return nil
}

// refuse rejects the ops of which check says why, and keeps the others.
func (w *write) refuse(check func(connectors.Op) *fault.Error) {
	w.ops = slices.DeleteFunc(w.ops, func(op connectors.Op) bool {
		f := check(op)
		if f != nil {
			w.reject(op, f)
		}
		return f != nil
	})
}

func (w *write) reject(op connectors.Op, f *fault.Error) {
	f.System, f.Object = w.c.name, w.kind.name
	if f.Op == "" {
		f.Op = "write " + w.kind.name
	}
	w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Rejected, RemoteID: op.RemoteID, Err: f})
}

// unsuited tells what Odoo must not be asked.
func (*write) unsuited(op connectors.Op) *fault.Error {
	if op.Kind == connectors.Update && number(op.RemoteID) == 0 {
		return &fault.Error{Class: fault.Missing, Scope: fault.ScopeRow}
	}
	if v, ok := op.Fields[optOutField]; ok && op.Kind == connectors.Update && !v.IsAbsent() && !isTrue(v) {
		return &fault.Error{
			Class: fault.Invalid, Scope: fault.ScopeField, Field: optOutField,
			Detail: "an opt-out is lifted only by the person's own consent, given in Odoo",
		}
	}
	return nil
}

// refuseTaken rejects creates whose key is there already: Odoo itself would
// make a second record.
func (w *write) refuseTaken(ctx context.Context) error {
	byField := map[string][]string{}
	for _, op := range w.ops {
		if op.Kind == connectors.Create && op.Key.Field != "" {
			byField[op.Key.Field] = append(byField[op.Key.Field], op.Key.Value)
		}
	}
	for field, values := range byField {
		d := &decoder{kind: w.kind, object: w.object, names: []string{"write_date"}}
		rows, err := w.c.holding(ctx, d, field, values)
		if err != nil {
			return err
		}
		w.refuse(func(op connectors.Op) *fault.Error { return taken(d, rows, field, op) })
	}
	return nil
}

// taken tells which of the rows holds the key of a create.
func taken(d *decoder, rows []row, field string, op connectors.Op) *fault.Error {
	var f *fault.Error
	for _, r := range rows {
		if op.Key.Field != field || compared(d.kind, field, r.text(stored(d, field))) != compared(d.kind, field, op.Key.Value) {
			continue
		}
		if f != nil {
			f.Existing = "" // several: which one is meant is for a person to say
			return f
		}
		f = &fault.Error{Class: fault.Conflict, Scope: fault.ScopeRow, Field: field, Existing: itoa(r.id())}
	}
	return f
}

// group is some ops that set the same fields.
type group struct {
	fields []schema.Field
	ops    []connectors.Op
}

// groups sorts the ops by the fields they set: an import sets all its columns
// in all its rows.
func (w *write) groups() []group {
	var list []group
	places := map[string]int{}
	for _, op := range w.ops {
		fields := w.fieldsOf(op)
		names := make([]string, len(fields))
		for i, f := range fields {
			names[i] = f.Name
		}
		key := strings.Join(names, "\x00")
		if _, ok := places[key]; !ok {
			places[key] = len(list)
			list = append(list, group{fields: fields})
		}
		g := &list[places[key]]
		g.ops = append(g.ops, op)
	}
	return list
}

// fieldsOf are the fields of Odoo's own that an op sets.
func (w *write) fieldsOf(op connectors.Op) []schema.Field {
	var fields []schema.Field
	for _, name := range op.Fields.Names() {
		if name == optOutField || name == statusField || op.Fields[name].IsAbsent() {
			continue
		}
		f, ok := w.object.Field(name)
		if !ok { // Odoo says of which field it knows nothing
			f = schema.Field{Name: name, Kind: op.Fields[name].Kind()}
		}
		fields = append(fields, f)
	}
	if key := op.Key.Field; op.Kind == connectors.Create && key != "" && !slices.ContainsFunc(fields, func(f schema.Field) bool { return f.Name == key }) {
		f, _ := w.object.Field(key)
		fields = append(fields, f)
	}
	if kind := statusOf(op); kind == "lead" || kind == "opportunity" {
		fields = append(fields, schema.Field{Name: "type", Kind: record.Enum})
	}
	return fields
}

// valueOf is what an op sets in a field.
func valueOf(op connectors.Op, f schema.Field) record.Value {
	switch {
	case op.Kind == connectors.Create && f.Name == op.Key.Field:
		return record.Of(f.Kind, op.Key.Value)
	case f.Name == "type" && statusOf(op) != "":
		return op.Fields[statusField]
	}
	return op.Fields[f.Name]
}

func statusOf(op connectors.Op) string { return op.Fields[statusField].Text() }

// finish presses the buttons for won and lost leads, for all at once, and says
// of each op that it is done.
func (w *write) finish(ctx context.Context, stored []connectors.Result) error {
	ends := map[string][]int64{}
	for _, r := range stored {
		i := slices.IndexFunc(w.ops, func(op connectors.Op) bool { return op.ID == r.Op })
		ends[statusOf(w.ops[i])] = append(ends[statusOf(w.ops[i])], number(r.RemoteID))
	}
	for _, button := range []struct{ status, method string }{{won, "action_set_won"}, {lost, "action_set_lost"}} {
		if len(ends[button.status]) == 0 {
			continue
		}
		_, err := w.c.do(ctx, call{
			model: w.kind.of(), method: button.method, ids: ends[button.status], op: "mark " + w.kind.name + " as " + button.status, object: w.kind.name, again: true,
		}, nil)
		if err != nil { // the fields are stored, the end of the sale is not
			return uncertain(err)
		}
	}
	w.results = append(w.results, stored...)
	return nil
}

// uncertain is an error after a part of a write was done.
func uncertain(err error) error {
	f := *fault.As(err)
	f.Class, f.Next = fault.OutcomeUnknown, "read the records again"
	return &f
}

// archive puts records away, all at once. Those that cannot be are deleted.
func (w *write) archive(ctx context.Context, ops []connectors.Op) error {
	k := call{model: w.kind.of(), method: "action_archive", ids: []int64{}, op: "archive " + w.kind.name, object: w.kind.name, again: true}
	if w.kind.unlinks {
		k.method, k.op = "unlink", "delete "+w.kind.name
	}
	for _, op := range ops {
		k.ids = append(k.ids, number(op.RemoteID))
	}
	_, err := w.c.do(ctx, k, nil)
	switch {
	case err == nil:
		for _, op := range ops {
			w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: op.RemoteID})
		}
		return nil
	case !aboutRows(err):
		return err
	case len(ops) == 1:
		w.reject(ops[0], rowFault(err))
		return nil
	}
	for i := range ops {
		if err := w.archive(ctx, ops[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// aboutRows tells whether an error may be for one of the rows sent. Odoo has
// undone the whole call then.
func aboutRows(err error) bool {
	switch fault.ClassOf(err) {
	case fault.Invalid, fault.Conflict, fault.Missing, fault.Permission, fault.Locked:
		return true
	default:
		return false
	}
}

func rowFault(err error) *fault.Error {
	f := *fault.As(err)
	f.Scope = fault.ScopeRow
	return &f
}
