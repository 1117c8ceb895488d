package tryton

import (
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// The models that are read as objects.
const (
	parties       = "party.party"
	opportunities = "sale.opportunity"
	notes         = "ir.note"
	listMembers   = "marketing.email"
	activities    = "marketing.automation.record.activity"
)

// table is a model whose records are objects as they stand.
type table struct {
	object schema.Object
	paths  map[string]string // where a field stands in a row, if not under its own name
}

// path is what to ask for.
func (t table) path(field string) string {
	if p, ok := t.paths[field]; ok {
		return p
	}
	return field
}

func (c *Connector) tables() map[string]table {
	all := map[string]table{}
	for _, t := range []table{opportunityTable(), noteTable(), listMemberTable(), activityTable()} {
		t.object.Caps.Changes, t.object.Caps.PageSize, t.object.Lag = true, c.cfg.PageSize, c.cfg.Overlap
		t.object.Caps.Read, t.object.Caps.BatchRead = true, batch
		if t.object.Caps.Create {
			t.object.Caps.BatchWrite = batch
		}
		all[t.object.Name] = t
	}
	return all
}

// reference is one to a party.
func reference(name, label string) schema.Field {
	return schema.Field{Name: name, Label: label, Kind: record.Reference, RefersTo: parties}
}

func readOnly(f schema.Field) schema.Field {
	f.ReadOnly = true
	return f
}

// states are an opportunity's, as its buttons lead through them.
func states() []schema.Option {
	return []schema.Option{
		{Value: "lead", Label: "Lead"},
		{Value: "opportunity", Label: "Opportunity"},
		{Value: "converted", Label: "Converted"},
		{Value: "won", Label: "Won"},
		{Value: "cancelled", Label: "Cancelled"},
		{Value: "lost", Label: "Lost"},
	}
}

func opportunityTable() table {
	return table{
		object: schema.Object{
			Name: opportunities, Label: "Opportunities", As: record.Deal,
			Caps: schema.Capabilities{Create: true, Update: true, Conditional: true},
			Fields: []schema.Field{
				{Name: "number", Label: "Number", Kind: record.String, ReadOnly: true, Unique: true},
				{Name: "description", Label: "Description", Kind: record.String},
				reference("party", "Party"),
				{Name: stateField, Label: "State", Kind: record.Enum, Closed: true, Options: states()},
				{Name: "amount", Label: "Amount", Kind: record.Decimal},
				{Name: "currency", Label: "Currency", Kind: record.String, ReadOnly: true},
				{Name: "conversion_probability", Label: "Probability, 0 to 1", Kind: record.Decimal},
				{Name: "start_date", Label: "First day", Kind: record.Date, ReadOnly: true},
				{Name: "end_date", Label: "Last day", Kind: record.Date, ReadOnly: true},
				{Name: "lost_reason", Label: "Reason for loss", Kind: record.String, ReadOnly: true},
				{Name: "comment", Label: "Comment", Kind: record.String},
				{Name: "employee", Label: "Employee", Kind: record.String, ReadOnly: true},
				{Name: "created_at", Label: "Created", Kind: record.Instant, ReadOnly: true},
			},
		},
		paths: map[string]string{"currency": "currency.code", "employee": "employee.party.name", "created_at": "create_date"},
	}
}

func noteTable() table {
	return table{
		object: schema.Object{
			Name: notes, Label: "Notes", As: record.Touch, Caps: schema.Capabilities{Create: true},
			Fields: []schema.Field{
				reference("resource", "Party it stands on"),
				{Name: "message", Label: "Text", Kind: record.String},
				{Name: "user", Label: "Who wrote it", Kind: record.String, ReadOnly: true},
				{Name: "created_at", Label: "Created", Kind: record.Instant, ReadOnly: true},
			},
		},
		paths: map[string]string{"user": "create_uid.login", "created_at": "create_date"},
	}
}

func listMemberTable() table {
	return table{
		object: schema.Object{
			Name: listMembers, Label: "Members of mailing lists", As: record.Relation,
			Fields: []schema.Field{
				readOnly(reference("party", "Party")),
				{Name: "email", Label: "E-mail address", Kind: record.Email, ReadOnly: true},
				{Name: "list", Label: "List", Kind: record.String, ReadOnly: true},
				{Name: "at", Label: "Since when", Kind: record.Instant, ReadOnly: true},
			},
		},
		paths: map[string]string{"list": "list_.name", "at": "create_date"},
	}
}

func activityTable() table {
	return table{
		object: schema.Object{
			Name: activities, Label: "What marketing automation did", As: record.Touch,
			Fields: []schema.Field{
				readOnly(reference("person", "Party")),
				{Name: "subject", Label: "Activity", Kind: record.String, ReadOnly: true},
				{Name: "state", Label: "State", Kind: record.String, ReadOnly: true},
				{Name: "at", Label: "When", Kind: record.Instant, ReadOnly: true},
				{Name: "email_opened", Label: "Mail opened", Kind: record.Boolean, ReadOnly: true},
				{Name: "email_clicked", Label: "Link clicked", Kind: record.Boolean, ReadOnly: true},
			},
		},
		paths: map[string]string{"person": "record.record", "subject": "activity.name"},
	}
}
