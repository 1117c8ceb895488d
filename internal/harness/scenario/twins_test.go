package scenario_test

import (
	"testing"

	"github.com/tandem-sync/tandem/connectors/espocrm/espocrmsim"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/listmonk/listmonksim"
	"github.com/tandem-sync/tandem/connectors/mautic/mauticsim"
	"github.com/tandem-sync/tandem/connectors/odoo/odoosim"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/suitecrm/suitecrmsim"
	"github.com/tandem-sync/tandem/connectors/tryton/trytonsim"
	"github.com/tandem-sync/tandem/internal/harness/scenario"
	"github.com/tandem-sync/tandem/internal/harness/scenario/ends"
)

// TestTwins tells the story between simulated systems.
func TestTwins(t *testing.T) {
	t.Parallel()
	marketing := map[string]func(*testing.T) scenario.End{"hubspot": hubSpot, "mautic": mautic, "listmonk": listmonk}
	sales := map[string]func(*testing.T) scenario.Seller{"salesforce": salesforce, "odoo": odoo, "espocrm": espoCRM, "suitecrm": suiteCRM, "tryton": tryton}
	everyPair(t, marketing, sales, nil)
}

// everyPair tells the story between each marketing end and each sales end.
func everyPair(t *testing.T, marketing map[string]func(*testing.T) scenario.End, sales map[string]func(*testing.T) scenario.Seller, set func(*scenario.Pair)) {
	t.Helper()
	tandem := scenario.Build(t)
	for m, left := range marketing {
		for s, right := range sales {
			t.Run(m+" and "+s, func(t *testing.T) {
				t.Parallel()
				pair := scenario.Pair{Marketing: left(t), Sales: right(t)}
				if set != nil {
					set(&pair)
				}
				scenario.Run(t, tandem, pair)
			})
		}
	}
}

func hubSpot(t *testing.T) scenario.End {
	t.Helper()
	twin := hubspotsim.New(hubspotsim.Options{})
	for _, p := range []hubspotsim.Property{
		{Name: "tandem_id", Label: "Tandem id", Type: "string", FieldType: "text", HasUniqueValue: true},
		{Name: "sale_status", Label: "Sale", Type: "string", FieldType: "text"},
		{Name: "opted_out", Label: "Opted out", Type: "bool", FieldType: "booleancheckbox"},
	} {
		twin.AddProperty("contacts", p)
	}
	serve(t, twin)
	twin.AddKey("pat-person", hubspotsim.UserActor(1))
	return ends.HubSpot(twin.URL(), "pat-person", twin.Credentials().AccessToken)
}

func mautic(t *testing.T) scenario.End {
	t.Helper()
	twin := mauticsim.New(mauticsim.Options{})
	twin.AddField("contacts", mauticsim.Field{Alias: "sale_status", Label: "Sale", Type: "text"})
	serve(t, twin)
	c := twin.Credentials()
	return ends.Mautic(twin.URL(), c.User, c.Password)
}

func salesforce(t *testing.T) scenario.Seller {
	t.Helper()
	twin, err := salesforcesim.New(salesforcesim.Options{CustomFields: []salesforcesim.CustomField{{Object: "Lead", Name: "Sale__c", Type: "string"}}})
	if err != nil {
		t.Fatal(err)
	}
	serve(t, twin)
	return ends.Salesforce(twin.URL(), twin.AccessToken(), twin.ClientID, twin.ClientSecret)
}

func odoo(t *testing.T) scenario.Seller {
	t.Helper()
	twin := odoosim.New(odoosim.Options{})
	serve(t, twin)
	u := twin.Tandem()
	return ends.Odoo(twin.URL(), odoosim.Database, u.Login, u.Key)
}

func espoCRM(t *testing.T) scenario.Seller {
	t.Helper()
	twin := espocrmsim.New(espocrmsim.Options{})
	serve(t, twin)
	return ends.EspoCRM(twin.URL(), twin.AddUser("clerk").Key, twin.AddUser("tandem").Key)
}

func suiteCRM(t *testing.T) scenario.Seller {
	t.Helper()
	twin := suitecrmsim.New(suitecrmsim.Options{})
	serve(t, twin)
	clerk, tandem := twin.AddClient("clerk"), twin.AddClient("tandem")
	return ends.SuiteCRM(twin.URL(), ends.SuiteClient{ID: clerk.ClientID, Secret: clerk.ClientSecret}, ends.SuiteClient{ID: tandem.ClientID, Secret: tandem.ClientSecret})
}

func tryton(t *testing.T) scenario.Seller {
	t.Helper()
	twin := trytonsim.New(trytonsim.Options{})
	serve(t, twin)
	person, tandem := ends.TrytonLogin(twin.Person()), ends.TrytonLogin(twin.Credentials())
	return ends.Tryton(twin.URL(), trytonsim.Database, person, tandem)
}

func listmonk(t *testing.T) scenario.End {
	t.Helper()
	twin := listmonksim.New(listmonksim.Options{})
	serve(t, twin)
	c := twin.Credentials()
	return ends.Listmonk(twin.URL(), c.User, c.Secret, twin.Mails)
}

func serve(t *testing.T, twin interface {
	Start(addr string) error
	Close() error
},
) {
	t.Helper()
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
}
