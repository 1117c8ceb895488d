package mautic_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/mautic"
	"github.com/tandem-sync/tandem/connectors/mautic/mauticsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

func TestConformance(t *testing.T) {
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.HTTP, Catalog: mautic.Factory().Catalog(), Object: "contacts", Field: "city",
		Faults: []string{"rate_limit", "row_error", "repeated_page", "empty_page"},
		Create: func(n int) record.Fields {
			return record.Fields{"email": email("new" + strconv.Itoa(n) + "@example.com")}
		},
		New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
			t.Helper()
			twin := mauticsim.New(mauticsim.Options{})
			cred := twin.Credentials()
			if o.Refused {
				cred.ClientSecret = "refused-0123456789"
			}
			c := build(t, o.Env, o.Serve(twin.Handler()), cred, app)
			return connectortest.Instance{Connector: c, Bench: bench{twin}, Secrets: []string{cred.ClientSecret}}
		},
	})
}

// bench drives the twin for the suite.
type bench struct{ twin *mauticsim.Twin }

func (b bench) Seed(n int, at time.Time) []string {
	from := b.twin.Count("contacts")
	return b.twin.Seed("contacts", n, at, func(i int) map[string]string {
		return map[string]string{"email": "seed" + strconv.Itoa(from+i) + "@example.com"}
	})
}

func (b bench) Edit(id, value string) {
	b.twin.Edit("contacts", id, map[string]string{"city": value})
}

func (b bench) Value(id string) (value string, found bool) {
	fields, found := b.twin.Get("contacts", id)
	return fields["city"], found
}

func (b bench) Count() int { return b.twin.Count("contacts") }

func (b bench) Inject(f simkit.Fault, on connectortest.Call) {
	f.PathPrefix = map[connectortest.Call]string{
		connectortest.Reading: "/api/contacts", connectortest.Writing: "/api/contacts/batch/", connectortest.Any: "/api/",
	}[on]
	b.twin.AddFault(f)
}

func (b bench) Reset()                { b.twin.ResetFaults() }
func (b bench) Counts() simkit.Counts { return b.twin.Counts() }
func (b bench) Delete(id string)      { b.twin.Delete("contacts", id) }

func (b bench) Merge(loser, winner string) string { return b.twin.Merge(winner, loser) }

func (b bench) Expire() { b.twin.ExpireTokens() }
