package acme_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/cmd/tandem/scaffold/acme"
	"github.com/tandem-sync/tandem/cmd/tandem/scaffold/acme/acmesim"
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

func TestConformance(t *testing.T) {
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.HTTP, Catalog: acme.Factory().Catalog(), Object: "contacts", Field: "city",
		Faults: []string{"rate_limit", "row_error"},
		Create: func(n int) record.Fields {
			return record.Fields{"email": record.Of(record.Email, "new"+strconv.Itoa(n)+"@example.com")}
		},
		New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
			t.Helper()
			twin := acmesim.New(acmesim.Options{})
			key := twin.Key()
			if o.Refused {
				key = "refused-0123456789"
			}
			return connectortest.Instance{Connector: build(t, o.Env, o.Serve(twin.Handler()), key), Bench: bench{twin}, Secrets: []string{key}}
		},
	})
}

func build(t *testing.T, env connectors.Env, base, key string) connectors.Connector {
	t.Helper()
	node, problems := diag.Parse("acme.yaml", []byte("base_url: "+base+"\nkey: ${env:KEY}\n"))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	env.Secrets = secret.Resolver{Env: func(string) (string, bool) { return key, true }}
	c, problems := acme.Factory().New(env, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	return c
}

// bench drives the twin for the suite.
type bench struct{ twin *acmesim.Twin }

func (b bench) Seed(n int, at time.Time) []string         { return b.twin.Seed(n, at) }
func (b bench) Edit(id, value string)                     { b.twin.Edit(id, "city", value) }
func (b bench) Value(id string) (value string, live bool) { return b.twin.Value(id, "city") }
func (b bench) Count() int                                { return b.twin.Count() }
func (b bench) Reset()                                    { b.twin.ResetFaults() }
func (b bench) Counts() simkit.Counts                     { return b.twin.Counts() }
func (b bench) Delete(id string)                          { b.twin.Delete(id) }
func (b bench) Merge(_, _ string) (survivor string)       { return "" }

func (b bench) Inject(f simkit.Fault, on connectortest.Call) {
	switch on {
	case connectortest.Reading:
		f.PathPrefix, f.Method = "/v1/contacts", "GET"
	case connectortest.Writing:
		if f.PathPrefix, f.Method = "/v1/contacts", "PATCH"; b.twin.Count() == 0 {
			f.Method = "POST"
		}
	case connectortest.Any:
		f.PathPrefix = "/v1/"
	}
	b.twin.AddFault(f)
}
