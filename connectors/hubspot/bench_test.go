package hubspot_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/hubspot"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
)

// system is all of the connector.
type system interface {
	connectors.Connector
	connectors.Finder
	connectors.Former
	connectors.Writer
	connectors.FieldCreator
	FieldWriters(ctx context.Context, object string, fields []string) (map[string][]connectors.FieldWriter, error)
}

func portal(t *testing.T, opt hubspotsim.Options) *hubspotsim.Twin {
	t.Helper()
	p := hubspotsim.New(opt)
	if err := p.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	for _, object := range []string{"contacts", "companies", "deals", "calls", "meetings", "tasks", "emails"} {
		p.AddProperty(object, hubspotsim.Property{Name: "tandem_id", Label: "Tandem id", Type: "string", FieldType: "text", HasUniqueValue: true})
	}
	return p
}

func connect(t *testing.T, p *hubspotsim.Twin, more ...string) system {
	t.Helper()
	auth := "auth: {service_key: '${env:KEY}'}"
	for i, line := range more {
		if strings.HasPrefix(line, "auth:") {
			auth, more[i] = line, ""
		}
	}
	text := auth + "\nsearch_rate: 0\nbase_url: " + p.URL() + "\n" + strings.Join(more, "\n") + "\n"
	node, problems := diag.Parse("hubspot.yaml", []byte(text))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	cred := p.Credentials()
	env := map[string]string{"KEY": cred.AccessToken, "SECRET": cred.ClientSecret, "REFRESH": cred.RefreshToken}
	c, problems := hubspot.Factory().New(connectors.Env{
		Name:    "hubspot",
		Secrets: secret.Resolver{Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }},
		HTTP:    httpapi.Env{AllowLoopback: true},
	}, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	s, ok := c.(system)
	if !ok {
		t.Fatal("the connector lacks a part of the contract")
	}
	return s
}

// drain reads pages to the end and counts them.
func drain(t *testing.T, c system, q connectors.Query) (records map[string]connectors.Record, next connectors.Cursor, pages int) {
	t.Helper()
	records = map[string]connectors.Record{}
	for {
		p, err := c.Changes(t.Context(), q)
		for try := 0; try < 3 && err != nil && fault.ClassOf(err).Later(); try++ {
			p, err = c.Changes(t.Context(), q)
		}
		if err != nil {
			t.Fatalf("Changes %s after %d pages: %v", q.Object, pages, err)
		}
		for _, i := range p.Issues {
			t.Errorf("issue: %v", i.Err)
		}
		pages++
		for _, r := range p.Records {
			records[r.ID] = r
		}
		if p.Next == "" {
			t.Fatal("Next is empty")
		}
		q.Cursor = p.Next
		if !p.More {
			return records, p.Next, pages
		}
		if pages > 3000 {
			t.Fatal("no end of pages")
		}
	}
}

func seedContacts(t *testing.T, p *hubspotsim.Twin, n int, at func(i int) time.Time) int64 {
	t.Helper()
	first, err := p.BulkSeed("contacts", []string{"email", "firstname", "lifecyclestage", "lastmodifieddate", "createdate"}, n, func(i int, row []string) {
		row[0] = "p" + strings.Repeat("x", i%3) + time.Duration(i).String() + "@example.com"
		row[1], row[2] = "Pat", "lead"
		row[3] = at(i).Format(time.RFC3339Nano)
		row[4] = row[3]
	})
	if err != nil {
		t.Fatal(err)
	}
	return first
}

func ago(p *hubspotsim.Twin, d time.Duration) time.Time { return p.Clock().Now().Add(-d) }
