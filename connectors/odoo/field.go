package odoo

import (
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// property is a field as fields_get describes it.
type property struct {
	Type      string     `json:"type"`
	Label     string     `json:"string"`
	Required  bool       `json:"required"`
	ReadOnly  bool       `json:"readonly"`
	Stored    bool       `json:"store"`
	Relation  string     `json:"relation"`
	Selection [][]string `json:"selection"`
	Size      int        `json:"size"`
}

// attributes are what is asked of each field.
func attributes() []string {
	return []string{"type", "string", "required", "readonly", "store", "relation", "selection", "size"}
}

// countries is the model whose records are known by their codes.
const countries = "res.country"

// field returns the field as Tandem sees it; ok is false for those of kinds
// that it does not carry, such as images.
func (p property) field(k kind, name string, l lists) (schema.Field, bool) {
	f := schema.Field{
		Name: name, Label: p.Label, ReadOnly: p.ReadOnly, Volatile: !p.Stored, Custom: strings.HasPrefix(name, "x_"), MaxLen: p.Size,
	}
	switch p.Type {
	case "char":
		// Other fields that are required have defaults, of which Odoo does not tell
		// here.
		f.Kind, f.Required = record.String, p.Required
		if name == k.email || name == "email" || name == "email_normalized" {
			f.Kind = record.Email
		}
	case "text", "html":
		f.Kind = record.Text
	case "integer":
		f.Kind = record.Integer
	case "float", "monetary":
		f.Kind = record.Decimal
	case "boolean":
		f.Kind = record.Boolean
	case "date":
		f.Kind = record.Date
	case "datetime":
		f.Kind = record.Instant
	case "selection":
		f.Kind, f.Closed = record.Enum, true
		for _, s := range p.Selection {
			if len(s) == 2 {
				f.Options = append(f.Options, schema.Option{Value: s[0], Label: s[1]})
			}
		}
	case "many2one":
		f.Kind, f.RefersTo = record.Reference, k.objectOf(name, p.Relation)
		switch p.Relation {
		case countries:
			f.Kind, f.RefersTo = record.Country, ""
		case "crm.stage":
			f.Kind, f.RefersTo, f.Options = record.Enum, "", l.stageOptions()
		}
	case "many2many":
		f.Kind, f.ReadOnly = record.Set, true
	default:
		return f, false
	}
	switch name {
	case "id", "create_date", "write_date", "create_uid", "write_uid", "display_name", "email_normalized", "is_blacklisted":
		f.ReadOnly, f.Required = true, false
	}
	return f, true
}

// object puts an object together from the fields that Odoo describes.
func (c Config) object(k kind, described map[string]property, l lists) schema.Object {
	o := schema.Object{Name: k.name, Label: k.label, As: k.as, Lag: c.Overlap}
	o.Caps = schema.Capabilities{Changes: true, Read: true, BatchRead: c.PageSize, PageSize: c.PageSize}
	names := make([]string, 0, len(described))
	for name := range described {
		names = append(names, name)
	}
	slices.Sort(names)
	writes := false
	for _, name := range names {
		p := described[name]
		f, ok := p.field(k, name, l)
		if !ok {
			continue
		}
		writes = writes || !f.ReadOnly
		o.Fields = append(o.Fields, f)
		if p.Type == "many2one" {
			o.Fields = append(o.Fields, schema.Field{Name: name + nameSuffix, Label: p.Label + ": name", Kind: record.String, ReadOnly: true, Volatile: true})
		}
	}
	o.Fields = append(o.Fields, k.beside()...)
	if k.writable && writes {
		o.Caps.Create, o.Caps.Update, o.Caps.Archive, o.Caps.BatchWrite = true, true, true, c.BatchSize
	}
	o.Keys = keysOf(k, o.Fields)
	o.Caps.Lookup = len(o.Keys) > 0
	return o
}

// keysOf are the address, and fields that people keep other systems' ids in.
// Odoo makes none of them unique.
func keysOf(k kind, fields []schema.Field) []string {
	var keys []string
	for _, f := range fields {
		if f.Name == k.email || k.name == users && f.Name == "login" || f.Name == "ref" || f.Custom && f.Kind == record.String && !f.Volatile {
			keys = append(keys, f.Name)
		}
	}
	slices.SortStableFunc(keys, func(a, b string) int {
		switch k.email {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	return keys
}

// beside are the fields that are none of Odoo's own.
func (k kind) beside() []schema.Field {
	var fields []schema.Field
	if k.email != "" {
		fields = append(fields, schema.Field{Name: optOutField, Label: "On the blacklist of addresses", Kind: record.Boolean, Volatile: true})
	}
	if k.name == leads {
		f := schema.Field{Name: statusField, Label: "How far the sale is", Kind: record.Enum, Closed: true}
		for _, s := range []string{"lead", "opportunity", won, lost} {
			f.Options = append(f.Options, schema.Option{Value: s, Label: s})
		}
		fields = append(fields, f)
	}
	if k.aboutModel != "" {
		fields = append(fields, aboutFields()...)
	}
	return fields
}

// The ends of a sale.
const (
	won  = "won"
	lost = "lost"
)

// aboutFields refer to the record that a row is about, whichever object it is of.
func aboutFields() []schema.Field {
	return []schema.Field{
		{Name: "lead", Label: "Lead", Kind: record.Reference, RefersTo: leads, ReadOnly: true},
		{Name: "partner", Label: "Contact", Kind: record.Reference, RefersTo: people, ReadOnly: true},
		{Name: "recipient", Label: "Mailing contact", Kind: record.Reference, RefersTo: recipients, ReadOnly: true},
	}
}

// aboutModelOf is the model that a field of aboutFields refers to.
func aboutModelOf(field string) string {
	return map[string]string{"lead": leads, "partner": people, "recipient": recipients}[field]
}

// standardFields are those of a new Odoo.
func (k kind) standardFields() map[string]property {
	all := map[string]property{}
	for part := range strings.FieldsSeq(k.standard) {
		parts := strings.Split(part, ":")
		last := &parts[len(parts)-1]
		p := property{Label: parts[0], Stored: true, Required: strings.HasSuffix(*last, "!")}
		*last = strings.TrimRight(*last, "!*")
		p.Type = parts[1]
		if len(parts) > 2 && p.Type == "selection" {
			for v := range strings.SplitSeq(parts[2], ",") {
				p.Selection = append(p.Selection, []string{v, v})
			}
		} else if len(parts) > 2 {
			p.Relation = parts[2]
		}
		if parts[0] == "is_blacklisted" {
			p.Stored = false
		}
		all[parts[0]] = p
	}
	return all
}
