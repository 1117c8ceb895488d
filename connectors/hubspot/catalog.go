package hubspot

import (
	_ "embed" // the files beside it
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

//go:embed about.md
var about string

//go:embed example.yaml
var example string

//go:embed standard.tsv
var standard string

// Factory returns the connector's factory.
func Factory() connectors.Factory {
	return connectors.Factory{
		Type: "hubspot", Title: "HubSpot", Role: "marketing", About: about, Example: example,
		Config: defaults(), Catalog: standardCatalog, New: newConnector,
	}
}

// standardCatalog is what a new account holds, without asking it.
func standardCatalog() schema.Catalog {
	cat := schema.Catalog{System: "hubspot"}
	for _, k := range kinds() {
		fields := standardFields(k.name)
		if k.as == record.Activity {
			fields = append(fields, standardFields("activity")...)
		}
		fields = append(fields, standardFields("every")...)
		cat.Objects = append(cat.Objects, defaults().object(k, fields))
	}
	c := Connector{cfg: defaults()}
	cat.Objects = append(cat.Objects, c.derivedObjects()...)
	return cat
}

// standardFields reads the lines of one object: object, name, label, kind,
// flags (r read-only, u unique, q required), the object referred to, options.
func standardFields(object string) []schema.Field {
	var fields []schema.Field
	for line := range strings.Lines(standard) {
		col := strings.Split(strings.TrimRight(line, "\n")+"\t\t\t", "\t")
		if col[0] != object {
			continue
		}
		k, _ := record.ParseKind(col[3])
		f := schema.Field{
			Name: col[1], Label: col[2], Kind: k, RefersTo: col[5],
			ReadOnly: strings.Contains(col[4], "r"), Unique: strings.Contains(col[4], "u"), Required: strings.Contains(col[4], "q"),
		}
		for o := range strings.SplitSeq(col[6], "|") {
			if o != "" {
				f.Options = append(f.Options, schema.Option{Value: o, Label: o})
			}
		}
		f.Closed = len(f.Options) > 0
		fields = append(fields, f)
	}
	return fields
}

// baseOf names the CRM object a derived one is read through.
func baseOf(object string) (base string, needed bool) {
	switch object {
	case "contact_history":
		return "contacts", true
	case "deal_history", "deal_contacts":
		return "deals", true
	}
	return "", false
}

// derivedObjects are those beside the CRM's own: read-only, in HubSpot's
// standard shape whatever the account.
func (c *Connector) derivedObjects() []schema.Object {
	plain := schema.Capabilities{Changes: true, PageSize: listPage}
	object := func(name, label string, as record.Object, caps schema.Capabilities) schema.Object {
		return schema.Object{Name: name, Label: label, As: as, Fields: standardFields(name), Caps: caps, Lag: c.cfg.Overlap}
	}
	history := plain
	history.Split, history.PageSize = c.cfg.Ranges > 1, searchPage*100
	members := plain
	members.PageSize = 250
	owners := plain
	owners.Gone, owners.Read, owners.Lookup, owners.BatchRead = true, true, true, batchRows
	campaigns := plain
	campaigns.Read, campaigns.BatchRead = true, campaignRows
	events := plain
	events.PageSize = eventPage
	withOwnersKey := object("owners", "Owners", record.Owner, owners)
	withOwnersKey.Keys = []string{"email"}
	all := []schema.Object{
		withOwnersKey,
		object("contact_history", "History of contacts", record.Change, history),
		object("deal_history", "History of deals", record.Change, history),
		object("deal_contacts", "Contacts of deals", record.Relation, history),
	}
	for _, o := range []schema.Object{
		object("campaigns", "Campaigns", record.Campaign, campaigns),
		object("campaign_members", "Contacts influenced by campaigns", record.Relation, plain),
		object("list_members", "Contacts on lists", record.Relation, members),
		object("form_submissions", "Form submissions", record.Touch, plain),
		object("email_events", "Marketing e-mail events", record.Touch, events),
		object("events", "Event occurrences", record.Touch, events),
	} {
		if c.reads(o.Name) {
			all = append(all, o)
		}
	}
	return all
}
