package odoo_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/odoo"
	"github.com/tandem-sync/tandem/connectors/odoo/odoosim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

// TestConformance runs the suite over both ways to speak to an Odoo.
func TestConformance(t *testing.T) {
	for name, root := range map[string]string{"json2": "/json/2/", "jsonrpc": "/jsonrpc/"} {
		t.Run(name, func(t *testing.T) {
			connectortest.Run(t, connectortest.Setup{
				Transport: connectortest.HTTP, Catalog: odoo.Factory().Catalog(), Object: "crm.lead", Field: "city",
				Faults: []string{"rate_limit", "row_error", "row_lock", "whole_batch_error", "repeated_page"},
				Create: func(n int) record.Fields {
					return record.Fields{"name": text("Lead " + strconv.Itoa(n)), "email_from": email("new" + strconv.Itoa(n) + "@example.com")}
				},
				New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
					t.Helper()
					twin := odoosim.New(versions()[name])
					user := twin.Tandem()
					if o.Refused {
						user.Key = "refused-0123456789"
					}
					c := build(t, o.Env, o.Serve(twin.Handler()), user)
					return connectortest.Instance{Connector: c, Bench: bench{twin, root}, Secrets: []string{user.Key}}
				},
			})
		})
	}
}

// bench drives the twin for the suite.
type bench struct {
	twin *odoosim.Twin
	root string
}

func (b bench) Seed(n int, at time.Time) []string {
	from := b.twin.Count("crm.lead")
	return b.twin.Seed("crm.lead", n, at, func(i int) map[string]any {
		return map[string]any{"name": "Seed", "email_from": "seed" + strconv.Itoa(from+i) + "@example.com"}
	})
}

func (b bench) Edit(id, value string) {
	values := map[string]any{"city": value}
	if value == "" {
		values["city"] = nil
	}
	b.twin.Edit("crm.lead", id, values)
}

func (b bench) Value(id string) (value string, found bool) {
	fields, found := b.twin.Get("crm.lead", id)
	if !found || fields["active"] == false {
		return "", false
	}
	value, _ = fields["city"].(string)
	return value, found
}

func (b bench) Count() int { return b.twin.Count("crm.lead") }

func (b bench) Inject(f simkit.Fault, on connectortest.Call) {
	f.PathPrefix = b.root + map[connectortest.Call]string{connectortest.Reading: "crm.lead/search_read", connectortest.Writing: "crm.lead/load"}[on]
	b.twin.AddFault(f)
}

func (b bench) Reset()                { b.twin.ResetFaults() }
func (b bench) Counts() simkit.Counts { return b.twin.Counts() }
func (b bench) Delete(id string)      { b.twin.Delete("crm.lead", id) }

func (b bench) Merge(loser, winner string) string {
	b.twin.Merge("crm.lead", loser, winner)
	return winner
}
