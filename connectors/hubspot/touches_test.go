package hubspot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/hubspot"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// all asks for every field of an object.
func all(t *testing.T, c system, object string, after connectors.Cursor) connectors.Query {
	t.Helper()
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o, ok := cat.Object(object)
	if !ok {
		t.Fatalf("%s is not described", object)
	}
	return connectors.Query{Object: object, Fields: o.FieldNames(), Cursor: after}
}

// TestTouches reads each source from the beginning, idle, and after more came.
func TestTouches(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	c := connect(t, p, "events: [e_visited_page]", "members_every: 1h")
	person, _ := p.Create("contacts", map[string]string{"email": "a@example.com", "lifecyclestage": "lead"})
	deal, _ := p.Create("deals", map[string]string{"dealname": "D", "dealstage": "contractsent"})
	if err := p.Associate("deals", deal, "contacts", person); err != nil {
		t.Fatal(err)
	}
	form, list := p.AddForm("Demo"), p.AddList(hubspotsim.List{Name: "VIP"})
	p.AddCampaign(hubspotsim.Campaign{Properties: map[string]string{"hs_name": "Spring", "hs_start_date": "2026-03-01"}, Contacts: map[string][]string{"influencedContacts": {person}}})
	p.AddToList(list, person)
	add := map[string]func(){
		"form_submissions": func() {
			p.Submit(form, "https://x.example.com/a?utm_source=ads&gclid=1", map[string]string{"email": "a@example.com"})
		},
		"email_events": func() {
			p.AddEmailEvent(hubspotsim.EmailEvent{Type: "CLICK", Recipient: "a@example.com", CampaignID: 5})
		},
		"events": func() {
			p.AddOccurrence(hubspotsim.Occurrence{ObjectType: "CONTACT", ObjectID: person, EventType: "e_visited_page"})
		},
		"list_members": func() {
			id, _ := p.Create("contacts", map[string]string{})
			p.AddToList(list, id)
		},
		"campaigns":        func() { p.AddCampaign(hubspotsim.Campaign{Properties: map[string]string{"hs_name": "Summer"}}) },
		"campaign_members": func() { p.Clock().Advance(time.Hour) },
		"contact_history": func() {
			_ = p.Edit("contacts", person, map[string]string{"lifecyclestage": "opportunity"}, hubspotsim.IntegrationActor("77"))
		},
		"deal_history": func() {
			_ = p.Edit("deals", deal, map[string]string{"dealstage": "closedwon"}, hubspotsim.UserActor(9))
		},
		"deal_contacts": func() { _ = p.Edit("deals", deal, map[string]string{"dealname": "E"}, hubspotsim.UserActor(9)) },
		"owners":        func() { p.AddOwner(hubspotsim.Owner{Email: "sal@example.com"}) },
	}
	for _, o := range []string{"form_submissions", "email_events", "events"} {
		add[o]()
	}
	check := map[string]func(connectors.Record) bool{
		"form_submissions": func(r connectors.Record) bool {
			return r.Fields["contact"].Text() == person && r.Fields["utm_source"].Text() == "ads" && r.Fields["page"].Text() == "https://x.example.com/a"
		},
		"email_events": func(r connectors.Record) bool {
			return r.Fields["contact"].Text() == person && r.Fields["type"].Text() == "CLICK"
		},
		"events": func(r connectors.Record) bool { return r.Fields["contact"].Text() == person },
		"list_members": func(r connectors.Record) bool {
			return r.Fields["list_name"].Text() == "VIP" && r.Fields["at"].IsPresent()
		},
		"campaigns": func(r connectors.Record) bool {
			return r.Fields["hs_name"].IsPresent() && !r.Fields["hs_end_date"].IsAbsent()
		},
		"campaign_members": func(r connectors.Record) bool { return r.Fields["contact"].Text() == person },
		"contact_history": func(r connectors.Record) bool {
			return r.Fields["contact"].Text() == person && r.Fields["to"].IsPresent()
		},
		"deal_history": func(r connectors.Record) bool {
			return r.Fields["deal"].Text() == deal && r.Fields["field"].Text() == "dealstage"
		},
		"deal_contacts": func(r connectors.Record) bool { return r.ID == deal+":"+person },
		"owners": func(r connectors.Record) bool {
			return r.Fields["email"].IsPresent() && r.Fields["active"] == record.OfBool(true)
		},
	}
	for object, more := range add {
		t.Run(object, func(t *testing.T) {
			first, next, _ := drain(t, c, all(t, c, object, ""))
			if len(first) == 0 {
				t.Fatal("nothing is read")
			}
			p.Clock().Advance(4 * time.Minute)
			_, next, _ = drain(t, c, all(t, c, object, next))
			p.Clock().Advance(4 * time.Minute)
			q := all(t, c, object, next)
			p.ResetCounts()
			idle, next, _ := drain(t, c, q)
			want := int64(1)
			if object == "form_submissions" {
				want = 2 // the list of forms, and one form
			}
			if n := p.Counts().Reads; n > want {
				t.Errorf("idle: %d calls, want %d", n, want)
			}
			if object != "owners" && object != "list_members" && len(idle) > 0 {
				t.Errorf("idle: %d records", len(idle))
			}
			p.Clock().Advance(4 * time.Minute)
			more()
			got, _, _ := drain(t, c, all(t, c, object, next))
			if len(got) == 0 {
				t.Error("what came later is missing")
			}
			for _, r := range got {
				if !check[object](r) || r.Version == "" {
					t.Errorf("%s: %s %v", object, r.ID, r.Fields.Names())
				}
			}
		})
	}
}

func TestFieldWriters(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	c := connect(t, p)
	id, _ := p.Create("contacts", map[string]string{"email": "a@example.com", "jobtitle": "x"})
	_ = p.Edit("contacts", id, map[string]string{"jobtitle": "y"}, hubspotsim.IntegrationActor("77"))
	got, err := c.FieldWriters(t.Context(), "contacts", []string{"jobtitle", "email"})
	if err != nil || len(got["jobtitle"]) != 1 || got["jobtitle"][0].Actor != (record.Actor{Kind: record.ActorIntegration, ID: "77"}) {
		t.Errorf("%v, %v", got, err)
	}
	if got["email"][0].Actor.Kind != record.ActorUser {
		t.Errorf("email: %v", got["email"])
	}
}

func TestGapsAreNamed(t *testing.T) {
	p := portal(t, hubspotsim.Options{Without: []string{"marketing.campaigns.read", "content", "sales-email-read"}})
	c := connect(t, p)
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range []string{"campaigns", "campaign_members", "email_events", "emails"} {
		if !slices.ContainsFunc(cat.Missing, func(g schema.Gap) bool {
			return g.Object == object && strings.Contains(g.What, "scope") && g.Effect != ""
		}) {
			t.Errorf("no gap names %s: %v", object, cat.Missing)
		}
		if _, ok := cat.Object(object); ok {
			t.Errorf("%s is described all the same", object)
		}
	}
	deals, _ := cat.Object("deals")
	stage, _ := deals.Field("dealstage")
	if !slices.Contains(stage.Options, schema.Option{Value: "closedwon", Label: "Sales Pipeline / Closed Won"}) {
		t.Errorf("options: %v", stage.Options)
	}
	account, err := c.Check(t.Context())
	if err != nil || account.ID != "44237313" || account.Zone == "" {
		t.Errorf("Check: %+v, %v", account, err)
	}
}

func TestCreateFields(t *testing.T) {
	p := hubspotsim.New(hubspotsim.Options{})
	if err := p.Start(""); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close() }()
	c := connect(t, p)
	fields := []schema.Field{
		{Name: "tandem_id", Label: "Tandem id", Kind: record.String, Unique: true},
		{Name: "tandem_deal_amount", Kind: record.Decimal},
		{Name: "tandem_won", Kind: record.Boolean},
		{Name: "tandem_stage", Kind: record.Enum, Options: []schema.Option{{Value: "a", Label: "A"}}},
	}
	for range 2 {
		if err := c.CreateFields(t.Context(), "contacts", fields); err != nil {
			t.Fatal(err)
		}
	}
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	contacts, _ := cat.Object("contacts")
	for _, want := range fields {
		if f, ok := contacts.Field(want.Name); !ok || f.Kind != want.Kind || f.Unique != want.Unique || !f.Custom {
			t.Errorf("%s: %+v", want.Name, f)
		}
	}
	if contacts.Keys[0] != "tandem_id" {
		t.Errorf("keys: %v", contacts.Keys)
	}
}

func TestGrants(t *testing.T) {
	for _, auth := range []string{
		"auth: {client_id: ID, client_secret: '${env:SECRET}', refresh_token: '${env:REFRESH}'}",
		"auth: {client_id: ID, client_secret: '${env:SECRET}', grant: client_credentials}",
	} {
		p := portal(t, hubspotsim.Options{Credentials: hubspotsim.Credentials{ClientID: "ID"}})
		c := connect(t, p, auth)
		for range 2 {
			if _, err := c.Check(t.Context()); err != nil {
				t.Errorf("%s: %v", auth, err)
			}
			p.ExpireTokens()
		}
	}
	p := portal(t, hubspotsim.Options{})
	p.AddKey("x", hubspotsim.IntegrationActor("1"))
	other := hubspotsim.New(hubspotsim.Options{})
	defer func() { _ = other.Close() }()
	c := connect(t, p, "auth: {client_id: wrong, client_secret: '${env:SECRET}', grant: client_credentials}")
	if _, err := c.Check(t.Context()); !fault.Is(err, fault.Auth) {
		t.Errorf("wrong client: %v", err)
	}
}

func TestConfigMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"auth: {}":             "service_key",
		"auth: {client_id: a}": "both",
		"auth: {service_key: '${env:A}', client_id: b}":  "not both",
		"auth: {service_key: '${env:A}'}\nversion: 2025": "API version",
		"auth: {service_key: '${env:A}'}\nranges: 99":    "ranges",
		"auth: {service_key: '${env:A}'}\nverson: v3":    "version",
		"auth: {service_key: '${env:A}'}\noverlap: -1s":  "negative",
	} {
		node, _ := diag.Parse("c.yaml", []byte(text))
		_, problems := hubspot.Factory().New(connectors.Env{}, node)
		var b strings.Builder
		_ = problems.Render(&b)
		if !problems.HasErrors() || !strings.Contains(b.String(), want) {
			t.Errorf("%q: %s", text, b.String())
		}
	}
}

func TestUndeclaredIsUnsupported(t *testing.T) {
	c := connect(t, portal(t, hubspotsim.Options{}), "sources: []")
	_, err1 := c.Changes(t.Context(), connectors.Query{Object: "campaigns"})
	_, err2 := c.Gone(t.Context(), connectors.Query{Object: "contact_history"})
	_, err3 := c.Read(t.Context(), "deal_contacts", []string{"1"}, nil)
	_, err4 := c.Lookup(t.Context(), "deals", "dealname", []string{"1"}, nil)
	_, err5 := c.Write(t.Context(), []connectors.Op{{ID: "1", Kind: connectors.Create, Object: "owners"}})
	_, err6 := c.Resume(t.Context(), "x", nil)
	for i, err := range []error{err1, err2, err3, err4, err5, err6} {
		if !fault.Is(err, fault.Unsupported) {
			t.Errorf("%d: %v", i+1, err)
		}
	}
}
