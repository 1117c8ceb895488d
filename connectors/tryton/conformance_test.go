package tryton_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/connectors/tryton"
	"github.com/tandem-sync/tandem/connectors/tryton/trytonsim"
	"github.com/tandem-sync/tandem/record"
)

func TestConformance(t *testing.T) {
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.HTTP, Catalog: tryton.Factory().Catalog(), Object: "party.party", Field: "name",
		Faults: []string{"rate_limit", "row_error"},
		Create: func(n int) record.Fields {
			return record.Fields{"email": email("new" + strconv.Itoa(n) + "@example.com")}
		},
		New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
			t.Helper()
			twin := trytonsim.New(trytonsim.Options{})
			cred := twin.Credentials()
			if o.Refused {
				cred.Password = "refused-0123456789"
			}
			c := build(t, o.Env, o.Serve(twin.Handler()), trytonsim.Database, cred.User, cred.Password)
			return connectortest.Instance{Connector: c, Bench: bench{twin}, Secrets: []string{cred.Password}}
		},
	})
}

// bench drives the twin for the suite.
type bench struct{ twin *trytonsim.Twin }

func (b bench) Seed(n int, at time.Time) []string {
	from := b.twin.Count("party.party")
	ids := make([]string, n)
	for i, id := range b.twin.Seed(n, at, func(i int) string { return "seed" + strconv.Itoa(from+i) + "@example.com" }) {
		ids[i] = itoa(id)
	}
	return ids
}

func (b bench) Edit(id, value string) {
	var v any
	if value != "" {
		v = value
	}
	b.twin.Edit("party.party", number(id), map[string]any{"name": v})
}

func (b bench) Value(id string) (value string, found bool) {
	active, found := b.twin.Get("party.party", number(id), "active")
	v, _ := b.twin.Get("party.party", number(id), "name")
	value, _ = v.(string)
	return value, found && active != false
}

func (b bench) Count() int { return b.twin.Count("party.party") }

func (b bench) Inject(f simkit.Fault, on connectortest.Call) {
	const model = "/" + trytonsim.Database + "/model.party.party."
	switch on {
	case connectortest.Reading:
		f.PathPrefix = model + "search_read"
	case connectortest.Writing:
		for _, method := range []string{"create", "write"} {
			f.PathPrefix = model + method
			b.twin.AddFault(f)
		}
		return
	case connectortest.Any:
		f.PathPrefix = "/" + trytonsim.Database + "/model."
	}
	b.twin.AddFault(f)
}

func (b bench) Reset()                      { b.twin.ResetFaults() }
func (b bench) Counts() simkit.Counts       { return b.twin.Counts() }
func (b bench) Delete(id string)            { b.twin.Delete("party.party", number(id)) }
func (b bench) Merge(string, string) string { return "" }
func (b bench) Expire()                     { b.twin.EndSessions() }
