package espocrm

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// write is the carrying out of some ops of one object and kind.
type write struct {
	c       *Connector
	kind    kind
	object  schema.Object
	decoder *decoder
	held    map[string]row  // by the keys of creates: the records that have them
	out     map[string]bool // addresses that opted out, in lower case
	results []connectors.Result
}

// Write carries out ops one by one: EspoCRM has no batch that fits.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	o, err := c.object(ctx, ops[0].Object)
	if err != nil {
		return nil, err
	}
	if can := map[connectors.OpKind]bool{connectors.Create: o.Caps.Create, connectors.Update: o.Caps.Update, connectors.Archive: o.Caps.Archive}; !can[ops[0].Kind] {
		return nil, c.unsupported(o.Name, string(ops[0].Kind))
	}
	w := &write{c: c, object: o, decoder: newDecoder(o, o.FieldNames()), held: map[string]row{}, out: map[string]bool{}}
	w.kind = w.decoder.kind
	if err := w.look(ctx, ops); err != nil {
		w.refuseRest(ops, err)
		return w.results, err
	}
	for i, op := range ops {
		if err := w.run(ctx, op); err != nil {
			w.refuseRest(ops[i+1:], err)
			return w.results, err
		}
	}
	return w.results, nil
}

// Resume has nothing to ask for: EspoCRM does everything at once.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, fault.New(fault.Expired, fault.ScopeBatch, "%s: no work is done later here", c.name)
}

// run carries out one op. An error is of the system, not of the row; whether
// the row was written is then not known, unless the error says it.
func (w *write) run(ctx context.Context, op connectors.Op) error {
	result, err := w.one(ctx, op)
	if err != nil && (connectors.Untouched(err) || fault.As(err).Scope == fault.ScopeRow) {
		result = connectors.Result{Op: op.ID, Status: connectors.Rejected, RemoteID: op.RemoteID, Err: err}
	}
	if result.Op != "" {
		w.results = append(w.results, result)
	}
	if err == nil || w.ofRow(err) {
		return nil
	}
	return err
}

// ofRow tells whether the next row may fare better.
func (w *write) ofRow(err error) bool {
	f := fault.As(err)
	return f.Scope == fault.ScopeRow || f.Scope == fault.ScopeField || f.Class == fault.Invalid
}

// refuseRest says of rows that they were not tried: without a word their fate
// would pass for unknown.
func (w *write) refuseRest(ops []connectors.Op, err error) {
	for _, op := range ops {
		w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Rejected, RemoteID: op.RemoteID, Err: notDone(err)})
	}
}

// notDone is the error of rows that another call's failure kept from being
// sent.
func notDone(err error) error {
	f := *fault.As(err)
	if !connectors.Untouched(err) {
		f.Class = fault.Transient
	}
	f.Op, f.Detail = "write", "not sent, because an earlier call failed"
	if !f.Class.Later() && f.Class != fault.Auth && f.Class != fault.Permission {
		f.Class = fault.Transient
	}
	return &f
}

func (w *write) one(ctx context.Context, op connectors.Op) (connectors.Result, error) {
	if f := w.unsuited(op); f != nil {
		return connectors.Result{}, f
	}
	switch op.Kind {
	case connectors.Create:
		return w.create(ctx, op)
	case connectors.Archive:
		if _, err := w.send(ctx, w.call(http.MethodDelete, pathOf(w.kind.name, op.RemoteID), nil, nil)); err != nil {
			return connectors.Result{}, err
		}
		return connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: op.RemoteID}, nil
	case connectors.Update:
	}
	var stored row
	r := w.call(http.MethodPut, pathOf(w.kind.name, op.RemoteID), w.payload(op), &stored)
	if number := numberOf(op.Version); number != "" && w.object.Caps.Conditional {
		r.Header.Set("X-Version-Number", number)
	}
	if _, err := w.send(ctx, r); err != nil {
		return connectors.Result{}, err
	}
	return w.applied(op, stored), nil
}

// unsuited tells what EspoCRM must not be asked.
func (w *write) unsuited(op connectors.Op) *fault.Error {
	refused := func(class fault.Class, field, detail, next string) *fault.Error {
		return &fault.Error{
			Class: class, Scope: fault.ScopeRow, System: w.c.name, Object: w.kind.name, Op: "write " + w.kind.name, Field: field, Detail: detail, Next: next,
		}
	}
	if v := op.Fields[optOutField]; op.Kind == connectors.Update && !v.IsAbsent() && !isTrue(v) {
		return refused(fault.Invalid, optOutField, "an opt-out is lifted only by the person's own consent, given in EspoCRM", "")
	}
	if op.Kind == connectors.Update && op.RemoteID == "" {
		return refused(fault.Missing, "", "", "")
	}
	return nil
}

func isTrue(v record.Value) bool {
	yes, ok := v.Bool()
	return ok && yes
}

// payload is a row as it is sent.
func (w *write) payload(op connectors.Op) map[string]any {
	body := map[string]any{}
	for _, name := range op.Fields.Names() {
		v := op.Fields[name]
		if v.IsAbsent() {
			continue
		}
		if entity, ofParent := parentOf(name); ofParent {
			if v.IsPresent() {
				body["parentType"], body["parentId"] = entity, v.Text()
			} else if _, named := body["parentType"]; !named { // another one may name the parent
				body["parentType"], body["parentId"] = nil, nil
			}
			continue
		}
		body[name] = encode(v)
		if w.hidden(op, name) {
			body[name+"Date"] = nil
		}
	}
	if op.Kind == connectors.Create && op.Key.Field != "" {
		body[op.Key.Field] = op.Key.Value
	}
	if a := addressOf(op); a != "" && w.out[a] {
		body[optOutField] = true
	}
	return body
}

// hidden tells whether a day may stand beside a time, which it would hide.
func (w *write) hidden(op connectors.Op, name string) bool {
	_, optional := w.object.Field(name + "Date")
	return optional && op.Fields[name].Kind() == record.Instant && op.Fields[name+"Date"].IsAbsent()
}

// call is a call that writes a record.
func (w *write) call(method, path string, body map[string]any, into *row) httpapi.Request {
	r := httpapi.Request{
		Method: method, Path: path, Header: http.Header{}, Object: w.kind.name, Op: strings.ToLower(method) + " " + w.kind.name,
		Idempotent: method == http.MethodPut, // the same values twice are the same
	}
	if body != nil {
		r.Body, r.Into = body, into
	}
	return r
}

func (w *write) send(ctx context.Context, r httpapi.Request) (*httpapi.Response, error) {
	res, err := w.c.do(ctx, r)
	if err == nil {
		return res, nil
	}
	f := *fault.As(err)
	switch f.Class {
	case fault.Invalid, fault.Conflict, fault.Missing, fault.Stale, fault.Permission: // said of this record
		f.Scope = fault.ScopeRow
		return res, &f
	default:
		return res, err
	}
}

func (w *write) applied(op connectors.Op, stored row) connectors.Result {
	r := connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: stored.text("id")}
	if r.RemoteID == "" {
		r.RemoteID = op.RemoteID
	}
	rec := w.decoder.record(stored)
	r.Echo = &rec
	return r
}

// addresses are those that ops bring, as they are compared.
func addresses(ops []connectors.Op) []string {
	set := map[string]bool{}
	for _, op := range ops {
		if a := addressOf(op); a != "" {
			set[a] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}
