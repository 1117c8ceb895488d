package hubspot_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

func create(id, email string, more record.Fields) connectors.Op {
	return connectors.Op{
		ID: id, Kind: connectors.Create, Object: "contacts", Key: connectors.Key{Field: "tandem_id", Value: "T" + id},
		Fields: record.Fields{"email": record.Of(record.Email, email)}.Merge(more),
	}
}

func update(id, remote string, f record.Fields) connectors.Op {
	return connectors.Op{ID: id, Kind: connectors.Update, Object: "contacts", RemoteID: remote, Fields: f}
}

func write(t *testing.T, c system, ops ...connectors.Op) map[string]connectors.Result {
	t.Helper()
	results, err := c.Write(t.Context(), ops)
	if err != nil {
		t.Fatalf("Write: %v", err)
	}
	out := map[string]connectors.Result{}
	for _, r := range results {
		if _, twice := out[r.Op]; twice {
			t.Errorf("op %s has two results", r.Op)
		}
		if r.Err != nil && strings.Contains(r.Err.Error(), "@") {
			t.Errorf("personal data in: %v", r.Err)
		}
		out[r.Op] = r
	}
	return out
}

func TestCreateAdoptsOnlyItsOwn(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	c := connect(t, p)
	theirs, err := p.Create("contacts", map[string]string{"email": "taken@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	p.AddFault(simkit.Fault{Kind: "reply_lost", PathPrefix: "/crm/objects/2026-03/contacts/batch/create", Times: 1})
	ops := []connectors.Op{create("1", "One@Example.com ", nil), create("2", "two@example.com", nil), create("3", "taken@example.com", nil)}
	if results, err := c.Write(t.Context(), ops); err == nil || connectors.Untouched(err) || len(results) > 0 {
		t.Fatalf("a lost reply is to be unknown: %v, %v", results, err)
	}
	got := write(t, c, ops...)
	for _, id := range []string{"1", "2"} {
		if r := got[id]; r.Status != connectors.Applied || !r.Adopted || r.RemoteID == "" {
			t.Errorf("op %s: %+v", id, r)
		}
	}
	r := got["3"]
	if f := fault.As(r.Err); r.Status != connectors.Rejected || f.Class != fault.Conflict || f.Existing != theirs {
		t.Errorf("a foreign record in the way: %+v", r)
	}
	if n := p.Count("contacts"); n != 3 {
		t.Errorf("%d contacts, want 3", n)
	}
	found, err := c.Lookup(t.Context(), "contacts", "email", []string{"ONE@example.com", "none@example.com", "", "taken@example.com"}, []string{"tandem_id"})
	if err != nil || len(found) != 4 || len(found[0]) != 1 || found[0][0].Fields["tandem_id"].Text() != "T1" || len(found[1])+len(found[2]) != 0 || len(found[3]) != 1 {
		t.Errorf("Lookup: %v, %v", found, err)
	}
}

func TestCreateWithAssociationsAndEcho(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	c := connect(t, p)
	person := write(t, c, create("p", "a@example.com", nil))["p"].RemoteID
	at := record.Of(record.Instant, "2026-11-20T10:00:00.123Z")
	results, err := c.Write(t.Context(), []connectors.Op{{
		ID: "c", Kind: connectors.Create, Object: "calls", Key: connectors.Key{Field: "tandem_id", Value: "C1"},
		Fields: record.Fields{"hs_timestamp": at, "hs_call_title": record.OfString("Hi"), "associations.contacts": record.Of(record.Reference, person)},
	}})
	if err != nil || len(results) != 1 || results[0].Status != connectors.Applied {
		t.Fatalf("Write: %+v, %v", results, err)
	}
	echo := results[0].Echo
	if echo == nil || echo.Version == "" || echo.Fields["hs_timestamp"] != at || echo.Fields["associations.contacts"].Text() != person {
		t.Errorf("echo: %+v", echo)
	}
	got, err := c.Read(t.Context(), "calls", []string{results[0].RemoteID}, []string{"hs_timestamp", "associations.contacts", "associations.deals"})
	if err != nil || len(got) != 1 || got[0].Fields["associations.contacts"].Text() != person || !got[0].Fields["associations.deals"].IsNull() {
		t.Errorf("Read: %+v, %v", got, err)
	}
	list, next, _ := drain(t, c, connectors.Query{Object: "calls", Fields: []string{"associations.contacts"}})
	if list[results[0].RemoteID].Fields["associations.contacts"].Text() != person {
		t.Error("list: the association is missing")
	}
	list, _, _ = drain(t, c, connectors.Query{Object: "calls", Fields: []string{"associations.contacts"}, Cursor: next})
	if list[results[0].RemoteID].Fields["associations.contacts"].Text() != person {
		t.Error("search: the association is missing")
	}
}

func TestRowsFailAlone(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	c := connect(t, p)
	a, _ := p.Create("contacts", map[string]string{"email": "a@example.com"})
	b, _ := p.Create("contacts", map[string]string{"email": "b@example.com"})
	d, _ := p.Create("contacts", map[string]string{"email": "d@example.com"})
	survivor, err := p.Merge("contacts", a, b)
	if err != nil {
		t.Fatal(err)
	}
	got := write(t, c,
		update("merged", b, record.Fields{"firstname": record.OfString("B")}),
		update("missing", "123", record.Fields{"firstname": record.OfString("C")}),
		update("option", survivor, record.Fields{"lifecyclestage": record.Of(record.Enum, "nonsense")}),
		update("good", d, record.Fields{"firstname": record.OfString("D"), "phone": record.NullOf(record.String)}))
	if f := fault.As(got["merged"].Err); f == nil || f.Class != fault.Merged || f.Existing != survivor {
		t.Errorf("merged: %v", got["merged"].Err)
	}
	if !fault.Is(got["missing"].Err, fault.Missing) {
		t.Errorf("missing: %v", got["missing"].Err)
	}
	if f := fault.As(got["option"].Err); f == nil || f.Class != fault.Invalid || f.Field != "lifecyclestage" || f.Scope != fault.ScopeField {
		t.Errorf("option: %v", got["option"].Err)
	}
	if r := got["good"]; r.Status != connectors.Applied || r.Echo.Fields["firstname"].Text() != "D" || !r.Echo.Fields["phone"].IsNull() {
		t.Errorf("good: %+v", r)
	}
	records, err := c.Read(t.Context(), "contacts", []string{a, d, "999"}, []string{"email"})
	if err != nil || len(records) != 2 {
		t.Fatalf("Read: %d records, %v", len(records), err)
	}
	i := slices.IndexFunc(records, func(r connectors.Record) bool { return r.ID == survivor })
	if i < 0 || records[i].Asked != a {
		t.Errorf("the survivor is to tell which id was asked for: %+v", records)
	}
}

func TestWholeBatchesRefused(t *testing.T) {
	for kind, want := range map[string]fault.Class{
		"whole_batch_error": fault.Invalid, "row_lock": fault.Locked, "rate_limit_daily": fault.Exhausted, "server_error": fault.OutcomeUnknown,
	} {
		t.Run(kind, func(t *testing.T) {
			p := portal(t, hubspotsim.Options{})
			c := connect(t, p)
			if _, err := c.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			p.AddFault(simkit.Fault{Kind: kind, PathPrefix: "/crm/objects/2026-03/contacts/batch/create", Times: 50})
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			results, err := c.Write(ctx, []connectors.Op{create("1", "a@example.com", nil), create("2", "b@example.com", nil)})
			f := fault.As(err)
			if len(results) > 0 || f == nil || f.Class != want {
				t.Fatalf("got %v and %v, want %v", results, err, want)
			}
			if want == fault.Exhausted && (f.Until.IsZero() || f.Until.Sub(p.Clock().Now()) > 24*time.Hour) {
				t.Errorf("until %v", f.Until)
			}
			if want == fault.Invalid && f.Scope != fault.ScopeBatch {
				t.Errorf("scope %v", f.Scope)
			}
		})
	}
}

func TestConsentIsNeverRaised(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	c := connect(t, p)
	id, _ := p.Create("contacts", map[string]string{"email": "a+b@example.com"})
	got := write(t, c, update("out", id, record.Fields{"email_opt_out": record.OfBool(true), "firstname": record.OfString("A")}))
	if r := got["out"]; r.Status != connectors.Applied || r.Echo.Fields["email_opt_out"] != record.OfBool(true) {
		t.Fatalf("opt-out: %+v", r)
	}
	if o, _ := p.Get("contacts", id); o.Properties["hs_email_optout"] != "true" || o.Properties["firstname"] != "A" {
		t.Errorf("stored: %v", o.Properties)
	}
	for _, v := range []record.Value{record.OfBool(false), record.NullOf(record.Boolean)} {
		r := write(t, c, update("in", id, record.Fields{"email_opt_out": v, "firstname": record.OfString("X")}))["in"]
		if f := fault.As(r.Err); r.Status != connectors.Rejected || f.Class != fault.Permission || f.Field != "email_opt_out" || f.Scope != fault.ScopeField {
			t.Errorf("opt-in: %+v", r)
		}
	}
	r := write(t, c, update("bill", id, record.Fields{"hs_marketable_status": record.OfBool(true)}))["bill"]
	if !fault.Is(r.Err, fault.Permission) {
		t.Errorf("marketing contact: %+v", r)
	}
	r = write(t, c, create("new", "new@example.com", record.Fields{"email_opt_out": record.OfBool(true)}))["new"]
	if o, _ := p.Get("contacts", r.RemoteID); o.Properties["hs_email_optout"] != "true" {
		t.Errorf("created without its opt-out: %v", o.Properties)
	}
	records, err := c.Read(t.Context(), "contacts", []string{id}, []string{"email_opt_out"})
	if err != nil || len(records) != 1 || records[0].Fields["email_opt_out"] != record.OfBool(true) || len(records[0].Fields) != 1 {
		t.Errorf("read: %+v, %v", records, err)
	}
}

func TestGone(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	c := connect(t, p)
	ids := make([]string, 6)
	for i := range ids {
		ids[i], _ = p.Create("contacts", map[string]string{"email": "g" + strconv.Itoa(i) + "@example.com"})
	}
	survivor, _ := p.Merge("contacts", ids[0], ids[1])
	if err := p.Archive("contacts", ids[2]); err != nil {
		t.Fatal(err)
	}
	p.Clock().Advance(3 * time.Minute)
	gone := map[string]connectors.Gone{}
	read := func(q connectors.Query) connectors.Cursor {
		for {
			page, err := c.Gone(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range page.Gone {
				gone[g.ID] = g
			}
			if q.Cursor = page.Next; !page.More {
				return page.Next
			}
		}
	}
	next := read(connectors.Query{Object: "contacts"})
	if len(gone) != 3 || gone[ids[0]].IntoID != survivor || gone[ids[1]].Kind != connectors.GoneMerged || gone[ids[2]].Kind != connectors.GoneDeleted {
		t.Fatalf("gone: %v", gone)
	}
	clear(gone)
	p.Clock().Advance(3 * time.Minute)
	if results, err := c.Write(t.Context(), []connectors.Op{{ID: "x", Kind: connectors.Archive, Object: "contacts", RemoteID: ids[3]}}); err != nil || results[0].Status != connectors.Applied {
		t.Fatalf("archive: %v, %v", results, err)
	}
	p.Clock().Advance(3 * time.Minute)
	if read(connectors.Query{Object: "contacts", Cursor: next}); len(gone) != 1 || gone[ids[3]].Kind != connectors.GoneDeleted {
		t.Errorf("gone later: %v", gone)
	}
}

func TestCanonical(t *testing.T) {
	c := connect(t, portal(t, hubspotsim.Options{}))
	got := c.Canonical("contacts", record.Fields{
		"email": record.Of(record.Email, " A@Example.COM"), "phone": record.OfString("+49 (30) 1"), "firstname": record.OfString("  "),
		"at": record.Of(record.Instant, "2026-01-02T03:04:05.1234567Z"), "no": record.NullOf(record.String),
	})
	want := record.Fields{
		"email": record.Of(record.Email, "a@example.com"), "phone": record.OfString("+49 (30) 1"), "firstname": record.NullOf(record.String),
		"at": record.Of(record.Instant, "2026-01-02T03:04:05.123Z"), "no": record.NullOf(record.String),
	}
	if d := got.Diff(want); len(d) > 0 {
		t.Errorf("differs in %v", d)
	}
}
