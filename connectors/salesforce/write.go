package salesforce

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// rowResult is the fate of one record of a collection.
type rowResult struct {
	ID        string           `json:"id"`
	Success   bool             `json:"success"`
	Created   *bool            `json:"created"`
	Errors    []apiError       `json:"errors"`
	Duplicate *duplicateResult `json:"duplicateResult"`
}

// Write sends up to 200 records in one call and returns the fate of each.
// A create with a key goes as an upsert by it, so that sending it again never
// makes a second record.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	o, s, err := c.writable(ctx, ops)
	if err != nil {
		return nil, err
	}
	if len(ops) > batchWrite {
		return nil, fault.New(fault.Invalid, fault.ScopeBatch, "%d rows in one write, at most %d are allowed", len(ops), batchWrite)
	}
	groups := grouped(sorted(ops, o.parents), s)
	var results []connectors.Result
	for _, group := range groups {
		got, err := c.send(ctx, group)
		if err != nil && len(groups) == 1 {
			return nil, err
		}
		if err != nil {
			got = failed(group.ops, err)
		}
		results = append(results, got...)
	}
	c.settle(ctx, o, s, ops, results)
	return results, nil
}

// writable refuses what was not declared.
func (c *Connector) writable(ctx context.Context, ops []connectors.Op) (object, *sobject, error) {
	first := ops[0]
	o, ok := objectNamed(first.Object)
	if !ok || !o.write {
		return o, nil, fault.ErrUnsupported(c.name, first.Object, string(first.Kind))
	}
	for _, op := range ops {
		if op.Object != first.Object || op.Kind != first.Kind {
			return o, nil, fault.New(fault.Invalid, fault.ScopeBatch, "the rows of one write are not of one object and kind")
		}
	}
	s, err := c.meta.describe(ctx, o.name, 0)
	if err != nil {
		return o, nil, err
	}
	caps := s.schema(o, 0).Caps
	if !map[connectors.OpKind]bool{connectors.Create: caps.Create, connectors.Update: caps.Update, connectors.Archive: caps.Archive}[first.Kind] {
		return o, nil, fault.ErrUnsupported(c.name, first.Object, string(first.Kind))
	}
	return o, s, nil
}

// sorted orders rows by their parents: rows that lock the same parent follow
// each other in one transaction instead of meeting in two.
func sorted(ops []connectors.Op, parents []string) []connectors.Op {
	out := slices.Clone(ops)
	slices.SortStableFunc(out, func(a, b connectors.Op) int {
		for _, p := range parents {
			if d := strings.Compare(a.Fields[p].Text(), b.Fields[p].Text()); d != 0 {
				return d
			}
		}
		return 0
	})
	return out
}

// group is the part of a write that goes in one call.
type group struct {
	ops []connectors.Op
	key string // the external id to upsert by, if any
}

func grouped(ops []connectors.Op, s *sobject) []group {
	if ops[0].Kind != connectors.Create {
		return []group{{ops: ops}}
	}
	var groups []group
	for _, op := range ops {
		key := ""
		if f := s.byName[op.Key.Field]; f != nil && f.ExternalID && op.Key.Value != "" {
			key = op.Key.Field
		}
		i := slices.IndexFunc(groups, func(g group) bool { return g.key == key })
		if i < 0 {
			i, groups = len(groups), append(groups, group{key: key})
		}
		if key == "" {
			op.Key = connectors.Key{}
		}
		groups[i].ops = append(groups[i].ops, op)
	}
	return groups
}

func failed(ops []connectors.Op, err error) []connectors.Result {
	status := connectors.Unknown
	if connectors.Untouched(err) {
		status = connectors.Rejected
	}
	results := make([]connectors.Result, len(ops))
	for i, op := range ops {
		results[i] = connectors.Result{Op: op.ID, Status: status, RemoteID: op.RemoteID, Err: err}
	}
	return results
}

func (c *Connector) send(ctx context.Context, g group) ([]connectors.Result, error) {
	r := c.request(g)
	var rows []rowResult
	r.Into = &rows
	if _, err := c.api.client.Do(ctx, r); err != nil {
		return nil, err
	}
	if len(rows) != len(g.ops) {
		f := fault.New(fault.OutcomeUnknown, fault.ScopeBatch, "the answer has another number of rows than were sent")
		f.Object, f.Next = g.ops[0].Object, "look the records up before writing them again"
		return nil, f
	}
	results := make([]connectors.Result, len(rows))
	for i, row := range rows {
		results[i] = row.result(c.name, g.ops[i])
	}
	return results, nil
}

func (c *Connector) request(g group) httpapi.Request {
	first := g.ops[0]
	r := httpapi.Request{Object: first.Object, Op: string(first.Kind) + " " + first.Object, Header: c.writeHeader(), Path: c.api.path("composite", "sobjects")}
	if first.Kind == connectors.Archive {
		ids := make([]string, len(g.ops))
		for i, op := range g.ops {
			ids[i] = longID(op.RemoteID)
		}
		r.Method, r.Idempotent = http.MethodDelete, true
		r.Query = url.Values{"ids": {strings.Join(ids, ",")}, "allOrNone": {"false"}}
		return r
	}
	records := make([]map[string]any, len(g.ops))
	for i, op := range g.ops {
		records[i] = body(op)
	}
	r.Body = map[string]any{"allOrNone": false, "records": records}
	switch {
	case first.Kind == connectors.Update:
		r.Method, r.Idempotent = http.MethodPatch, true
	case g.key != "":
		r.Method, r.Idempotent = http.MethodPatch, true
		r.Path = c.api.path("composite", "sobjects", first.Object, g.key)
	default:
		r.Method = http.MethodPost
	}
	return r
}

func (c *Connector) writeHeader() http.Header {
	h := http.Header{"Sforce-Auto-Assign": {"FALSE"}}
	if c.cfg.AssignmentRules {
		h.Set("Sforce-Auto-Assign", "TRUE")
	}
	if c.cfg.AllowDuplicates {
		h.Set("Sforce-Duplicate-Rule-Header", "allowSave=true")
	}
	return h
}

func (r rowResult) result(system string, op connectors.Op) connectors.Result {
	out := connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: longID(r.ID)}
	if out.RemoteID == "" {
		out.RemoteID = longID(op.RemoteID)
	}
	if r.Success {
		out.Adopted = op.Kind == connectors.Create && r.Created != nil && !*r.Created
		return out
	}
	e := apiError{}
	if len(r.Errors) > 0 {
		e = r.Errors[0]
	}
	if e.Duplicate == nil {
		e.Duplicate = r.Duplicate
	}
	if op.Kind == connectors.Archive && e.code() == "ENTITY_IS_DELETED" {
		return out // what was wanted is so
	}
	f := faultOf(e)
	f.System, f.Object, f.Op = system, op.Object, string(op.Kind)+" "+op.Object
	out.Status, out.Err = connectors.Rejected, f
	return out
}
