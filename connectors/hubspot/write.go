package hubspot

import (
	"context"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

type writeInput struct {
	ID         string            `json:"id,omitempty"`
	Properties map[string]string `json:"properties"`
	Trace      string            `json:"objectWriteTraceId"`
	Links      []newLink         `json:"associations,omitempty"`
}

type writeBody struct {
	Inputs []writeInput `json:"inputs"`
}

// write is one batch under way.
type write struct {
	c       *Connector
	kind    kind
	ops     []connectors.Op
	results []connectors.Result
}

// Write carries out up to a hundred ops of one kind. Each row goes with its op
// id as objectWriteTraceId, so that HubSpot refuses rows and not batches.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	k, ok := kindOf(ops[0].Object)
	if !ok {
		return nil, c.unsupported(ops[0].Object, "write")
	}
	w := &write{c: c, kind: k}
	w.screen(ops)
	if err := w.optOut(ctx); err != nil {
		return w.results, err
	}
	if len(w.ops) == 0 {
		return w.results, nil
	}
	var err error
	switch ops[0].Kind {
	case connectors.Create:
		err = w.create(ctx)
	case connectors.Update:
		err = w.update(ctx)
	case connectors.Archive:
		err = w.archive(ctx)
	}
	return w.results, err
}

// Resume has nothing to ask for: HubSpot answers every write at once.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, c.unsupported("writes", "resume")
}

func (w *write) reject(op connectors.Op, f *fault.Error) {
	f.System, f.Object, f.Op = w.c.name, w.kind.name, string(op.Kind)+" "+w.kind.name
	w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Rejected, Err: f})
}

// screen refuses what is never written: consent raised, people made billable,
// an association cleared without saying which.
func (w *write) screen(ops []connectors.Op) {
	for _, op := range ops {
		switch field, why := w.forbidden(op); {
		case why != "":
			w.reject(op, &fault.Error{Class: fault.Permission, Scope: fault.ScopeField, Field: field, Detail: why})
		case op.Kind != connectors.Create && op.RemoteID == "":
			w.reject(op, &fault.Error{Class: fault.Invalid, Scope: fault.ScopeRow, Detail: "the op names no record"})
		default:
			w.ops = append(w.ops, op)
		}
	}
}

func (w *write) forbidden(op connectors.Op) (field, why string) {
	if v, set := op.Fields[optOutField]; set && op.Kind == connectors.Update && !isTrue(v) {
		return optOutField, "an opt-out is lifted only by the person's own consent, given in HubSpot"
	}
	if _, set := op.Fields[billedField]; set && !w.c.cfg.MarketingContacts {
		return billedField, "marketing contacts can cost; set marketing_contacts: true to allow it"
	}
	for name, v := range op.Fields {
		if strings.HasPrefix(name, linkPrefix) && v.IsNull() && op.Kind == connectors.Update {
			return name, "an association is removed in HubSpot, where it is seen which one goes"
		}
	}
	return "", ""
}

func isTrue(v record.Value) bool {
	set, ok := v.Bool()
	return set && ok
}

// properties are an op's fields as HubSpot takes them.
func (w *write) properties(op connectors.Op) map[string]string {
	props := make(map[string]string, len(op.Fields)+1)
	for name, v := range op.Fields {
		if name == optOutField || strings.HasPrefix(name, linkPrefix) || v.IsAbsent() {
			continue
		}
		if op.Kind == connectors.Create && v.IsNull() {
			continue // nothing is there to be cleared
		}
		props[name] = encode(v)
	}
	if op.Kind == connectors.Create && op.Key.Field != "" {
		props[op.Key.Field] = op.Key.Value
	}
	return props
}

func (w *write) create(ctx context.Context) error {
	body := writeBody{}
	for _, op := range w.ops {
		in := writeInput{Properties: w.properties(op), Trace: op.ID, Links: w.newLinks(op)}
		body.Inputs = append(body.Inputs, in)
	}
	answer, err := w.send(ctx, "create", body, false)
	if err != nil {
		return w.refused(ctx, err)
	}
	left := w.byTrace(answer, func(op connectors.Op, r *row) bool {
		return op.Key.Field != "" && r.value(op.Key.Field) == op.Key.Value
	})
	return w.errors(ctx, answer.Errors, left)
}

func (w *write) update(ctx context.Context) error {
	if err := w.link(ctx); err != nil {
		return err
	}
	body := writeBody{}
	var sent, still []connectors.Op
	for _, op := range w.ops {
		if props := w.properties(op); len(props) > 0 {
			body.Inputs = append(body.Inputs, writeInput{ID: op.RemoteID, Properties: props, Trace: op.ID})
			sent = append(sent, op)
			continue
		}
		still = append(still, op)
	}
	for _, op := range still { // only an opt-out or an association, already done
		w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: op.RemoteID})
	}
	if w.ops = sent; len(sent) == 0 {
		return nil
	}
	answer, err := w.send(ctx, "update", body, true)
	if err != nil {
		return w.refused(ctx, err)
	}
	left := w.byTrace(answer, func(op connectors.Op, r *row) bool { return op.RemoteID == r.ID })
	return w.errors(ctx, answer.Errors, left)
}

// archive is answered by 204: what was not there is gone as well.
func (w *write) archive(ctx context.Context) error {
	body := idInputs{}
	for _, op := range w.ops {
		body.Inputs = append(body.Inputs, idInput{op.RemoteID})
	}
	what := call{op: "archive " + w.kind.name, object: w.kind.name, body: body, repeat: true}
	if _, err := w.c.post(ctx, what, w.c.path.object(w.kind.name, "/batch/archive"), nil); err != nil {
		return err
	}
	for _, op := range w.ops {
		w.results = append(w.results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: op.RemoteID})
	}
	return nil
}

// send posts a batch. An update may be sent twice, a create may not: what
// became of it is then found by its key.
func (w *write) send(ctx context.Context, verb string, body writeBody, repeat bool) (*batchAnswer, error) {
	var answer batchAnswer
	what := call{op: verb + " " + w.kind.name, object: w.kind.name, body: body, repeat: repeat}
	_, err := w.c.post(ctx, what, w.c.path.object(w.kind.name, "/batch/"+verb), &answer)
	return &answer, err
}
