package odoosim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// imported is a row of an import that can be stored: a new record, or what
// changes in the one with the id.
type imported struct {
	id   int64
	vals map[string]any
}

// load imports a table of texts. All of it is stored or nothing.
func (t *Twin) load(m *model, in invocation) (any, *raised) {
	fields, data := texts(in.args["fields"]), [][]string{}
	rows, _ := in.args["data"].([]any)
	for _, r := range rows {
		data = append(data, texts(r))
	}
	if err := t.spoil(in, data); err != nil {
		return nil, err
	}
	messages := []map[string]any{}
	var changes []imported
	for i, row := range data {
		c, field, err := t.importable(m, in, fields, row)
		switch {
		case err == nil:
			changes = append(changes, c)
			continue
		case err.name == "builtins.KeyError":
			return nil, err
		}
		msg := map[string]any{"type": "error", "record": i, "rows": map[string]int{"from": i, "to": i}, "message": err.message}
		if field != "" {
			msg["field"] = field
		}
		if messages = append(messages, msg); len(messages) >= 10 && len(messages) >= i/10 {
			messages = append(messages, map[string]any{"type": "warning", "message": "Found more than 10 errors and more than one error per 10 records, interrupted."})
			break
		}
	}
	if len(messages) > 0 {
		return map[string]any{"ids": false, "messages": messages, "nextrow": 0}, nil
	}
	ids := []int64{}
	for _, c := range changes {
		if c.id == 0 {
			c.id = t.make(m, c.vals, in.uid)
		} else {
			t.change(m, m.recs[c.id], c.vals, in.uid)
		}
		ids = append(ids, c.id)
	}
	return map[string]any{"ids": ids, "messages": messages, "nextrow": 0}, nil
}

// importable checks a row; field is the one in which it cannot be read.
func (t *Twin) importable(m *model, in invocation, fields, row []string) (c imported, field string, err *raised) {
	if c, field, err = t.converted(m, fields, row); err != nil {
		return c, field, err
	}
	right, check := ".create", t.complete
	if c.id != 0 {
		right, check = ".write", t.checked
	}
	if c.id != 0 && !t.visible(m, c.id, in) {
		return c, ".id", valueError("Unknown database identifier '%d'", c.id)
	}
	if t.denied[m.name+right] {
		return c, "", accessError()
	}
	if err := t.soured(append(slices.Clone(row), itoa(c.id))...); err != nil {
		return c, "", err
	}
	c.vals, err = check(m, c.vals)
	return c, "", err
}

// visible tells whether an import finds a record: it searches as everybody does.
func (t *Twin) visible(m *model, id int64, in invocation) bool {
	r, ok := m.recs[id]
	return ok && (!in.activeTest() || r.vals["active"] != false)
}

// spoil takes the faults of rows: what they refuse stays refused.
func (t *Twin) spoil(in invocation, data [][]string) *raised {
	var row string
	f, ok := t.faults.TakeWhere(http.MethodPost, in.path, func(f simkit.Fault) bool {
		if !slices.Contains([]string{"row_error", "row_lock", "whole_batch_error"}, f.Kind) {
			return false
		}
		all := slices.Concat(data...)
		i := slices.IndexFunc(all, func(v string) bool { return f.MatchesRow(v) })
		if i >= 0 {
			row = all[i]
		}
		return i >= 0
	})
	if !ok {
		return nil
	}
	if f.Kind == "whole_batch_error" {
		return userError("A module of the company refuses this import.")
	}
	t.sour[row] = f.Kind
	return nil
}

// converted makes values of the texts of a row.
func (t *Twin) converted(m *model, fields, row []string) (c imported, field string, err *raised) {
	c.vals = map[string]any{}
	for i, column := range fields[:min(len(fields), len(row))] {
		if column == ".id" {
			id, bad := strconv.ParseInt(row[i], 10, 64)
			if bad != nil || id == 0 {
				return c, ".id", valueError("Unknown database identifier '%s'", row[i])
			}
			c.id = id
			continue
		}
		name, sub, related := strings.Cut(column, "/")
		f, ok := m.fields[name]
		switch {
		case !ok:
			return c, name, &raised{"builtins.KeyError", http.StatusInternalServerError, name}
		case related && sub != ".id":
			return c, name, valueError("Can not create Many-To-One records indirectly, import the field separately")
		}
		if c.vals[name], err = t.parsed(f, row[i], sub); err != nil {
			return c, name, err
		}
	}
	return c, "", nil
}

// parsed reads a text as an import does; nothing is false.
func (t *Twin) parsed(f Field, text, sub string) (any, *raised) {
	if text == "" {
		return false, nil
	}
	switch f.Type {
	case "boolean":
		switch strings.ToLower(text) {
		case "1", "true", "yes":
			return true, nil
		case "0", "false", "no":
			return false, nil
		}
	case "integer", "float", "monetary":
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n, nil
		}
	case "selection":
		if i := slices.IndexFunc(f.Options, func(o string) bool { return o == text || strings.ToUpper(o) == text }); i >= 0 {
			return f.Options[i], nil
		}
	case "many2one":
		if id := t.related(f, text, sub); id != 0 {
			return float64(id), nil
		}
	default:
		return text, nil
	}
	return nil, valueError("'%s' does not seem to be a valid value for field '%s'", text, f.Label)
}

// related finds what a many2one refers to, by id or by name.
func (t *Twin) related(f Field, text, sub string) int64 {
	for _, r := range t.models[f.Relation].recs {
		if sub == ".id" && itoa(r.id) == text || sub == "" && r.vals["name"] == text {
			return r.id
		}
	}
	return 0
}

func texts(v any) []string {
	list, _ := v.([]any)
	out := make([]string, len(list))
	for i, x := range list {
		out[i], _ = x.(string)
	}
	return out
}
