package salesforce_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/salesforce"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

func TestEveryFlowOpensTheAccount(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{Rotate: true, OrgName: "Example Ltd"})
	id := "client_id: \"" + twin.ClientID + "\", "
	for name, auth := range map[string]string{
		"client credentials": "auth: {" + id + "client_secret: \"${env:SECRET}\"}",
		"refresh token":      "auth: {" + id + "client_secret: \"${env:SECRET}\", refresh_token: \"${env:REFRESH}\"}",
		"jwt":                "auth: {" + id + "private_key: \"${env:KEY}\", username: \"" + twin.Username + "\"}",
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, twin, auth, "currency: EUR")
			for range 2 {
				a, err := c.Check(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if a.ID != twin.OrganizationID() || a.Actor != twin.Users().Integration || a.Name != "Example Ltd" || a.Zone == "" || a.Currency != "EUR" {
					t.Errorf("account %+v", a)
				}
				twin.ExpireTokens()
			}
		})
	}
}

// A token reply that names a foreign instance is not followed.
func TestForeignInstance(t *testing.T) {
	hits := 0
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	t.Cleanup(thief.Close)
	token := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"t","token_type":"Bearer","instance_url":"` + thief.URL + `","id":"https://login.salesforce.com/id/00Dak0000000001AAA/005ak0000000001AAA"}`))
	}))
	t.Cleanup(token.Close)
	node, _ := diag.Parse("s.yaml", []byte("base_url: "+token.URL+"\nauth: {client_id: x, client_secret: \"${env:S}\"}\n"))
	c, problems := salesforce.Factory().New(connectors.Env{
		Name: "salesforce", HTTP: httpapi.Env{AllowLoopback: true},
		Secrets: secret.Resolver{Env: func(string) (string, bool) { return "s3cret", true }},
	}, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	if _, err := c.Check(t.Context()); !fault.Is(err, fault.Forbidden) || hits != 0 {
		t.Errorf("error %v, %d calls to the foreign host", err, hits)
	}
}

func TestConfigMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"auth: {client_id: x}": `"base_url" is required`,
		"base_url: https://a.my.salesforce.com\nauth: {client_id: x}":                                           "needs client_secret",
		"base_url: acme\nauth: {client_id: x, flow: refresh_token}":                                             "not an address",
		"base_url: https://a.my.salesforce.com\nversion: \"6\"\nauth: {client_id: x, flow: refresh_token}":      "not a version",
		"base_url: https://a.my.salesforce.com\nauth: {client_id: x, flow: jwt}":                                "needs private_key",
		"base_url: https://a.my.salesforce.com\nsplit: {ranges: 99}\nauth: {client_id: x, flow: refresh_token}": "between 1 and 32",
		"base_url: https://a.my.salesforce.com\nauth: {client_id: x, flow: refresh_token}\nbulc: {}":            "unknown key",
	} {
		node, _ := diag.Parse("s.yaml", []byte(text))
		_, problems := salesforce.Factory().New(connectors.Env{Name: "s"}, node)
		if !problems.HasErrors() || !strings.Contains(problems.Error(), want) {
			t.Errorf("%q: %v, want %q", text, problems, want)
		}
	}
}

func TestDescribe(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{
		HiddenFields: []string{"Contact.HasOptedOutOfEmail"}, HistoryOff: []string{"Lead"},
		CustomFields: []salesforcesim.CustomField{
			{Object: "Lead", Name: "Sum__c", Type: "double", Formula: func(func(string) string) string { return "1" }},
			{Object: "Lead", Name: "Tags__c", Type: "multipicklist", Values: []string{"a", "b"}, Restricted: true},
		},
	})
	c := dial(t, twin)
	catalog, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lead, _ := catalog.Object("Lead")
	sum, _ := lead.Field("Sum__c")
	tags, _ := lead.Field("Tags__c")
	last, _ := lead.Field("LastName")
	owner, _ := lead.Field("OwnerId")
	switch {
	case !sum.Volatile || !sum.ReadOnly || sum.Kind != record.Decimal:
		t.Errorf("formula %+v", sum)
	case !tags.Closed || len(tags.Options) != 2 || tags.Kind != record.Set || !tags.Custom:
		t.Errorf("multi-picklist %+v", tags)
	case !last.Required || last.MaxLen != 80:
		t.Errorf("last name %+v", last)
	case owner.RefersTo != "Group,User":
		t.Errorf("owner %+v", owner)
	case len(lead.Keys) < 2 || lead.Keys[0] != "Tandem_Id__c" || !slices.Contains(lead.Keys, "Email"):
		t.Errorf("keys %v", lead.Keys)
	}
	gaps := map[string]bool{}
	for _, g := range catalog.Missing {
		gaps[g.Object] = gaps[g.Object] || g.What != "" && g.Effect != ""
	}
	if !gaps["LeadHistory"] || !gaps["Contact"] || gaps["Campaign"] {
		t.Errorf("gaps %v", catalog.Missing)
	}
}

func TestCreateFields(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{NoTandemID: true})
	c := dial(t, twin)
	want := []schema.Field{
		{Name: "Tandem_Id__c", Kind: record.String, MaxLen: 64, Unique: true, Label: "Tandem Id"}, {Name: "Score__c", Kind: record.Decimal}, {Name: "Seen__c", Kind: record.Instant},
	}
	for range 2 { // the second time there is nothing left to make
		if err := c.CreateFields(t.Context(), "Lead", want); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Write(t.Context(), leadOps(2, connectors.Create)); err != nil {
		t.Fatal(err)
	}
	found, err := c.Lookup(t.Context(), "Lead", "Tandem_Id__c", []string{"T000001"}, []string{"Score__c"})
	if err != nil || len(found[0]) != 1 || !found[0][0].Fields["Score__c"].IsNull() {
		t.Errorf("found %v, %v", found, err)
	}
	err = c.CreateFields(t.Context(), "Lead", []schema.Field{{Name: "NoSuffix", Kind: record.String}})
	if !fault.Is(err, fault.Unsupported) || !strings.Contains(fault.As(err).Next, "Object Manager") {
		t.Errorf("error %v, want unsupported with the steps", err)
	}
}

// The example names objects and fields that a new organisation has, and its
// own part is a configuration that works.
func TestExample(t *testing.T) {
	f := salesforce.Factory()
	node, problems := diag.Parse("example.yaml", []byte(f.Example))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	catalog, canonical := f.Catalog(), schema.Canonical()
	objects, _ := node.Get("objects")
	for _, key := range objects.Keys() {
		o, ok := catalog.Object(key.Name)
		if !ok {
			t.Errorf("no object %s", key.Name)
			continue
		}
		entry, _ := objects.Get(key.Name)
		as, _ := entry.Get("as")
		model, _ := canonical.Object(as.String())
		fields, _ := entry.Get("fields")
		for _, item := range fields.Items() {
			remote, _ := item.Get("remote")
			field, _ := item.Get("field")
			if _, ok := o.Field(remote.String()); !ok {
				t.Errorf("%s has no field %s", key.Name, remote.String())
			}
			if _, ok := model.Field(field.String()); !ok {
				t.Errorf("%s has no field %s", as.String(), field.String())
			}
		}
	}
	if !strings.Contains(f.About, "base_url") || len(catalog.Objects) != 15 {
		t.Errorf("%d objects in the catalog", len(catalog.Objects))
	}
}

// What the static catalog says is so in an organisation, too.
func TestStandardCatalogIsTrue(t *testing.T) {
	live, err := dial(t, organisation(t, salesforcesim.Options{})).Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range salesforce.Factory().Catalog().Objects {
		got, ok := live.Object(o.Name)
		if !ok {
			t.Errorf("no object %s", o.Name)
			continue
		}
		for _, f := range o.Fields {
			r, ok := got.Field(f.Name)
			if f.Name != "Tandem_Id__c" && (!ok || r.Kind != f.Kind || r.RefersTo != f.RefersTo || r.ReadOnly != f.ReadOnly) {
				t.Errorf("%s.%s is %+v, said to be %+v", o.Name, f.Name, r, f)
			}
		}
		o.Caps.Lookup = got.Caps.Lookup // by our own field, which each organisation makes or not
		if o.Caps != got.Caps && o.Name != "Group" {
			t.Errorf("%s can %+v, said to %+v", o.Name, got.Caps, o.Caps)
		}
	}
}
