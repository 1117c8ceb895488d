package espocrm

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// defs are the definitions of one entity type, or of a part of one, as
// EspoCRM's metadata has them: `fields`, `links` and some settings.
type defs map[string]any

func (d defs) part(name string) defs {
	m, _ := d[name].(map[string]any)
	return m
}

func (d defs) text(name string) string {
	s, _ := d[name].(string)
	return s
}

func (d defs) flag(name string) bool {
	b, _ := d[name].(bool)
	return b
}

func (d defs) number(name string) int {
	n, _ := d[name].(json.Number)
	i, _ := n.Int64() // none is nought
	return int(i)
}

// fields turns definitions into fields, in the order of their names. Others are
// those of all entity types, where lists of options may be kept.
func (d defs) fields(others defs) []schema.Field {
	var list []schema.Field
	all := d.part("fields")
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, f := range d.field(name, others) {
			if !slices.ContainsFunc(list, func(x schema.Field) bool { return x.Name == f.Name }) {
				list = append(list, f)
			}
		}
	}
	return list
}

// field returns the fields that one definition stands for.
func (d defs) field(name string, others defs) []schema.Field {
	def := d.part("fields").part(name)
	if !def.readable(name) {
		return nil
	}
	f := schema.Field{
		Name: name, Label: label(name), ReadOnly: def.flag("readOnly"), Required: def.flag("required"), Custom: def.flag("isCustom"),
		Empty: []string{""},
	}
	switch t := def.text("type"); t {
	case "link":
		f.Name, f.Kind, f.RefersTo = name+"Id", record.Reference, d.part("links").part(name).text("entity")
	case "linkParent":
		var list []schema.Field
		for _, entity := range parents() {
			list = append(list, schema.Field{Name: name + entity, Label: label(name) + ", a " + entity, Kind: record.Reference, RefersTo: entity, ReadOnly: f.ReadOnly})
		}
		return list
	case "datetimeOptional":
		day := f
		f.Kind, day.Name, day.Kind, day.Required = record.Instant, name+"Date", record.Date, false
		return []schema.Field{f, day}
	case "enum", "multiEnum", "checklist", "array":
		f.Kind, f.Options = kindOfType(t), def.options(others)
		f.Closed = len(f.Options) > 0 && !def.flag("allowCustomOptions")
	default:
		f.Kind = kindOfType(t)
		f.MaxLen = def.longest()
	}
	switch {
	case strings.HasPrefix(name, emailField+"Is"), strings.HasPrefix(name, "phoneNumberIs"):
		f.Volatile = true // it stands on the address, which other records share
	case def.text("type") == "personName", def.text("type") == "autoincrement", def.text("type") == "number":
		f.ReadOnly = true
	case def.text("type") == "currencyConverted":
		f.Volatile = true
	}
	return []schema.Field{f}
}

// readable tells what a list can show. What is not stored is shown only where
// the definition says how it is selected.
func (d defs) readable(name string) bool {
	if d.flag("disabled") {
		return false
	}
	switch d.text("type") {
	case "email", "phone", "personName":
		return true
	case "bool":
		if strings.HasSuffix(name, "IsOptedOut") || strings.HasSuffix(name, "IsInvalid") {
			return name != "targetListIsOptedOut"
		}
	case "", "address", "map", "linkMultiple", "linkOne", "attachmentMultiple", "file", "image", "jsonObject", "jsonArray", "password",
		"duration", "base", "foreign", "barcode":
		return false
	}
	_, selected := d["select"].(map[string]any)
	return selected || !d.flag("notStorable")
}

func (d defs) longest() int {
	if n := d.number("maxLength"); n > 0 {
		return n
	}
	switch d.text("type") {
	case "varchar", "email", "url":
		return 255
	}
	return 0
}

// options lists what an enum offers, which may be what another one offers.
func (d defs) options(others defs) []schema.Option {
	if entity, field, ok := strings.Cut(d.text("optionsReference"), "."); ok {
		d = others.part(entity).part("fields").part(field)
	}
	list, _ := d["options"].([]any)
	var out []schema.Option
	for _, o := range list {
		if s, ok := o.(string); ok && s != "" {
			out = append(out, schema.Option{Value: s, Label: s})
		}
	}
	return out
}

func kindOfType(t string) record.Kind {
	switch t {
	case "text", "wysiwyg":
		return record.Text
	case "email":
		return record.Email
	case "phone":
		return record.Phone
	case "url":
		return record.URL
	case "bool":
		return record.Boolean
	case "int", "autoincrement", "enumInt":
		return record.Integer
	case "float", "decimal", "currency", "currencyConverted", "enumFloat":
		return record.Decimal
	case "date":
		return record.Date
	case "datetime":
		return record.Instant
	case "enum":
		return record.Enum
	case "multiEnum", "checklist", "array", "urlMultiple":
		return record.Set
	}
	return record.String
}

// label makes words of a name: EspoCRM's own are in another call.
func label(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case i == 0:
			b.WriteString(strings.ToUpper(string(r)))
		case r >= 'A' && r <= 'Z':
			b.WriteString(" " + strings.ToLower(string(r)))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// standardDefs are those of a new EspoCRM, as far as kinds spells them.
func standardDefs(k kind) defs {
	fields, links := map[string]any{}, map[string]any{}
	own := k.standard + " createdAt:datetime~ createdBy:link~=User"
	if k.stamp == "modifiedAt" {
		own += " modifiedAt:datetime~"
	}
	for part := range strings.FieldsSeq(own) {
		part, entity, _ := strings.Cut(part, "=")
		name, t, _ := strings.Cut(part, ":")
		def := map[string]any{"type": strings.TrimRight(t, "!~"), "required": strings.Contains(t, "!"), "readOnly": strings.Contains(t, "~")}
		fields[name] = def
		switch def["type"] {
		case "email", "phone":
			fields[name+"IsOptedOut"], fields[name+"IsInvalid"] = map[string]any{"type": "bool"}, map[string]any{"type": "bool"}
		case "currency":
			fields[name+"Currency"] = map[string]any{"type": "enum", "maxLength": json.Number("3")}
		case "link":
			links[name] = map[string]any{"entity": entity}
		}
	}
	return defs{"fields": fields, "links": links}
}
