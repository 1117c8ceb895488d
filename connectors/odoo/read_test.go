package odoo_test

import (
	"maps"
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/odoo/odoosim"
	"github.com/tandem-sync/tandem/record"
)

// lead makes one lead and returns its id.
func lead(t *testing.T, twin *odoosim.Twin, values map[string]any) string {
	t.Helper()
	all := map[string]any{"name": "A lead", "email_from": "ada@example.com"}
	maps.Copy(all, values)
	return twin.Seed("crm.lead", 1, time.Now(), func(int) map[string]any { return all })[0]
}

func query(fields ...string) connectors.Query {
	return connectors.Query{Object: "crm.lead", Fields: fields}
}

// TestMicroseconds changes rows within the second that is printed: none is lost,
// whichever fraction the cursor falls into.
func TestMicroseconds(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		at := time.Now().Truncate(time.Second)
		named := func(i int) map[string]any { return map[string]any{"name": strconv.Itoa(i)} }
		first := twin.Seed("crm.lead", 1, at.Add(100*time.Microsecond), named)
		q := query("name")
		_, q.Cursor = connectortest.Drain(t, c, q)
		later := twin.Seed("crm.lead", 1, at.Add(510817*time.Microsecond), named)
		records, next := connectortest.Drain(t, c, q)
		if _, ok := records[later[0]]; !ok {
			t.Error("a row of the same second is lost")
		}
		before := records[first[0]].Version
		twin.Edit("crm.lead", first[0], map[string]any{"name": "changed"})
		q.Cursor = next
		records, _ = connectortest.Drain(t, c, q)
		if r := records[first[0]]; r.Version == before || r.Fields["name"].Text() != "changed" {
			t.Error("a change within the second has the version of what was there before")
		}
	})
}

func TestValues(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		id := lead(t, twin, map[string]any{
			"country_id": int64(1), "description": "<p>Two<br>lines &amp; more</p>", "expected_revenue": 12.5, "date_deadline": "2026-05-01", "user_id": int64(3),
			"tag_ids": nil, "priority": "2",
		})
		fields := []string{
			"city", "country_id", "description", "expected_revenue", "date_deadline", "user_id", "user_id.name", "stage_id", "stage_id.name", "priority",
			"probability", "active", "email_opt_out", "partner_id", "no_such_field", "tag_ids", "date_closed",
		}
		records, _ := connectortest.Drain(t, c, query(fields...))
		got := records[id]
		want := record.Fields{
			"city": record.NullOf(record.String), "country_id": record.Of(record.Country, "AT"), "description": record.Of(record.Text, "Two\nlines & more"),
			"expected_revenue": record.Of(record.Decimal, "12.5"), "date_deadline": record.Of(record.Date, "2026-05-01"),
			"user_id": record.Of(record.Reference, "3"), "user_id.name": text("anna"), "stage_id": record.Of(record.Enum, "1"), "stage_id.name": text("New"),
			"priority": record.Of(record.Enum, "2"), "probability": record.Of(record.Decimal, "10"), "active": record.OfBool(true),
			"email_opt_out": record.OfBool(false), "partner_id": record.NullOf(record.Reference), "tag_ids": record.NullOf(record.Set),
			"date_closed": record.NullOf(record.Instant),
		}
		for _, name := range got.Fields.Diff(want) {
			t.Errorf("%s is %q, want %q", name, got.Fields[name].Text(), want[name].Text())
		}
		if got.Actor != (record.Actor{Kind: record.ActorUser, ID: "3"}) {
			t.Errorf("the actor is %v", got.Actor)
		}
	})
}

// TestLost archives leads in both senses: neither is missing, and only one that
// is not lost is put away.
func TestLost(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		states := map[string]map[string]any{
			"lead": {}, "opportunity": {"type": "opportunity"}, "won": {"type": "opportunity", "stage_id": int64(4), "probability": 100.0},
			"lost": {"type": "opportunity", "active": false, "probability": 0.0},
		}
		q := query("sale_status")
		_, q.Cursor = connectortest.Drain(t, c, q)
		want := map[string]string{}
		for status, values := range states {
			id := lead(t, twin, map[string]any{"type": "lead"})
			twin.Edit("crm.lead", id, values)
			want[id] = status
		}
		away := lead(t, twin, map[string]any{"active": false, "probability": 30.0})
		records, _ := connectortest.Drain(t, c, q)
		for id, status := range want {
			if r, ok := records[id]; !ok || r.Fields["sale_status"].Text() != status || r.Archived {
				t.Errorf("a %s lead reads %q, there: %t, archived: %t", status, r.Fields["sale_status"].Text(), ok, r.Archived)
			}
		}
		if !records[away].Archived {
			t.Error("an archived lead is not told so")
		}
	})
}

// TestBlacklist puts addresses on the blacklist and off it, which writes
// nothing to the leads.
func TestBlacklist(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		past := time.Now().Add(-24 * time.Hour)
		ids := twin.Seed("crm.lead", 700, past, func(i int) map[string]any {
			return map[string]any{"name": "x", "email_from": "Ada <ADA" + strconv.Itoa(i%350) + "@Example.com>"}
		})
		q := query("email_opt_out")
		_, q.Cursor = connectortest.Drain(t, c, q)
		entries := twin.Seed("mail.blacklist", 250, time.Now(), func(i int) map[string]any {
			return map[string]any{"email": "ada" + strconv.Itoa(i) + "@example.com"}
		})
		records, next := connectortest.Drain(t, c, q)
		if len(records) != 500 { // each address is that of two leads
			t.Fatalf("%d leads are told, not 500", len(records))
		}
		if records[ids[350]].Fields["email_opt_out"] != record.OfBool(true) {
			t.Error("the opt-out is not told")
		}
		twin.Edit("mail.blacklist", entries[0], map[string]any{"active": false})
		q.Cursor = next
		records, _ = connectortest.Drain(t, c, q)
		if yes, _ := records[ids[0]].Fields["email_opt_out"].Bool(); yes {
			t.Error("an address taken off the blacklist still is on it")
		}
		q.Fields = []string{"city"}
		q.Cursor = next
		twin.ResetCounts()
		connectortest.Drain(t, c, q)
		if n := twin.Counts().Total; n != 1 {
			t.Errorf("without opt-outs a pass cost %d calls", n)
		}
	})
}

func TestAbout(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		id := lead(t, twin, nil)
		twin.Seed("mail.activity", 1, time.Now(), func(int) map[string]any {
			return map[string]any{"res_model": "crm.lead", "res_id": float64(1), "summary": "Call", "date_deadline": "2026-01-01"}
		})
		twin.Seed("mailing.mailing", 1, time.Now(), func(int) map[string]any { return map[string]any{"subject": "News", "name": "News"} })
		twin.Seed("mailing.trace", 1, time.Now(), func(int) map[string]any {
			return map[string]any{
				"model": "crm.lead", "res_id": float64(1), "mass_mailing_id": int64(1), "trace_status": "open",
				"sent_datetime": "2026-01-01 10:00:00", "open_datetime": "2026-01-01 11:00:00",
			}
		})
		records, _ := connectortest.Drain(t, c, connectors.Query{Object: "mail.activity", Fields: []string{"lead", "partner", "summary"}})
		if f := records["1"].Fields; f["lead"].Text() != id || !f["partner"].IsNull() || f["summary"].Text() != "Call" {
			t.Errorf("the activity is %v", f)
		}
		q := connectors.Query{Object: "mailing.trace", Fields: []string{"kind", "lead", "mailing", "at", "mailing.name"}}
		records, q.Cursor = connectortest.Drain(t, c, q)
		opened := records["1-open"].Fields
		if len(records) != 2 || opened["lead"].Text() != id || opened["mailing"].Text() != "1" || opened["at"].Text() != "2026-01-01T11:00:00Z" || opened["mailing.name"].Text() != "News" {
			t.Errorf("%d touches, the opening is %v", len(records), opened)
		}
		twin.Edit("mailing.trace", "1", map[string]any{"trace_status": "reply", "reply_datetime": "2026-01-02 10:00:00", "links_click_datetime": "2026-01-02 09:00:00"})
		records, _ = connectortest.Drain(t, c, q)
		if _, ok := records["1-reply"]; !ok || len(records) != 4 {
			t.Errorf("%d touches after a reply", len(records))
		}
	})
}

func TestPartners(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		company := twin.Seed("res.partner", 1, time.Now(), func(int) map[string]any { return map[string]any{"name": "Acme", "is_company": true} })[0]
		person := twin.Seed("res.partner", 1, time.Now(), func(int) map[string]any { return map[string]any{"name": "Ada", "parent_id": int64(1)} })[0]
		twin.Seed("res.partner", 1, time.Now(), func(int) map[string]any { return map[string]any{"name": "Dock 4", "type": "delivery"} })
		people, _ := connectortest.Drain(t, c, connectors.Query{Object: "res.partner", Fields: []string{"name", "parent_id"}})
		if r, ok := people[person]; !ok || len(people) != 1 || r.Fields["parent_id"].Text() != company {
			t.Errorf("people are %d, of the company %q", len(people), r.Fields["parent_id"].Text())
		}
		companies, _ := connectortest.Drain(t, c, connectors.Query{Object: "res.partner.company", Fields: []string{"name"}})
		if _, ok := companies[company]; !ok || len(companies) != 1 {
			t.Errorf("companies are %d", len(companies))
		}
		op := connectors.Op{ID: "op", Kind: connectors.Create, Object: "res.partner.company", Fields: record.Fields{"name": text("Borg")}}
		made, _ := twin.Get("res.partner", connectortest.Write(t, c, op)["op"].RemoteID)
		if made["is_company"] != true {
			t.Error("a company was made as a person")
		}
	})
}

func TestDescribe(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		twin.Deny("res.partner", "write")
		twin.Deny("res.users", "read")
		twin.AddField("crm.lead", "x_tandem_id", odoosim.Field{Type: "char", Label: "Tandem id"})
		cat, err := c.Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		lead, _ := cat.Object("crm.lead")
		if stage, _ := lead.Field("stage_id"); len(stage.Options) != 4 || stage.Options[3].Label != "Won" {
			t.Errorf("the stages are %v", stage.Options)
		}
		if f, ok := lead.Field("x_tandem_id"); !ok || !f.Custom || len(lead.Keys) != 2 || lead.Keys[0] != "email_from" {
			t.Errorf("the customer's field is %v, the keys are %v", f, lead.Keys)
		}
		if o, _ := cat.Object("res.partner"); o.Caps.Update || !o.Caps.Changes {
			t.Error("contacts that may not be written are said to be writable")
		}
		if _, ok := cat.Object("res.users"); ok || len(cat.Missing) != 3 {
			t.Errorf("the gaps are %v", cat.Missing)
		}
	})
}

func TestWithoutApps(t *testing.T) {
	for name, o := range versions() {
		t.Run(name, func(t *testing.T) {
			o.Without = "crm mailing"
			_, c := connect(t, o)
			cat, err := c.Describe(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := cat.Object("crm.lead"); ok || len(cat.Missing) < 4 {
				t.Errorf("the gaps are %v", cat.Missing)
			}
			if _, err := c.Changes(t.Context(), query("name")); !fault.Is(err, fault.Unsupported) {
				t.Errorf("leads of an Odoo without CRM: %v", err)
			}
		})
	}
}

func TestAccount(t *testing.T) {
	each(t, func(t *testing.T, _ *odoosim.Twin, c system) {
		t.Helper()
		a, err := c.Check(t.Context())
		if err != nil || a.Name != "Acme" || a.Currency != "EUR" || a.Zone != "Europe/Vienna" || a.Actor != "2" {
			t.Errorf("the account is %+v: %v", a, err)
		}
	})
}

func TestLookup(t *testing.T) {
	each(t, func(t *testing.T, twin *odoosim.Twin, c system) {
		t.Helper()
		first := lead(t, twin, map[string]any{"email_from": "Ada <ADA@Example.com>"})
		second := lead(t, twin, map[string]any{"active": false})
		found, err := c.Lookup(t.Context(), "crm.lead", "email_from", []string{"ada@example.com", "", "bob@example.com", "ADA@example.com"}, []string{"name"})
		if err != nil {
			t.Fatal(err)
		}
		if len(found) != 4 || len(found[0]) != 2 || len(found[1])+len(found[2]) != 0 || len(found[3]) != 2 || found[0][0].ID != first || found[0][1].ID != second {
			t.Errorf("found %d, %d", len(found), len(found[0]))
		}
	})
}
