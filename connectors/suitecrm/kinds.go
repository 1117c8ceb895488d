package suitecrm

import (
	"slices"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

const (
	emailField  = "email1"
	optOutField = "email_opt_out"
	modified    = "date_modified"

	addressBook = "EmailAddresses"
)

// kind is a module that Tandem knows.
type kind struct {
	name, label string
	as          record.Object
	readOnly    bool
	standard    string // a new SuiteCRM's fields, for the page about it
}

func kinds() []kind {
	const own = "description:text assigned_user_id:assigned_user_name date_entered:datetime created_by:assigned_user_name modified_user_id:assigned_user_name "
	const email = "email1:varchar email_opt_out:bool invalid_email:bool "
	const person = own + email + "salutation:enum first_name:varchar:100 last_name:varchar:100! title:varchar:100 department:varchar do_not_call:bool phone_work:phone phone_mobile:phone " +
		"primary_address_street:varchar:150 primary_address_city:varchar:100 primary_address_state:varchar:100 primary_address_postalcode:varchar:20 primary_address_country:varchar lead_source:enum campaign_id:id "
	const parent = "parent_type:parent_type parent_id:id "
	return []kind{
		{"Users", "Users", record.Owner, true, "user_name:user_name first_name:name last_name:name status:enum title:varchar email1:varchar date_entered:datetime"},
		{"Accounts", "Accounts", record.Company, false, own + email + "name:name:150! account_type:enum industry:enum website:url phone_office:phone employees:varchar:10 annual_revenue:varchar:100 billing_address_street:varchar:150 billing_address_city:varchar:100 billing_address_state:varchar:100 billing_address_postalcode:varchar:20 billing_address_country:varchar"},
		{"Leads", "Leads", record.Person, false, person + "status:enum account_name:varchar website:url birthdate:date converted:bool contact_id:id account_id:id opportunity_id:id"},
		{"Contacts", "Contacts", record.Person, false, person + "account_id:id birthdate:date"},
		{"Campaigns", "Campaigns", record.Campaign, false, own + "name:name! status:enum! campaign_type:enum! start_date:date end_date:date! budget:currency objective:text"},
		{"Opportunities", "Opportunities", record.Deal, false, own + "name:name:50! amount:currency! sales_stage:enum! date_closed:date! probability:int lead_source:enum next_step:varchar:100 account_id:id campaign_id:id opportunity_type:enum"},
		{"Calls", "Calls", record.Activity, false, own + parent + "name:name:50! status:enum! direction:enum date_start:datetimecombo! date_end:datetimecombo duration_hours:int! duration_minutes:int"},
		{"Meetings", "Meetings", record.Activity, false, own + parent + "name:name:50! status:enum location:varchar:50 date_start:datetimecombo! date_end:datetimecombo duration_hours:int! duration_minutes:int"},
		{"Tasks", "Tasks", record.Activity, false, own + parent + "name:name:50! status:enum priority:enum date_start:datetimecombo date_due:datetimecombo contact_id:id"},
		{"Notes", "Notes", record.Activity, false, own + parent + "name:name:255! contact_id:id"},
		{"CampaignLog", "Campaign log", record.Touch, true, "campaign_id:id target_type:varchar target_id:varchar activity_type:enum activity_date:datetime more_information:varchar"},
	}
}

func kindOf(object string) (kind, bool) {
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.name == object })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

// object puts an object together from its fields.
func (c Config) object(k kind, fields []schema.Field) schema.Object {
	o := schema.Object{
		Name: k.name, Label: k.label, As: k.as, Lag: c.Overlap, Fields: fields,
		Caps: schema.Capabilities{Changes: true, Read: true, BatchRead: batchRead, PageSize: c.PageSize},
	}
	if !k.readOnly {
		o.Caps.Create, o.Caps.Update, o.Caps.Archive, o.Caps.Echo, o.Caps.BatchWrite = true, true, true, true, batchRows
	}
	// A text of one line that the customer made may be a key: SuiteCRM makes
	// nothing unique, but finds it.
	for _, f := range fields {
		switch {
		case f.Name == emailField:
			o.Keys = slices.Insert(o.Keys, 0, f.Name)
		case f.Custom && f.Kind == record.String:
			o.Keys = append(o.Keys, f.Name)
		}
	}
	o.Caps.Lookup = len(o.Keys) > 0
	return o
}

// kept tells whether an object has people's addresses.
func kept(o schema.Object) bool {
	_, ok := o.Field(optOutField)
	return ok
}

// link is a module that a parent or target may be of, and how Tandem calls the
// reference to it.
type link struct{ module, suffix string }

func links() []link {
	return []link{{"Leads", "lead"}, {"Contacts", "contact"}, {"Accounts", "account"}, {"Opportunities", "opportunity"}}
}

// linkOf takes the name of such a reference apart: parent_lead is the prefix
// parent and the module Leads.
func linkOf(field string) (prefix, module string, ok bool) {
	for _, p := range []string{"parent", "target"} {
		for _, l := range links() {
			if field == p+"_"+l.suffix {
				return p, l.module, true
			}
		}
	}
	return "", "", false
}
