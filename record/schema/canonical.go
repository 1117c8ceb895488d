package schema

import "github.com/tandem-sync/tandem/record"

// Canonical returns Tandem's own model: the standard fields of every
// canonical object. Configuration adds custom fields to it.
func Canonical() Catalog {
	return Catalog{System: "tandem", Objects: []Object{
		person(), company(), deal(), campaign(), touch(), activity(), owner(), relation(), change(),
	}}
}

func object(as record.Object, label string, fields ...Field) Object {
	return Object{Name: string(as), Label: label, As: as, Fields: fields}
}

func field(name string, kind record.Kind, label string) Field {
	return Field{Name: name, Kind: kind, Label: label}
}

func ref(name string, to record.Object, label string) Field {
	return Field{Name: name, Kind: record.Reference, Label: label, RefersTo: string(to)}
}

func person() Object {
	return object(record.Person, "Person: a lead or contact",
		field("email", record.Email, "E-mail address"),
		field("other_emails", record.Set, "Further e-mail addresses"),
		field("first_name", record.String, "Given name"),
		field("last_name", record.String, "Family name"),
		field("phone", record.Phone, "Phone"),
		field("mobile", record.Phone, "Mobile phone"),
		field("job_title", record.String, "Job title"),
		field("company_name", record.String, "Company as the person gave it"),
		ref("company", record.Company, "Company"),
		ref("owner", record.Owner, "Owner"),
		field("website", record.URL, "Website"),
		field("street", record.Text, "Street"),
		field("city", record.String, "City"),
		field("region", record.String, "State or region"),
		field("postal_code", record.String, "Postal code"),
		field("country", record.Country, "Country"),
		field("language", record.String, "Language"),
		field("industry", record.String, "Industry"),
		field("description", record.Text, "Description"),
		field("lead_status", record.Enum, "Lead status"),
		field("lifecycle_stage", record.Enum, "Lifecycle stage"),
		field("rating", record.Enum, "Rating"),
		field("score", record.Decimal, "Lead score"),
		field("source", record.String, "Original source"),
		field("source_detail", record.String, "Original source, detail"),
		field("latest_source", record.String, "Latest source"),
		field("utm_campaign", record.String, "First campaign tag"),
		field("utm_term", record.String, "First search term"),
		field("landing_page", record.String, "First page seen"),
		field("email_opt_out", record.Boolean, "Opted out of e-mail"),
		field("phone_opt_out", record.Boolean, "Opted out of phone calls"),
		field("bounced", record.Boolean, "Address bounces"),
		field("deal_stage", record.String, "Stage of the latest deal"),
		field("deal_amount", record.Money, "Amount of the latest deal"),
		field("won_at", record.Date, "Day the latest deal was won"),
		field("lost_reason", record.String, "Why the latest deal was lost"),
		field("created_at", record.Instant, "Created at the source"),
		field("external_id", record.String, "Id given by another system"),
	)
}

func company() Object {
	return object(record.Company, "Company or account",
		field("name", record.String, "Name"),
		field("domain", record.String, "Domain"),
		field("phone", record.Phone, "Phone"),
		field("website", record.URL, "Website"),
		field("industry", record.String, "Industry"),
		field("employees", record.Integer, "Number of employees"),
		field("revenue", record.Decimal, "Annual revenue"),
		field("street", record.Text, "Street"),
		field("city", record.String, "City"),
		field("region", record.String, "State or region"),
		field("postal_code", record.String, "Postal code"),
		field("country", record.Country, "Country"),
		ref("owner", record.Owner, "Owner"),
		field("created_at", record.Instant, "Created at the source"),
		field("external_id", record.String, "Id given by another system"),
	)
}

func deal() Object {
	return object(record.Deal, "Deal or opportunity",
		field("name", record.String, "Name"),
		field("amount", record.Money, "Amount"),
		field("pipeline", record.String, "Pipeline"),
		field("stage", record.Enum, "Stage"),
		field("won", record.Boolean, "Won"),
		field("closed", record.Boolean, "Closed"),
		field("close_date", record.Date, "Close date"),
		field("lost_reason", record.String, "Why it was lost"),
		field("probability", record.Decimal, "Probability in per cent"),
		field("kind", record.Enum, "New, expansion or renewal"),
		ref("person", record.Person, "Main person"),
		ref("company", record.Company, "Company"),
		ref("campaign", record.Campaign, "Primary campaign"),
		ref("owner", record.Owner, "Owner"),
		field("source", record.String, "Source"),
		field("created_at", record.Instant, "Created at the source"),
		field("external_id", record.String, "Id given by another system"),
	)
}

func campaign() Object {
	return object(record.Campaign, "Marketing campaign",
		field("name", record.String, "Name"),
		field("kind", record.String, "Kind"),
		field("status", record.String, "Status"),
		field("start_date", record.Date, "First day"),
		field("end_date", record.Date, "Last day"),
		field("budget", record.Money, "Budget"),
		field("spend", record.Money, "Spent"),
		field("utm_campaign", record.String, "Campaign tag"),
		ref("owner", record.Owner, "Owner"),
		field("created_at", record.Instant, "Created at the source"),
		field("external_id", record.String, "Id given by another system"),
	)
}

func touch() Object {
	return object(record.Touch, "A person meeting a campaign",
		ref("person", record.Person, "Person"),
		ref("campaign", record.Campaign, "Campaign"),
		field("kind", record.Enum, "click, form, event, ad, reply, open, send, bounce, opt_out, list"),
		field("at", record.Instant, "When it happened"),
		field("channel", record.String, "Channel"),
		field("status", record.String, "Status"),
		field("subject", record.String, "Mail, form or page"),
		field("source", record.String, "Source"),
		field("utm_source", record.String, "Tag: source"),
		field("utm_medium", record.String, "Tag: medium"),
		field("utm_campaign", record.String, "Tag: campaign"),
		field("utm_term", record.String, "Tag: term"),
		field("utm_content", record.String, "Tag: content"),
		field("page", record.String, "Page"),
	)
}

func activity() Object {
	return object(record.Activity, "A sales attempt",
		field("kind", record.Enum, "call, email, meeting, task, note"),
		field("at", record.Instant, "When it happened or is due"),
		field("done_at", record.Instant, "When it was completed"),
		field("direction", record.Enum, "inbound or outbound"),
		field("status", record.String, "Status"),
		field("outcome", record.String, "Outcome"),
		field("subject", record.String, "Subject"),
		field("seconds", record.Integer, "Duration in seconds"),
		field("automatic", record.Boolean, "Made by a machine, not by a person"),
		ref("person", record.Person, "Person"),
		ref("deal", record.Deal, "Deal"),
		ref("company", record.Company, "Company"),
		ref("owner", record.Owner, "Owner"),
		field("created_at", record.Instant, "Created at the source"),
		field("external_id", record.String, "Id given by another system"),
	)
}

func owner() Object {
	return object(record.Owner, "A user or queue that owns records",
		field("email", record.Email, "E-mail address"),
		field("name", record.String, "Name"),
		field("active", record.Boolean, "Active"),
		field("queue", record.Boolean, "A queue, not a person"),
		field("team", record.String, "Team"),
		field("external_id", record.String, "Id given by another system"),
	)
}

func relation() Object {
	return object(record.Relation, "A relation between two entities",
		field("kind", record.Enum, "contact_role, employment, campaign_member, list_member"),
		ref("person", record.Person, "Person"),
		ref("company", record.Company, "Company"),
		ref("deal", record.Deal, "Deal"),
		ref("campaign", record.Campaign, "Campaign"),
		field("role", record.String, "Role"),
		field("primary", record.Boolean, "The main one"),
		field("status", record.String, "Status"),
		field("responded_at", record.Instant, "First response"),
		field("at", record.Instant, "Since when"),
	)
}

func change() Object {
	return object(record.Change, "A dated change of one field, from a system's own history",
		ref("person", record.Person, "Person"),
		ref("deal", record.Deal, "Deal"),
		field("field", record.String, "Canonical field that changed"),
		field("from", record.String, "Value before"),
		field("to", record.String, "Value after"),
		field("at", record.Instant, "When it changed"),
		field("actor", record.String, "Kind of actor"),
	)
}
