package odoosim

import (
	"maps"
	"strconv"
	"strings"
	"time"
)

// Seed makes n records of a model, all written at the same moment, with what
// values gives for each, and returns their ids.
func (t *Twin) Seed(model string, n int, at time.Time, values func(i int) map[string]any) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.models[model]
	ids := make([]string, n)
	for i := range n {
		id := t.make(m, maps.Clone(values(i)), 3)
		m.recs[id].created, m.recs[id].written = at.UTC(), at.UTC()
		ids[i] = itoa(id)
	}
	return ids
}

// Edit lets a person set fields of a record, now.
func (t *Twin) Edit(model, id string, values map[string]any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if m, r := t.at(model, id); r != nil {
		t.change(m, r, values, 3)
	}
}

// Get returns what a record holds, archived or not.
func (t *Twin) Get(model, id string) (map[string]any, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m, r := t.at(model, id)
	if r == nil {
		return nil, false
	}
	out := maps.Clone(r.vals)
	for _, name := range []string{"is_blacklisted", "write_uid", "write_date"} {
		out[name] = t.value(m, r, name)
	}
	return out, true
}

// Delete removes a record for good.
func (t *Twin) Delete(model, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if m, r := t.at(model, id); r != nil {
		m.remove(r.id)
	}
}

// Merge merges a lead or contact into another, as the wizard does: the loser
// is deleted, without a trace.
func (t *Twin) Merge(model, loser, winner string) {
	t.Delete(model, loser)
	t.Edit(model, winner, map[string]any{})
}

// Count returns how many records of a model are not archived.
func (t *Twin) Count(model string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for _, r := range t.models[model].recs {
		if r.vals["active"] != false {
			n++
		}
	}
	return n
}

// extend gives models the fields that were made by hand.
func (t *Twin) extend(made []map[string]any) *raised {
	for _, vals := range made {
		name, _ := vals["name"].(string)
		label, _ := vals["field_description"].(string)
		kind, _ := vals["ttype"].(string)
		if !strings.HasPrefix(name, "x_") {
			return validation("Custom fields must have a name that starts with 'x_'!")
		}
		owner, _ := t.models["ir.model"].recs[number(vals["model_id"])].vals["model"].(string)
		t.models[owner].fields[name] = Field{Type: kind, Label: label}
	}
	return nil
}

// AddField makes a field of the customer's own, with a name that begins with x_.
func (t *Twin) AddField(model, name string, f Field) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.models[model].fields[name] = f
}

func (t *Twin) at(name, id string) (*model, *rec) {
	m, ok := t.models[name]
	if !ok {
		return nil, nil
	}
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return m, nil
	}
	return m, m.recs[n]
}
