package hubspotsim

import (
	"slices"
	"strconv"
	"strings"
)

// filterSpec is a filter as it comes.
type filterSpec struct {
	PropertyName string   `json:"propertyName"`
	Operator     string   `json:"operator"`
	Value        string   `json:"value"`
	HighValue    string   `json:"highValue"`
	Values       []string `json:"values"`
}

// filter is one ready to be tried on records. Numbers and times compare as
// numbers, the rest as text.
type filter struct {
	name    string
	op      string
	numeric bool
	on      func(r *record) (int64, bool) // set for the columns that need no text
	number  float64
	high    float64
	text    string
	values  []string
	isEnum  bool
}

func compile(tb *table, spec filterSpec) (filter, error) {
	def := tb.defs[spec.PropertyName]
	if def == nil {
		return filter{}, invalid("There was a problem with the request: property %s does not exist", spec.PropertyName)
	}
	f := filter{
		name: spec.PropertyName, op: spec.Operator, text: spec.Value, values: spec.Values,
		isEnum: def.Type == "enumeration", numeric: def.Type == "number" || def.Type == "datetime" || def.Type == "date",
	}
	switch spec.PropertyName {
	case "hs_object_id":
		f.on = func(r *record) (int64, bool) { return r.id, true }
	case tb.modified:
		f.on = func(r *record) (int64, bool) { return r.modified, true }
	}
	ok := true
	switch spec.Operator {
	case "EQ", "NEQ", "LT", "LTE", "GT", "GTE":
		f.number, ok = asNumber(def, spec.Value)
	case "BETWEEN":
		var high bool
		f.number, ok = asNumber(def, spec.Value)
		f.high, high = asNumber(def, spec.HighValue)
		ok = ok && high
	case "IN", "NOT_IN":
		ok = len(spec.Values) > 0
	case "HAS_PROPERTY", "NOT_HAS_PROPERTY", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN":
	default:
		return filter{}, invalid("There was a problem with the request: unknown operator %s", spec.Operator)
	}
	if !ok {
		return filter{}, invalid("There was a problem with the request: invalid value for %s %s", spec.PropertyName, spec.Operator)
	}
	return f, nil
}

// asNumber reads a filter value of a property compared as a number; text
// properties need none.
func asNumber(def *Property, value string) (float64, bool) {
	switch def.Type {
	case "number":
		n, err := strconv.ParseFloat(value, 64)
		return n, err == nil
	case "datetime", "date":
		ms, ok := parseTime(value)
		return float64(ms), ok
	}
	return 0, true
}

func (t *Twin) matches(tb *table, r *record, f *filter) bool {
	if f.on != nil {
		n, _ := f.on(r)
		return f.matchNumber(float64(n), itoa(n))
	}
	value := t.value(tb, r, f.name)
	switch {
	case f.op == "HAS_PROPERTY":
		return value != ""
	case f.op == "NOT_HAS_PROPERTY":
		return value == ""
	case value == "":
		return f.op == "NOT_IN" || f.op == "NOT_CONTAINS_TOKEN"
	case f.numeric:
		n, _ := asNumber(tb.defs[f.name], value)
		return f.matchNumber(n, value)
	}
	return f.matchText(value)
}

func (f *filter) matchNumber(n float64, text string) bool {
	switch f.op {
	case "EQ":
		return n == f.number
	case "NEQ":
		return n != f.number
	case "LT":
		return n < f.number
	case "LTE":
		return n <= f.number
	case "GT":
		return n > f.number
	case "GTE":
		return n >= f.number
	case "BETWEEN":
		return n >= f.number && n <= f.high
	case "HAS_PROPERTY":
		return true
	}
	return f.matchText(text)
}

func (f *filter) matchText(value string) bool {
	if !f.isEnum {
		value = strings.ToLower(value) // and IN's values are expected in lower case
	}
	want := f.text
	if !f.isEnum {
		want = strings.ToLower(want)
	}
	switch f.op {
	case "EQ":
		return value == want
	case "NEQ":
		return value != want
	case "LT":
		return value < want
	case "LTE":
		return value <= want
	case "GT":
		return value > want
	case "GTE":
		return value >= want
	case "IN":
		return slices.Contains(f.values, value)
	case "NOT_IN":
		return !slices.Contains(f.values, value)
	case "CONTAINS_TOKEN":
		return containsToken(value, want)
	case "NOT_CONTAINS_TOKEN":
		return !containsToken(value, want)
	}
	return false
}

// containsToken looks for a whole word; * stands for any run of characters at
// its ends.
func containsToken(value, want string) bool {
	bare := strings.Trim(want, "*")
	words := append(strings.FieldsFunc(value, func(r rune) bool { return strings.ContainsRune(" @.,;:/-_()<>\"'", r) }), value)
	for _, w := range words {
		switch {
		case strings.HasPrefix(want, "*") && strings.HasSuffix(want, "*"):
			if strings.Contains(w, bare) {
				return true
			}
		case strings.HasPrefix(want, "*"):
			if strings.HasSuffix(w, bare) {
				return true
			}
		case strings.HasSuffix(want, "*"):
			if strings.HasPrefix(w, bare) {
				return true
			}
		case w == bare:
			return true
		}
	}
	return false
}
