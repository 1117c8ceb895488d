package suitecrm_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/connectors/suitecrm"
	"github.com/tandem-sync/tandem/connectors/suitecrm/suitecrmsim"
	"github.com/tandem-sync/tandem/record"
)

func TestConformance(t *testing.T) {
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.HTTP, OneByOne: true, Catalog: suitecrm.Factory().Catalog(), Object: "Leads", Field: "primary_address_city", Faults: []string{"row_error"},
		Create: func(n int) record.Fields {
			return record.Fields{"last_name": text("New"), "email1": email("new" + strconv.Itoa(n) + "@example.com")}
		},
		New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
			t.Helper()
			twin := suitecrmsim.New(suitecrmsim.Options{})
			cred := twin.AddClient("tandem")
			if o.Refused {
				cred.ClientSecret = "refused-0123456789"
			}
			return connectortest.Instance{Connector: build(t, o.Env, o.Serve(twin.Handler()), cred), Bench: bench{twin}, Secrets: []string{cred.ClientSecret}}
		},
	})
}

// bench drives the twin for the suite.
type bench struct{ twin *suitecrmsim.Twin }

func (b bench) Seed(n int, at time.Time) []string {
	from := b.twin.Count("Leads")
	return b.twin.Seed("Leads", n, at, func(i int) map[string]string {
		return map[string]string{"last_name": "Seed", "email1": "seed" + strconv.Itoa(from+i) + "@example.com"}
	})
}

func (b bench) Edit(id, value string) {
	b.twin.Edit("Leads", id, map[string]string{"primary_address_city": value})
}

func (b bench) Value(id string) (value string, found bool) {
	values, found := b.twin.Get("Leads", id)
	return values["primary_address_city"], found
}

func (b bench) Count() int { return b.twin.Count("Leads") }

func (b bench) Inject(f simkit.Fault, on connectortest.Call) {
	switch on {
	case connectortest.Reading:
		f.PathPrefix, f.Method = "/Api/V8/module/Leads", "GET"
	case connectortest.Writing:
		f.PathPrefix, f.Method = "/Api/V8/module", "PATCH"
		if b.twin.Count("Leads") == 0 {
			f.Method = "POST"
		}
	case connectortest.Any:
		f.PathPrefix = "/Api/V8/"
	}
	b.twin.AddFault(f)
}

func (b bench) Reset()                { b.twin.ResetFaults() }
func (b bench) Counts() simkit.Counts { return b.twin.Counts() }
func (b bench) Delete(id string)      { b.twin.Delete("Leads", id) }
func (b bench) Expire()               { b.twin.ExpireTokens() }

// Merge is deleting the one and editing the other.
func (b bench) Merge(loser, winner string) string {
	b.twin.Delete("Leads", loser)
	b.twin.Edit("Leads", winner, nil)
	return winner
}
