package salesforce

import (
	"encoding/json"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
)

// encoded is a value in Salesforce's words. Salesforce knows no empty
// checkbox: cleared is false.
func encoded(v record.Value) (text string, null bool) {
	switch {
	case v.IsNull() && v.Kind() == record.Boolean:
		return "false", false
	case v.IsNull() || v.Text() == "":
		return "", true
	case v.Kind() == record.Set:
		return strings.Join(v.Members(), ";"), false
	case v.Kind() == record.Reference:
		return v.Text()[strings.LastIndexByte(v.Text(), '/')+1:], false
	}
	return v.Text(), false
}

func jsonValue(v record.Value) any {
	text, null := encoded(v)
	switch {
	case null:
		return nil
	case v.Kind() == record.Boolean:
		return text == "true"
	case v.Kind() == record.Integer || v.Kind() == record.Decimal:
		return json.Number(text)
	}
	return text
}

// body returns an op as one record of a collection.
func body(op connectors.Op) map[string]any {
	row := make(map[string]any, len(op.Fields)+2)
	for name, v := range op.Fields {
		if !v.IsAbsent() {
			row[name] = jsonValue(v)
		}
	}
	row["attributes"] = map[string]string{"type": op.Object}
	if op.Kind == connectors.Update {
		row["id"] = longID(op.RemoteID)
	}
	if op.Kind == connectors.Create && op.Key.Field != "" {
		row[op.Key.Field] = op.Key.Value
	}
	return row
}

// Canonical returns the fields as Salesforce will hold them: texts without
// space around them, cut nowhere, empty texts as null, checkboxes never null.
func (c *Connector) Canonical(_ string, f record.Fields) record.Fields {
	out, copied := f, false
	for name, v := range f {
		n := canonical(v)
		if n == v {
			continue
		}
		if !copied {
			out, copied = f.Clone(), true
		}
		out[name] = n
	}
	return out
}

func canonical(v record.Value) record.Value {
	switch {
	case v.IsNull() && v.Kind() == record.Boolean:
		return record.OfBool(false)
	case !v.IsPresent():
		return v
	}
	switch v.Kind() {
	case record.String, record.Text, record.Enum, record.Email, record.Phone, record.URL:
		text := strings.TrimSpace(v.Text())
		if v.Kind() == record.Email {
			text = strings.ToLower(text)
		}
		if text == "" {
			return record.NullOf(v.Kind())
		}
		if text != v.Text() {
			return record.Of(v.Kind(), text)
		}
	default:
	}
	return v
}
