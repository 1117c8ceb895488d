package espocrm_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/espocrm"
	"github.com/tandem-sync/tandem/connectors/espocrm/espocrmsim"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

func leads(fields ...string) connectors.Query {
	return connectors.Query{Object: "Lead", Fields: fields}
}

// A thousand changed leads are five pages of 200, and no change is one call.
func TestReadEconomy(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	q := leads("emailAddress", "addressCity")
	_, q.Cursor = connectortest.Drain(t, c, q)
	twin.Clock().Advance(time.Hour)
	_, q.Cursor = connectortest.Drain(t, c, q)
	twin.Seed("Lead", 1000, twin.Clock().Now(), func(i int) map[string]any { return map[string]any{"emailAddress": strconv.Itoa(i) + "@example.com"} })
	twin.ResetCounts()
	records, _ := connectortest.Drain(t, c, q)
	if calls := twin.Counts().Total; len(records) != 1000 || calls > 6 {
		t.Errorf("%d calls for %d changed leads", calls, len(records))
	}
	twin.Clock().Advance(time.Hour)
	_, q.Cursor = connectortest.Drain(t, c, q)
	twin.ResetCounts()
	twin.Clock().Advance(time.Hour)
	if records, _ = connectortest.Drain(t, c, q); len(records) > 0 {
		t.Logf("%d records once more", len(records))
	}
	if calls := twin.Counts().Total; calls > 6 {
		t.Errorf("%d calls for no change", calls)
	}
}

// The link in a mail moves no modifiedAt; the campaigns' log tells of it.
func TestUnsubscribed(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		twin := start(t, espocrmsim.Options{NoCampaigns: hidden})
		c := connect(t, twin)
		id := twin.Create("Lead", map[string]any{"emailAddress": "a@example.com"})
		q := leads("emailAddressIsOptedOut")
		twin.Clock().Advance(time.Hour)
		first, next := connectortest.Drain(t, c, q)
		twin.Clock().Advance(time.Hour)
		twin.Unsubscribe("Lead", id, "")
		q.Cursor = next
		got, _ := connectortest.Drain(t, c, q)
		if out, _ := got[id].Fields["emailAddressIsOptedOut"].Bool(); out == hidden {
			t.Errorf("campaigns hidden %t: the opt-out is told as %t", hidden, out)
		}
		if !hidden && got[id].Version == first[id].Version {
			t.Error("the opt-out did not change the version")
		}
		cat, err := c.Describe(t.Context())
		if err != nil || hidden != (len(cat.Missing) > 0) {
			t.Errorf("campaigns hidden %t: missing are %v: %v", hidden, cat.Missing, err)
		}
	}
}

// Lists cut long texts; the row is read singly then.
func TestLongText(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	long := strings.Repeat("ß", 12_000)
	id := twin.Create("Lead", map[string]any{"description": long})
	records, _ := connectortest.Drain(t, c, leads("description"))
	if got := records[id].Fields["description"].Text(); got != long {
		t.Errorf("%d characters of 12,000", len([]rune(got)))
	}
}

// Addresses are found whatever their case, a further address is no match.
func TestLookup(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	var want []string
	var values []string
	for i := range 120 {
		address := "O'Brien+" + strconv.Itoa(i) + "@Example.com"
		want = append(want, twin.Create("Lead", map[string]any{"emailAddress": address}))
		values = append(values, strings.ToUpper(address))
	}
	twin.AddEmail("Lead", want[0], "further@example.com")
	values = append(values, "further@example.com", "")
	got, err := c.Lookup(t.Context(), "Lead", "emailAddress", values, []string{"emailAddress"})
	if err != nil {
		t.Fatal(err)
	}
	for i, id := range want {
		if len(got[i]) != 1 || got[i][0].ID != id {
			t.Fatalf("look-up %d found %d records", i, len(got[i]))
		}
	}
	if len(got[120]) != 0 || len(got[121]) != 0 {
		t.Errorf("a further address found %d, none %d", len(got[120]), len(got[121]))
	}
	if _, err := c.Lookup(t.Context(), "Lead", "addressCity", values, nil); !fault.Is(err, fault.Unsupported) {
		t.Errorf("a look-up by city: %v", err)
	}
}

// Kinds, actors and the log of campaigns.
func TestValues(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	account, err := c.Check(t.Context())
	if err != nil || account.Currency != "EUR" || account.Zone != "Europe/Berlin" || account.Actor == "" {
		t.Fatalf("the account is %+v: %v", account, err)
	}
	campaign := twin.Create("Campaign", map[string]any{"name": "Spring"})
	lead := twin.Create("Lead", map[string]any{"lastName": "A", "opportunityAmount": 12.5, "opportunityAmountCurrency": "USD", "status": "In Process", "campaignId": campaign})
	twin.Log("Lead", lead, campaign, "Clicked")
	op := update("u", lead, record.Fields{"addressCity": text("Bonn")})
	if r := connectortest.Write(t, c, op)["u"]; r.Status != connectors.Applied {
		t.Fatal(r.Err)
	}
	records, _ := connectortest.Drain(t, c, leads("opportunityAmount", "opportunityAmountCurrency", "status", "campaignId", "doNotCall", "modifiedAt", "no_such"))
	r := records[lead]
	if r.Actor.ID != account.Actor || r.Fields["opportunityAmount"].Text() != "12.5" || r.Fields["campaignId"].Text() != campaign ||
		r.Fields["doNotCall"] != record.OfBool(false) || len(r.Fields) != 6 {
		t.Errorf("the lead is %+v", r)
	}
	touches, _ := connectortest.Drain(t, c, connectors.Query{Object: "CampaignLogRecord", Fields: []string{"action", "actionDate", "parentLead", "parentContact", "campaignId"}})
	for _, r := range touches {
		if r.Fields["action"].Text() != "Clicked" || r.Fields["parentLead"].Text() != lead || !r.Fields["parentContact"].IsNull() || r.Fields["campaignId"].Text() != campaign {
			t.Errorf("the touch is %+v", r.Fields)
		}
	}
	if len(touches) != 1 {
		t.Errorf("%d touches", len(touches))
	}
	twin.Create("Note", map[string]any{"type": "Update", "parentType": "Lead", "parentId": lead})
	if posts, _ := connectortest.Drain(t, c, connectors.Query{Object: "Note", Fields: []string{"post"}}); len(posts) != 0 {
		t.Error("what EspoCRM notes itself is read as a post")
	}
}

func TestDescribe(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	twin.AddField("Lead", espocrmsim.Field{Name: "cTandemId", Type: "varchar", MaxLen: 40})
	cat, err := connect(t, twin).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o, _ := cat.Object("Lead")
	status, _ := o.Field("status")
	key, _ := o.Field("cTandemId")
	owner, _ := o.Field("assignedUserId")
	if len(o.Keys) != 2 || o.Keys[0] != "emailAddress" || !status.Closed || status.Allows("Hot") || key.MaxLen != 40 || owner.RefersTo != "User" {
		t.Errorf("keys %v, status %+v, key %+v, owner %+v", o.Keys, status, key, owner)
	}
	if opportunity, _ := cat.Object("Opportunity"); !opportunity.Caps.Conditional || o.Caps.Conditional {
		t.Error("opportunities are conditional, leads are not")
	}
	for _, standard := range espocrm.Factory().Catalog().Objects {
		if live, ok := cat.Object(standard.Name); !ok || live.As != standard.As {
			t.Errorf("%s is not described", standard.Name)
		}
	}
}

// Maintenance passes, refused credentials do not.
func TestRefusals(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	cred := twin.AddUser("tandem")
	cred.Key = "refused-0123456789"
	env := connectors.Env{Name: "espocrm", HTTP: httpapi.Env{AllowLoopback: true}}
	if _, err := build(t, env, twin.URL(), cred, byKey).Check(t.Context()); !fault.Is(err, fault.Auth) || fault.As(err).Next == "" {
		t.Errorf("a wrong key is %v", err)
	}
	twin.AddFault(simkit.Fault{Kind: "maintenance", Times: 1})
	if _, err := connect(t, twin).Check(t.Context()); err != nil {
		t.Errorf("maintenance is %v", err)
	}
}

func TestBadConfiguration(t *testing.T) {
	const auth = "auth: {api_key: '${env:K}'}\n"
	for text, want := range map[string]string{
		"auth: {}":              "api_key",
		auth + "overlap: 0s":    "overlap must be 1s",
		auth + "page_size: 201": "page_size must be",
		auth + "webhooks: [{id: a, entity: Invoice, secret: '${env:S}'}]":                                         "Invoice",
		auth + "webhooks: [{id: a, entity: Lead, secret: '${env:S}'}, {id: a, entity: Lead, secret: '${env:S}'}]": "id of another",
	} {
		node, _ := diag.Parse("espocrm.yaml", []byte("base_url: https://crm.example.com\n"+text+"\n"))
		_, problems := espocrm.Factory().New(connectors.Env{}, node)
		if !problems.HasErrors() || !strings.Contains(problems.Err().Error(), want) {
			t.Errorf("%s: %v, want %q", text, problems, want)
		}
	}
}

func TestVerify(t *testing.T) {
	c := connect(t, start(t, espocrmsim.Options{}), "webhooks: [{id: hook1, entity: Contact, secret: '${env:HOOK}'}]\n")
	body := `[{"id":"a1","addressCity":"Bonn"},{"id":"a2"},{"id":"a1"}]`
	raw := func(secret, body string) string {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(body))
		return string(mac.Sum(nil))
	}
	sign := func(header, id, sum string) http.Header {
		return http.Header{header: {base64.StdEncoding.EncodeToString([]byte(id + ":" + sum))}}
	}
	good := raw("hook-secret", body)
	for name, h := range map[string]http.Header{
		"now": sign("Signature", "hook1", hex.EncodeToString([]byte(good))), "before 8.4": sign("X-Signature", "hook1", good),
	} {
		n, err := c.Verify(connectors.Delivery{Body: []byte(body), Header: h})
		if err != nil || len(n.Hints) != 2 || n.Hints[0] != (connectors.Hint{Object: "Contact", ID: "a1"}) {
			t.Errorf("%s: %v, %v", name, n.Hints, err)
		}
	}
	for name, h := range map[string]http.Header{
		"unsigned": nil, "garbled": {"Signature": {"%%"}}, "another webhook": sign("Signature", "hook2", good),
		"another secret": sign("Signature", "hook1", raw("other", body)), "altered": sign("Signature", "hook1", raw("hook-secret", body+" ")),
	} {
		if _, err := c.Verify(connectors.Delivery{Body: []byte(body), Header: h}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
