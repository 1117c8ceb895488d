package mautic_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/mautic/mauticsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

func query(object string, fields ...string) connectors.Query {
	return connectors.Query{Object: object, Fields: fields}
}

// A thousand changed rows cost their pages and nothing else.
func TestReadEconomy(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	twin.Create("contacts", map[string]string{"email": "first@example.com"})
	twin.Clock().Advance(time.Hour)
	q := query("contacts", "email", "city")
	_, q.Cursor = connectortest.Drain(t, c, q)
	twin.Clock().Advance(time.Hour)
	ids := twin.Seed("contacts", 1000, twin.Clock().Now(), func(i int) map[string]string {
		return map[string]string{"email": "p" + strconv.Itoa(i) + "@example.com", "city": "Bonn"}
	})
	twin.Clock().Advance(time.Hour)
	twin.ResetCounts()
	records, next := connectortest.Drain(t, c, q)
	if floor, calls := int64(5), twin.Counts().Total; len(records) != len(ids) || float64(calls) > 1.2*float64(floor) {
		t.Errorf("%d records in %d calls, want %d in %d", len(records), calls, len(ids), floor)
	}
	q.Cursor = next
	twin.ResetCounts()
	if again, _ := connectortest.Drain(t, c, q); len(again) != 0 || twin.Counts().Total != 1 {
		t.Errorf("the next pass brought %d records in %d calls", len(again), twin.Counts().Total)
	}
}

// A pass in which nothing happened costs one call, two with opt-outs.
func TestQuietPass(t *testing.T) {
	for field, floor := range map[string]int64{"city": 1, "email_opt_out": 2} {
		twin := start(t, mauticsim.Options{})
		c := connect(t, twin)
		twin.Create("contacts", map[string]string{"email": "a@example.com"})
		q := query("contacts", field)
		_, q.Cursor = connectortest.Drain(t, c, q)
		twin.Clock().Advance(time.Hour)
		_, q.Cursor = connectortest.Drain(t, c, q)
		twin.Clock().Advance(time.Hour)
		twin.ResetCounts()
		if records, _ := connectortest.Drain(t, c, q); len(records) != 0 || twin.Counts().Total != floor {
			t.Errorf("%s: %d records in %d calls, want none in %d", field, len(records), twin.Counts().Total, floor)
		}
	}
}

// dateModified is null until the first change.
func TestAddedContactsAreChanges(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	q := query("contacts", "email", "dateModified")
	_, q.Cursor = connectortest.Drain(t, c, q)
	twin.Clock().Advance(time.Hour)
	id := twin.Create("contacts", map[string]string{"email": "new@example.com"})
	records, _ := connectortest.Drain(t, c, q)
	r := records[id]
	if r.Fields["email"].Text() != "new@example.com" || !r.Fields["dateModified"].IsNull() || r.Modified.IsZero() {
		t.Errorf("the contact added since reads %v, modified %v", r.Fields, r.Modified)
	}
}

// An opt-out does not move dateModified; a bounce is none.
func TestOptOutsAreChanges(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	id := twin.Create("contacts", map[string]string{"email": "a@example.com"})
	back := twin.Create("contacts", map[string]string{"email": "b@example.com"})
	q := query("contacts", "email_opt_out", "email_bounced")
	records, next := connectortest.Drain(t, c, q)
	before := records[id]
	if out, _ := before.Fields["email_opt_out"].Bool(); out {
		t.Fatal("opted out from the beginning")
	}
	twin.Clock().Advance(time.Hour)
	twin.OptOut(id, "email", 1)
	twin.OptOut(back, "email", 2)
	q.Cursor = next
	records, _ = connectortest.Drain(t, c, q)
	if out, _ := records[id].Fields["email_opt_out"].Bool(); !out || records[id].Version == before.Version {
		t.Errorf("the opt-out is not delivered: %v", records[id].Fields)
	}
	bounced, _ := records[back].Fields["email_bounced"].Bool()
	if out, _ := records[back].Fields["email_opt_out"].Bool(); out || !bounced {
		t.Errorf("a bounce reads %v", records[back].Fields)
	}
}

func TestAnonymousVisitors(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	twin.Create("contacts", nil)
	known := twin.Create("contacts", map[string]string{"firstname": "Ada"})
	if records, _ := connectortest.Drain(t, connect(t, twin), query("contacts")); len(records) != 1 || records[known].ID == "" {
		t.Errorf("%d contacts, want the one that is known", len(records))
	}
	if records, _ := connectortest.Drain(t, connect(t, twin, "anonymous: true\n"), query("contacts")); len(records) != 2 {
		t.Errorf("%d contacts with anonymous: true, want 2", len(records))
	}
}

// Deletions and merges are told, and the loser of a merge is read as its winner.
func TestGoneAndMerged(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	var ids []string
	for i := range 3 {
		ids = append(ids, twin.Create("contacts", map[string]string{"email": "p" + strconv.Itoa(i) + "@example.com"}))
	}
	twin.Delete("contacts", ids[0])
	twin.Merge(ids[1], ids[2])
	page, err := c.Gone(t.Context(), query("contacts"))
	if err != nil || len(page.Gone) != 2 || page.Gone[0].Kind != connectors.GoneDeleted || page.Gone[0].ID != ids[0] {
		t.Fatalf("gone are %v: %v", page.Gone, err)
	}
	if g := page.Gone[1]; g.Kind != connectors.GoneMerged || g.ID != ids[2] || g.IntoID != ids[1] {
		t.Errorf("the merge is told as %+v", g)
	}
	records, err := c.Read(t.Context(), "contacts", ids, []string{"email"})
	if err != nil || len(records) != 2 || records[1].Asked != ids[2] || records[1].ID != ids[1] {
		t.Errorf("read %+v: %v", records, err)
	}
	res := connectortest.Write(t, c, update("op", ids[2], record.Fields{"city": text("Bonn")}))["op"]
	if f := fault.As(res.Err); f.Class != fault.Merged || f.Existing != ids[1] {
		t.Errorf("an update of the loser is %v", res.Err)
	}
}

// The count of a list is remembered for five seconds, and a nought hides rows.
func TestRememberedCount(t *testing.T) {
	twin := start(t, mauticsim.Options{Clock: simkit.NewClock(func() time.Time { return time.Unix(1e9, 0) })})
	c := connect(t, twin)
	for range 2 {
		found, err := c.Lookup(t.Context(), "contacts", "email", []string{"late@example.com"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := twin.Count("contacts"); len(found[0]) != want {
			t.Fatalf("found %d, want %d", len(found[0]), want)
		}
		twin.Create("contacts", map[string]string{"email": "late@example.com"})
	}
}

// Mautic escapes the values of conditions as HTML.
func TestLookupOfOddAddresses(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	var values []string
	for i, who := range []string{"o'brien", "a+b", "x&y", `"quoted, name"`, "UPPER"} {
		values = append(values, who+"@example.com")
		twin.Create("contacts", map[string]string{"email": who + "@example.com", "city": strconv.Itoa(i)})
	}
	values[4] = "upper@example.com"
	for i := range 300 { // more than one address of a call takes
		values = append(values, "somebody.with.a.long.name."+strconv.Itoa(i)+"@example.com")
	}
	found, err := c.Lookup(t.Context(), "contacts", "email", values, []string{"city"})
	if err != nil {
		t.Fatal(err)
	}
	for i, records := range found {
		if want := i < 5; want != (len(records) == 1) || want && records[0].Fields["city"].Text() != strconv.Itoa(i) {
			t.Errorf("%q: %d records", values[i], len(records))
		}
	}
}

// Numbers, booleans and dates come in several forms and without a zone.
func TestFieldTypes(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	for _, f := range []mauticsim.Field{
		{Alias: "employees", Type: "number"},
		{Alias: "rate", Type: "number", Scale: 2},
		{Alias: "vip", Type: "boolean"},
		{Alias: "born", Type: "date"},
		{Alias: "seen", Type: "datetime"},
		{Alias: "colours", Type: "multiselect", Options: []string{"red", "blue"}},
		{Alias: "crm_id", Type: "text", Unique: true},
	} {
		twin.AddField("contacts", f)
	}
	c := connect(t, twin)
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	o, _ := cat.Object("contacts")
	if len(o.Keys) != 2 || o.Keys[0] != "email" || o.Keys[1] != "crm_id" {
		t.Errorf("the keys are %v", o.Keys)
	}
	id := twin.Create("contacts", map[string]string{
		"email": "a@example.com", "employees": "12", "rate": "2.50", "vip": "1", "born": "1990-05-01", "seen": "2026-01-02 03:04:00", "colours": "red|blue",
	})
	fields := []string{"employees", "rate", "vip", "born", "seen", "colours", "crm_id"}
	listed, _ := connectortest.Drain(t, c, query("contacts", fields...))
	want := record.Fields{
		"employees": record.OfInt(12), "rate": record.Of(record.Decimal, "2.5"), "vip": record.OfBool(true), "born": record.Of(record.Date, "1990-05-01"),
		"seen": record.OfInstant(time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)), "colours": record.OfSet("red", "blue"), "crm_id": record.NullOf(record.String),
	}
	if diff := listed[id].Fields.Diff(want); len(diff) > 0 {
		t.Errorf("%v differ: %v", diff, listed[id].Fields)
	}
	// The reply of a write has other forms of the same values, and is the same version.
	res := connectortest.Write(t, c, update("op", id, record.Fields{"email": email("a@example.com")}))["op"]
	if res.Echo == nil || res.Echo.Version == "" {
		t.Fatalf("no echo: %v", res.Err)
	}
	again, err := c.Read(t.Context(), "contacts", []string{id}, []string{"email", "owner"})
	if err != nil || again[0].Version != res.Echo.Version {
		t.Errorf("the echo is version %q, the read %q: %v", res.Echo.Version, again[0].Version, err)
	}
}

// The statistics answer 200 with an error inside.
func TestErrorInGoodAnswer(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	twin.AddFault(simkit.Fault{Kind: "stats_error"})
	_, err := c.Changes(t.Context(), query("email_sends", "at"))
	if f := fault.As(err); f.Class != fault.Permission || f.Next == "" {
		t.Errorf("the error is %v", err)
	}
}

func TestTouches(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	who := twin.Create("contacts", map[string]string{"email": "a@example.com"})
	sent := map[string]string{"lead_id": who, "email_id": "7", "date_sent": "2026-01-02 03:00:00", "source": "campaign.event"}
	twin.AddStat("email_stats", sent)
	sent["date_read"] = "2026-01-02 04:00:00"
	twin.AddStat("email_stats", sent)
	twin.AddStat("page_hits", map[string]string{"lead_id": who, "date_hit": "2026-01-02 05:00:00", "url": "https://example.com/"})
	twin.AddStat("page_hits", map[string]string{
		"lead_id": who, "email_id": "7", "date_hit": "2026-01-02 05:00:00", "url": "https://example.com/offer?utm_campaign=spring&email=a@example.com",
	})
	twin.AddStat("form_submissions", map[string]string{"lead_id": who, "form_id": "3", "date_submitted": "2026-01-02 06:00:00", "referer": "https://example.com/f"})
	twin.AddStat("lead_lists_leads", map[string]string{"leadlist_id": "4", "lead_id": who, "date_added": "2026-01-02 06:00:00", "manually_removed": "0"})
	twin.OptOut(who, "email", 1)
	for object, want := range map[string]int{
		"email_sends": 2, "email_reads": 1, "email_clicks": 1, "form_submissions": 1, "segment_members": 1, "campaign_members": 0, "opt_outs": 1,
	} {
		records, next := connectortest.Drain(t, c, query(object, "contact", "kind", "at", "page", "utm_campaign", "segment"))
		if len(records) != want {
			t.Errorf("%s: %d records, want %d", object, len(records), want)
		}
		for id, r := range records {
			if r.Fields["contact"].Text() != who || r.Fields["at"].IsNull() {
				t.Errorf("%s %s: %v", object, id, r.Fields)
			}
			if object == "email_clicks" && (r.Fields["page"].Text() != "https://example.com/offer" || r.Fields["utm_campaign"].Text() != "spring") {
				t.Errorf("the click is %v", r.Fields)
			}
		}
		if next == "" {
			t.Errorf("%s ends without a cursor", object)
		}
	}
}

// Thousands of rows of one second are walked by what makes them unique.
func TestTableTies(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	for i := range 1700 {
		twin.AddStat("lead_lists_leads", map[string]string{"leadlist_id": strconv.Itoa(1 + i%3), "lead_id": strconv.Itoa(i), "date_added": "2026-01-02 06:00:00"})
	}
	twin.AddStat("lead_lists_leads", map[string]string{"leadlist_id": "1", "lead_id": "5000", "date_added": "2026-01-02 06:00:01"})
	twin.ResetCounts()
	if records, _ := connectortest.Drain(t, c, query("segment_members", "contact")); len(records) != 1701 {
		t.Errorf("%d records, want 1701", len(records))
	}
	if calls := twin.Counts().Total; calls != 4 {
		t.Errorf("%d calls, want 4", calls)
	}
}

func TestLists(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	for i := range 450 {
		twin.AddListed("segments", mauticsim.Listed{ID: int64(i + 1), Name: "Segment " + strconv.Itoa(i)})
	}
	twin.AddListed("users", mauticsim.Listed{ID: 1, Name: "Olive"})
	c := connect(t, twin)
	if records, _ := connectortest.Drain(t, c, query("segments", "name", "kind")); len(records) != 450 || records["1"].Fields["name"].Text() != "Segment 0" {
		t.Errorf("%d segments, the first %v", len(records), records["1"].Fields)
	}
	if records, _ := connectortest.Drain(t, c, query("users", "email")); records["1"].Fields["email"].Text() != "olive@example.com" {
		t.Errorf("the user is %v", records["1"].Fields)
	}
}
