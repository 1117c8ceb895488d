package odoosim

import (
	"net/http"
	"slices"
	"strings"
)

// method is a public method of every model, or of one.
type method struct {
	args    []string // the names of its parameters
	ofModel bool     // it takes no ids
	right   string
	run     func(t *Twin, m *model, in invocation) (any, *raised)
}

func methods() map[string]method {
	return map[string]method{
		"search_read":      {[]string{"domain", "fields", "offset", "limit", "order"}, true, "read", (*Twin).searchRead},
		"fields_get":       {[]string{"allfields", "attributes"}, true, "read", func(t *Twin, m *model, _ invocation) (any, *raised) { return t.describe(m), nil }},
		"context_get":      {nil, true, "", (*Twin).contextGet},
		"create":           {[]string{"vals_list"}, true, "create", (*Twin).create},
		"load":             {[]string{"fields", "data"}, true, "", (*Twin).load},
		"write":            {[]string{"vals"}, false, "write", (*Twin).write},
		"unlink":           {nil, false, "unlink", (*Twin).unlink},
		"action_archive":   {nil, false, "write", (*Twin).archive},
		"action_unarchive": {nil, false, "write", (*Twin).archive},
		"action_set_won":   {nil, false, "write", (*Twin).setWon},
		"action_set_lost":  {[]string{"lost_reason_id"}, false, "write", (*Twin).setLost},
		"message_post":     {[]string{"body", "subject", "message_type", "subtype_xmlid", "body_is_html"}, false, "write", (*Twin).messagePost},
	}
}

// invoke runs a method as Odoo would, in one transaction.
func (t *Twin) invoke(in invocation) (any, *raised) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, ok := t.models[in.model]
	switch {
	case !ok && in.rpc:
		return nil, userError("Object " + in.model + " doesn't exist")
	case !ok:
		return nil, notFound("the model '" + in.model + "' does not exist")
	}
	call, ok := methods()[in.method]
	if !ok || strings.HasPrefix(in.method, "action_set_") && in.model != "crm.lead" {
		return nil, notFound("The method '" + in.model + "." + in.method + "' does not exist")
	}
	if err := call.binds(&in); err != nil {
		return nil, err
	}
	if call.right != "" && t.denied[in.model+"."+call.right] {
		return nil, accessError()
	}
	if !call.ofModel {
		if err := t.ready(m, in.ids); err != nil {
			return nil, err
		}
	}
	return call.run(t, m, in)
}

// binds gives a method what it is called with, by the names, and tells what it
// does not take.
func (c method) binds(in *invocation) *raised {
	if c.ofModel && len(in.ids) > 0 {
		return unprocessable("cannot call " + in.model + "." + in.method + " with ids")
	}
	if in.model == "mail.blacklist" && in.method == "create" {
		c.args = []string{"values"} // its own name for it
	}
	if !c.ofModel && len(in.positional) > 0 {
		in.ids, in.positional = idsOf(in.positional[0]), in.positional[1:]
	}
	if len(in.positional) > len(c.args) {
		return unprocessable("too many positional arguments")
	}
	for i, v := range in.positional {
		in.args[c.args[i]] = v
	}
	for name := range in.args {
		if name != "context" && !slices.Contains(c.args, name) {
			return unprocessable("got an unexpected keyword argument '" + name + "'")
		}
	}
	return nil
}

// ready tells whether records are there and not refused.
func (t *Twin) ready(m *model, ids []int64) *raised {
	for _, id := range ids {
		if _, ok := m.recs[id]; !ok {
			return missingError()
		}
		if err := t.soured(itoa(id)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Twin) soured(known ...string) *raised {
	for _, k := range known {
		switch t.sour[k] {
		case "row_lock":
			return lockError()
		case "row_error", "whole_batch_error":
			return validation("A rule of the company refuses %s.", k)
		}
	}
	return nil
}

func (t *Twin) contextGet(_ *model, in invocation) (any, *raised) {
	return map[string]any{"lang": "en_US", "tz": "Europe/Vienna", "uid": in.uid}, nil
}

func (t *Twin) searchRead(m *model, in invocation) (any, *raised) {
	if _, again := t.faults.Take(http.MethodPost, in.path, "repeated_page"); again && t.last != nil {
		return t.last, nil
	}
	found, err := t.found(m, in)
	if err != nil {
		return nil, err
	}
	var fields []string
	if list, ok := in.args["fields"].([]any); ok {
		for _, f := range list {
			if name, ok := f.(string); ok {
				fields = append(fields, name)
			}
		}
	}
	for _, name := range fields {
		if _, ok := m.fields[name]; !ok {
			return nil, valueError("Invalid field '%s' on model '%s'", name, m.name)
		}
	}
	rows := make([]map[string]any, len(found))
	for i, r := range found {
		rows[i] = t.show(m, r, fields)
	}
	if m.name == "crm.lead" {
		t.last = rows
	}
	return rows, nil
}

func (t *Twin) create(m *model, in invocation) (any, *raised) {
	given := in.args["vals_list"]
	if m.name == "mail.blacklist" {
		given = in.args["values"]
	}
	list, ok := given.([]any)
	if !ok {
		list = []any{given}
	}
	var all []map[string]any
	for _, x := range list {
		given, _ := x.(map[string]any)
		vals, err := t.complete(m, given)
		if err != nil {
			return nil, err
		}
		all = append(all, vals)
	}
	ids := []int64{}
	for _, vals := range all {
		ids = append(ids, t.make(m, vals, in.uid))
	}
	if m.name == "ir.model.fields" {
		return ids, t.extend(all)
	}
	return ids, nil
}

func (t *Twin) write(m *model, in invocation) (any, *raised) {
	given, _ := in.args["vals"].(map[string]any)
	vals, err := t.checked(m, given)
	if err != nil {
		return nil, err
	}
	for _, id := range in.ids {
		t.change(m, m.recs[id], vals, in.uid)
	}
	return true, nil
}

func (t *Twin) unlink(m *model, in invocation) (any, *raised) {
	for _, id := range in.ids {
		m.remove(id)
	}
	return true, nil
}

// archive is action_archive and its opposite.
func (t *Twin) archive(m *model, in invocation) (any, *raised) {
	if _, ok := m.fields["active"]; !ok {
		return nil, &raised{"builtins.KeyError", http.StatusInternalServerError, "active"}
	}
	active := in.method == "action_unarchive"
	for _, id := range in.ids {
		vals := map[string]any{"active": active}
		if active && m.name == "crm.lead" && m.recs[id].vals["active"] == false { // a restored lead has a chance again
			vals["lost_reason_id"], vals["probability"] = nil, 10.0
		}
		t.change(m, m.recs[id], vals, in.uid)
	}
	return true, nil
}

func (t *Twin) setWon(m *model, in invocation) (any, *raised) {
	for _, id := range in.ids {
		for _, s := range t.models["crm.stage"].recs {
			if s.vals["is_won"] == true {
				t.change(m, m.recs[id], map[string]any{"active": true, "stage_id": s.id, "probability": 100.0}, in.uid)
			}
		}
	}
	return true, nil
}

func (t *Twin) setLost(m *model, in invocation) (any, *raised) {
	for _, id := range in.ids {
		t.change(m, m.recs[id], map[string]any{"active": false, "probability": 0.0}, in.uid)
	}
	return true, nil
}

func (t *Twin) messagePost(m *model, in invocation) (any, *raised) {
	if len(in.ids) != 1 {
		return nil, valueError("Expected singleton: %s", m.name)
	}
	vals := map[string]any{"model": m.name, "res_id": float64(in.ids[0]), "body": in.args["body"], "subject": in.args["subject"], "message_type": in.args["message_type"]}
	id := t.models["mail.message"].add(vals, t.now(), in.uid).id
	if in.rpc {
		return id, nil
	}
	return []int64{id}, nil
}
