package odoosim

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// checked are values as they will be stored, or why they cannot be.
func (t *Twin) checked(m *model, given map[string]any) (map[string]any, *raised) {
	vals := map[string]any{}
	for name, v := range given {
		stored, err := t.stored(m, name, v)
		if err != nil {
			return nil, err
		}
		vals[name] = stored
	}
	if p, ok := vals["probability"].(float64); ok && (p < 0 || p > 100) {
		return nil, validation("The probability of closing the deal should be between 0%% and 100%%!")
	}
	for name, v := range vals {
		if m.fields[name].Required && (v == nil || v == "") {
			return nil, missingValue(name)
		}
	}
	return vals, nil
}

// complete are checked values of a new record.
func (t *Twin) complete(m *model, given map[string]any) (map[string]any, *raised) {
	for name, f := range m.fields { // the type of a lead has a default
		if _, ok := given[name]; f.Required && !ok && name != "type" {
			return nil, missingValue(name)
		}
	}
	return t.checked(m, given)
}

func missingValue(name string) *raised {
	return validation("The operation cannot be completed: missing required value for the field (%s).", name)
}

// stored is a value as the field holds it; false is none but in a boolean.
func (t *Twin) stored(m *model, name string, v any) (any, *raised) {
	f, ok := m.fields[name]
	if !ok {
		return nil, valueError("Invalid field '%s' on model '%s'", name, m.name)
	}
	text, _ := v.(string)
	if err := t.soured(text); err != nil {
		return nil, err
	}
	bad := valueError("Wrong value for %s.%s: %v", m.name, name, v)
	switch f.Type {
	case "boolean":
		return v != nil && v != false && v != 0.0 && v != "", nil
	case "integer", "float", "monetary":
		return numeric(v, bad)
	}
	if v == nil || v == false {
		return nil, nil
	}
	layouts := map[string]string{"date": time.DateOnly, "datetime": time.DateTime}
	switch f.Type {
	case "selection":
		if !slices.Contains(f.Options, text) {
			return nil, bad
		}
	case "many2one":
		related, ok := t.models[f.Relation]
		if !ok || related.recs[number(v)] == nil {
			return nil, validation("The operation cannot be completed: another model requires the record being deleted: %s", name)
		}
		return number(v), nil
	case "date", "datetime":
		if _, err := time.Parse(layouts[f.Type], text); err != nil {
			return nil, bad
		}
	case "html":
		return "<p>" + strings.TrimSuffix(strings.TrimPrefix(text, "<p>"), "</p>") + "</p>", nil
	}
	return v, nil
}

func numeric(v any, bad *raised) (any, *raised) {
	switch v := v.(type) {
	case nil, bool:
		return 0.0, nil
	case float64:
		return v, nil
	case string:
		if n, err := strconv.ParseFloat(v, 64); err == nil {
			return n, nil
		}
	}
	return nil, bad
}

// make creates a record of checked values and does what the model does besides.
func (t *Twin) make(m *model, vals map[string]any, by int64) int64 {
	if m.name == "mail.blacklist" {
		address := normalized(vals["email"])
		for _, r := range m.recs {
			if r.vals["email"] == address {
				return r.id // as it is, archived or not
			}
		}
		vals["email"] = address
	}
	defaults := map[string]map[string]any{
		"crm.lead": {"type": "lead", "priority": "0", "probability": 10.0}, "res.partner": {"type": "contact", "is_company": false},
	}[m.name]
	for name, v := range defaults {
		if vals[name] == nil {
			vals[name] = v
		}
	}
	if stages := t.models["crm.stage"]; m.name == "crm.lead" && vals["stage_id"] == nil && len(stages.order) > 0 {
		vals["stage_id"] = stages.order[0]
	}
	r := m.add(vals, t.now(), by)
	t.settle(m, r)
	return r.id
}

// change sets checked values in a record.
func (t *Twin) change(m *model, r *rec, vals map[string]any, by int64) {
	maps.Copy(r.vals, vals)
	r.written, r.by = t.now(), by
	if id, ok := vals["stage_id"].(int64); ok && m.name == "crm.lead" && t.models["crm.stage"].recs[id].vals["is_won"] == true {
		r.vals["probability"] = 100.0 // what a stage for won ones implies
	}
	t.settle(m, r)
	for _, a := range t.autos.For(m.name) {
		old, _ := r.vals[a.Field].(string)
		r.vals[a.Field] = a.Rewrite(old)
	}
}

// settle computes what is stored of other fields.
func (t *Twin) settle(m *model, r *rec) {
	if _, ok := m.fields["email_normalized"]; !ok {
		return
	}
	for _, name := range []string{"email_from", "email"} {
		if _, ok := m.fields[name]; ok {
			r.vals["email_normalized"] = nil
			if a := normalized(r.vals[name]); strings.Contains(a, "@") {
				r.vals["email_normalized"] = a
			}
			return
		}
	}
}

func normalized(v any) string {
	text, _ := v.(string)
	if i := strings.LastIndexByte(text, '<'); i >= 0 {
		text, _, _ = strings.Cut(text[i+1:], ">")
	}
	return strings.ToLower(strings.TrimSpace(text))
}
