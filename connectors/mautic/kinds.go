package mautic

import (
	"slices"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

const (
	contacts  = "contacts"
	companies = "companies"

	optOutField = "email_opt_out"
	batchRows   = 200 // api_batch_max_limit, unless an administrator changed it
)

// kind is contacts or companies: what has fields and can be written.
type kind struct {
	name, one, label string
	as               record.Object
	audited          string // its name in the audit log
	standard         string // a new Mautic's fields, for the page about it
}

func kinds() []kind {
	return []kind{
		{contacts, "contact", "Contacts", record.Person, "lead", "title:lookup firstname:text lastname:text company:text position:text " +
			"email:email mobile:tel phone:tel points:number fax:tel address1:text address2:text city:text state:region zipcode:text " +
			"country:country preferred_locale:locale timezone:timezone last_active:datetime attribution_date:datetime attribution:number " +
			"website:url facebook:text foursquare:text instagram:text linkedin:text skype:text twitter:text"},
		{companies, "company", "Companies", record.Company, "company", "companyname:text companyemail:email companyaddress1:text " +
			"companyaddress2:text companyphone:tel companycity:text companystate:region companyzipcode:text companycountry:country " +
			"companywebsite:url companyindustry:select companydescription:text companynumber_of_employees:number companyannual_revenue:number companyfax:tel"},
	}
}

func kindOf(object string) (kind, bool) {
	i := slices.IndexFunc(kinds(), func(k kind) bool { return k.name == object })
	if i < 0 {
		return kind{}, false
	}
	return kinds()[i], true
}

// beside are the fields that are no field of Mautic's own making. Those of
// contacts are left out of short rows; see needsFull.
func (k kind) beside() []schema.Field {
	fields := []schema.Field{
		{Name: "dateAdded", Label: "Added", Kind: record.Instant, ReadOnly: true},
		{Name: "dateModified", Label: "Modified; empty until the first change", Kind: record.Instant, ReadOnly: true},
	}
	if k.name == contacts {
		fields = append(fields,
			schema.Field{Name: optOutField, Label: "Do not contact by e-mail", Kind: record.Boolean},
			schema.Field{Name: "email_bounced", Label: "E-mail bounced", Kind: record.Boolean, ReadOnly: true},
			schema.Field{Name: "owner", Label: "Owner", Kind: record.Reference, RefersTo: "users"},
			schema.Field{Name: "stage", Label: "Stage", Kind: record.Enum, Volatile: true},
			schema.Field{Name: "tags", Label: "Tags", Kind: record.Set, ReadOnly: true, Volatile: true},
			schema.Field{Name: "dateIdentified", Label: "Identified", Kind: record.Instant, ReadOnly: true},
		)
	}
	return fields
}

// needsFull tells whether a field comes with full rows only. Without one,
// minimal=1 spares Mautic several queries a row.
func needsFull(name string) bool {
	switch name {
	case optOutField, "email_bounced", "owner", "stage", "tags", "dateIdentified":
		return true
	}
	return false
}

// object puts an object together from its fields.
func (c Config) object(k kind, fields []schema.Field) schema.Object {
	o := schema.Object{
		Name: k.name, Label: k.label, As: k.as, Lag: c.Overlap, MaxDowntime: auditKept,
		Caps: schema.Capabilities{
			Changes: true, Gone: true, Read: true, Create: true, Update: true, Archive: true, Echo: true,
			BatchRead: batchRows, BatchWrite: batchRows, PageSize: c.PageSize,
		},
	}
	for _, f := range append(fields, k.beside()...) {
		if _, twice := o.Field(f.Name); twice {
			continue
		}
		o.Fields = append(o.Fields, f)
		if f.Unique {
			o.Keys = append(o.Keys, f.Name)
		}
	}
	slices.SortStableFunc(o.Keys, func(a, b string) int { // an address is the key that people know
		switch {
		case a == "email":
			return -1
		case b == "email":
			return 1
		}
		return 0
	})
	o.Caps.Lookup = len(o.Keys) > 0
	return o
}
