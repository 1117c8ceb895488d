package app_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/syncer"
)

// twins is both vendors on loopback, with the configuration that joins them.
type twins struct {
	t     *testing.T
	hub   *hubspotsim.Twin
	sales *salesforcesim.Twin
	files fstest.MapFS
	state string
	now   func() time.Time
}

const settings = `
network: {loopback: true}
first_run: apply
state: {dir: %s}
`

const hubspotFile = `
type: hubspot
base_url: %s
auth: {service_key: "${env:HUB_KEY}"}
objects:
  contacts:
    as: person
    create: true
    key: tandem_id
    match: [email]
    fields:
      - {field: email, remote: email}
      - {field: first_name, remote: firstname}
      - {field: last_name, remote: lastname}
      - {field: company_name, remote: company}
      - {field: lead_status, remote: hs_lead_status, values: {NEW: new, OPEN: open, IN_PROGRESS: working, UNQUALIFIED: unqualified}}
      - {field: email_opt_out, remote: email_opt_out}
`

const salesforceFile = `
type: salesforce
base_url: %s
auth: {client_id: "%s", client_secret: "${env:SF_SECRET}"}
objects:
  Contact:
    as: person
    match: [email]
    fields:
      - {field: email, remote: Email}
      - {field: first_name, remote: FirstName}
      - {field: last_name, remote: LastName}
      - {field: email_opt_out, remote: HasOptedOutOfEmail}
  Lead:
    as: person
    create: 'email != nil'
    key: Tandem_Id__c
    match: [email]
    fields:
      - {field: email, remote: Email}
      - {field: first_name, remote: FirstName}
      - {field: last_name, remote: LastName, out: 'coalesce(last_name, "[unknown]")', placeholder: "[unknown]"}
      - {field: company_name, remote: Company, out: 'coalesce(company_name, "[unknown]")', placeholder: "[unknown]"}
      - {field: lead_status, remote: Status, direction: in, values: {"Open - Not Contacted": open, "Working - Contacted": working, "Closed - Not Converted": unqualified, "Closed - Converted": converted}}
      - {field: email_opt_out, remote: HasOptedOutOfEmail}
`

func newTwins(t *testing.T) *twins {
	t.Helper()
	return newTwinsWith(t, hubspotsim.Options{})
}

func newTwinsWith(t *testing.T, o hubspotsim.Options) *twins {
	t.Helper()
	hub := hubspotsim.New(o)
	sales, err := salesforcesim.New(salesforcesim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, start := range []func(string) error{hub.Start, sales.Start} {
		if err := start("127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _, _ = hub.Close(), sales.Close() })
	hub.AddProperty("contacts", hubspotsim.Property{Name: "tandem_id", Label: "Tandem id", Type: "string", FieldType: "text", GroupName: "contactinformation", HasUniqueValue: true})
	tw := &twins{t: t, hub: hub, sales: sales, state: t.TempDir(), now: time.Now}
	tw.files = fstest.MapFS{
		"tandem.yaml":                {Data: fmt.Appendf(nil, settings, tw.state)},
		"connectors/hubspot.yaml":    {Data: fmt.Appendf(nil, hubspotFile, hub.URL())},
		"connectors/salesforce.yaml": {Data: fmt.Appendf(nil, salesforceFile, sales.URL(), sales.ClientID)},
	}
	return tw
}

func (tw *twins) options() app.Options {
	return app.Options{
		Dir: "demo", Files: tw.files, Registry: all.Registry(), Log: zerolog.New(os.Stderr).Level(zerolog.WarnLevel), Now: tw.now,
		Secrets: secret.Resolver{Env: func(name string) (string, bool) {
			hub := tw.hub.Credentials()
			v, ok := map[string]string{
				"HUB_KEY": hub.AccessToken, "HUB_CLIENT": hub.ClientID, "HUB_SECRET": hub.ClientSecret, "HUB_REFRESH": hub.RefreshToken,
				"SF_SECRET": tw.sales.ClientSecret,
			}[name]
			return v, ok
		}},
	}
}

func (tw *twins) open() *app.App { return tw.opened(app.Open) }

func (tw *twins) opened(open func(context.Context, app.Options) (*app.App, error)) *app.App {
	tw.t.Helper()
	a, err := open(tw.t.Context(), tw.options())
	if err != nil {
		tw.t.Fatal(err)
	}
	return a
}

func (tw *twins) cycle(a *app.App) syncer.Outcome {
	tw.t.Helper()
	c, err := a.Engine.NewCycle(tw.t.Context(), "sync", syncer.Scope{})
	if err != nil {
		tw.t.Fatal(err)
	}
	out, err := c.Run(tw.t.Context())
	if err != nil {
		tw.t.Fatal(err)
	}
	for _, f := range out.Failures {
		tw.t.Error(f)
	}
	return out
}

func TestTheLoopBetweenTheTwins(t *testing.T) {
	tw := newTwins(t)
	const people = 250
	for i := range people {
		if _, err := tw.hub.Create("contacts", map[string]string{
			"email": fmt.Sprintf("p%d@acme.example", i), "firstname": fmt.Sprintf("First%d", i), "lastname": fmt.Sprintf("Last%d", i),
		}); err != nil {
			t.Fatal(err)
		}
	}
	a := tw.open()
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	out := tw.cycle(a)
	t.Logf("first: %+v", out.Pushed)
	if n := tw.sales.Len("Lead"); n != people {
		t.Fatalf("%d leads, want %d", n, people)
	}
	second := tw.cycle(a)
	t.Logf("second: %+v", second.Pushed)
	third := tw.cycle(a)
	if third.Pushed.Applied != 0 {
		t.Errorf("the third cycle wrote %d rows", third.Pushed.Applied)
	}
	hub, sales := tw.hub.Counts(), tw.sales.Counts()
	t.Logf("hubspot %+v\nsalesforce %+v", hub, sales)
}
