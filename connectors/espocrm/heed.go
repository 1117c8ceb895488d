package espocrm

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// addressOf is the e-mail address that an op brings, in lower case.
func addressOf(op connectors.Op) string {
	text := op.Fields[emailField].Text()
	if op.Kind == connectors.Create && op.Key.Field == emailField {
		text = op.Key.Value
	}
	return strings.ToLower(strings.TrimSpace(text))
}

// look asks, before anything is written, who has the keys of the creates
// already, and which of the addresses to come opted out: an opt-out stands on
// the address, and EspoCRM takes it back when a record that has none is given
// that address.
func (w *write) look(ctx context.Context, ops []connectors.Op) error {
	keys := map[string][]string{}
	for _, op := range ops {
		if op.Kind == connectors.Create && op.Key.Field != "" {
			keys[op.Key.Field] = append(keys[op.Key.Field], op.Key.Value)
		}
	}
	for field, values := range keys {
		rows, err := w.c.holding(ctx, w.kind, append(w.decoder.attrs(), field), field, values)
		if err != nil {
			return err
		}
		for _, r := range rows {
			w.held[field+"\x00"+strings.ToLower(r.text(field))] = r
		}
	}
	list := addresses(ops)
	if _, kept := w.object.Field(optOutField); !kept || len(list) == 0 {
		return nil
	}
	for _, k := range kinds() {
		if err := w.lookOptOuts(ctx, k, list); err != nil {
			return err
		}
	}
	return nil
}

func (w *write) lookOptOuts(ctx context.Context, k kind, list []string) error {
	o, err := w.c.object(ctx, k.name)
	if fault.Is(err, fault.Permission) {
		return nil // what we may not see cannot be heeded
	}
	if err != nil {
		return err
	}
	if _, kept := o.Field(optOutField); !kept || k.as != "person" && k.as != "company" {
		return nil
	}
	for _, chunk := range fitting(list) {
		rows, err := w.c.all(ctx, k, []string{emailField, "id"}, allOf(oneOf(emailField, chunk), where(optOutField, "isTrue")))
		if err != nil {
			return err
		}
		for _, r := range rows {
			w.out[strings.ToLower(r.text(emailField))] = true
		}
	}
	return nil
}

// create makes a record, unless one with its key is there. EspoCRM refuses what
// looks like a record there is, by name or by address. One with the address is
// in the way; one that only has the name is another person.
func (w *write) create(ctx context.Context, op connectors.Op) (connectors.Result, error) {
	if r, held := w.held[op.Key.Field+"\x00"+strings.ToLower(strings.TrimSpace(op.Key.Value))]; held && op.Key.Field != "" {
		return w.adopted(op, r), nil
	}
	var stored row
	r := w.call(http.MethodPost, "/"+w.kind.name, w.payload(op), &stored)
	res, err := w.send(ctx, r)
	if fault.Is(err, fault.Conflict) && res != nil {
		var like []row
		_ = json.Unmarshal(res.Body, &like) // what is no list of records names none
		same, failed := w.same(ctx, op, like)
		if failed != nil {
			return connectors.Result{Op: op.ID, Status: connectors.Rejected, Err: notDone(failed)}, failed
		}
		if same != nil {
			return w.inTheWay(op, same, err)
		}
		r.Header.Set("X-Skip-Duplicate-Check", "true")
		_, err = w.send(ctx, r)
	}
	if err != nil {
		return connectors.Result{}, err
	}
	w.remember(op, stored)
	return w.applied(op, stored), nil
}

// same picks, of the records that a create looks like, the one with its key or
// its address, which may be a further address there.
func (w *write) same(ctx context.Context, op connectors.Op, like []row) (row, error) {
	for _, r := range like {
		if op.Key.Field != "" && r.holds(op.Key.Field, op.Key.Value) || r.holds(emailField, addressOf(op)) {
			return r, nil
		}
	}
	address := addressOf(op)
	if address == "" || len(like) == 0 {
		return nil, nil
	}
	rows, err := w.c.holding(ctx, w.kind, []string{"id"}, emailField, []string{address})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	i := slices.IndexFunc(like, func(r row) bool { return r.text("id") == rows[0].text("id") })
	if i < 0 {
		return rows[0], nil
	}
	return like[i], nil
}

// inTheWay is a create that met a record with the same key, made by an attempt
// whose reply was lost or by somebody else meanwhile, or with the same address.
func (w *write) inTheWay(op connectors.Op, r row, err error) (connectors.Result, error) {
	if op.Key.Field != "" && r.holds(op.Key.Field, op.Key.Value) {
		return w.adopted(op, r), nil
	}
	f := *fault.As(err)
	f.Existing, f.Field, f.Code = r.text("id"), emailField, "duplicate"
	return connectors.Result{}, &f
}

func (w *write) adopted(op connectors.Op, r row) connectors.Result {
	return connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: r.text("id"), Adopted: true}
}

// remember keeps the key of a record that was made, for the rows after it.
func (w *write) remember(op connectors.Op, r row) {
	if op.Key.Field != "" {
		w.held[op.Key.Field+"\x00"+strings.ToLower(strings.TrimSpace(op.Key.Value))] = r
	}
}
