package hubspot

import (
	"context"
	"net/url"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// newLink is an association to be made together with a record, or of one.
type newLink struct {
	From  *idInput   `json:"from,omitempty"`
	To    idInput    `json:"to"`
	Types []linkType `json:"types"`
}

type linkType struct {
	Category string `json:"associationCategory"`
	ID       int    `json:"associationTypeId"`
}

func (w *write) newLinks(op connectors.Op) []newLink {
	var links []newLink
	for _, l := range w.kind.links {
		if v := op.Fields[linkPrefix+l.to]; v.IsPresent() {
			links = append(links, newLink{To: idInput{v.Text()}, Types: []linkType{{"HUBSPOT_DEFINED", l.typeID}}})
		}
	}
	return links
}

// link makes the associations that updates ask for. Others stay: HubSpot's
// users may have made them.
func (w *write) link(ctx context.Context) error {
	for _, l := range w.kind.links {
		body := struct {
			Inputs []newLink `json:"inputs"`
		}{}
		for _, op := range w.ops {
			if v := op.Fields[linkPrefix+l.to]; v.IsPresent() {
				body.Inputs = append(body.Inputs, newLink{&idInput{op.RemoteID}, idInput{v.Text()}, []linkType{{"HUBSPOT_DEFINED", l.typeID}}})
			}
		}
		if len(body.Inputs) == 0 {
			continue
		}
		what := call{op: "associate " + w.kind.name, object: w.kind.name, body: body, repeat: true}
		var answer batchAnswer
		if _, err := w.c.post(ctx, what, w.c.path.links(w.kind.name, l.to, "/batch/create"), &answer); err != nil {
			return err
		}
		if len(answer.Errors) > 0 {
			f := w.c.rowFault(w.kind.name, &answer.Errors[0])
			f.Scope, f.Field = fault.ScopeBatch, linkPrefix+l.to
			return f
		}
	}
	return nil
}

// optOut unsubscribes the addresses of rows that say so, before anything else
// of them is written: where only one of both succeeds, it is this.
func (w *write) optOut(ctx context.Context) error {
	var leaving []connectors.Op
	for _, op := range w.ops {
		if isTrue(op.Fields[optOutField]) {
			leaving = append(leaving, op)
		}
	}
	if len(leaving) == 0 {
		return nil
	}
	emails, err := w.addresses(ctx, leaving)
	if err != nil {
		return err
	}
	for _, op := range leaving {
		f := &fault.Error{Class: fault.Invalid, Scope: fault.ScopeField, Field: optOutField, Detail: "the contact has no address to unsubscribe"}
		if emails[op.ID] != "" {
			what := call{op: "unsubscribe contacts", object: "contacts", body: struct{}{}, repeat: true}
			path := w.c.path.consent("/statuses/" + url.PathEscape(emails[op.ID]) + "/unsubscribe-all?channel=EMAIL")
			_, err := w.c.post(ctx, what, path, nil)
			if err == nil {
				continue
			}
			if connectors.Untouched(err) && fault.ClassOf(err).Later() {
				return err
			}
			one := *fault.As(err)
			one.Scope, one.Field = fault.ScopeField, optOutField
			f = &one
		}
		w.drop(op, f)
	}
	return nil
}

func (w *write) drop(op connectors.Op, f *fault.Error) {
	for i := range w.ops {
		if w.ops[i].ID == op.ID {
			w.ops = append(w.ops[:i:i], w.ops[i+1:]...)
			break
		}
	}
	w.reject(op, f)
}

// addresses finds where the rows' mail goes now, and what they are to have.
func (w *write) addresses(ctx context.Context, ops []connectors.Op) (map[string]string, error) {
	emails := map[string]string{}
	byID := map[string]string{}
	for _, op := range ops {
		if v := op.Fields["email"]; v.IsPresent() {
			emails[op.ID] = strings.TrimSpace(v.Text())
		} else if op.RemoteID != "" {
			byID[op.RemoteID] = op.ID
		}
	}
	if len(byID) == 0 {
		return emails, nil
	}
	ids := make([]string, 0, len(byID))
	for id := range byID {
		ids = append(ids, id)
	}
	rows, err := w.c.batchRead(ctx, w.kind, asked{props: []string{"email"}}, "", ids)
	for i := range rows {
		emails[byID[rows[i].ID]] = rows[i].value("email")
	}
	return emails, err
}
