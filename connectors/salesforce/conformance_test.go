package salesforce_test

import (
	"cmp"
	"fmt"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/salesforce"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

func TestConformance(t *testing.T) {
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.HTTP, Catalog: salesforce.Factory().Catalog(), Object: "Lead", Field: "City",
		Faults: []string{
			"rate_limit", "rate_limit_secondly", "rate_limit_daily", "row_lock", "row_error", "whole_batch_error", "lag", "late_visible", "stale_read",
			"expired_cursor", "repeated_page", "empty_page", "foreign_next", "token_reuse",
		},
		Except: map[string]string{"cursor asked twice": "Salesforce gives each asking a locator of its own; TestAskingTwice compares the records"},
		New:    conforming,
		Create: func(n int) record.Fields {
			return record.Fields{
				"LastName": record.OfString(fmt.Sprint("Created ", n)), "Company": record.OfString("Example"),
				"Email": record.Of(record.Email, fmt.Sprintf("created%d@example.com", n)), "City": record.OfString("Town"),
			}
		},
	})
}

func conforming(t *testing.T, o connectortest.Options) connectortest.Instance {
	t.Helper()
	twin, err := salesforcesim.New(salesforcesim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	base, clientSecret := o.Serve(twin.Handler()), twin.ClientSecret
	if o.Refused {
		clientSecret = "nobody's"
	}
	node, problems := diag.Parse("s.yaml", []byte("base_url: "+base+"\nauth: {client_id: "+twin.ClientID+", client_secret: \"${env:SECRET}\"}\n"))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	o.Env.Secrets = secret.Resolver{Env: func(string) (string, bool) { return clientSecret, true }}
	c, problems := salesforce.Factory().New(o.Env, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	return connectortest.Instance{Connector: c, Bench: bench{t, twin}, Secrets: []string{clientSecret}}
}

// bench drives the twin past its API.
type bench struct {
	t    *testing.T
	twin *salesforcesim.Twin
}

// Seed makes leads.
func (b bench) Seed(n int, at time.Time) []string {
	before := map[string]bool{}
	b.twin.Each("Lead", func(r salesforcesim.Record) bool { before[r.ID] = true; return true })
	seedLeads(b.t, b.twin, n, func(int) time.Time { return at })
	var ids []string
	b.twin.Each("Lead", func(r salesforcesim.Record) bool {
		if !before[r.ID] {
			ids = append(ids, r.ID)
		}
		return true
	})
	return ids
}

// Edit sets the town of a lead.
func (b bench) Edit(id, value string) {
	if err := b.twin.Edit("Lead", id, salesforcesim.Fields{"City": value}, ""); err != nil {
		b.t.Errorf("editing %s: %v", id, err)
	}
}

// Value returns the town of a lead.
func (b bench) Value(id string) (string, bool) {
	r, ok := b.twin.Get("Lead", id)
	return r.Fields["City"], ok && !r.Deleted
}

// Count counts leads.
func (b bench) Count() int { return b.twin.Len("Lead") }

// Inject adds a fault.
func (b bench) Inject(f simkit.Fault, on connectortest.Call) {
	switch on {
	case connectortest.Reading:
		f.PathPrefix = cmp.Or(f.PathPrefix, "/services/data/v67.0/query")
	case connectortest.Writing:
		f.PathPrefix = cmp.Or(f.PathPrefix, "/services/data/v67.0/composite")
	case connectortest.Any:
		f.PathPrefix = cmp.Or(f.PathPrefix, "/services/data")
	}
	b.twin.Faults.Add(f)
}

// Reset forgets all faults.
func (b bench) Reset() { b.twin.Faults.Reset() }

// Counts counts calls.
func (b bench) Counts() simkit.Counts { return b.twin.Counts() }

// Delete deletes a lead.
func (b bench) Delete(id string) {
	if err := b.twin.Delete("Lead", id); err != nil {
		b.t.Errorf("deleting %s: %v", id, err)
	}
}

// Merge merges a lead into another.
func (b bench) Merge(loser, winner string) string {
	if err := b.twin.Merge("Lead", winner, loser); err != nil {
		b.t.Errorf("merging %s: %v", loser, err)
	}
	return winner
}

// Expire makes the access tokens stale.
func (b bench) Expire() { b.twin.ExpireTokens() }
