package rest_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

// TestHubSpot holds the manifest of HubSpot to the suite that Tandem's own
// connector for HubSpot passes.
func TestHubSpot(t *testing.T) {
	const key = "key-0123456789-abcdef"
	connectortest.Run(t, connectortest.Setup{
		Transport: connectortest.HTTP, Catalog: catalog(t, hubspot(t, connectors.Env{}, "https://api.hubapi.com", key)), Object: "contacts", Field: "jobtitle",
		Faults: []string{
			"rate_limit", "rate_limit_secondly", "rate_limit_daily", "row_lock", "row_error", "whole_batch_error", "lag",
			"late_visible", "stale_read", "repeated_page", "empty_page", "foreign_next", "expired_cursor", "merge",
		},
		Create: func(n int) record.Fields {
			return record.Fields{"email": record.Of(record.Email, fmt.Sprintf("new%d@example.com", n))}
		},
		New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
			t.Helper()
			twin := hubspotsim.New(hubspotsim.Options{})
			token := key
			if o.Refused {
				token = "refused-0123456789"
			}
			twin.AddKey(key, hubspotsim.IntegrationActor("77"))
			return connectortest.Instance{Connector: hubspot(t, o.Env, o.Serve(twin.Handler()), token), Bench: hubspotBench{twin}, Secrets: []string{token}}
		},
	})
}

func hubspot(t *testing.T, env connectors.Env, base, key string) system {
	t.Helper()
	return build(t, env, "manifest: "+manifests+"hubspot.yaml\nbase_url: "+base+"\nauth: {token: '${env:KEY}'}\n", "KEY", key)
}

// hubspotBench drives the twin for the suite.
type hubspotBench struct{ p *hubspotsim.Twin }

func (b hubspotBench) Seed(n int, at time.Time) []string {
	from := b.p.Count("contacts")
	first, err := b.p.BulkSeed("contacts", []string{"email", "createdate", "lastmodifieddate"}, n, func(i int, row []string) {
		row[0] = fmt.Sprintf("seed%d@example.com", from+i)
		row[1], row[2] = at.Format(time.RFC3339Nano), at.Format(time.RFC3339Nano)
	})
	if err != nil {
		panic(err)
	}
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.FormatInt(first+int64(i), 10)
	}
	return ids
}

func (b hubspotBench) Edit(id, value string) {
	if err := b.p.Edit("contacts", id, map[string]string{"jobtitle": value}, hubspotsim.UserActor(1)); err != nil {
		panic(err)
	}
}

func (b hubspotBench) Value(id string) (value string, found bool) {
	o, ok := b.p.Get("contacts", id)
	return o.Properties["jobtitle"], ok && !o.Archived
}

func (b hubspotBench) Count() int { return b.p.Count("contacts") }

func (b hubspotBench) Inject(f simkit.Fault, on connectortest.Call) {
	f.PathPrefix = map[connectortest.Call]string{
		connectortest.Reading: "/crm/objects/2026-03/contacts", connectortest.Writing: "/crm/objects/2026-03/contacts/batch/", connectortest.Any: "/crm/",
	}[on]
	b.p.AddFault(f)
}

func (b hubspotBench) Reset()                { b.p.ResetFaults() }
func (b hubspotBench) Counts() simkit.Counts { return b.p.Counts() }

func (b hubspotBench) Delete(id string) {
	if err := b.p.Archive("contacts", id); err != nil {
		panic(err)
	}
}

func (b hubspotBench) Merge(loser, winner string) string {
	id, err := b.p.Merge("contacts", winner, loser)
	if err != nil {
		panic(err)
	}
	return id
}
