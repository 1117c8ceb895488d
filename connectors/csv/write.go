package csv

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

const mostTries = 3

var errMoved = errors.New("the file was changed by another program meanwhile")

// Write carries out the ops by rewriting the file once.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	t, err := c.table(ops[0].Object)
	if err != nil {
		return nil, err
	}
	if !t.file.Write {
		return nil, fault.ErrUnsupported(t.system, t.name, string(ops[0].Kind))
	}
	t.sink.Lock()
	defer t.sink.Unlock()
	for range mostTries {
		if ctx.Err() != nil {
			// Nothing was put in place yet.
			return refuse(ops, t.fault(fault.Canceled, "write", ctx.Err())), nil
		}
		results, err := t.write(ctx, ops)
		if err == nil {
			return t.echo(ctx, ops, results), nil
		}
		if !errors.Is(err, errMoved) {
			return refuse(ops, fault.As(err)), nil
		}
	}
	return refuse(ops, t.fault(fault.Transient, "write", errMoved)), nil
}

// Resume knows no handles: every write is done when it returns.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, fault.ErrUnsupported(c.name, "", "resume")
}

func refuse(ops []connectors.Op, f *fault.Error) []connectors.Result {
	out := make([]connectors.Result, len(ops))
	for i, o := range ops {
		out[i] = connectors.Result{Op: o.ID, Status: connectors.Rejected, RemoteID: o.RemoteID, Err: f}
	}
	return out
}

// write works out the edits and puts the new file in place. Only an error that
// leaves the old file is returned.
func (t *table) write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	e, err := t.edit(ctx)
	if err != nil {
		return nil, err
	}
	defer e.close()
	results := make([]connectors.Result, len(ops))
	for i, o := range ops {
		results[i] = e.op(o)
	}
	if len(e.changed) == 0 && len(e.added) == 0 {
		return results, nil
	}
	if err := e.save(); err != nil {
		if errors.Is(err, errMoved) {
			return nil, err
		}
		f := t.fault(fault.Transient, "write "+t.file.Path, cause(err))
		f.Next = "check the space and rights of the folder"
		return nil, f
	}
	return results, nil
}

// op plans one op and tells its fate, once the file is saved.
func (e *edit) op(o connectors.Op) connectors.Result {
	out := connectors.Result{Op: o.ID, Status: connectors.Applied, RemoteID: o.RemoteID}
	var f *fault.Error
	switch o.Kind {
	case connectors.Create:
		out.RemoteID, out.Adopted, f = e.create(o)
	case connectors.Update:
		f = e.update(o)
	case connectors.Archive:
		f = e.archive(o)
	default:
		f = e.t.fault(fault.Unsupported, string(o.Kind), errors.New("there is no such kind of write"))
	}
	if f != nil {
		f.Scope = max(f.Scope, fault.ScopeField)
		if f.Field == "" {
			f.Scope = fault.ScopeRow
		}
		out.Status, out.Err, out.Adopted = connectors.Rejected, f, false
	}
	return out
}

func (e *edit) create(o connectors.Op) (id string, adopted bool, f *fault.Error) {
	column := e.t.file.ID[0]
	id = o.ID
	if v := o.Fields[column]; v.IsPresent() {
		id = v.Text()
	}
	if o.Key.Field == column {
		id = o.Key.Value
	} else if o.Key.Field != "" {
		return "", false, e.t.fault(fault.Unsupported, "create", errors.New("only the id column is a key"))
	}
	id = strings.TrimSpace(id)
	if id == "" || sheetError(id) || floatRE.MatchString(id) {
		f = e.t.fault(fault.Invalid, "create", errors.New("the id would not be read back as it is"))
		f.Field = column
		return "", false, f
	}
	if e.has(id) {
		if o.Key.Field != "" {
			return id, true, nil
		}
		f = e.t.fault(fault.Conflict, "create", errors.New("there is a row with this id"))
		f.Existing = id
		return "", false, f
	}
	fields := o.Fields.Clone()
	if fields == nil {
		fields = record.Fields{}
	}
	fields[column] = record.Of(e.t.column(column).kind, id)
	raw, f := e.render(nil, e.stamped(fields, e.t.file.Created, e.t.file.Modified))
	if f == nil {
		e.add(id, raw)
	}
	return id, false, f
}

func (e *edit) update(o connectors.Op) *fault.Error {
	old, f := e.row(o)
	if f != nil {
		return f
	}
	column := e.t.file.ID[0]
	if v, ok := o.Fields[column]; ok && v.Text() != o.RemoteID {
		f := e.t.fault(fault.Invalid, "update", errors.New("the id of a row cannot be changed"))
		f.Field = column
		return f
	}
	fields := o.Fields.Clone()
	delete(fields, column)
	raw, f := e.render(old, e.stamped(fields, e.t.file.Modified))
	if f == nil {
		e.change(o.RemoteID, raw)
	}
	return f
}

func (e *edit) archive(o connectors.Op) *fault.Error {
	if _, f := e.row(o); f != nil {
		return f
	}
	e.change(o.RemoteID, nil)
	return nil
}

// row returns the row of an op as it will stand so far.
func (e *edit) row(o connectors.Op) ([]byte, *fault.Error) {
	raw, ok, err := e.current(o.RemoteID)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, e.t.fault(fault.Transient, "read "+e.name, cause(err))
	}
	if !ok {
		return nil, e.t.fault(fault.Missing, string(o.Kind), errors.New("there is no row with this id"))
	}
	if o.Version != "" && o.Version != e.t.version(raw) {
		return nil, e.t.fault(fault.Stale, string(o.Kind), errors.New("the row was changed since it was read"))
	}
	return raw, nil
}

// echo reads back what was stored.
func (t *table) echo(ctx context.Context, ops []connectors.Op, results []connectors.Result) []connectors.Result {
	var none []connectors.Record
	err := t.each(ctx, func(p place) error {
		for i, r := range results {
			if r.Status != connectors.Applied || ops[i].Kind == connectors.Archive {
				continue
			}
			got, err := t.byID(p, r.RemoteID, ops[i].Fields.Names())
			if err != nil {
				return err
			}
			results[i].Echo = got
		}
		return nil
	}, &none)
	if err != nil { // the write stands; what is stored is read later
		for i := range results {
			results[i].Echo = nil
		}
	}
	return results
}
