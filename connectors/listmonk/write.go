package listmonk

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

// write is the carrying out of some ops of one kind.
type write struct {
	c       *Connector
	object  schema.Object
	rows    []subscriber // those concerned, as they are
	results []connectors.Result
}

// Write reads the subscribers of up to 20 ops in one call, then writes each by
// one of its own: listmonk has no batch.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	if ops[0].Object != subscribers {
		return nil, c.unsupported(ops[0].Object, string(ops[0].Kind))
	}
	o, err := c.object(ctx, subscribers)
	if err != nil {
		return nil, err
	}
	w := &write{c: c, object: o}
	for chunk := range slices.Chunk(ops, batchWrite) {
		if err := w.run(ctx, chunk); err != nil {
			return w.results, err
		}
	}
	return w.results, nil
}

// Resume has nothing to ask for: listmonk does everything at once.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, fault.New(fault.Expired, fault.ScopeBatch, "%s: no work is done later here", c.name)
}

func (w *write) run(ctx context.Context, ops []connectors.Op) error {
	if ops[0].Kind == connectors.Archive {
		return w.remove(ctx, ops)
	}
	if err := w.look(ctx, ops); err != nil {
		return err
	}
	for _, op := range ops {
		err := w.one(ctx, op)
		if err == nil {
			continue
		}
		if scope := fault.As(err).Scope; scope != fault.ScopeField && scope != fault.ScopeRow {
			return err
		}
		w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Rejected, RemoteID: op.RemoteID, Err: err})
	}
	return nil
}

// look reads whom the ops are about and who holds the addresses they bring.
func (w *write) look(ctx context.Context, ops []connectors.Op) error {
	var ids []int64
	var addresses []string
	for _, op := range ops {
		if n := number(op.RemoteID); n > 0 {
			ids = append(ids, n)
		}
		if a := addressOf(op); a != "" {
			addresses = append(addresses, a)
		}
	}
	w.rows = nil
	parts := fitting(addresses, longestQuery)
	if len(ids) > 0 && len(parts) == 0 {
		parts = [][]string{nil}
	}
	for _, part := range parts {
		found, err := w.c.selected(ctx, either(ids, part))
		if err != nil {
			return err
		}
		w.rows, ids = append(w.rows, found...), nil
	}
	return nil
}

// addressOf is the address that an op brings.
func addressOf(op connectors.Op) string {
	if op.Kind == connectors.Create && op.Key.Field == "email" {
		return address(op.Key.Value)
	}
	return address(op.Fields["email"].Text())
}

func (w *write) fault(op connectors.Op, class fault.Class, field, detail string) *fault.Error {
	f := &fault.Error{Class: class, Scope: fault.ScopeRow, System: w.c.name, Object: subscribers, Op: string(op.Kind) + " subscriber", Field: field, Detail: detail}
	if field != "" {
		f.Scope = fault.ScopeField
	}
	return f
}

// one carries out one op. An error of a row's scope is that row's alone.
func (w *write) one(ctx context.Context, op connectors.Op) error {
	i := slices.IndexFunc(w.rows, func(s subscriber) bool { return s.ID == number(op.RemoteID) })
	held := slices.IndexFunc(w.rows, func(s subscriber) bool { return address(s.Email) == addressOf(op) })
	switch {
	case op.Kind == connectors.Create && held >= 0 && op.Key.Field != "": // made by an attempt whose reply was lost
		w.results = append(w.results, connectors.Result{
			Op: op.ID, Status: connectors.Applied, RemoteID: strconv.FormatInt(w.rows[held].ID, 10), Adopted: true,
		})
		return nil
	case held >= 0 && (op.Kind == connectors.Create || w.rows[held].ID != number(op.RemoteID)):
		f := w.fault(op, fault.Conflict, "", "")
		f.Field, f.Existing = "email", strconv.FormatInt(w.rows[held].ID, 10)
		return f
	case op.Kind == connectors.Create:
		return w.create(ctx, op)
	case i < 0:
		return w.fault(op, fault.Missing, "", "")
	}
	return w.update(ctx, op, &w.rows[i])
}

// body is a subscriber as it is sent. A status that is left out stays as it is,
// so that no write takes back what a person asked for in between; lists that
// are left out would be lost.
type body struct {
	ID        int64          `json:"id,omitempty"`
	Email     string         `json:"email"`
	Name      string         `json:"name"`
	Status    string         `json:"status,omitempty"`
	Attribs   map[string]any `json:"attribs"`
	Lists     []int64        `json:"lists"`
	Confirmed bool           `json:"preconfirm_subscriptions"`
}

func (w *write) create(ctx context.Context, op connectors.Op) error {
	b := body{Email: addressOf(op), Status: "enabled", Attribs: map[string]any{}, Lists: w.c.cfg.Lists, Confirmed: w.c.cfg.Confirmed}
	if b.Lists == nil {
		b.Lists = []int64{}
	}
	if isTrue(op.Fields[optOutField]) {
		b.Status = blocklisted
	}
	if err := w.fill(op, &b); err != nil {
		return err
	}
	b.Email = addressOf(op) // a key comes before a field
	if b.Name == "" {       // early versions insist on one
		b.Name, _, _ = strings.Cut(b.Email, "@")
	}
	stored, err := w.send(ctx, http.MethodPost, "/subscribers", op, b)
	if fault.Is(err, fault.Conflict) { // made by somebody else since we looked
		found, failed := w.c.holding(ctx, []string{b.Email})
		if failed != nil || len(found) == 0 {
			return err
		}
		w.rows = append(w.rows, found...)
		return w.one(ctx, op)
	}
	if err != nil {
		return err
	}
	// Early versions answer with the subscriber that has the address already.
	w.stored(op, stored, stored.Updated.After(stored.Created))
	return nil
}

func (w *write) update(ctx context.Context, op connectors.Op, s *subscriber) error {
	b := body{ID: s.ID, Email: s.Email, Name: s.Name, Attribs: s.Attribs, Lists: []int64{}}
	if b.Attribs == nil {
		b.Attribs = map[string]any{}
	}
	for _, l := range s.Lists {
		b.Lists = append(b.Lists, l.ID)
	}
	switch v := op.Fields[optOutField]; {
	case isTrue(v):
		b.Status = blocklisted
	case !v.IsAbsent() && s.optedOut(w.c.cfg.Counted):
		return w.fault(op, fault.Invalid, optOutField, "an opt-out is lifted only by the person's own consent, given in listmonk")
	}
	if b.Status == "" && !w.c.cfg.Reminding && s.awaited() {
		f := w.fault(op, fault.Invalid, "", "listmonk would ask the person to confirm the subscription again")
		f.Next = "wait until they confirm, or set update_unconfirmed: true"
		return f
	}
	if err := w.fill(op, &b); err != nil {
		return err
	}
	stored, err := w.send(ctx, http.MethodPut, "/subscribers/"+op.RemoteID, op, b)
	if err != nil {
		return err
	}
	if stored.ID != s.ID { // it is gone, and another has its address now
		return w.fault(op, fault.Missing, "", "")
	}
	w.stored(op, stored, false)
	return nil
}

func isTrue(v record.Value) bool {
	yes, ok := v.Bool()
	return ok && yes
}

// fill lays the op's fields over what is sent.
func (w *write) fill(op connectors.Op, b *body) error {
	for name, v := range w.c.Canonical(subscribers, op.Fields) {
		path, isAttrib := strings.CutPrefix(name, attribPrefix)
		switch {
		case v.IsAbsent(), name == optOutField:
		case isAttrib:
			b.Attribs = with(b.Attribs, path, encode(v))
		case name == "name" && v.Text() == "" && op.Kind == connectors.Update:
			return w.fault(op, fault.Invalid, name, "listmonk keeps the name it has when it is sent an empty one")
		case name == "name":
			b.Name = v.Text()
		case name == "email" && v.Text() == "":
			return w.fault(op, fault.Invalid, name, "a subscriber must have an address")
		case name == "email":
			b.Email = v.Text()
		default:
			return w.fault(op, fault.Invalid, name, "the field cannot be written")
		}
	}
	return nil
}

func (w *write) send(ctx context.Context, method, path string, op connectors.Op, b body) (*subscriber, error) {
	var answer data[subscriber]
	_, err := w.c.http.Do(ctx, httpapi.Request{
		Method: method, Path: "/api" + path, Body: b, Op: string(op.Kind) + " subscriber", Object: subscribers, Into: &answer,
		Idempotent: method == http.MethodPut,
	})
	return &answer.Data, err
}

// stored notes what became of a row, also for the ops after it.
func (w *write) stored(op connectors.Op, s *subscriber, adopted bool) {
	w.rows = append(slices.DeleteFunc(w.rows, func(x subscriber) bool { return x.ID == s.ID }), *s)
	rec := w.c.decoder(w.object, op.Fields.Names()).record(s)
	w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: rec.ID, Echo: &rec, Adopted: adopted})
}

// remove deletes subscribers for good, in one call. One that is gone already
// counts as deleted there.
func (w *write) remove(ctx context.Context, ops []connectors.Op) error {
	ids := url.Values{}
	for _, op := range ops {
		ids.Add("id", strconv.FormatInt(number(op.RemoteID), 10))
	}
	_, err := w.c.http.Do(ctx, httpapi.Request{
		Method: http.MethodDelete, Path: "/api/subscribers", Query: ids, Op: "delete subscribers", Object: subscribers, Idempotent: true,
	})
	if err != nil {
		return err
	}
	for _, op := range ops {
		w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: op.RemoteID})
	}
	return nil
}
