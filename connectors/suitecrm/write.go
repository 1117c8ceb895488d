package suitecrm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
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
	object  schema.Object
	decoder *decoder
	held    map[string]string // by the keys of creates: the ids of the records that have them
	book    book
	results []connectors.Result
}

// Write carries out ops one by one: SuiteCRM has no batch.
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
	w := &write{c: c, object: o, decoder: newDecoder(o, o.FieldNames()), held: map[string]string{}}
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

// Resume has nothing to ask for: SuiteCRM does everything at once.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, fault.New(fault.Expired, fault.ScopeBatch, "%s: no work is done later here", c.name)
}

// run carries out one op. An error is of the system, not of the row; whether
// the row was written is then not known, unless the error says it.
func (w *write) run(ctx context.Context, op connectors.Op) error {
	result, err := w.one(ctx, op)
	if err != nil && (connectors.Untouched(err) || ofRow(err)) {
		result = connectors.Result{Op: op.ID, Status: connectors.Rejected, RemoteID: op.RemoteID, Err: err}
	}
	if result.Op != "" {
		w.results = append(w.results, result)
	}
	if err == nil || ofRow(err) {
		return nil
	}
	return err
}

// ofRow tells whether an error is of one row, so that the next may fare better.
func ofRow(err error) bool {
	scope := fault.As(err).Scope
	return scope == fault.ScopeRow || scope == fault.ScopeField
}

// refuseRest says of rows that they were not tried: without a word their fate
// would pass for unknown.
func (w *write) refuseRest(ops []connectors.Op, err error) {
	f := *fault.As(err)
	f.Op, f.Detail = "write", "not sent, because an earlier call failed"
	if !connectors.Untouched(err) || !f.Class.Later() && f.Class != fault.Auth && f.Class != fault.Permission {
		f.Class = fault.Transient
	}
	for _, op := range ops {
		w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Rejected, RemoteID: op.RemoteID, Err: &f})
	}
}

func (w *write) one(ctx context.Context, op connectors.Op) (connectors.Result, error) {
	if v := op.Fields[optOutField]; op.Kind == connectors.Update && !v.IsAbsent() && !isTrue(v) {
		return connectors.Result{}, w.refused(optOutField, "an opt-out is lifted only by the person's own consent, given in SuiteCRM")
	}
	switch op.Kind {
	case connectors.Create:
		return w.create(ctx, op)
	case connectors.Archive:
		path := "/Api/V8/module/" + w.object.Name + "/" + url.PathEscape(op.RemoteID)
		_, err := w.c.http.Do(ctx, httpapi.Request{Method: http.MethodDelete, Path: path, Op: "delete " + w.object.Name, Object: w.object.Name})
		if err != nil {
			return connectors.Result{}, err
		}
		return connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: op.RemoteID}, nil
	case connectors.Update:
	}
	stored, err := w.send(ctx, http.MethodPatch, w.object.Name, op.RemoteID, w.payload(op))
	if err != nil {
		return connectors.Result{}, err
	}
	if v, asked := op.Fields[emailField]; asked && len(op.Fields) == 1 && !strings.EqualFold(stored.text(emailField), strings.TrimSpace(v.Text())) {
		return connectors.Result{}, w.refused(emailField, "this SuiteCRM does not change an e-mail address through its API")
	}
	return w.applied(ctx, op, stored)
}

func (w *write) refused(field, detail string) *fault.Error {
	return &fault.Error{
		Class: fault.Invalid, Scope: fault.ScopeField, System: w.c.name, Object: w.object.Name, Op: "write " + w.object.Name, Field: field, Detail: detail,
		Next: "change it in SuiteCRM by hand",
	}
}

func isTrue(v record.Value) bool {
	yes, ok := v.Bool()
	return ok && yes
}

// create makes a record under an id that follows from the op's: SuiteCRM
// refuses one that is there, so that a create whose reply was lost may be sent
// again.
func (w *write) create(ctx context.Context, op connectors.Op) (connectors.Result, error) {
	if id, held := w.held[keyOf(op)]; held && op.Key.Field != "" {
		return connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: id, Adopted: true}, nil
	}
	id := idOf(op.ID)
	stored, err := w.send(ctx, http.MethodPost, w.object.Name, id, w.payload(op))
	if fault.Is(err, fault.Conflict) && fault.As(err).Code == exists {
		var answer struct {
			Data row `json:"data"`
		}
		_, err = w.c.get(ctx, w.object.Name, "/module/"+w.object.Name+"/"+id, nil, &answer)
		stored = &answer.Data
	}
	if err != nil {
		return connectors.Result{}, err
	}
	if op.Key.Field != "" {
		w.held[keyOf(op)] = stored.ID
	}
	return w.applied(ctx, op, stored)
}

func keyOf(op connectors.Op) string {
	return op.Key.Field + "\x00" + strings.ToLower(strings.TrimSpace(op.Key.Value))
}

// idOf makes an id in SuiteCRM's form out of an op's.
func idOf(op string) string {
	sum := sha256.Sum256([]byte(op))
	s := hex.EncodeToString(sum[:16])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// payload is a row as it is sent.
func (w *write) payload(op connectors.Op) map[string]any {
	body := map[string]any{}
	for _, name := range op.Fields.Names() {
		v := op.Fields[name]
		if v.IsAbsent() {
			continue
		}
		if prefix, module, isLink := linkOf(name); isLink {
			if v.IsPresent() {
				body[prefix+"_type"], body[prefix+"_id"] = module, v.Text()
			} else if _, named := body[prefix+"_type"]; !named { // another one may name the parent
				body[prefix+"_type"], body[prefix+"_id"] = "", ""
			}
			continue
		}
		f, _ := w.object.Field(name)
		if v.State() != record.Placeholder {
			v = canonical(f, v)
		}
		body[name] = encode(v)
	}
	if op.Kind == connectors.Create && op.Key.Field != "" {
		body[op.Key.Field] = op.Key.Value
	}
	if a := addressOf(op); a != "" && w.book.out[a] {
		body[optOutField] = true
	}
	return body
}

// send writes one record, of which SuiteCRM answers all.
func (w *write) send(ctx context.Context, method, module, id string, attributes map[string]any) (*row, error) {
	var answer struct {
		Data row `json:"data"`
	}
	_, err := w.c.http.Do(ctx, httpapi.Request{
		Method: method, Path: "/Api/V8/module", Op: strings.ToLower(method) + " " + module, Object: module, Into: &answer,
		Body:       map[string]any{"data": map[string]any{"type": module, "id": id, "attributes": attributes}},
		Idempotent: true, // the same values twice are the same, and so are two creates under one id
	})
	return &answer.Data, err
}

// applied tells what is stored now, and sees to an opt-out that SuiteCRM did
// not heed: it stands on the address.
func (w *write) applied(ctx context.Context, op connectors.Op, stored *row) (connectors.Result, error) {
	wanted := isTrue(op.Fields[optOutField]) || w.book.out[addressOf(op)]
	address := stored.text(emailField)
	if out, _ := decode(record.Boolean, stored.text(optOutField)); wanted && address != "" && !isTrue(out) {
		if err := w.optOut(ctx, address); err != nil {
			return connectors.Result{}, err
		}
		stored.Attributes[optOutField] = "1"
	}
	r := connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: stored.ID}
	if r.RemoteID == "" {
		r.RemoteID = op.RemoteID
	}
	rec := w.decoder.record(stored)
	r.Echo = &rec
	return r, nil
}
