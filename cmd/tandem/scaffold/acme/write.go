package acme

import (
	"context"
	"net/http"
	"net/url"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// Write carries out one op: Acme has no batches, so the catalog declares a
// BatchWrite of 1.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	var results []connectors.Result
	for _, op := range ops {
		if op.Object != contacts {
			return results, c.unsupported(op.Object, string(op.Kind))
		}
		var stored row
		req := request(op)
		if op.Kind != connectors.Archive {
			req.Into = &stored
		}
		_, err := c.http.Do(ctx, req)
		switch {
		case err != nil && !ofRow(err):
			return results, err
		case err != nil:
			results = append(results, connectors.Result{Op: op.ID, Status: connectors.Rejected, RemoteID: op.RemoteID, Err: err})
		case op.Kind == connectors.Archive:
			results = append(results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: op.RemoteID})
		default:
			rec, _ := stored.record(op.Fields.Names())
			results = append(results, connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: stored.ID, Echo: &rec})
		}
	}
	return results, nil
}

// request is the call for an op. What is done twice by an update or a delete is
// the same as done once; a create must never be sent again without a look.
func request(op connectors.Op) httpapi.Request {
	one := "/v1/contacts/" + url.PathEscape(op.RemoteID)
	switch op.Kind {
	case connectors.Create:
		return httpapi.Request{Method: http.MethodPost, Path: "/v1/contacts", Body: payload(op), Op: "create contact", Object: contacts}
	case connectors.Update:
		return httpapi.Request{Method: http.MethodPatch, Path: one, Body: payload(op), Op: "update contact", Object: contacts, Idempotent: true}
	default:
		return httpapi.Request{Method: http.MethodDelete, Path: one, Op: "delete contact", Object: contacts, Idempotent: true}
	}
}

// payload are the fields as Acme takes them; null clears.
func payload(op connectors.Op) map[string]any {
	body := map[string]any{}
	for name, v := range op.Fields {
		switch {
		case v.IsAbsent():
		case v.IsNull():
			body[name] = nil
		default:
			body[name] = v.Text()
		}
	}
	if op.Kind == connectors.Create && op.Key.Field != "" {
		body[op.Key.Field] = op.Key.Value
	}
	return body
}

// ofRow tells whether a refusal is for this row only.
func ofRow(err error) bool {
	switch fault.ClassOf(err) {
	case fault.Invalid, fault.Conflict, fault.Missing, fault.Stale, fault.Locked:
		return true
	default:
		return false
	}
}

// Resume has nothing to ask for: Acme does everything at once.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, fault.New(fault.Expired, fault.ScopeBatch, "%s: no work is done later here", c.name)
}
