package odoo

import (
	"context"
	"html"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// noteBatch is how many notes are written in one go; each is a call.
const noteBatch = 20

// noteObject are internal notes on a record, which can be written only: what
// is written there by people is theirs.
func noteObject() schema.Object {
	o := schema.Object{
		Name: notes, Label: "Internal notes", As: record.Activity, Caps: schema.Capabilities{Create: true, BatchWrite: noteBatch},
		Fields: []schema.Field{
			{Name: "subject", Label: "Subject", Kind: record.String},
			{Name: "body", Label: "Text", Kind: record.Text},
		},
	}
	for _, f := range aboutFields() {
		f.ReadOnly = false
		o.Fields = append(o.Fields, f)
	}
	return o
}

// escapes is the first version that takes a note for text, not for HTML.
const escapes = 17

// post writes notes, one call each.
func (c *Connector) post(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if ops[0].Kind != connectors.Create {
		return nil, c.unsupported(notes, string(ops[0].Kind))
	}
	w, err := c.knownWay(ctx)
	if err != nil {
		return nil, err
	}
	var results []connectors.Result
	for _, op := range ops {
		k, f := note(op, w)
		if f == nil {
			var answer reply
			_, err := c.do(ctx, k, &answer)
			if err == nil {
				results = append(results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: answer.id()})
				continue
			}
			if !aboutRows(err) {
				return results, err
			}
			f = rowFault(err)
		}
		f.System, f.Object, f.Op = c.name, notes, "write "+notes
		results = append(results, connectors.Result{Op: op.ID, Status: connectors.Rejected, Err: f})
	}
	return results, nil
}

func note(op connectors.Op, w way) (call, *fault.Error) {
	text := op.Fields["body"].Text()
	subject := op.Fields["subject"].Text()
	if text == "" {
		text = subject
	}
	if text == "" {
		return call{}, &fault.Error{Class: fault.Invalid, Scope: fault.ScopeField, Field: "body", Detail: "a note needs a text"}
	}
	if w.major < escapes {
		text = strings.ReplaceAll(html.EscapeString(text), "\n", "<br>")
	}
	args := map[string]any{"body": text, "message_type": "comment", "subtype_xmlid": "mail.mt_note"}
	if subject != "" {
		args["subject"] = subject
	}
	for _, f := range aboutFields() {
		if id := number(op.Fields[f.Name].Text()); id != 0 {
			return call{model: aboutModelOf(f.Name), method: "message_post", ids: []int64{id}, args: args, op: "write note", object: notes}, nil
		}
	}
	return call{}, &fault.Error{
		Class: fault.Invalid, Scope: fault.ScopeRow, Detail: "a note stands on a record", Next: "map lead, partner or recipient",
	}
}

// reply is the id of what a call made: by itself or in a list, as versions
// differ.
type reply struct{ ids []int64 }

// UnmarshalJSON takes either.
func (r *reply) UnmarshalJSON(b []byte) error {
	var one int64
	if httpapi.Decode(b, &one) == nil {
		r.ids = []int64{one}
		return nil
	}
	return httpapi.Decode(b, &r.ids)
}

func (r reply) id() string {
	if len(r.ids) == 0 {
		return ""
	}
	return itoa(r.ids[0])
}
