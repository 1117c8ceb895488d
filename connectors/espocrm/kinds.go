package espocrm

import (
	"slices"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

const (
	emailField  = "emailAddress"
	optOutField = "emailAddressIsOptedOut"

	note    = "Note"
	logbook = "CampaignLogRecord"
)

// kind is an entity type that Tandem knows.
type kind struct {
	name, label string
	as          record.Object
	stamp       string // the attribute that moves when a record changes
	readOnly    bool
	versioned   bool   // optimistic concurrency control, unless an administrator turned it off
	standard    string // a new EspoCRM's fields, for the page about it
}

func kinds() []kind {
	const address = " addressStreet:text addressCity:varchar addressState:varchar addressCountry:varchar addressPostalCode:varchar "
	const person = "firstName:varchar lastName:varchar title:varchar emailAddress:email phoneNumber:phone doNotCall:bool description:text assignedUser:link=User campaign:link=Campaign" + address
	const planned = "name:varchar! status:enum description:text parent:linkParent assignedUser:link=User dateStart:datetimeOptional dateEnd:datetimeOptional "
	return []kind{
		{"User", "Users", record.Owner, "modifiedAt", true, false, "userName:varchar name:personName firstName:varchar lastName:varchar isActive:bool type:enum emailAddress:email title:varchar"},
		{"Account", "Accounts", record.Company, "modifiedAt", false, true, "name:varchar! website:url emailAddress:email phoneNumber:phone type:enum industry:enum sicCode:varchar description:text assignedUser:link=User campaign:link=Campaign billingAddressStreet:text billingAddressCity:varchar billingAddressState:varchar billingAddressCountry:varchar billingAddressPostalCode:varchar"},
		{"Lead", "Leads", record.Person, "modifiedAt", false, false, person + "status:enum source:enum industry:enum accountName:varchar website:url opportunityAmount:currency convertedAt:datetime~ createdContact:link=Contact createdAccount:link=Account createdOpportunity:link=Opportunity"},
		{"Contact", "Contacts", record.Person, "modifiedAt", false, false, person + "account:link=Account"},
		{"Campaign", "Campaigns", record.Campaign, "modifiedAt", false, false, "name:varchar! status:enum type:enum startDate:date endDate:date description:text budget:currency assignedUser:link=User"},
		{"TargetList", "Target lists", record.Campaign, "modifiedAt", false, false, "name:varchar! description:text assignedUser:link=User"},
		{"Opportunity", "Opportunities", record.Deal, "modifiedAt", false, true, "name:varchar! amount:currency! stage:enum probability:int closeDate:date! leadSource:enum description:text account:link=Account contact:link=Contact campaign:link=Campaign assignedUser:link=User"},
		{"Call", "Calls", record.Activity, "modifiedAt", false, false, planned + "direction:enum"},
		{"Meeting", "Meetings", record.Activity, "modifiedAt", false, false, planned},
		{"Task", "Tasks", record.Activity, "modifiedAt", false, true, planned + "priority:enum dateCompleted:datetime~"},
		{note, "Posts in the stream", record.Activity, "modifiedAt", false, false, "post:text parent:linkParent"},
		{logbook, "Campaign log", record.Touch, "createdAt", true, false, "action:enum actionDate:datetime campaign:link=Campaign parent:linkParent stringData:varchar stringAdditionalData:varchar isTest:bool"},
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
		o.Caps.Conditional = k.versioned
	}
	// A text of one line that the customer made may be a key: EspoCRM makes
	// nothing unique, but finds it.
	for _, f := range fields {
		switch {
		case f.Name == emailField:
			o.Keys = slices.Insert(o.Keys, 0, f.Name)
		case f.Custom && f.Kind == record.String && !f.ReadOnly:
			o.Keys = append(o.Keys, f.Name)
		}
	}
	o.Caps.Lookup = len(o.Keys) > 0
	return o
}

// picked is a condition that all rows of a kind meet: of the stream only what
// people post, not what EspoCRM notes about changes.
func (k kind) picked() []cond {
	if k.name == note {
		return []cond{where("type", "equals", "Post")}
	}
	return nil
}

// parents are the entity types that a parent may be of, and the references in
// which Tandem shows it.
func parents() []string { return []string{"Lead", "Contact", "Account", "Opportunity"} }
