package tryton_test

import (
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/internal/harness/servers"
	"github.com/tandem-sync/tandem/record"
)

// TestReal holds a real Tryton to what the twin says of it.
func TestReal(t *testing.T) {
	s := servers.Tryton(t)
	env := connectors.Env{Name: "tryton", HTTP: httpapi.Env{AllowLoopback: true}}
	c := build(t, env, s.URL, s.Database, s.Tandem, s.TandemPass)
	cat, err := c.Describe(t.Context())
	if err != nil || len(cat.Missing) > 0 || len(cat.Objects) != 5 {
		t.Fatal(cat.Missing, err)
	}
	made := write(t, c,
		create(record.Fields{
			"email": email("Ann@example.com"), "name": record.OfString("Ann"), "city": record.OfString("Bonn"), "phone": record.Of(record.Phone, "+49 30 123456"),
			"lead_state": record.Of(record.Enum, "lead"), "opted_out": record.OfBool(true),
		}),
		connectors.Op{ID: "op2", Kind: connectors.Create, Object: party, Fields: record.Fields{"email": email("bob_@example.com")}},
	)
	fields := []string{"email", "name", "city", "phone", "lead_state", "opted_out"}
	all, cursor := connectortest.Drain(t, c, connectors.Query{Object: party, Fields: fields})
	ann := all[made[0].RemoteID]
	for field, want := range map[string]string{"email": "Ann@example.com", "name": "Ann", "city": "Bonn", "lead_state": "lead", "opted_out": "true"} {
		if v := ann.Fields[field].Text(); v != want {
			t.Errorf("%s is %q, want %q", field, v, want)
		}
	}
	found, err := c.Lookup(t.Context(), party, "email", []string{"ann@example.com", "bobx@example.com", "bob_@example.com"}, nil)
	if err != nil || len(found[0]) != 1 || len(found[1]) != 0 || len(found[2]) != 1 {
		t.Error("looked up three addresses:", found, err)
	}
	t.Run("changed since", func(t *testing.T) {
		results := write(t, c, update(ann.ID, ann.Version, record.Fields{"email": email("ann2@example.com"), "city": record.OfString("Ulm")}))
		if results[0].Status != connectors.Applied {
			t.Fatal(results[0].Err)
		}
		if r := write(t, c, update(ann.ID, ann.Version, record.Fields{"city": record.OfString("Kiel")}))[0]; !fault.Is(r.Err, fault.Stale) {
			t.Errorf("an address written since: %v", r.Err)
		}
		got, _ := connectortest.Drain(t, c, connectors.Query{Object: party, Fields: fields, Cursor: cursor})
		if v := got[ann.ID].Fields["city"].Text(); v != "Ulm" {
			t.Errorf("the city is %q", v)
		}
	})
	t.Run("one bad row", func(t *testing.T) {
		bob := all[made[1].RemoteID]
		results := write(t, c,
			update("999999", "1.0", record.Fields{"name": record.OfString("Nobody")}),
			update(bob.ID, bob.Version, record.Fields{"name": record.OfString("Bob")}))
		for _, r := range results {
			if applied := r.RemoteID == bob.ID; applied != (r.Status == connectors.Applied) {
				t.Errorf("%s is %s: %v", r.RemoteID, r.Status, r.Err)
			}
		}
	})
	t.Run("notes and opportunities", func(t *testing.T) {
		write(t, c, connectors.Op{ID: "n", Kind: connectors.Create, Object: "ir.note", Fields: record.Fields{
			"resource": record.Of(record.Reference, ann.ID), "message": record.OfString("Clicked"),
		}})
		notes, _ := connectortest.Drain(t, c, connectors.Query{Object: "ir.note", Fields: []string{"resource", "message", "user"}})
		deals, _ := connectortest.Drain(t, c, connectors.Query{Object: "sale.opportunity", Fields: []string{"party", "state", "currency", "employee"}})
		for _, n := range notes {
			if n.Fields["resource"].Text() != ann.ID || n.Fields["user"].Text() != s.Tandem {
				t.Error("the note is not on the party, or not ours")
			}
		}
		for _, d := range deals {
			if d.Fields["party"].Text() != ann.ID || d.Fields["state"].Text() != "lead" || d.Fields["currency"].Text() != "EUR" {
				t.Error("the lead is not the party's")
			}
		}
		if len(notes) != 1 || len(deals) != 1 {
			t.Errorf("%d notes and %d opportunities, want one each", len(notes), len(deals))
		}
	})
	t.Run("the states of an opportunity", func(t *testing.T) {
		deals, _ := connectortest.Drain(t, c, connectors.Query{Object: opportunity, Fields: []string{"state"}})
		for id, d := range deals {
			for _, state := range []string{"opportunity", "lost", "lead"} {
				if r := write(t, c, toState(id, at(t, c, id).Version, state, nil))[0]; r.Status != connectors.Applied || at(t, c, id).Fields["state"].Text() != state {
					t.Errorf("to %s: it is %s: %v", state, r.Status, r.Err)
				}
			}
			write(t, c, toState(id, "", "lost", record.Fields{"comment": record.OfString("Budget")}))
			if r := write(t, c, toState(id, "", "opportunity", nil))[0]; r.Status != connectors.Rejected || at(t, c, id).Fields["state"].Text() != "lost" {
				t.Errorf("from lost to opportunity: it is %s: %v", r.Status, r.Err)
			}
			if r := write(t, c, toState(id, d.Version, "lead", nil))[0]; !fault.Is(r.Err, fault.Stale) {
				t.Errorf("a button pressed on what was written since: %s: %v", r.Status, r.Err)
			}
		}
	})
	t.Run("a slow transaction", func(t *testing.T) {
		near := build(t, env, s.URL, s.Database, s.Tandem, s.TandemPass, "overlap: 6s\n")
		q := connectors.Query{Object: party, Fields: fields}
		_, q.Cursor = connectortest.Drain(t, near, q)
		slow := make(chan error, 1)
		go func() { // it bears the time of its begin, and appears when it ends
			slow <- s.SQL(t.Context(), "BEGIN; UPDATE party_party SET name = 'Slow', write_date = CURRENT_TIMESTAMP AT TIME ZONE 'UTC' WHERE id = "+
				ann.ID+"; SELECT pg_sleep(3); COMMIT")
		}()
		for waiting := true; waiting; {
			select {
			case err := <-slow:
				if waiting = false; err != nil {
					t.Fatal(err)
				}
			case <-time.After(500 * time.Millisecond):
				_, q.Cursor = connectortest.Drain(t, near, q)
			}
		}
		if got, _ := connectortest.Drain(t, near, q); got[ann.ID].Fields["name"].Text() != "Slow" {
			t.Error("what appeared behind the cursor is not read")
		}
	})
	t.Run("archived", func(t *testing.T) {
		op := connectors.Op{ID: "a", Kind: connectors.Archive, Object: party, RemoteID: ann.ID}
		if r := write(t, c, op)[0]; r.Status != connectors.Applied {
			t.Fatal(r.Err)
		}
		got, err := c.Read(t.Context(), party, []string{ann.ID, "999999"}, fields)
		if err != nil || len(got) != 1 || !got[0].Archived {
			t.Error("the archived party is not told as such", err)
		}
	})
	t.Run("a server that starts again", func(t *testing.T) {
		s.Restart(t)
		if _, err := c.Read(t.Context(), party, []string{ann.ID}, fields); err != nil {
			t.Error(err)
		}
	})
	t.Run("refused", func(t *testing.T) {
		wrong := build(t, env, s.URL, s.Database, s.Tandem, "not-the-password")
		_, err := wrong.Check(t.Context())
		if !fault.Is(err, fault.Auth) {
			t.Error(err)
		}
	})
}
