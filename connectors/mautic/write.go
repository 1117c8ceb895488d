package mautic

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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
	ops     []connectors.Op // still to be sent
	results []connectors.Result
}

// Write carries out ops in batches of 200, a result for each row.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	k, ok := kindOf(ops[0].Object)
	if !ok {
		return nil, c.unsupported(ops[0].Object, string(ops[0].Kind))
	}
	o, err := c.object(ctx, k)
	if err != nil {
		return nil, err
	}
	var results []connectors.Result
	for chunk := range slices.Chunk(ops, batchRows) {
		w := &write{c: c, kind: k, object: o, ops: slices.Clone(chunk)}
		err := w.run(ctx)
		if results = append(results, w.results...); err != nil {
			return results, err
		}
	}
	return results, nil
}

// Resume has nothing to ask for: Mautic does everything at once.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, fault.New(fault.Expired, fault.ScopeBatch, "%s: no work is done later here", c.name)
}

func (w *write) run(ctx context.Context) error {
	if w.ops[0].Kind == connectors.Archive {
		return w.remove(ctx)
	}
	w.refuse(w.unsuited)
	if err := w.refuseTaken(ctx); err != nil || len(w.ops) == 0 {
		return err
	}
	reply, err := w.send(ctx)
	if err != nil {
		return w.whole(err)
	}
	return w.settle(ctx, reply)
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

// unsuited tells what Mautic would drop without a word, or must not be asked.
func (w *write) unsuited(op connectors.Op) *fault.Error {
	for _, name := range op.Fields.Names() {
		v := op.Fields[name]
		switch {
		case dropped(w.kind.name, v):
			return &fault.Error{
				Class: fault.Invalid, Scope: fault.ScopeField, Field: name, Detail: "Mautic drops numbers between -1 and 1 that are written through its API",
				Next: "map the field in another unit, as in per cent",
			}
		case name == optOutField && op.Kind == connectors.Update && !isTrue(v):
			return &fault.Error{
				Class: fault.Invalid, Scope: fault.ScopeField, Field: name,
				Detail: "an opt-out is lifted only by the person's own consent, given in Mautic",
			}
		}
	}
	return nil
}

func isTrue(v record.Value) bool {
	yes, ok := v.Bool()
	return ok && yes
}

// payload is one row as it is sent.
func (w *write) payload(op connectors.Op) map[string]any {
	row := map[string]any{}
	if op.RemoteID != "" {
		row["id"] = number(op.RemoteID)
	}
	for name, v := range w.c.Canonical(w.kind.name, op.Fields) {
		if v.IsAbsent() {
			continue
		}
		if name == optOutField {
			if isTrue(v) {
				row["doNotContact"] = []map[string]any{{"channel": "email", "reason": byHand}}
			}
			continue
		}
		if row[name] = encode(v); row[name] == "" && op.Kind == connectors.Update {
			row["overwriteWithBlank"] = true // blanks are dropped without it
		}
	}
	if op.Kind == connectors.Create && op.Key.Field != "" {
		row[op.Key.Field] = op.Key.Value
	}
	return row
}

// byHand is the reason of our opt-outs: the person said so somewhere else.
const byHand = 3

// reply is Mautic's answer to a batch, by the places of the rows in it.
type reply struct {
	answer
	Codes  bag[int]     `json:"statusCodes"`
	Errors bag[problem] `json:"errors"`
}

func (w *write) send(ctx context.Context) (reply, error) {
	body := make([]map[string]any, len(w.ops))
	for i, op := range w.ops {
		body[i] = w.payload(op)
	}
	var r reply
	req := httpapi.Request{
		Method: http.MethodPost, Path: "/api/" + w.kind.name + "/batch/new", Body: body,
		Op: "create " + w.kind.name, Object: w.kind.name, Into: &r,
	}
	if w.ops[0].Kind == connectors.Update { // the same values twice are the same
		req.Method, req.Path, req.Op, req.Idempotent = http.MethodPatch, "/api/"+w.kind.name+"/batch/edit", "update "+w.kind.name, true
	}
	_, err := w.c.http.Do(ctx, req)
	return r, err
}

// whole is the refusal of a batch as such, which may be for one of its rows.
func (*write) whole(err error) error {
	f := *fault.As(err)
	switch f.Class {
	case fault.Invalid, fault.Conflict, fault.Missing:
		f.Scope = fault.ScopeBatch
		return &f
	default:
		return err
	}
}

// settle says what became of each row.
func (w *write) settle(ctx context.Context, r reply) error {
	d := newDecoder(w.object, w.asked())
	rows := r.Contacts
	if w.kind.name == companies {
		rows = r.Companies
	}
	for i, op := range w.ops {
		key := strconv.Itoa(i)
		stored, ok := rows.at(key)
		p, failed := r.Errors.at(key)
		switch {
		case failed:
			if err := w.failed(ctx, op, p); err != nil {
				return err
			}
		case !ok: // no word of it: its fate is unknown
		default:
			code, _ := r.Codes.at(key)
			if err := w.stored(ctx, op, &stored, code, d); err != nil {
				return err
			}
		}
	}
	return nil
}

// asked are the fields written, which an echo shows.
func (w *write) asked() []string {
	var names []string
	for _, op := range w.ops {
		for name := range op.Fields {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// stored is a row that Mautic took. A create that it answers as an edit found a
// record with the same unique value after all, which appeared in between.
func (w *write) stored(ctx context.Context, op connectors.Op, r *row, code int, d *decoder) error {
	if isTrue(op.Fields[optOutField]) {
		if out, _ := r.optedOut(); !out {
			if err := w.optOut(ctx, r.ID.s); err != nil {
				return err
			}
		}
	}
	rec := d.record(r)
	if isTrue(op.Fields[optOutField]) {
		rec.Fields[optOutField] = record.OfBool(true)
	}
	w.results = append(w.results, connectors.Result{
		Op: op.ID, Status: connectors.Applied, RemoteID: r.ID.s, Echo: &rec,
		Adopted: op.Kind == connectors.Create && code == http.StatusOK,
	})
	return nil
}

// optOut is the call that some versions need beside the batch.
func (w *write) optOut(ctx context.Context, id string) error {
	_, err := w.c.http.Do(ctx, httpapi.Request{
		Method: http.MethodPost, Path: "/api/contacts/" + url.PathEscape(id) + "/dnc/email/add", Body: map[string]int{"reason": byHand},
		Op: "opt out", Object: contacts, Idempotent: true,
	})
	return err
}

// failed is a row that Mautic refused.
func (w *write) failed(ctx context.Context, op connectors.Op, p problem) error {
	f := w.c.rowFault(w.kind.name, p)
	if f.Class == fault.Missing && w.kind.name == contacts && op.RemoteID != "" {
		survivor, err := w.c.survivor(ctx, op.RemoteID)
		if err != nil {
			return err
		}
		if survivor != nil {
			f.Class, f.Existing = fault.Merged, survivor.ID.s
		}
	}
	w.reject(op, f)
	return nil
}

// remove deletes records for good. The answer holds those that were there.
func (w *write) remove(ctx context.Context) error {
	ids := make([]string, len(w.ops))
	for i, op := range w.ops {
		ids[i] = op.RemoteID
	}
	var r reply
	_, err := w.c.http.Do(ctx, httpapi.Request{
		Method: http.MethodDelete, Path: "/api/" + w.kind.name + "/batch/delete", Query: url.Values{"ids": {strings.Join(ids, ",")}},
		Op: "delete " + w.kind.name, Object: w.kind.name, Into: &r,
	})
	if err != nil {
		return w.whole(err)
	}
	for i, op := range w.ops {
		gone := slices.ContainsFunc(append(r.Contacts.items, r.Companies.items...), func(x row) bool { return x.ID.s == op.RemoteID })
		p, failed := r.Errors.at(strconv.Itoa(i))
		switch {
		case failed:
			w.reject(op, w.c.rowFault(w.kind.name, p))
		case !gone:
			w.reject(op, &fault.Error{Class: fault.Missing, Scope: fault.ScopeRow})
		default:
			w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: op.RemoteID})
		}
	}
	return nil
}
