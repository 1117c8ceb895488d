package salesforcesim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// change sets one field; an empty text clears it.
type change struct {
	field int
	text  string
}

const jsonError = "JSON_PARSER_ERROR"

// changesOf turns a record as sent into changes. A value of the wrong JSON
// type is a jsonError, which refuses the whole call as it does at the vendor.
func (t *Twin) changesOf(o *object, rec map[string]any) ([]change, []*rowError) {
	var out []change
	var errs []*rowError
	for _, name := range sortedKeys(rec) {
		if name == "attributes" || strings.EqualFold(name, "id") {
			continue
		}
		c, err := t.changeOf(o, name, rec[name])
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, c)
	}
	return out, errs
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (t *Twin) changeOf(o *object, name string, v any) (change, *rowError) {
	if ref, ok := v.(map[string]any); ok {
		return t.foreignKey(o, name, ref)
	}
	i, f, ok := o.field(name)
	if !ok {
		return change{}, refuse("INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", name, o.name))
	}
	text, err := canonical(f, v)
	return change{i, text}, err
}

// foreignKey resolves {"Account":{"Key__c":"x"}} to the parent's id.
func (t *Twin) foreignKey(o *object, name string, ref map[string]any) (change, *rowError) {
	i, f, ok := o.byRelation(name)
	if !ok {
		return change{}, refuse("INVALID_FIELD", fmt.Sprintf("No such column '%s' on sobject of type %s", name, o.name))
	}
	for key, v := range ref {
		if key == "attributes" {
			continue
		}
		for _, target := range f.refTo {
			p := t.object(target)
			if p == nil {
				continue
			}
			rows := t.byKey(p, key, fmt.Sprint(v))
			if len(rows) == 1 {
				return change{i, p.id(rows[0])}, nil
			}
			if len(rows) > 1 {
				return change{}, refuse("INVALID_FIELD", fmt.Sprintf("More than one record found for external id field: %s in entity %s", key, p.name))
			}
		}
		return change{}, refuse("INVALID_FIELD", fmt.Sprintf("Foreign key external ID: %v not found for field %s in entity %s", v, key, f.refTo[0]))
	}
	return change{i, ""}, nil
}

// byKey finds the live rows that have a value of an indexed field.
func (t *Twin) byKey(o *object, key, value string) []*row {
	i, f, ok := o.field(key)
	if !ok {
		return nil
	}
	if f.sys == sysID {
		if r := o.find(value); r != nil && !r.deleted {
			return []*row{r}
		}
		return nil
	}
	ix := o.values[i]
	if ix == nil {
		return nil
	}
	var out []*row
	for _, seq := range ix.seqs(value) {
		if r := o.rows[seq-1]; r != nil && !r.deleted {
			out = append(out, r)
		}
	}
	return out
}

// canonical turns a JSON value into the text a row keeps.
func canonical(f *field, v any) (string, *rowError) {
	if v == nil {
		return "", nil
	}
	s, _ := v.(string)
	s = strings.TrimSpace(s)
	switch f.kind() {
	case soql.Boolean:
		return booleanText(v, s)
	case soql.Number:
		return numberText(f, v, s)
	case soql.Date, soql.DateTime:
		return timeText(f, v, s)
	case soql.ID:
		return idText(f, v, s)
	default:
		return plainText(f, v, s)
	}
}

func plainText(f *field, v any, s string) (string, *rowError) {
	if n, ok := v.(json.Number); ok {
		return n.String(), nil
	}
	if _, ok := v.(string); !ok {
		return "", badJSON("string", v)
	}
	if f.typ == "email" {
		s = strings.ToLower(s) // as recorded answers show
	}
	return s, nil
}

func booleanText(v any, s string) (string, *rowError) {
	if b, ok := v.(bool); ok {
		return strconv.FormatBool(b), nil
	}
	switch strings.ToLower(s) {
	case "true", "1":
		return "true", nil
	case "false", "0":
		return "false", nil
	}
	return "", badJSON("boolean", v)
}

func numberText(f *field, v any, s string) (string, *rowError) {
	if n, ok := v.(json.Number); ok {
		s = n.String()
	}
	if s == "" {
		return "", nil
	}
	if !json.Valid([]byte(s)) || strings.ContainsAny(s, `"tfn[{`) {
		return "", badJSON("double", v)
	}
	return normalNumber(f, s), nil
}

// normalNumber writes a number with one place at least where the field has
// places, as the vendor answers it.
func normalNumber(f *field, s string) string {
	if f.typ == "int" || strings.ContainsAny(s, ".eE") {
		return s
	}
	return s + ".0"
}

func timeText(f *field, v any, s string) (string, *rowError) {
	if s == "" {
		if _, ok := v.(string); ok {
			return "", nil
		}
		return "", badJSON(f.soqlType(), v)
	}
	instant, ok := soql.ReadInstant(s)
	switch {
	case f.typ == "date" && len(s) == len(soql.DateLayout) && validDate(s):
		return s, nil
	case ok && f.typ == "date":
		return instant.Format(soql.DateLayout), nil
	case ok:
		return soql.Canonical(instant), nil
	case f.typ == "datetime" && validDate(s):
		return s + "T00:00:00.000+0000", nil
	}
	return "", badJSON(f.soqlType(), v)
}

func validDate(s string) bool {
	_, ok := soql.ReadInstant(s + "T00:00:00Z")
	return ok
}

func idText(f *field, v any, s string) (string, *rowError) {
	if s == "" {
		return "", nil
	}
	id, ok := soql.ID18(s)
	if !ok {
		return "", refuse("MALFORMED_ID", fmt.Sprintf("%s: id value of incorrect type: %v", f.label, v), f.name)
	}
	return id, nil
}

func badJSON(want string, v any) *rowError {
	return refuse(jsonError, fmt.Sprintf("Cannot deserialize instance of %s from VALUE_STRING value %v or request may be missing a required field at [line:1, column:2]", want, v))
}
