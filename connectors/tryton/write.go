package tryton

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// draft is an op made ready for Tryton.
type draft struct {
	op     connectors.Op
	id     int64
	values map[string]any
	stamps map[string]string // what must not have been written since, by "model,id"
	lead   bool              // a lead is to be made for the party
	state  string            // where an opportunity is to be led by its buttons
}

// Write carries out ops in calls of many rows. Each call is one transaction: a
// bad row lets all of them fail, and is found by halving.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	kind, object := ops[0].Kind, ops[0].Object
	o, err := c.ready(ctx, object)
	if err != nil {
		return nil, err
	}
	if kind == connectors.Create && !o.Caps.Create || kind == connectors.Update && !o.Caps.Update || kind == connectors.Archive && !o.Caps.Archive {
		return nil, c.unsupported(object, string(kind))
	}
	w := &writer{c: c, object: object}
	for chunk := range slices.Chunk(ops, batch) {
		drafts, err := w.prepare(ctx, chunk)
		if err == nil {
			err = w.carryOut(ctx, kind, drafts)
		}
		if err != nil {
			return w.results, err
		}
	}
	return w.results, nil
}

// Resume has nothing to ask for: Tryton does everything at once.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, fault.New(fault.Expired, fault.ScopeBatch, "%s: no work is done later here", c.name)
}

type writer struct {
	c       *Connector
	object  string
	results []connectors.Result
}

func (w *writer) reject(op connectors.Op, err error) {
	w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Rejected, RemoteID: op.RemoteID, Err: err})
}

func (w *writer) applied(op connectors.Op, id int64, adopted bool) {
	w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: strconv.FormatInt(id, 10), Adopted: adopted})
}

func (w *writer) fault(op connectors.Op, class fault.Class, field, detail string) *fault.Error {
	f := &fault.Error{Class: class, Scope: fault.ScopeRow, System: w.c.name, Object: w.object, Op: string(op.Kind) + " " + w.object, Field: field, Detail: detail}
	if field != "" {
		f.Scope = fault.ScopeField
	}
	return f
}

// prepare makes drafts of the ops that can be carried out, and rejects the others.
func (w *writer) prepare(ctx context.Context, ops []connectors.Op) ([]draft, error) {
	if w.object != parties {
		return w.plainDrafts(ops), nil
	}
	return w.partyDrafts(ctx, ops)
}

// plainDrafts are of objects that are one model.
func (w *writer) plainDrafts(ops []connectors.Op) []draft {
	o := w.c.tables()[w.object].object
	var drafts []draft
	for _, op := range ops {
		d := draft{op: op, id: integer(op.RemoteID), values: map[string]any{}}
		if op.Version != "" {
			d.stamps = map[string]string{w.object + "," + op.RemoteID: op.Version}
		}
		if err := w.plain(&d, o); err != nil {
			w.reject(op, err)
			continue
		}
		drafts = append(drafts, d)
	}
	return drafts
}

// plain says in a draft what to write of its op, or why that cannot be.
func (w *writer) plain(d *draft, o schema.Object) error {
	for name, v := range d.op.Fields {
		f, ok := o.Field(name)
		switch {
		case v.IsAbsent():
		case !ok || f.ReadOnly:
			return w.fault(d.op, fault.Invalid, name, "the field cannot be written")
		case w.object == opportunities && name == stateField:
			if d.state = v.Text(); buttons()[d.state] == "" {
				return w.fault(d.op, fault.Invalid, name, "no button leads to "+v.String()+": it follows from the sale. Confirm the sale in Tryton")
			}
		case w.object == notes && name == "resource" && v.IsPresent():
			d.values[name] = parties + "," + v.Text()
		case f.Kind == record.Reference && v.IsPresent():
			d.values[name] = integer(v.Text())
		default:
			d.values[name] = encode(v)
		}
	}
	return nil
}

// carryOut writes drafts in one call, or in halves if that is refused for a row.
func (w *writer) carryOut(ctx context.Context, kind connectors.OpKind, drafts []draft) error {
	if len(drafts) == 0 {
		return nil
	}
	var ids []int64
	var err error
	if kind == connectors.Create {
		ids, err = w.create(ctx, drafts)
	} else {
		ids, err = w.update(ctx, drafts)
	}
	switch {
	case err == nil:
	case !rowsFault(err):
		return err
	case len(drafts) == 1:
		f := *fault.As(err)
		f.Scope = fault.ScopeRow
		w.reject(drafts[0].op, &f)
		return nil
	default:
		if err := w.carryOut(ctx, kind, drafts[:len(drafts)/2]); err != nil {
			return err
		}
		return w.carryOut(ctx, kind, drafts[len(drafts)/2:])
	}
	failed, missed := w.makeLeads(ctx, drafts, ids), w.press(ctx, drafts, ids)
	for i, d := range drafts {
		err := missed[ids[i]]
		if d.lead && failed != nil {
			err = failed
		}
		w.tell(kind, d, ids[i], err)
	}
	return nil
}

// tell gives the result of a draft that is stored, with what went wrong after.
func (w *writer) tell(kind connectors.OpKind, d draft, id int64, err error) {
	switch {
	case err == nil:
		w.applied(d.op, id, false)
	case d.lead || !rowsFault(err): // the record is stored, what follows it may be
		w.results = append(w.results, connectors.Result{Op: d.op.ID, Status: connectors.Unknown, RemoteID: strconv.FormatInt(id, 10), Err: err})
	case kind == connectors.Create: // the next update says what stands against its state
		w.applied(d.op, id, false)
	default:
		w.reject(d.op, err)
	}
}

// rowsFault tells whether a call was refused for what one of its rows holds.
func rowsFault(err error) bool {
	return slices.Contains([]fault.Class{fault.Invalid, fault.Conflict, fault.Stale, fault.Missing}, fault.ClassOf(err))
}

func (w *writer) create(ctx context.Context, drafts []draft) ([]int64, error) {
	values := make([]any, len(drafts))
	for i, d := range drafts {
		values[i] = d.values
	}
	var made []any
	m := method{object: w.object, name: "create", op: "create " + w.object}
	if _, err := w.c.call(ctx, m, nil, &made, values); err != nil {
		return nil, err
	}
	if len(made) != len(drafts) {
		return nil, w.fault(drafts[0].op, fault.Malformed, "", "Tryton tells the ids of other than as many records as were sent")
	}
	ids := make([]int64, len(made))
	for i, id := range made {
		ids[i] = integer(id)
	}
	return ids, nil
}

func (w *writer) update(ctx context.Context, drafts []draft) ([]int64, error) {
	ids, stamps := make([]int64, len(drafts)), map[string]string{}
	var params []any
	for i, d := range drafts {
		ids[i] = d.id
		maps.Copy(stamps, d.stamps)
		if len(d.values) > 0 {
			params = append(params, []any{d.id}, d.values)
		}
	}
	if len(params) == 0 {
		return ids, nil
	}
	m := method{object: w.object, name: "write", op: "update " + w.object}
	_, err := w.c.call(ctx, m, map[string]any{"_timestamp": stamps}, nil, params...)
	return ids, err
}

// makeLeads makes the leads that are wanted, once their parties are stored. One
// that is lost on the way is made by the next update, for its state is missed.
func (w *writer) makeLeads(ctx context.Context, drafts []draft, ids []int64) error {
	var values []any
	for i, d := range drafts {
		if d.lead {
			values = append(values, map[string]any{"party": ids[i], "description": w.c.cfg.Lead})
		}
	}
	if len(values) == 0 {
		return nil
	}
	_, err := w.c.call(ctx, method{object: opportunities, name: "create", op: "create leads"}, nil, nil, values)
	return err
}
