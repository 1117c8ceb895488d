package hubspot_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/hubspot"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

func TestConformance(t *testing.T) {
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.HTTP, Catalog: hubspot.Factory().Catalog(), Object: "contacts", Field: "jobtitle",
		Faults: []string{
			"rate_limit", "rate_limit_secondly", "rate_limit_daily", "row_lock", "row_error", "whole_batch_error", "lag",
			"late_visible", "stale_read", "repeated_page", "empty_page", "foreign_next", "expired_cursor", "merge", "token_reuse",
		},
		Create: func(n int) record.Fields {
			return record.Fields{"email": record.Of(record.Email, fmt.Sprintf("new%d@example.com", n))}
		},
		New: instance,
	})
}

func instance(t *testing.T, o connectortest.Options) connectortest.Instance {
	t.Helper()
	p := hubspotsim.New(hubspotsim.Options{})
	p.AddProperty("contacts", hubspotsim.Property{Name: "tandem_id", Label: "Tandem id", Type: "string", FieldType: "text", HasUniqueValue: true})
	cred := p.Credentials()
	env := map[string]string{"SECRET": cred.ClientSecret, "REFRESH": cred.RefreshToken}
	if o.Refused {
		env["SECRET"] = "refused-secret-0123456789"
	}
	text := "base_url: " + o.Serve(p.Handler()) + "\nauth: {client_id: " + cred.ClientID + ", client_secret: '${env:SECRET}', refresh_token: '${env:REFRESH}'}\n"
	node, problems := diag.Parse("hubspot.yaml", []byte(text))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	o.Env.Secrets = secret.Resolver{Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	c, problems := hubspot.Factory().New(o.Env, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	return connectortest.Instance{Connector: c, Bench: bench{p}, Secrets: []string{cred.ClientSecret, cred.RefreshToken}}
}

// bench drives the twin for the suite.
type bench struct{ p *hubspotsim.Twin }

func (b bench) Seed(n int, at time.Time) []string {
	from := b.p.Count("contacts")
	first, err := b.p.BulkSeed("contacts", []string{"email", "createdate", "lastmodifieddate"}, n, func(i int, row []string) {
		row[0] = fmt.Sprintf("seed%d@example.com", from+i)
		row[1], row[2] = at.Format(time.RFC3339Nano), at.Format(time.RFC3339Nano)
	})
	if err != nil {
		panic(err)
	}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.FormatInt(first+int64(i), 10)
	}
	return ids
}

func (b bench) Edit(id, value string) {
	if err := b.p.Edit("contacts", id, map[string]string{"jobtitle": value}, hubspotsim.UserActor(1)); err != nil {
		panic(err)
	}
}

func (b bench) Value(id string) (value string, found bool) {
	o, ok := b.p.Get("contacts", id)
	return o.Properties["jobtitle"], ok && !o.Archived
}

func (b bench) Count() int { return b.p.Count("contacts") }

func (b bench) Inject(f simkit.Fault, on connectortest.Call) {
	f.PathPrefix = map[connectortest.Call]string{
		connectortest.Reading: "/crm/objects/2026-03/contacts", connectortest.Writing: "/crm/objects/2026-03/contacts/batch/", connectortest.Any: "/crm/",
	}[on]
	b.p.AddFault(f)
}

func (b bench) Reset()                { b.p.ResetFaults() }
func (b bench) Counts() simkit.Counts { return b.p.Counts() }

func (b bench) Advance(d time.Duration) { b.p.Clock().Advance(d) }

func (b bench) Delete(id string) {
	if err := b.p.Archive("contacts", id); err != nil {
		panic(err)
	}
}

func (b bench) Merge(loser, winner string) string {
	id, err := b.p.Merge("contacts", winner, loser)
	if err != nil {
		panic(err)
	}
	return id
}

func (b bench) Expire() { b.p.ExpireTokens() }
