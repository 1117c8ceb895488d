package hubspot

import (
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// property is a property's definition.
type property struct {
	Name         string           `json:"name"`
	Label        string           `json:"label"`
	Type         string           `json:"type"`
	FieldType    string           `json:"fieldType"`
	Group        string           `json:"groupName,omitempty"`
	Options      []propertyOption `json:"options,omitempty"`
	Calculated   bool             `json:"calculated,omitempty"`
	External     bool             `json:"externalOptions,omitempty"`
	Unique       bool             `json:"hasUniqueValue,omitempty"`
	Defined      bool             `json:"hubspotDefined,omitempty"`
	Referenced   string           `json:"referencedObjectType,omitempty"`
	Modification struct {
		ReadOnlyValue bool `json:"readOnlyValue"`
	} `json:"modificationMetadata,omitzero"`
}

type propertyOption struct {
	Label  string `json:"label"`
	Value  string `json:"value"`
	Hidden bool   `json:"hidden"`
	Order  int    `json:"displayOrder"`
}

// longestText is what HubSpot stores of one property at most.
const longestText = 65536

// field turns a property of an object into a field.
func (p property) field(object string) schema.Field {
	f := schema.Field{
		Name: p.Name, Label: p.Label, Kind: p.kind(), ReadOnly: p.Calculated || p.Modification.ReadOnlyValue,
		Unique: p.Unique, Custom: !p.Defined,
	}
	if f.Kind == record.String || f.Kind == record.Text {
		f.MaxLen = longestText
	}
	if to := p.refersTo(object); to != "" {
		f.Kind, f.RefersTo = record.Reference, to
		return f
	}
	if f.Kind == record.Enum || f.Kind == record.Set {
		f.Closed = !p.External
		for _, o := range p.Options {
			f.Options = append(f.Options, schema.Option{Value: o.Value, Label: o.Label, Gone: o.Hidden})
		}
	}
	return f
}

func (p property) kind() record.Kind {
	switch {
	case p.Name == "hs_additional_emails" || p.Name == "hs_merged_object_ids":
		return record.Set
	case p.Name == "email":
		return record.Email
	case p.Type == "bool" || p.FieldType == "booleancheckbox":
		return record.Boolean
	case p.Type == "enumeration" && p.FieldType == "checkbox":
		return record.Set
	case p.Type == "enumeration":
		return record.Enum
	case p.Type == "number" && whole(p.Name):
		return record.Integer
	case p.Type == "number":
		return record.Decimal
	case p.Type == "datetime":
		return record.Instant
	case p.Type == "date":
		return record.Date
	case p.FieldType == "textarea" || p.FieldType == "html":
		return record.Text
	}
	return record.String
}

// whole names the numbers that count something.
func whole(name string) bool {
	switch name {
	case "numberofemployees", "hs_call_duration", "hs_object_id", "days_to_close":
		return true
	}
	return strings.HasPrefix(name, "num_") || strings.HasPrefix(name, "hs_analytics_num_")
}

func (p property) refersTo(object string) string {
	switch {
	case p.Referenced == "OWNER", p.Name == "hubspot_owner_id":
		return "owners"
	case object == "contacts" && p.Name == "associatedcompanyid", p.Name == "hs_primary_associated_company":
		return "companies"
	}
	return ""
}

// synthetic lists the fields of a CRM object that are no property.
func (k kind) synthetic() []schema.Field {
	var fields []schema.Field
	for _, l := range k.links {
		fields = append(fields, schema.Field{Name: linkPrefix + l.to, Label: "Main associated record of " + l.to, Kind: record.Reference, RefersTo: l.to})
	}
	if k.name == "contacts" {
		fields = append(fields, schema.Field{Name: optOutField, Label: "Unsubscribed from all e-mail", Kind: record.Boolean})
	}
	return fields
}

// object puts a CRM object together from its fields.
func (c Config) object(k kind, fields []schema.Field) schema.Object {
	o := schema.Object{
		Name: k.name, Label: strings.ToUpper(k.name[:1]) + k.name[1:], As: k.as, Lag: c.Overlap, MaxDowntime: binDays,
		Fields: append(fields, k.synthetic()...),
		Caps: schema.Capabilities{
			Changes: true, Split: c.Ranges > 1, Gone: true, Read: true, Create: true, Update: true, Archive: true, Echo: true,
			BatchRead: batchRows, BatchWrite: batchRows, PageSize: searchPage, FirstPage: listPage,
		},
	}
	if f, ok := o.Field(c.Key); ok && f.Unique {
		o.Keys = append(o.Keys, c.Key)
	}
	if k.name == "contacts" {
		o.Keys = append(o.Keys, "email")
	}
	for i := range o.Fields {
		f := &o.Fields[i]
		if f.Unique && !f.ReadOnly && f.Name != c.Key && f.Name != "email" {
			o.Keys = append(o.Keys, f.Name)
		}
		switch {
		case f.Name == "email" && k.name == "contacts":
			f.Unique = true
		case f.Name == billedField:
			f.ReadOnly = !c.MarketingContacts
		case f.Name == "hs_timestamp" && k.as == record.Activity:
			f.Required = true
		}
	}
	o.Caps.Lookup = len(o.Keys) > 0
	return o
}
