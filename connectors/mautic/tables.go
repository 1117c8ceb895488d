package mautic

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// table is an object that is read from one of Mautic's statistics tables.
type table struct {
	object, label string
	as            record.Object
	name          string   // of the table
	order         []string // the moment of a row and what makes it unique
	only          []cond
	columns       []column
}

// column is a field of such an object. Where it names no column, the field is
// the same text for all rows, or taken from the address in the column `url`.
type column struct {
	field, label string
	kind         record.Kind
	name, same   string
	refers       string
}

// cells is one row of a table.
type cells map[string]text

func person() column {
	return column{"contact", "Contact", record.Reference, "lead_id", "", contacts}
}

func link(field, name, to string) column {
	return column{field, strings.ToUpper(field[:1]) + field[1:], record.Reference, name, "", to}
}

func moment(name string) column {
	return column{"at", "When", record.Instant, name, "", ""}
}

func word(field, name string) column {
	return column{field, strings.ToUpper(field[:1]) + field[1:], record.String, name, "", ""}
}

func always(field, same string) column {
	return column{field, strings.ToUpper(field[:1]) + field[1:], record.String, "", same, ""}
}

func tables() []table {
	byID := func(moment string) []string { return []string{moment, "id"} }
	mail := link("email", "email_id", "emails")
	return []table{
		{
			"email_sends", "E-mails sent", record.Touch, "email_stats", byID("date_sent"), nil,
			[]column{person(), mail, moment("date_sent"), always("kind", "send"), word("source", "source")},
		},
		{
			"email_reads", "E-mails read", record.Touch, "email_stats", byID("date_read"), nil,
			[]column{person(), mail, moment("date_read"), always("kind", "open"), word("source", "source")},
		},
		{
			"email_clicks", "Links of e-mails clicked", record.Touch, "page_hits", byID("date_hit"),
			[]cond{where("email_id", "isNotNull", "")},
			[]column{
				person(), mail, moment("date_hit"), always("kind", "click"), word("page", "url"),
				always("utm_source", ""), always("utm_medium", ""), always("utm_campaign", ""), always("utm_term", ""), always("utm_content", ""),
			},
		},
		{
			"form_submissions", "Forms sent", record.Touch, "form_submissions", byID("date_submitted"), nil,
			[]column{person(), moment("date_submitted"), always("kind", "form"), word("form", "form_id"), word("page", "referer")},
		},
		{
			"opt_outs", "Opt-outs and bounces", record.Touch, "lead_donotcontact", byID("date_added"), nil,
			[]column{person(), moment("date_added"), word("kind", "reason"), word("channel", "channel")},
		},
		{
			"segment_members", "Contacts in segments", record.Relation, "lead_lists_leads",
			[]string{"date_added", "leadlist_id", "lead_id"},
			nil,
			[]column{person(), link("segment", "leadlist_id", "segments"), moment("date_added"), always("kind", "list_member"), word("removed", "manually_removed")},
		},
		{
			"campaign_members", "Contacts in campaigns", record.Relation, "campaign_leads",
			[]string{"date_added", "campaign_id", "lead_id"},
			nil,
			[]column{person(), link("campaign", "campaign_id", "campaigns"), moment("date_added"), always("kind", "campaign_member"), word("removed", "manually_removed")},
		},
		{
			"company_members", "Contacts of companies", record.Relation, "companies_leads",
			[]string{"date_added", "company_id", "lead_id"},
			nil,
			[]column{person(), link("company", "company_id", companies), moment("date_added"), always("kind", "employment"), word("primary", "is_primary")},
		},
	}
}

func tableOf(object string) (table, bool) {
	i := slices.IndexFunc(tables(), func(t table) bool { return t.object == object })
	if i < 0 {
		return table{}, false
	}
	return tables()[i], true
}

// optOutTable tells whose opt-out by e-mail is new.
func optOutTable() table {
	t, _ := tableOf("opt_outs")
	t.object, t.only = contacts, []cond{where("channel", "eq", "email")}
	return t
}

// auditTable tells which records of a kind were deleted or merged.
func auditTable(k kind) table {
	return table{
		object: k.name, name: "audit_log", order: []string{"date_added", "id"},
		only: []cond{where("bundle", "eq", "lead"), where("object", "eq", k.audited), oneOf("action", []string{"delete", "merge"})},
	}
}

func (t table) schema(c Config) schema.Object {
	o := schema.Object{
		Name: t.object, Label: t.label, As: t.as, Lag: c.Overlap,
		Caps: schema.Capabilities{Changes: true, PageSize: tablePage},
	}
	for _, col := range t.columns {
		o.Fields = append(o.Fields, schema.Field{Name: col.field, Label: col.label, Kind: col.kind, RefersTo: col.refers, ReadOnly: true})
	}
	return o
}

// id names a row: by its own id, or by what makes it unique.
func (t table) id(r cells) string {
	parts := make([]string, len(t.order)-1)
	for i, col := range t.order[1:] {
		parts[i] = r[col].s
	}
	return strings.Join(parts, "-")
}

func (c column) value(r cells) record.Value {
	switch {
	case c.field == "page":
		return orNull(record.String, withoutQuery(r[c.name].s))
	case strings.HasPrefix(c.field, "utm_"):
		u, err := url.Parse(r["url"].s)
		if err != nil {
			return record.NullOf(record.String)
		}
		return orNull(record.String, u.Query().Get(c.field))
	case c.name == "reason":
		if r["reason"].s == bounced {
			return record.OfString("bounce")
		}
		return record.OfString("opt_out")
	case c.name == "":
		return record.OfString(c.same)
	case c.kind == record.Instant:
		return ofStamp(stamp{instant(r[c.name].s)})
	}
	return orNull(c.kind, r[c.name].s)
}

func orNull(k record.Kind, s string) record.Value {
	if s == "" {
		return record.NullOf(k)
	}
	return record.Of(k, s)
}

// withoutQuery leaves out what may hold an address or a key.
func withoutQuery(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return u.String()
}
