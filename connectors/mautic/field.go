package mautic

import (
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// property is a field of contacts or companies as Mautic describes it.
type property struct {
	Alias     string `json:"alias"`
	Label     string `json:"label"`
	Type      string `json:"type"`
	Published *bool  `json:"isPublished"`
	Required  bool   `json:"isRequired"`
	// Unique is spelled in two ways by different versions.
	Unique     bool       `json:"isUniqueIdentifier"`
	UniqueOld  bool       `json:"isUniqueIdentifer"`
	Fixed      *bool      `json:"isFixed"`
	Properties properties `json:"properties"`
}

type properties struct {
	Scale text
	List  bag[option]
}

type option struct {
	Label text `json:"label"`
	Value text `json:"value"`
}

// UnmarshalJSON copes with the empty list that PHP makes of no properties.
func (p *properties) UnmarshalJSON(b []byte) error {
	var all bag[raw]
	if err := all.UnmarshalJSON(b); err != nil || len(b) > 0 && b[0] != '{' {
		return nil //nolint:nilerr // properties of a shape we do not know are none
	}
	if scale, ok := all.at("scale"); ok {
		_ = p.Scale.UnmarshalJSON(scale) // never fails on a scalar
	}
	if list, ok := all.at("list"); ok && p.List.UnmarshalJSON(list) != nil {
		p.List = bag[option]{} // options written as one text, as very old versions did
	}
	return nil
}

// raw is a JSON value left as it is.
type raw []byte

// UnmarshalJSON keeps a copy.
func (r *raw) UnmarshalJSON(b []byte) error {
	*r = append((*r)[:0], b...)
	return nil
}

// longestText is what Mautic takes for a field of one line.
const longestText = 191

func (p property) field() schema.Field {
	f := schema.Field{
		Name: p.Alias, Label: p.Label, Kind: kindOfType(p.Type), Required: p.Required, Unique: p.Unique || p.UniqueOld,
		Custom: p.Fixed != nil && !*p.Fixed, Empty: []string{""},
	}
	switch p.Type {
	case "number":
		if p.Properties.Scale.number() == 0 {
			f.Kind = record.Integer
		}
	case "text", "lookup", "email":
		f.MaxLen = longestText
	case "select", "multiselect":
		f.Closed = len(p.Properties.List.items) > 0
		for _, o := range p.Properties.List.items {
			f.Options = append(f.Options, schema.Option{Value: o.Value.s, Label: o.Label.s})
		}
	}
	switch p.Alias {
	case "points":
		f.Kind, f.Volatile = record.Integer, true
	case "last_active":
		f.ReadOnly, f.Volatile = true, true
	}
	return f
}

func kindOfType(t string) record.Kind {
	switch t {
	case "textarea", "html":
		return record.Text
	case "email":
		return record.Email
	case "number":
		return record.Decimal
	case "boolean":
		return record.Boolean
	case "date":
		return record.Date
	case "datetime":
		return record.Instant
	case "select":
		return record.Enum
	case "multiselect":
		return record.Set
	}
	return record.String
}

// standardFields are those of a new Mautic.
func (k kind) standardFields() []schema.Field {
	var fields []schema.Field
	for part := range strings.FieldsSeq(k.standard) {
		alias, kind, _ := strings.Cut(part, ":")
		p := property{Alias: alias, Label: alias, Type: kind, Unique: alias == "email" || alias == "companyname"}
		fields = append(fields, p.field())
	}
	return fields
}
