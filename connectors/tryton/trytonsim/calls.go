package trytonsim

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// dispatch carries out model.<name>.<method>; the last parameter is the context.
func (t *Twin) dispatch(call request, uid int64) (any, *refusal) {
	rest, _ := strings.CutPrefix(call.Method, "model.")
	dot := strings.LastIndex(rest, ".")
	if dot < 0 || len(call.Params) == 0 {
		return nil, &refusal{[]any{"'" + call.Method + "'", ""}}
	}
	name, method, params := rest[:dot], rest[dot+1:], call.Params[:len(call.Params)-1]
	around, _ := call.Params[len(call.Params)-1].(map[string]any)
	if name == "res.user" && method == "get_preferences" {
		return map[string]any{"company": 1, "employee": 1, "language": "en"}, nil
	}
	if t.models[name] == nil {
		return nil, &refusal{[]any{"'" + name + "'", ""}}
	}
	x := t.transaction(uid)
	switch method {
	case "search", "search_read", "search_count":
		return t.find(name, method, params, around), nil
	case "read":
		return t.readMany(name, params)
	case "create":
		return x.create(name, params, around)
	case "write":
		return nil, x.write(name, params, around)
	case "delete":
		return nil, x.remove(name, params)
	case "lead", "opportunity", "convert", "lost", "cancel", "quote", "confirm":
		return nil, x.atomic(func() *refusal {
			if err := x.unmoved(around); err != nil {
				return err
			}
			return x.press(name, method, ids(params))
		})
	}
	return nil, &refusal{[]any{"'" + method + "'", ""}}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func ids(params []any) []int64 {
	if len(params) == 0 {
		return nil
	}
	list, _ := params[0].([]any)
	out := make([]int64, 0, len(list))
	for _, v := range list {
		if id, ok := value(v).(int64); ok {
			out = append(out, id)
		}
	}
	return out
}

func (t *Twin) find(name, method string, params []any, around map[string]any) any {
	domain, _ := params[0].([]any)
	found := t.search(name, domain)
	if around["active_test"] != false {
		found = t.active(name, found)
	}
	if method == "search_count" {
		return len(found)
	}
	if len(params) > 2 {
		from, _ := value(params[1]).(int64)
		found = found[min(int(from), len(found)):]
		if limit, ok := value(params[2]).(int64); ok {
			found = found[:min(int(limit), len(found))]
		}
	}
	if method == "search" {
		return append([]int64{}, found...)
	}
	var asked []string
	if len(params) > 4 {
		list, _ := params[4].([]any)
		for _, f := range list {
			text, _ := f.(string)
			asked = append(asked, text)
		}
	}
	rows := []any{}
	for _, id := range found {
		rows = append(rows, t.read(name, id, asked))
	}
	return rows
}

func (t *Twin) readMany(name string, params []any) (any, *refusal) {
	rows := []any{}
	var asked []string
	if len(params) > 1 {
		list, _ := params[1].([]any)
		for _, f := range list {
			text, _ := f.(string)
			asked = append(asked, text)
		}
	}
	for _, id := range ids(params) {
		if t.models[name].rows[id] == nil {
			return nil, userError("You are trying to read records \"%d\" of %q that don't exist anymore.", id, name)
		}
		rows = append(rows, t.read(name, id, asked))
	}
	return rows, nil
}

// atomic undoes everything if f is refused.
func (x transaction) atomic(f func() *refusal) *refusal {
	err := f()
	if err != nil {
		for _, back := range slices.Backward(*x.undo) {
			back()
		}
	}
	return err
}

func (x transaction) create(name string, params []any, around map[string]any) (any, *refusal) {
	made := []int64{}
	err := x.atomic(func() *refusal {
		list, _ := params[0].([]any)
		for _, item := range list {
			given, _ := item.(map[string]any)
			values := fields{}
			if name == "sale.opportunity" {
				if around["company"] == nil {
					return userError(`A value is required for field "Company" in "Sale Opportunity".`)
				}
				values = fields{"state": "lead", "number": strconv.FormatInt(x.t.models[name].last+1, 10), "currency": int64(1), "employee": int64(1)}
			}
			id := x.insert(name, values)
			made = append(made, id)
			if err := x.lay(name, id, given); err != nil {
				return err
			}
		}
		return nil
	})
	return made, err
}

// lay puts values into a record, and what is nested into what belongs to it.
func (x transaction) lay(name string, id int64, given map[string]any) *refusal {
	for _, field := range slices.Sorted(maps.Keys(given)) {
		r, related := x.t.models[name].relations[field]
		if actions, isList := given[field].([]any); related && isList {
			for _, a := range actions {
				action, _ := a.([]any)
				if err := x.nested(name, id, r, action); err != nil {
					return err
				}
			}
			continue
		}
		m := x.t.models[name]
		row := m.rows[id]
		m.drop(id)
		row[field] = value(given[field])
		m.put(id, row)
	}
	return nil
}

func (x transaction) nested(name string, id int64, r relation, action []any) *refusal {
	switch action[0] {
	case "create":
		list, _ := action[1].([]any)
		for _, item := range list {
			given, _ := item.(map[string]any)
			if err := x.lay(r.to, x.insert(r.to, fields{r.back: id}), given); err != nil {
				return err
			}
		}
	case "write":
		given, _ := action[2].(map[string]any)
		return x.writeOne(r.to, ids(action[1:]), given)
	case "delete":
		for _, other := range ids(action[1:]) {
			x.drop(r.to, other)
		}
	case "add":
		x.remember(name, id)
		row := x.t.models[name].rows[id]
		held, _ := row[r.to].([]int64)
		row[r.to] = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(held), ids(action[1:])...))))
	}
	return nil
}

// unmoved refuses a call if a record was written since the stamp around it.
func (x transaction) unmoved(around map[string]any) *refusal {
	stamps, _ := around["_timestamp"].(map[string]any)
	for key, stamp := range stamps {
		model, id, _ := strings.Cut(key, ",")
		n, err := strconv.ParseInt(id, 10, 64)
		if m := x.t.models[model]; err == nil && m != nil && m.rows[n] != nil && timestamp(m.rows[n]) > text(stamp) {
			return &refusal{[]any{"ConcurrencyException", "Records were modified in the meanwhile"}}
		}
	}
	return nil
}

func (x transaction) write(name string, params []any, around map[string]any) *refusal {
	return x.atomic(func() *refusal {
		if err := x.unmoved(around); err != nil {
			return err
		}
		for pair := range slices.Chunk(params, 2) {
			given, _ := pair[1].(map[string]any)
			if err := x.writeOne(name, ids(pair), given); err != nil {
				return err
			}
		}
		return nil
	})
}

func (x transaction) writeOne(name string, list []int64, given map[string]any) *refusal {
	for _, id := range list {
		if x.t.models[name].rows[id] == nil {
			return userError("You are trying to write to records \"%d\" of %q that don't exist anymore.", id, name)
		}
		if name == "party.party" && x.t.bad[strconv.FormatInt(id, 10)] {
			return userError(`The value "x" for field "Country" in "Address" does not exist.`)
		}
		x.set(name, id, nil)
		if err := x.lay(name, id, given); err != nil {
			return err
		}
	}
	return nil
}

func (x transaction) remove(name string, params []any) *refusal {
	for _, id := range ids(params) {
		if name == "party.party" {
			if len(x.t.search("sale.opportunity", []any{"party", "=", id})) > 0 {
				return userError(`A value is required for field "Party" in "Sale Opportunity".`)
			}
			for _, below := range []string{"contact_mechanisms", "addresses"} {
				r := x.t.models[name].relations[below]
				for _, other := range x.t.many(name, id, r) {
					x.drop(r.to, other)
				}
			}
		}
		x.drop(name, id)
	}
	return nil
}

// press is a person's press on a button. One that does not lead on from where a
// record stands does nothing.
func (x transaction) press(name, button string, list []int64) *refusal {
	leads := map[string][]string{
		"lead": {"cancelled", "lost", "opportunity"}, "opportunity": {"lead"}, "convert": {"opportunity", "lead"},
		"lost": {"lead", "opportunity"}, "cancel": {"lead", "opportunity"}, "quote": {"draft"}, "confirm": {"quotation"},
	}
	becomes := map[string]string{
		"lead": "lead", "opportunity": "opportunity", "lost": "lost",
		"convert": "converted", "cancel": "cancelled", "quote": "quotation", "confirm": "confirmed",
	}
	for _, id := range list {
		row := x.t.models[name].rows[id]
		if state, _ := row["state"].(string); !slices.Contains(leads[button], state) {
			continue
		}
		if button == "quote" {
			if err := complete(id, row); err != nil {
				return err
			}
		}
		x.set(name, id, fields{"state": becomes[button]})
		x.follow(button, id, row)
	}
	return nil
}

// complete asks for what a quotation needs.
func complete(sale int64, row fields) *refusal {
	for _, field := range []string{"invoice_address", "shipment_address"} {
		if row[field] == nil {
			return userError("To get a quote for sale \"(%d)\" you must enter the %s.", sale, strings.ReplaceAll(field, "_", " "))
		}
	}
	return nil
}

// follow is what comes of a step: a sale, or an opportunity that is won by it.
func (x transaction) follow(button string, id int64, row fields) {
	switch button {
	case "convert":
		row["sales"] = []int64{x.insert("sale.sale", fields{"state": "draft", "party": row["party"], "origin": id})}
	case "confirm":
		if origin, ok := row["origin"].(int64); ok {
			x.set("sale.opportunity", origin, fields{"state": "won"})
		}
	}
}
