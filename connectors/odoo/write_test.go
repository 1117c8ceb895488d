package odoo_test

import (
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/odoo/odoosim"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

func TestWrittenValues(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		fields := record.Fields{
			"name": text("Deal"), "country_id": record.Of(record.Country, "FR"), "stage_id": record.Of(record.Enum, "2"), "description": record.Of(record.Text, "a < b\nc "),
			"expected_revenue": record.Of(record.Decimal, "12.5"), "date_deadline": record.Of(record.Date, "2026-05-01"), "user_id": record.Of(record.Reference, "3"),
			"priority": record.Of(record.Enum, "1"), "date_closed": record.OfInstant(time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)), "city": record.NullOf(record.String),
		}
		id := connectortest.Write(t, c, create("op", fields))["op"].RemoteID
		got, err := c.Read(t.Context(), "crm.lead", []string{id}, fields.Names())
		if err != nil || len(got) != 1 {
			t.Fatal(err)
		}
		for _, name := range got[0].Fields.Diff(c.Canonical("crm.lead", fields)) {
			t.Errorf("%s reads %q", name, got[0].Fields[name].Text())
		}
		if got[0].Actor.Kind != record.ActorTandem {
			t.Errorf("our own write is told as of %v", got[0].Actor)
		}
		clears := record.Fields{"country_id": record.NullOf(record.Country), "user_id": record.NullOf(record.Reference), "expected_revenue": record.NullOf(record.Decimal), "description": record.NullOf(record.Text)}
		connectortest.Write(t, c, update("op2", id, clears))
		stored, _ := twin.Get("crm.lead", id)
		if stored["country_id"] != nil || stored["user_id"] != nil || stored["expected_revenue"] != 0.0 || stored["description"] != nil || stored["name"] != "Deal" {
			t.Errorf("after clearing the lead holds %v", stored)
		}
	})
}

// TestBadRows spoils rows in every way that Odoo has, and keeps the others.
func TestBadRows(t *testing.T) {
	bad := map[string]struct {
		fields record.Fields
		class  fault.Class
	}{
		"no option":   {record.Fields{"priority": record.Of(record.Enum, "9")}, fault.Invalid},
		"no record":   {record.Fields{"user_id": record.Of(record.Reference, "999")}, fault.Invalid},
		"a rule":      {record.Fields{"probability": record.Of(record.Decimal, "101")}, fault.Invalid},
		"required":    {record.Fields{"name": record.NullOf(record.String)}, fault.Invalid},
		"no field":    {record.Fields{"nonsense": text("x")}, fault.Invalid},
		"no country":  {record.Fields{"country_id": record.Of(record.Country, "XX")}, fault.Invalid},
		"no opt-in":   {record.Fields{"email_opt_out": record.OfBool(false)}, fault.Invalid},
		"not a lead":  {record.Fields{"city": text("x")}, fault.Missing},
		"no address":  {record.Fields{"email_opt_out": record.OfBool(true)}, fault.Invalid},
		"two at once": {record.Fields{"priority": record.Of(record.Enum, "9"), "user_id": record.Of(record.Reference, "999")}, fault.Invalid},
	}
	for name, b := range bad {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
				t.Helper()
				ids := twin.Seed("crm.lead", 6, time.Now(), func(int) map[string]any { return map[string]any{"name": "Old"} })
				var ops []connectors.Op
				for i, id := range ids {
					fields := record.Fields{}
					for f, v := range b.fields {
						fields[f] = v.WithKind(v.Kind())
					}
					if i != 3 {
						fields = record.Fields{"city": text("Town " + id)}
					} else if name == "not a lead" {
						id = "9999"
					}
					ops = append(ops, update("op"+strconv.Itoa(i), id, fields))
				}
				results := connectortest.Write(t, c, ops...)
				for i, op := range ops {
					r := results[op.ID]
					if i == 3 {
						if r.Status != connectors.Rejected || !fault.Is(r.Err, b.class) {
							t.Errorf("the bad row is %s: %v", r.Status, r.Err)
						}
						continue
					}
					if stored, _ := twin.Get("crm.lead", op.RemoteID); r.Status != connectors.Applied || stored["city"] != op.Fields["city"].Text() {
						t.Errorf("row %d is %s: %v", i, r.Status, r.Err)
					}
				}
			})
		})
	}
}

// TestManyBadRows has more of them than an import tells of at once.
func TestManyBadRows(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		ids := twin.Seed("crm.lead", 100, time.Now(), func(int) map[string]any { return map[string]any{"name": "Old"} })
		var ops []connectors.Op
		for i, id := range ids {
			priority := "1"
			if i%3 == 0 {
				priority = "9"
			}
			ops = append(ops, update(id, id, record.Fields{"priority": record.Of(record.Enum, priority)}))
		}
		results := connectortest.Write(t, c, ops...)
		for i, op := range ops {
			if want := i%3 == 0; want != (results[op.ID].Status == connectors.Rejected) || !want && results[op.ID].Status != connectors.Applied {
				t.Errorf("row %d is %q", i, results[op.ID].Status)
			}
		}
	})
}

func TestOptOut(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		ada := lead(t, twin, map[string]any{"email_from": "Ada <ADA@Example.com>"})
		twin.Seed("mail.blacklist", 1, time.Now(), func(int) map[string]any { return map[string]any{"email": "ben@example.com", "active": false} })
		ben := lead(t, twin, map[string]any{"email_from": "ben@example.com"})
		out := record.Fields{"email_opt_out": record.OfBool(true)}
		results := connectortest.Write(t, c, update("1", ada, out), update("2", ben, out), update("3", "777", out))
		fresh := connectortest.Write(t, c, create("4", record.Fields{"name": text("Cleo"), "email_from": email("cleo@example.com"), "email_opt_out": record.OfBool(true)}))
		for _, id := range []string{ada, ben, fresh["4"].RemoteID} {
			if stored, _ := twin.Get("crm.lead", id); stored["is_blacklisted"] != true {
				t.Errorf("lead %s is not on the blacklist", id)
			}
		}
		if !fault.Is(results["3"].Err, fault.Missing) {
			t.Errorf("the opt-out of a lead that is not there is %v", results["3"].Err)
		}
		twin.ResetCounts()
		connectortest.Write(t, c, update("5", ada, out))
		if twin.Counts().Writes != 0 {
			t.Error("an opt-out that stands was written again")
		}
	})
}

// TestOptOutRefused checks that no part of a row is stored whose opt-out is not.
func TestOptOutRefused(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		id := lead(t, twin, nil)
		twin.Deny("mail.blacklist", "read")
		r := connectortest.Write(t, c, update("1", id, record.Fields{"email_opt_out": record.OfBool(true), "city": text("Graz")}))["1"]
		stored, _ := twin.Get("crm.lead", id)
		if r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Permission) || fault.As(r.Err).Next == "" || stored["city"] != nil {
			t.Errorf("the result is %s, %v, the city %v", r.Status, r.Err, stored["city"])
		}
	})
}

func TestButtons(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		var ops []connectors.Op
		for _, s := range []string{"lead", "opportunity", "won", "lost"} {
			id := lead(t, twin, nil)
			ops = append(ops, update(s, id, record.Fields{"sale_status": record.Of(record.Enum, s), "city": text("Graz")}))
		}
		connectortest.Write(t, c, ops...)
		for _, op := range ops {
			got, err := c.Read(t.Context(), "crm.lead", []string{op.RemoteID}, []string{"sale_status", "city"})
			if err != nil || got[0].Fields["sale_status"].Text() != op.ID || got[0].Fields["city"].Text() != "Graz" {
				t.Errorf("%s reads %v: %v", op.ID, got, err)
			}
		}
	})
}

func TestArchive(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		a, b := lead(t, twin, nil), lead(t, twin, nil)
		remove := func(op, object, id string) connectors.Op {
			return connectors.Op{ID: op, Kind: connectors.Archive, Object: object, RemoteID: id}
		}
		results := connectortest.Write(t, c, remove("1", "crm.lead", a), remove("2", "crm.lead", "999"), remove("3", "crm.lead", b))
		if results["1"].Status != connectors.Applied || results["3"].Status != connectors.Applied || !fault.Is(results["2"].Err, fault.Missing) {
			t.Errorf("the results are %v", results)
		}
		if stored, ok := twin.Get("crm.lead", a); !ok || stored["active"] != false {
			t.Error("an archived lead is deleted, or not archived")
		}
		id := twin.Seed("mailing.contact", 1, time.Now(), func(int) map[string]any { return map[string]any{"email": "ada@example.com"} })[0]
		connectortest.Write(t, c, remove("4", "mailing.contact", id))
		if _, ok := twin.Get("mailing.contact", id); ok {
			t.Error("a mailing contact is still there")
		}
	})
}

func TestNotes(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		id := lead(t, twin, nil)
		note := func(op string, f record.Fields) connectors.Op {
			return connectors.Op{ID: op, Kind: connectors.Create, Object: "mail.message", Fields: f}
		}
		results := connectortest.Write(t, c,
			note("1", record.Fields{"lead": record.Of(record.Reference, id), "body": record.Of(record.Text, "Clicked twice")}),
			note("2", record.Fields{"lead": record.Of(record.Reference, "999"), "subject": text("x")}),
			note("3", record.Fields{"body": record.Of(record.Text, "x")}),
		)
		stored, _ := twin.Get("mail.message", results["1"].RemoteID)
		if stored["model"] != "crm.lead" || stored["body"] != "Clicked twice" {
			t.Errorf("the note is %v", stored)
		}
		if !fault.Is(results["2"].Err, fault.Missing) || !fault.Is(results["3"].Err, fault.Invalid) {
			t.Errorf("the results are %v", results)
		}
	})
}

// TestNoRight checks that a missing right is told once, not row by row.
func TestNoRight(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		id := lead(t, twin, nil)
		if _, err := c.Describe(t.Context()); err != nil {
			t.Fatal(err)
		}
		twin.Deny("crm.lead", "write")
		r := connectortest.Write(t, c, update("1", id, record.Fields{"city": text("x")}))["1"]
		if !fault.Is(r.Err, fault.Permission) || fault.As(r.Err).Next == "" {
			t.Errorf("the result is %v", r.Err)
		}
		twin.Deny("crm.lead", "read")
		if _, err := c.Changes(t.Context(), query("name")); !fault.Is(err, fault.Permission) {
			t.Errorf("reading without the right is %v", err)
		}
	})
}

func TestCreateFields(t *testing.T) {
	each(t, func(t *testing.T, _ *odoosim.Twin, c system) {
		t.Helper()
		fields := []schema.Field{{Name: "x_tandem_id", Label: "Tandem id", Kind: record.String}, {Name: "x_score", Kind: record.Decimal}, {Name: "city"}}
		for range 2 {
			if err := c.CreateFields(t.Context(), "crm.lead", fields); err != nil {
				t.Fatal(err)
			}
		}
		cat, err := c.Describe(t.Context())
		lead, _ := cat.Object("crm.lead")
		id, _ := lead.Field("x_tandem_id")
		score, _ := lead.Field("x_score")
		if err != nil || id.Label != "Tandem id" || id.Kind != record.String || score.Kind != record.Decimal || !slices.Contains(lead.Keys, "x_tandem_id") {
			t.Errorf("the fields are %+v and %+v: %v", id, score, err)
		}
		if err := c.CreateFields(t.Context(), "crm.lead", []schema.Field{{Name: "tandem_id"}}); fault.ClassOf(err) != fault.Invalid {
			t.Errorf("a name without x_ is %v", err)
		}
	})
}

func TestTaken(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		twin.AddField("crm.lead", "x_tandem_id", odoosim.Field{Type: "char", Label: "Tandem id"})
		keyed := func(op string) connectors.Op {
			o := create(op, record.Fields{"name": text("Ada")})
			o.Key = connectors.Key{Field: "x_tandem_id", Value: "E1"}
			return o
		}
		id := connectortest.Write(t, c, keyed("1"))["1"].RemoteID
		r := connectortest.Write(t, c, keyed("2"))["2"]
		if !fault.Is(r.Err, fault.Conflict) || fault.As(r.Err).Existing != id {
			t.Errorf("a second create is %s: %v", r.Status, r.Err)
		}
	})
}

// TestEconomy counts the calls for 1,000 rows. One of reading is a page of 500,
// one of writing an import of 100; Odoo's own write would take one for each row.
func TestEconomy(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		const rows = 1000
		q := query("name", "city", "email_opt_out")
		_, q.Cursor = connectortest.Drain(t, c, q)
		ids := twin.Seed("crm.lead", rows, time.Now(), func(i int) map[string]any { return map[string]any{"name": strconv.Itoa(i)} })
		cost := func(what string, most int64, do func()) {
			twin.ResetCounts()
			do()
			n := twin.Counts().Total
			t.Logf("%s: %d calls for %d rows", what, n, rows)
			if n > most {
				t.Errorf("%s cost %d calls, more than %d", what, n, most)
			}
		}
		cost("reading changes", 3, func() { _, q.Cursor = connectortest.Drain(t, c, q) }) // two pages and the blacklist
		var updates, creates []connectors.Op
		for i, id := range ids {
			updates = append(updates, update("u"+id, id, record.Fields{"city": text(fmt.Sprint("Town ", i))}))
			creates = append(creates, create("c"+id, record.Fields{"name": text(id), "email_from": email(id + "@example.com")}))
		}
		cost("updating", rows/100, func() { connectortest.Write(t, c, updates...) })
		cost("creating", rows/100, func() { connectortest.Write(t, c, creates...) })
		for i := range updates {
			updates[i].Fields["email_opt_out"] = record.OfBool(true)
			updates[i].Fields["email_from"] = email(ids[i] + "@example.org")
		}
		cost("opting out", 3*rows/100, func() { connectortest.Write(t, c, updates...) })
	})
}
