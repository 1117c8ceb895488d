package suitecrm

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// def is the definition of a field, as the API tells it: lists of values are
// not among it.
type def struct {
	Type     string `json:"type"`
	Source   string `json:"source"`
	Len      any    `json:"len"`
	Required any    `json:"required"`
}

func (d def) length() int {
	n, _ := strconv.Atoi(plain(d.Len)) // none is nought
	return n
}

// fieldsOf turns definitions into fields, in the order of their names.
func fieldsOf(defs map[string]def) []schema.Field {
	var list []schema.Field
	for _, name := range slices.Sorted(maps.Keys(defs)) {
		d := defs[name]
		if prefix, isType := strings.CutSuffix(name, "_type"); isType && defs[prefix+"_id"].Type != "" && (prefix == "parent" || prefix == "target") {
			for _, l := range links() {
				list = append(list, schema.Field{Name: prefix + "_" + l.suffix, Label: label(prefix) + ", one of " + l.module, Kind: record.Reference, RefersTo: l.module})
			}
		}
		if d.readable(name) {
			list = append(list, d.field(name))
		}
	}
	return list
}

// readable tells what is shown as it is held. What is no column is computed,
// but for the address and one reference.
func (d def) readable(name string) bool {
	switch name {
	case emailField, optOutField, "invalid_email":
		return true
	case "account_id":
		return d.Type == "id" || d.Type == "relate"
	case "id", "deleted", "parent_id", "parent_type", "target_id", "target_type", "user_hash":
		return false
	case "assigned_user_id":
		return true
	}
	switch d.Type {
	case "link", "relate", "parent", "function", "image", "file", "index", "encrypt", "none", "password", "fullname", "":
		return false
	}
	return d.Source != "non-db"
}

func (d def) field(name string) schema.Field {
	f := schema.Field{
		Name: name, Label: label(name), Kind: kindOfType(d.Type), Required: plain(d.Required) == "1" || plain(d.Required) == "true",
		Custom: d.Source == "custom_fields", Empty: []string{""},
	}
	if f.Kind == record.String || f.Kind == record.URL || f.Kind == record.Phone {
		f.MaxLen = d.length()
	}
	switch name {
	case emailField:
		f.Kind = record.Email
	case optOutField:
		f.Volatile = true // it stands on the address, which other records share
	case "invalid_email":
		f.Volatile, f.ReadOnly = true, true
	case "date_entered", modified, "created_by", "modified_user_id", "converted":
		f.ReadOnly = true
	}
	if to, ok := referenced()[name]; ok {
		f.Kind, f.RefersTo = record.Reference, to
	}
	return f
}

// referenced are the references whose modules are not told by their types.
func referenced() map[string]string {
	return map[string]string{
		"assigned_user_id": "Users", "created_by": "Users", "modified_user_id": "Users", "account_id": "Accounts",
		"contact_id": "Contacts", "campaign_id": "Campaigns", "opportunity_id": "Opportunities",
	}
}

func kindOfType(t string) record.Kind {
	switch t {
	case "text", "longtext", "html", "wysiwyg":
		return record.Text
	case "email":
		return record.Email
	case "phone":
		return record.Phone
	case "url":
		return record.URL
	case "bool":
		return record.Boolean
	case "int", "uint", "long", "ulong", "short", "tinyint":
		return record.Integer
	case "currency", "decimal", "double", "float":
		return record.Decimal
	case "date":
		return record.Date
	case "datetime", "datetimecombo":
		return record.Instant
	case "enum", "dynamicenum", "radioenum", "parent_type":
		return record.Enum
	case "multienum":
		return record.Set
	}
	return record.String
}

// label makes words of a name: SuiteCRM's own are not told.
func label(name string) string {
	words := strings.ReplaceAll(strings.TrimSuffix(name, "_c"), "_", " ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// standardDefs are those of a new SuiteCRM, as far as kinds spells them.
func standardDefs(k kind) map[string]def {
	defs := map[string]def{modified: {Type: "datetime"}}
	for part := range strings.FieldsSeq(k.standard) {
		bits := strings.Split(strings.TrimSuffix(part, "!"), ":")
		d := def{Type: bits[1], Required: strings.HasSuffix(part, "!")}
		if len(bits) > 2 {
			d.Len = bits[2]
		} else if d.Type == "varchar" {
			d.Len = "255"
		}
		defs[bits[0]] = d
	}
	return defs
}
