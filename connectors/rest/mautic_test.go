package rest_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/mautic/mauticsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// TestMautic holds the manifest of Mautic to the suite that Tandem's own
// connector for Mautic passes.
func TestMautic(t *testing.T) {
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.HTTP, Catalog: catalog(t, mautic(t, connectors.Env{}, "https://mautic.example.com", "")), Object: "contacts", Field: "city",
		Faults: []string{"rate_limit", "row_error", "repeated_page", "empty_page"},
		Create: func(n int) record.Fields {
			return record.Fields{"email": record.Of(record.Email, fmt.Sprintf("new%d@example.com", n))}
		},
		New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
			t.Helper()
			twin := mauticsim.New(mauticsim.Options{})
			cred := twin.Credentials()
			if o.Refused {
				cred.ClientSecret = "refused-0123456789"
			}
			c := mautic(t, o.Env, o.Serve(twin.Handler()), cred.ClientID, "SECRET", cred.ClientSecret)
			return connectortest.Instance{Connector: c, Bench: mauticBench{twin}, Secrets: []string{cred.ClientSecret}}
		},
	})
}

func mautic(t *testing.T, env connectors.Env, base, client string, secrets ...string) system {
	t.Helper()
	if len(secrets) == 0 {
		client, secrets = "client", []string{"SECRET", "secret"}
	}
	return build(t, env, "manifest: "+manifests+"mautic.yaml\nbase_url: "+base+"\nauth: {client_id: '"+client+"', client_secret: '${env:SECRET}'}\n", secrets...)
}

func catalog(t *testing.T, c connectors.Connector) schema.Catalog {
	t.Helper()
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// mauticBench drives the twin for the suite.
type mauticBench struct{ twin *mauticsim.Twin }

func (b mauticBench) Seed(n int, at time.Time) []string {
	from := b.twin.Count("contacts")
	return b.twin.Seed("contacts", n, at, func(i int) map[string]string {
		return map[string]string{"email": "seed" + strconv.Itoa(from+i) + "@example.com"}
	})
}

func (b mauticBench) Edit(id, value string) {
	b.twin.Edit("contacts", id, map[string]string{"city": value})
}

func (b mauticBench) Value(id string) (value string, found bool) {
	fields, found := b.twin.Get("contacts", id)
	return fields["city"], found
}

func (b mauticBench) Count() int { return b.twin.Count("contacts") }

func (b mauticBench) Inject(f simkit.Fault, on connectortest.Call) {
	f.PathPrefix = map[connectortest.Call]string{
		connectortest.Reading: "/api/contacts", connectortest.Writing: "/api/contacts/batch/", connectortest.Any: "/api/",
	}[on]
	b.twin.AddFault(f)
}

func (b mauticBench) Reset()                { b.twin.ResetFaults() }
func (b mauticBench) Counts() simkit.Counts { return b.twin.Counts() }
func (b mauticBench) Delete(id string)      { b.twin.Delete("contacts", id) }

func (b mauticBench) Merge(loser, winner string) string { return b.twin.Merge(winner, loser) }

func (b mauticBench) Expire() { b.twin.ExpireTokens() }

// TestEconomy counts the calls for a thousand rows: no more than the pages and
// batches that hold them.
func TestEconomy(t *testing.T) {
	twin := mauticsim.New(mauticsim.Options{})
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = twin.Close() }()
	cred := twin.Credentials()
	c := mautic(t, connectors.Env{Name: "mautic", HTTP: httpapi.Env{AllowLoopback: true}}, twin.URL(), cred.ClientID, "SECRET", cred.ClientSecret)
	mauticBench{twin}.Seed(1000, time.Now())
	if _, err := c.Check(t.Context()); err != nil { // gets a token
		t.Fatal(err)
	}
	before := twin.Counts()
	records, next := drain(t, c, connectors.Query{Object: "contacts", Fields: []string{"email", "city"}})
	if calls := twin.Counts().Reads - before.Reads; len(records) != 1000 || calls > 6 {
		t.Errorf("%d rows were read in %d calls, 5 would do", len(records), calls)
	}
	var ops []connectors.Op
	for id := range records {
		op := change("op-"+id, id, record.Fields{"city": record.OfString("Graz")})
		op.Object = "contacts"
		ops = append(ops, op)
	}
	before = twin.Counts()
	results, err := c.Write(t.Context(), ops)
	if calls := twin.Counts().Total - before.Total; err != nil || len(results) != 1000 || calls > 6 {
		t.Errorf("%d rows were written in %d calls, 5 would do: %v", len(results), calls, err)
	}
	before = twin.Counts()
	records, _ = drain(t, c, connectors.Query{Object: "contacts", Fields: []string{"email", "city"}, Cursor: next})
	if calls := twin.Counts().Reads - before.Reads; len(records) != 1000 || calls > 6 {
		t.Errorf("%d changed rows were read in %d calls, 5 would do", len(records), calls)
	}
}
