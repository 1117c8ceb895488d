package odoo

import (
	"slices"

	"github.com/tandem-sync/tandem/record"
)

const (
	leads      = "crm.lead"
	people     = "res.partner"
	companies  = "res.partner.company"
	recipients = "mailing.contact"
	notes      = "mail.message"
	traces     = "mailing.trace"
	users      = "res.users"

	optOutField = "email_opt_out"
	statusField = "sale_status"
	nameSuffix  = ".name" // of a field with the name of what another refers to
)

// kind is an object: the records of a model, or some of them.
type kind struct {
	name, label string
	as          record.Object
	model       string // the name, unless set
	only        domain // which of the model's records
	email       string // the field with the address that the blacklist is about
	writable    bool
	unlinks     bool   // its records cannot be archived
	made        string // a boolean that every new record is given
	// about are the fields with the model and the id of the record that a row
	// is about.
	aboutModel, aboutID string
	standard            string // a new Odoo's fields, for the page about it
}

func kinds() []kind {
	return []kind{
		{
			name: leads, label: "Leads and opportunities", as: record.Person, email: "email_from", writable: true, standard: standardLead,
		},
		{
			name: people, label: "Contacts: people", as: record.Person, email: "email", writable: true, standard: standardPartner,
			only: domain{{"is_company", "=", false}, {"type", "=", "contact"}},
		},
		{
			name: companies, label: "Contacts: companies", as: record.Company, model: people, email: "email", writable: true, standard: standardPartner,
			only: domain{{"is_company", "=", true}}, made: "is_company",
		},
		{
			name: recipients, label: "Mailing contacts", as: record.Person, email: "email", writable: true, unlinks: true,
			standard: "name:char company_name:char email:char* country_id:many2one:res.country list_ids:many2many " + standardMail,
		},
		{name: "mailing.list", label: "Mailing lists", as: record.Campaign, standard: "name:char! active:boolean"},
		{
			name: "mailing.subscription", label: "Who is on which mailing list", as: record.Relation,
			standard: "contact_id:many2one:mailing.contact! list_id:many2one:mailing.list! opt_out:boolean opt_out_datetime:datetime",
		},
		{
			name: "mailing.mailing", label: "Mailings", as: record.Campaign,
			standard: "name:char subject:char! state:selection:draft,in_queue,sending,done sent_date:datetime campaign_id:many2one:utm.campaign user_id:many2one:res.users",
		},
		{
			name: "utm.campaign", label: "Campaigns", as: record.Campaign,
			standard: "name:char title:char! user_id:many2one:res.users",
		},
		{
			name: "mail.activity", label: "Planned activities", as: record.Activity, aboutModel: "res_model", aboutID: "res_id",
			standard: "activity_type_id:many2one:mail.activity.type summary:char note:html date_deadline:date! date_done:date user_id:many2one:res.users automated:boolean active:boolean",
		},
		{name: users, label: "Users", as: record.Owner, standard: "name:char! login:char! email:char* active:boolean"},
	}
}

const (
	standardMail = "email_normalized:char* is_blacklisted:boolean message_bounce:integer create_date:datetime write_date:datetime "

	standardLead = "name:char! type:selection:lead,opportunity! active:boolean contact_name:char partner_name:char email_from:char* phone:char website:char " +
		"function:char street:char street2:char city:char zip:char state_id:many2one:res.country.state country_id:many2one:res.country " +
		"lang_id:many2one:res.lang description:html user_id:many2one:res.users team_id:many2one:crm.team stage_id:many2one:crm.stage " +
		"partner_id:many2one:res.partner priority:selection:0,1,2,3 probability:float expected_revenue:monetary date_deadline:date date_closed:datetime " +
		"lost_reason_id:many2one:crm.lost.reason campaign_id:many2one:utm.campaign source_id:many2one:utm.source medium_id:many2one:utm.medium " +
		"tag_ids:many2many referred:char " + standardMail

	standardPartner = "name:char! active:boolean is_company:boolean type:selection:contact,invoice,delivery,other parent_id:many2one:res.partner " +
		"email:char* phone:char website:char function:char street:char street2:char city:char zip:char state_id:many2one:res.country.state " +
		"country_id:many2one:res.country lang:char comment:html ref:char vat:char user_id:many2one:res.users category_id:many2many " + standardMail
)

func (k kind) of() string {
	if k.model != "" {
		return k.model
	}
	return k.name
}

func kindOf(object string) (kind, bool) {
	i := slices.IndexFunc(kinds(), func(k kind) bool { return k.name == object })
	if i < 0 {
		return kind{}, false
	}
	return kinds()[i], true
}

// objectOf names the object that a field of a kind refers to, by its model.
func (k kind) objectOf(field, model string) string {
	if model == people && field == "parent_id" {
		return companies
	}
	return model
}
