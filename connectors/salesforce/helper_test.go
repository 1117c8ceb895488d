package salesforce_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/salesforce"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/record"
)

// organisation starts a twin.
func organisation(t *testing.T, opt salesforcesim.Options) *salesforcesim.Twin {
	t.Helper()
	twin, err := salesforcesim.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := twin.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	return twin
}

// dial builds a connector to a twin, with further lines of configuration.
func dial(t *testing.T, twin *salesforcesim.Twin, lines ...string) *salesforce.Connector {
	t.Helper()
	auth := "auth: {client_id: \"" + twin.ClientID + "\", client_secret: \"${env:SECRET}\"}"
	for _, l := range lines {
		if strings.HasPrefix(l, "auth:") {
			auth = l
		}
	}
	own := []string{"base_url: " + twin.URL(), auth}
	for _, l := range lines {
		if !strings.HasPrefix(l, "auth:") {
			own = append(own, l)
		}
	}
	text := strings.Join(own, "\n")
	node, problems := diag.Parse("salesforce.yaml", []byte(text))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	env := map[string]string{"SECRET": twin.ClientSecret, "REFRESH": twin.RefreshToken, "KEY": string(twin.PrivateKeyPEM)}
	made, problems := salesforce.Factory().New(connectors.Env{
		Name:    "salesforce",
		Secrets: secret.Resolver{Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }},
		HTTP:    httpapi.Env{AllowLoopback: true},
	}, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	c, ok := made.(*salesforce.Connector)
	if !ok {
		t.Fatal("the factory made something else")
	}
	t.Cleanup(c.Close)
	return c
}

// seen is what a pass delivered.
type seen struct {
	records map[string]connectors.Record
	gone    map[string]connectors.Gone
	next    connectors.Cursor
	pages   int
}

// drain reads pages to the end.
func drain(t *testing.T, read func(connectors.Query) (connectors.Page, error), q connectors.Query) seen {
	t.Helper()
	s := seen{records: map[string]connectors.Record{}, gone: map[string]connectors.Gone{}}
	for {
		p, err := read(q)
		for try := 0; try < 3 && err != nil && fault.ClassOf(err).Later(); try++ {
			p, err = read(q)
		}
		if err != nil {
			t.Fatalf("%s after %d pages: %v", q.Object, s.pages, err)
		}
		for _, i := range p.Issues {
			t.Errorf("issue on %s: %v", i.Field, i.Err)
		}
		s.pages++
		for _, r := range p.Records {
			s.records[r.ID] = r
		}
		for _, g := range p.Gone {
			s.gone[g.ID] = g
		}
		if p.Next == "" {
			t.Fatal("Next is empty")
		}
		if q.Cursor, s.next = p.Next, p.Next; !p.More {
			return s
		}
		if s.pages > 500 {
			t.Fatal("no end of pages")
		}
	}
}

func changes(t *testing.T, c *salesforce.Connector) func(connectors.Query) (connectors.Page, error) {
	t.Helper()
	return func(q connectors.Query) (connectors.Page, error) { return c.Changes(t.Context(), q) }
}

func gone(t *testing.T, c *salesforce.Connector) func(connectors.Query) (connectors.Page, error) {
	t.Helper()
	return func(q connectors.Query) (connectors.Page, error) { return c.Gone(t.Context(), q) }
}

// seedLeads puts n leads in, with times by number.
func seedLeads(t *testing.T, twin *salesforcesim.Twin, n int, at func(i int) time.Time) {
	t.Helper()
	i := 0
	_, _, err := twin.BulkSeed("Lead", []string{"LastName", "Company", "Email", "Status"}, func() (salesforcesim.SeedRow, bool) {
		if i == n {
			return salesforcesim.SeedRow{}, false
		}
		i++
		when := at(i)
		return salesforcesim.SeedRow{
			Values:  []string{fmt.Sprint("Person ", i), "Example", fmt.Sprintf("p%d@example.com", i), "Working - Contacted"},
			Created: when, Modified: when,
		}, true
	})
	if err != nil {
		t.Fatal(err)
	}
}

func ago(twin *salesforcesim.Twin, d time.Duration) func(int) time.Time {
	when := twin.Clock.Now().Add(-d).Truncate(time.Second)
	return func(int) time.Time { return when }
}

func leadOps(n int, kind connectors.OpKind) []connectors.Op {
	ops := make([]connectors.Op, n)
	for i := range ops {
		key := fmt.Sprintf("T%06d", i)
		ops[i] = connectors.Op{
			ID: "op-" + key, Kind: kind, Object: "Lead", Key: connectors.Key{Field: "Tandem_Id__c", Value: key},
			Fields: record.Fields{
				"LastName": record.OfString("O'Brien, \"" + key + "\""), "Company": record.OfString("Example"),
				"Email": record.Of(record.Email, key+"@example.com"), "HasOptedOutOfEmail": record.NullOf(record.Boolean),
				"NumberOfEmployees": record.OfInt(int64(i)),
			},
		}
	}
	return ops
}
