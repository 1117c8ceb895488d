package salesforcesim

import (
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Options say what kind of organisation the twin is. The zero value is an
// ordinary one with no limits on.
type Options struct {
	// Clock is the twin's time; the machine's when nil.
	Clock *simkit.Clock
	// Latency is how long every call takes at least.
	Latency time.Duration
	// Rotate makes refresh tokens good for one use, with family revocation.
	Rotate bool
	// TokenTTL is how long an access token lives; 2 hours when nought.
	TokenTTL time.Duration
	// CustomFields are added to the standard ones. Tandem_Id__c is always
	// there on Lead, Contact, Account, Opportunity, Campaign and Task, unless
	// NoTandemID is set.
	CustomFields []CustomField
	// NoTandemID leaves Tandem_Id__c out, as in an organisation not prepared.
	NoTandemID bool
	// HiddenFields are taken away by field-level security: "Contact.Email".
	HiddenFields []string
	// HistoryOff names objects whose field history tracking is off.
	HistoryOff []string
	// TrackedFields are the fields whose history is kept, per object; a
	// sensible few when nil.
	TrackedFields map[string][]string
	// DailyLimit is the number of calls allowed in 24 hours; 0 is no limit.
	DailyLimit int
	// AssignTo is the owner an active assignment rule gives, per object.
	AssignTo map[string]string
	// Rules are the organisation's validation rules.
	Rules []Rule
	// DuplicateEmail names objects whose duplicate rule matches e-mails.
	DuplicateEmail []string
	// BulkPolls is how many times a bulk job is asked about before it is done.
	BulkPolls int
	// BulkTime is how long a bulk job takes by the twin's clock.
	BulkTime time.Duration
	// DeleteLog is how far back getDeleted reaches; 15 days when nought.
	DeleteLog time.Duration
	// People are further active users, by last name; three when nil.
	People []string
	// OrgName is the organisation's name.
	OrgName string
	// ClientID and ClientSecret are made up when empty.
	ClientID, ClientSecret string
}

// CustomField is a field added to the standard ones.
type CustomField struct {
	// Object and Name say where; Name ends with __c.
	Object, Name string
	// Type is the vendor's type; string when empty.
	Type string
	// Length, Precision and Scale are sizes; 255 and 18,2 when nought.
	Length, Precision, Scale int
	// ExternalID, Unique, Required and Restricted are what they say.
	ExternalID, Unique, Required, Restricted bool
	// Values are picklist values.
	Values []string
	// RefTo makes a lookup to another object.
	RefTo string
	// Formula makes the field calculated; get reads other fields of the row.
	Formula func(get func(name string) string) string
}

// Rule is a validation rule.
type Rule struct {
	// Object is where it applies.
	Object string
	// Field is where its message shows, or empty.
	Field string
	// Message is what the user reads.
	Message string
	// Fails reports whether a row breaks the rule; get reads its fields.
	Fails func(get func(name string) string) bool
}

func (c CustomField) field() *field {
	f := &field{
		name: c.Name, typ: c.Type, length: c.Length, precision: c.Precision, scale: c.Scale, create: true, update: true,
		required: c.Required, unique: c.Unique, extID: c.ExternalID, lookup: c.ExternalID || c.Unique, restricted: c.Restricted,
		picks: c.Values, compute: c.Formula, formula: c.Formula != nil,
	}
	if f.typ == "" {
		f.typ = "string"
	}
	if f.length == 0 && f.kind() == soql.String {
		f.length = 255
	}
	if f.typ == "double" || f.typ == "currency" || f.typ == "percent" {
		f.length = 0
		if f.precision == 0 {
			f.precision, f.scale = 18, 2
		}
	}
	if c.RefTo != "" {
		f.typ, f.refTo, f.relation = "reference", []string{c.RefTo}, relationOf(c.Name)
	}
	if f.formula {
		f.create, f.update = false, false
	}
	f.finish()
	return f
}

func relationOf(name string) string { return name[:len(name)-1] + "r" }

func defaultTracked() map[string][]string {
	return map[string][]string{
		"Lead":        {"Status", "OwnerId", "Rating", "LeadSource"},
		"Contact":     {"OwnerId", "AccountId"},
		"Opportunity": {"StageName", "OwnerId", "Amount", "CloseDate"},
	}
}
