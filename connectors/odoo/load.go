package odoo

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// loaded is what an import answers: the ids of its rows, or false and, for each
// row that could not be stored, why. One bad row undoes all.
type loaded struct {
	IDs      json.RawMessage `json:"ids"`
	Messages []struct {
		Type   string          `json:"type"`
		Record *int            `json:"record"`
		Field  json.RawMessage `json:"field"`
	} `json:"messages"`
}

// dbID is the column with the ids in the database.
const dbID = ".id"

// load stores a group by one import. Rows in doubt are then stored one by one:
// Odoo tells only so of what class the trouble is.
func (w *write) load(ctx context.Context, g group) ([]connectors.Result, error) {
	update := g.ops[0].Kind == connectors.Update
	if update && len(g.fields) == 0 { // nothing but an opt-out or the end of a sale
		return applied(g.ops, nil), nil
	}
	var answer loaded
	fields, data := w.table(g)
	_, err := w.c.do(ctx, call{
		model: w.kind.of(), method: "load", args: map[string]any{"fields": fields, "data": data},
		op: string(g.ops[0].Kind) + " " + w.kind.name, object: w.kind.name, again: update,
	}, &answer)
	switch {
	case err != nil && (!aboutRows(err) || fault.Is(err, fault.Permission)): // rows without permission are told in messages
		return nil, err
	case err != nil && len(g.ops) == 1:
		w.reject(g.ops[0], rowFault(err))
		return nil, nil
	case err != nil:
		return w.each(ctx, g)
	}
	var ids []int64
	if bytes.HasPrefix(answer.IDs, []byte("[")) && httpapi.Decode(answer.IDs, &ids) == nil && len(ids) == len(g.ops) {
		return applied(g.ops, ids), nil
	}
	return w.retry(ctx, g, answer)
}

// table is the import: one row for each op.
func (w *write) table(g group) (fields []string, data [][]string) {
	update := g.ops[0].Kind == connectors.Update
	marked := !update && w.kind.made != ""
	if update {
		fields = append(fields, dbID)
	}
	for _, f := range g.fields {
		fields = append(fields, column(f))
	}
	if marked {
		fields = append(fields, w.kind.made)
	}
	for _, op := range g.ops {
		var row []string
		if update {
			row = append(row, op.RemoteID)
		}
		op.Fields = w.c.Canonical(w.kind.name, op.Fields)
		for _, f := range g.fields {
			row = append(row, w.imported(f, valueOf(op, f)))
		}
		if marked {
			row = append(row, "1")
		}
		data = append(data, row)
	}
	return fields, data
}

func applied(ops []connectors.Op, ids []int64) []connectors.Result {
	out := make([]connectors.Result, len(ops))
	for i, op := range ops {
		out[i] = connectors.Result{Op: op.ID, Status: connectors.Applied, RemoteID: op.RemoteID}
		if ids != nil {
			out[i].RemoteID = itoa(ids[i])
		}
	}
	return out
}

// retry goes on after an import that was undone: without the rows that it
// named, and with these by themselves.
func (w *write) retry(ctx context.Context, g group, answer loaded) ([]connectors.Result, error) {
	missing, named := map[int]bool{}, map[int]bool{}
	for _, m := range answer.Messages {
		if m.Type == "error" && m.Record != nil && *m.Record >= 0 && *m.Record < len(g.ops) {
			named[*m.Record] = true
			missing[*m.Record] = missing[*m.Record] || string(m.Field) == `"`+dbID+`"`
		}
	}
	if len(named) == 0 && len(g.ops) > 1 {
		return w.each(ctx, g)
	}
	rest := group{fields: g.fields}
	var out []connectors.Result
	for i, op := range g.ops {
		switch {
		case missing[i]:
			w.reject(op, &fault.Error{Class: fault.Missing, Scope: fault.ScopeRow})
		case named[i], len(g.ops) == 1:
			stored, err := w.direct1(ctx, g, op)
			if err != nil {
				w.results = append(w.results, out...)
				return nil, err
			}
			out = append(out, stored...)
		default:
			rest.ops = append(rest.ops, op)
		}
	}
	if len(rest.ops) == 0 {
		return out, nil
	}
	more, err := w.load(ctx, rest)
	if err != nil {
		w.results = append(w.results, out...)
		return nil, err
	}
	return append(out, more...), nil
}

// each stores the ops of a group one by one.
func (w *write) each(ctx context.Context, g group) ([]connectors.Result, error) {
	var out []connectors.Result
	for _, op := range g.ops {
		stored, err := w.load(ctx, group{fields: g.fields, ops: []connectors.Op{op}})
		if err != nil {
			w.results = append(w.results, out...)
			return nil, err
		}
		out = append(out, stored...)
	}
	return out, nil
}

// direct1 stores one op by create or write, which raise what an import only
// words.
func (w *write) direct1(ctx context.Context, g group, op connectors.Op) ([]connectors.Result, error) {
	values := map[string]any{}
	op.Fields = w.c.Canonical(w.kind.name, op.Fields)
	for _, f := range g.fields {
		values[f.Name] = w.direct(f, valueOf(op, f))
	}
	k := call{model: w.kind.of(), op: string(op.Kind) + " " + w.kind.name, object: w.kind.name}
	var made []int64
	var err error
	if op.Kind == connectors.Update {
		k.method, k.ids, k.args, k.again = "write", []int64{number(op.RemoteID)}, map[string]any{"vals": values}, true
		_, err = w.c.do(ctx, k, nil)
	} else {
		if w.kind.made != "" {
			values[w.kind.made] = true
		}
		k.method, k.args = "create", map[string]any{"vals_list": []any{values}}
		_, err = w.c.do(ctx, k, &made)
	}
	switch {
	case err != nil && !aboutRows(err):
		return nil, err
	case err != nil:
		w.reject(op, rowFault(err))
		return nil, nil
	case len(made) == 1:
		return applied([]connectors.Op{op}, made), nil
	}
	return applied([]connectors.Op{op}, nil), nil
}
