package listmonk_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/listmonk"
	"github.com/tandem-sync/tandem/connectors/listmonk/listmonksim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

func TestConformance(t *testing.T) {
	catalog := listmonk.Factory().Catalog()
	catalog.Objects[0].Fields = append(catalog.Objects[0].Fields, schema.Field{Name: "attribs.city", Kind: record.String})
	for _, version := range []int{1, 6} {
		t.Run(fmt.Sprintf("version %d", version), func(t *testing.T) {
			connectortest.Run(t, connectortest.Setup{
				Transport: connectortest.HTTP, OneByOne: true, Catalog: catalog, Object: "subscribers", Field: "attribs.city",
				Faults: []string{"rate_limit", "row_error"},
				Create: func(n int) record.Fields {
					return record.Fields{"email": email("new" + strconv.Itoa(n) + "@example.com")}
				},
				New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
					t.Helper()
					twin := listmonksim.New(listmonksim.Options{Version: version})
					cred := twin.Credentials()
					if o.Refused {
						cred.Secret = "refused-0123456789"
					}
					c := build(t, o.Env, o.Serve(twin.Handler()), cred.Secret, login(version, cred))
					return connectortest.Instance{Connector: c, Bench: bench{twin}, Secrets: []string{cred.Secret}}
				},
			})
		})
	}
}

// bench drives the twin for the suite.
type bench struct{ twin *listmonksim.Twin }

func (b bench) Seed(n int, at time.Time) []string {
	from := b.twin.Count()
	ids := make([]string, n)
	for i, id := range b.twin.Seed(n, at, func(i int) string { return "seed" + strconv.Itoa(from+i) + "@example.com" }) {
		ids[i] = itoa(id)
	}
	return ids
}

func number(id string) int64 {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (b bench) Edit(id, value string) {
	if value == "" {
		b.twin.Edit(number(id), "city", nil)
		return
	}
	b.twin.Edit(number(id), "city", value)
}

func (b bench) Value(id string) (value string, found bool) {
	s, found := b.twin.Get(number(id))
	value, _ = s.Attribs["city"].(string)
	return value, found
}

func (b bench) Count() int { return b.twin.Count() }

func (b bench) Inject(f simkit.Fault, on connectortest.Call) {
	f.PathPrefix = "/api/"
	switch on {
	case connectortest.Reading:
		f.PathPrefix, f.Method = "/api/subscribers", "GET"
	case connectortest.Writing:
		// A write reads first; that is not what is to go wrong.
		f.PathPrefix = "/api/subscribers"
		for _, method := range []string{"POST", "PUT", "DELETE"} {
			f.Method = method
			b.twin.AddFault(f)
		}
		return
	case connectortest.Any:
	}
	b.twin.AddFault(f)
}

func (b bench) Reset()                      { b.twin.ResetFaults() }
func (b bench) Counts() simkit.Counts       { return b.twin.Counts() }
func (b bench) Delete(id string)            { b.twin.Delete(number(id)) }
func (b bench) Merge(string, string) string { return "" }
