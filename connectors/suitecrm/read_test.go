package suitecrm_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/connectors/suitecrm"
	"github.com/tandem-sync/tandem/connectors/suitecrm/suitecrmsim"
	"github.com/tandem-sync/tandem/record"
)

func leads(fields ...string) connectors.Query {
	return connectors.Query{Object: "Leads", Fields: fields}
}

// A thousand changed leads are ten pages of 100, and no change is one call, or
// two if the opt-outs are asked for.
func TestReadEconomy(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	c := connect(t, twin)
	for most, q := range map[int64]connectors.Query{1: leads("email1"), 2: leads("email1", "email_opt_out")} {
		_, q.Cursor = connectortest.Drain(t, c, q)
		twin.Clock().Advance(10 * time.Minute)
		twin.Seed("Leads", 1000, twin.Clock().Now(), func(i int) map[string]string {
			return map[string]string{"email1": strconv.Itoa(i) + "@example.com"}
		})
		twin.ResetCounts()
		records, next := connectortest.Drain(t, c, q)
		if calls := twin.Counts().Total; len(records) != 1000 || calls > 10+most-1 {
			t.Errorf("%d calls for %d changed leads", calls, len(records))
		}
		twin.Clock().Advance(10 * time.Minute)
		q.Cursor = next
		_, q.Cursor = connectortest.Drain(t, c, q)
		twin.Clock().Advance(10 * time.Minute)
		_, q.Cursor = connectortest.Drain(t, c, q)
		twin.ResetCounts()
		records, _ = connectortest.Drain(t, c, q)
		if calls := twin.Counts().Total; len(records) != 0 || calls != most {
			t.Errorf("%d calls and %d records for no change", calls, len(records))
		}
	}
}

// The link in a mail marks the address and moves no record.
func TestUnsubscribed(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	c := connect(t, twin)
	a := twin.Create("Leads", map[string]string{"last_name": "A", "email1": "a@example.com"})
	b := twin.Create("Leads", map[string]string{"last_name": "B", "email1": "A@example.com"})
	moved := twin.Create("Leads", map[string]string{"last_name": "C", "email1": "a@example.com"})
	twin.Move("Leads", moved, "c@example.com")
	q := leads("email_opt_out")
	twin.Clock().Advance(time.Hour)
	first, next := connectortest.Drain(t, c, q)
	twin.Clock().Advance(time.Hour)
	twin.OptOut("a@example.com")
	q.Cursor = next
	got, _ := connectortest.Drain(t, c, q)
	for _, id := range []string{a, b} {
		if out, _ := got[id].Fields["email_opt_out"].Bool(); !out || got[id].Version == first[id].Version {
			t.Errorf("the opt-out of %s is not told", got[id].Fields)
		}
	}
	if _, told := got[moved]; told {
		t.Error("one who had the address once is told too")
	}
}

// What the API does to texts, times and empty values on their way out.
func TestValuesOut(t *testing.T) {
	for _, mended := range []bool{false, true} {
		twin := start(t, suitecrmsim.Options{Mended: mended})
		c := connect(t, twin)
		campaign := twin.Create("Campaigns", map[string]string{"name": "Spring"})
		id := twin.Create("Leads", map[string]string{"last_name": "O'Brien \"R&D\"", "birthdate": "1990-01-02", "campaign_id": campaign, "converted": "1"})
		twin.Create("CampaignLog", map[string]string{"campaign_id": campaign, "target_type": "Leads", "target_id": id, "activity_type": "link", "activity_date": "2026-01-02 03:04:59"})
		records, _ := connectortest.Drain(t, c, leads("last_name", "birthdate", "campaign_id", "converted", "date_entered", "do_not_call", "title"))
		f := records[id].Fields
		if f["last_name"].Text() != `O'Brien "R&D"` || f["birthdate"].Text() != "1990-01-02" || f["campaign_id"].Text() != campaign ||
			f["converted"] != record.OfBool(true) || f["do_not_call"] != record.OfBool(false) || !f["title"].IsNull() {
			t.Errorf("the lead is %v", f)
		}
		if since := time.Since(records[id].Created); since < 0 || since > 2*time.Minute {
			t.Errorf("it was made %s ago", since)
		}
		touches, _ := connectortest.Drain(t, c, connectors.Query{Object: "CampaignLog", Fields: []string{"activity_type", "activity_date", "target_lead", "target_contact", "campaign_id"}})
		want := map[bool]string{false: "2026-01-02T03:04:00Z", true: "2026-01-02T03:04:59Z"}[mended]
		for _, r := range touches {
			if f := r.Fields; f["activity_date"].Text() != want || f["target_lead"].Text() != id || !f["target_contact"].IsNull() || f["activity_type"].Text() != "link" {
				t.Errorf("the touch is %v, at %s", f, f["activity_date"].Text())
			}
		}
	}
}

// A former address and one that LIKE takes for another are no match.
func TestLookup(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	c := connect(t, twin)
	id := twin.Create("Leads", map[string]string{"last_name": "A", "email1": "a_b@example.com"})
	twin.Create("Leads", map[string]string{"last_name": "B", "email1": "axb@example.com"})
	moved := twin.Create("Leads", map[string]string{"last_name": "C", "email1": "old@example.com"})
	twin.Move("Leads", moved, "new@example.com")
	got, err := c.Lookup(t.Context(), "Leads", "email1", []string{"nobody@example.com", "A_B@example.com", "old@example.com", "new@example.com", ""}, []string{"email1"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got[0])+len(got[2])+len(got[4]) != 0 || len(got[1]) != 1 || got[1][0].ID != id || len(got[3]) != 1 || got[3][0].ID != moved {
		t.Errorf("found are %v", got)
	}
	if _, err := c.Lookup(t.Context(), "Leads", "title", []string{"x"}, nil); !fault.Is(err, fault.Unsupported) {
		t.Errorf("a look-up by title: %v", err)
	}
}

// A row deleted while a page is made spoils it once, not for good.
func TestVanishedRow(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	c := connect(t, twin)
	twin.Create("Leads", map[string]string{"last_name": "A"})
	twin.AddFault(simkit.Fault{Kind: "row_vanished", Times: 2})
	if records, _ := connectortest.Drain(t, c, leads("last_name")); len(records) != 1 {
		t.Errorf("%d records", len(records))
	}
	twin.AddFault(simkit.Fault{Kind: "row_vanished"})
	if _, err := c.Changes(t.Context(), leads("last_name")); !fault.Is(err, fault.Transient) {
		t.Errorf("a page that is spoiled for good is %v", err)
	}
}

func TestDescribe(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	twin.AddField("Leads", suitecrmsim.Field{Name: "tandem_id_c", Type: "varchar", Len: 40})
	c := connect(t, twin)
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o, _ := cat.Object("Leads")
	key, _ := o.Field("tandem_id_c")
	owner, _ := o.Field("assigned_user_id")
	name, _ := o.Field("last_name")
	if len(o.Keys) != 2 || o.Keys[0] != "email1" || !key.Custom || key.MaxLen != 40 || owner.RefersTo != "Users" || !name.Required {
		t.Errorf("keys %v, key %+v, owner %+v, name %+v", o.Keys, key, owner, name)
	}
	if _, computed := o.Field("full_name"); computed {
		t.Error("a computed field is described")
	}
	for _, standard := range suitecrm.Factory().Catalog().Objects {
		if live, ok := cat.Object(standard.Name); !ok || live.As != standard.As {
			t.Errorf("%s is not described", standard.Name)
		}
	}
	account, err := c.Check(t.Context())
	if err != nil || account.ID == "" || account.Actor == "" {
		t.Errorf("the account is %+v: %v", account, err)
	}
}

func TestRefusals(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	cred := twin.AddClient("tandem")
	env := connectors.Env{Name: "suitecrm", HTTP: httpapi.Env{AllowLoopback: true}}
	wrong := cred
	wrong.ClientSecret = "refused-0123456789"
	if _, err := build(t, env, twin.URL(), wrong).Check(t.Context()); !fault.Is(err, fault.Auth) || fault.As(err).Next == "" {
		t.Errorf("a wrong secret is %v", err)
	}
	c := build(t, env, twin.URL()+"/Api", cred)
	if _, err := c.Check(t.Context()); err != nil {
		t.Errorf("an address that ends in /Api: %v", err)
	}
	twin.ExpireTokens()
	if _, err := c.Check(t.Context()); err != nil {
		t.Errorf("an expired token: %v", err)
	}
}

func TestBadConfiguration(t *testing.T) {
	const auth = "auth: {client_id: a, client_secret: '${env:S}'}\n"
	for text, want := range map[string]string{
		"auth: {client_id: a}": "client_secret", auth + "overlap: 0s": "overlap must be 1s", auth + "page_size: 501": "page_size must be",
	} {
		node, _ := diag.Parse("suitecrm.yaml", []byte("base_url: https://crm.example.com\n"+text+"\n"))
		_, problems := suitecrm.Factory().New(connectors.Env{}, node)
		if !problems.HasErrors() || !strings.Contains(problems.Err().Error(), want) {
			t.Errorf("%s: %v, want %q", text, problems, want)
		}
	}
}
