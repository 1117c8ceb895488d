package espocrm_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/espocrm"
	"github.com/tandem-sync/tandem/connectors/espocrm/espocrmsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

// Leads are read and written with a key, accounts, whose updates can be
// conditional, with HMAC.
func TestConformance(t *testing.T) {
	for _, c := range []struct {
		object, field, auth string
	}{{"Lead", "addressCity", byKey}, {"Account", "billingAddressCity", byHMAC}} {
		t.Run(c.object, func(t *testing.T) { conformance(t, c.object, c.field, c.auth) })
	}
}

func conformance(t *testing.T, object, field, auth string) {
	t.Helper()
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.HTTP, OneByOne: true, Catalog: espocrm.Factory().Catalog(), Object: object, Field: field, Faults: []string{"row_error"},
		Create: func(n int) record.Fields {
			return record.Fields{"name": text("New " + strconv.Itoa(n)), "emailAddress": email("new" + strconv.Itoa(n) + "@example.com")}
		},
		New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
			t.Helper()
			twin := espocrmsim.New(espocrmsim.Options{})
			cred := twin.AddUser("tandem")
			if auth == byHMAC {
				cred = twin.AddSigner("tandem")
			}
			if o.Refused {
				cred.Key = "refused-0123456789"
			}
			c := build(t, o.Env, o.Serve(twin.Handler()), cred, auth)
			return connectortest.Instance{Connector: c, Bench: bench{twin, object, field}, Secrets: []string{cred.Key, cred.Secret}}
		},
	})
}

// bench drives the twin for the suite.
type bench struct {
	twin          *espocrmsim.Twin
	object, field string
}

func (b bench) Seed(n int, at time.Time) []string {
	from := b.twin.Count(b.object)
	return b.twin.Seed(b.object, n, at, func(i int) map[string]any {
		return map[string]any{"name": "Seed " + strconv.Itoa(from+i), "emailAddress": "seed" + strconv.Itoa(from+i) + "@example.com"}
	})
}

func (b bench) Edit(id, value string) {
	var v any
	if value != "" {
		v = value
	}
	b.twin.Edit(b.object, id, map[string]any{b.field: v})
}

func (b bench) Value(id string) (value string, found bool) {
	_, found = b.twin.Get(b.object, id)
	return b.twin.Text(b.object, id, b.field), found
}

func (b bench) Count() int { return b.twin.Count(b.object) }

func (b bench) Inject(f simkit.Fault, on connectortest.Call) {
	f.PathPrefix = "/api/v1/" + b.object
	switch on {
	case connectortest.Reading:
		f.Method = "GET"
	case connectortest.Writing:
		f.PathPrefix = "/api/v1/" + b.object
		if f.Method = "PUT"; b.twin.Count(b.object) == 0 {
			f.Method = "POST"
		}
	case connectortest.Any:
		f.PathPrefix = "/api/"
	}
	b.twin.AddFault(f)
}

func (b bench) Reset()                { b.twin.ResetFaults() }
func (b bench) Counts() simkit.Counts { return b.twin.Counts() }
func (b bench) Delete(id string)      { b.twin.Delete(b.object, id) }

func (b bench) Merge(loser, winner string) string { return b.twin.Merge(b.object, loser, winner) }
