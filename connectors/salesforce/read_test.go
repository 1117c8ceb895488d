package salesforce_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

// The floor for 20,000 leads is ten pages; a cycle without a change is one call.
func TestCallsOfAFirstReadAndOfIdleDeltas(t *testing.T) {
	clock := simkit.NewClock(nil)
	twin := organisation(t, salesforcesim.Options{Clock: clock})
	seedLeads(t, twin, 20_000, ago(twin, time.Hour))
	c := dial(t, twin)
	q := connectors.Query{Object: "Lead", Fields: []string{"LastName", "Email", "Status"}}
	parts, err := c.Split(t.Context(), q)
	if err != nil || len(parts) != 1 {
		t.Fatalf("Split: %d ranges, %v", len(parts), err)
	}
	s := drain(t, changes(t, c), parts[0])
	if len(s.records) != 20_000 || s.pages != 10 {
		t.Fatalf("%d leads in %d pages, want 20000 in 10", len(s.records), s.pages)
	}
	if got := twin.Counts(); got.Reads > 12 {
		t.Errorf("%d reads, want ten pages, one describe and one count: %v", got.Reads, got.Routes)
	}
	clock.Advance(time.Hour)
	q.Cursor = s.next
	for range 3 {
		before := twin.Counts().Reads
		s = drain(t, changes(t, c), q)
		if n := twin.Counts().Reads - before; n != 1 || len(s.records) != 0 {
			t.Errorf("idle delta: %d calls, %d records, want 1 and 0", n, len(s.records))
		}
		q.Cursor = s.next
	}
}

// More rows at one instant than any page holds, and a locator that dies.
func TestDeltaSurvivesOneTimestampAndExpiredLocators(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{})
	c := dial(t, twin)
	q := connectors.Query{Object: "Lead", Fields: []string{"Email"}}
	q.Cursor = drain(t, changes(t, c), q).next
	seedLeads(t, twin, 25_000, ago(twin, time.Minute))
	for _, kind := range []string{"", "expired_cursor", "repeated_page", "empty_page"} {
		t.Run("fault "+kind, func(t *testing.T) {
			if kind != "" {
				twin.Faults.Add(simkit.Fault{Kind: kind, Times: 2})
				defer twin.Faults.Reset()
			}
			if s := drain(t, changes(t, c), q); len(s.records) != 25_000 {
				t.Errorf("%d records, want 25000", len(s.records))
			}
		})
	}
}

func TestForeignNextLinkIsNotFollowed(t *testing.T) {
	twin, other := organisation(t, salesforcesim.Options{}), organisation(t, salesforcesim.Options{})
	seedLeads(t, twin, 2_001, ago(twin, time.Hour))
	twin.Faults.Add(simkit.Fault{Kind: "foreign_next", Value: other.URL(), Times: 1})
	c := dial(t, twin)
	q := connectors.Query{Object: "Lead", Fields: []string{"Email"}}
	_, err := c.Changes(t.Context(), q)
	for try := 0; err == nil && try < 2; try++ {
		_, err = c.Changes(t.Context(), q)
	}
	if !fault.Is(err, fault.Forbidden) {
		t.Errorf("error %v, want forbidden", err)
	}
	if n := other.Counts().Total; n != 0 {
		t.Errorf("the other host saw %d calls", n)
	}
}

func TestSplitReadsEveryRecordOnce(t *testing.T) {
	for _, how := range []string{"split: {above: 1000, ranges: 4}\nbulk: {off: true}", "bulk: {query_above: 1000}"} {
		t.Run(how, func(t *testing.T) {
			twin := organisation(t, salesforcesim.Options{BulkPolls: 1})
			seedLeads(t, twin, 12_500, ago(twin, time.Hour))
			c := dial(t, twin, how)
			q := connectors.Query{Object: "Lead", Fields: []string{"Email", "CreatedDate", "HasOptedOutOfEmail"}}
			parts, err := c.Split(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			all, next := map[string]int{}, map[connectors.Cursor]bool{}
			for _, part := range parts {
				s := drain(t, changes(t, c), part)
				next[s.next] = true
				for id, r := range s.records {
					all[id]++
					if len(r.Fields) != 3 || !r.Fields["CreatedDate"].IsPresent() || r.Created.IsZero() {
						t.Fatalf("record has fields %v", r.Fields.Names())
					}
				}
			}
			if len(all) != 12_500 || len(next) != 1 {
				t.Errorf("%d records, %d next cursors over %d ranges", len(all), len(next), len(parts))
			}
			for id, n := range all {
				if n != 1 {
					t.Fatalf("%s came %d times", id, n)
				}
			}
			t.Logf("%d ranges, calls: %v", len(parts), twin.Counts().Routes)
		})
	}
}

func TestDeletedMergedAndConverted(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{})
	c := dial(t, twin)
	var ids []string
	for i := range 5 {
		id, err := twin.Create("Lead", salesforcesim.Fields{"LastName": "L", "Company": "C", "Email": fmt.Sprintf("l%d@example.com", i)}, "")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	q := connectors.Query{Object: "Lead", Fields: []string{"Email", "LastName"}}
	first := drain(t, changes(t, c), q)
	goneFirst := drain(t, gone(t, c), connectors.Query{Object: "Lead"})
	if err := twin.Delete("Lead", ids[0]); err != nil {
		t.Fatal(err)
	}
	if err := twin.Merge("Lead", ids[1], ids[2]); err != nil {
		t.Fatal(err)
	}
	conv, err := twin.ConvertLead(ids[3], "", "Deal")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]connectors.Gone{
		ids[0]: {Kind: connectors.GoneDeleted},
		ids[2]: {Kind: connectors.GoneMerged, IntoObject: "Lead", IntoID: ids[1]},
		ids[3]: {Kind: connectors.GoneConverted, IntoObject: "Contact", IntoID: conv.Contact},
	}
	delta := drain(t, changes(t, c), connectors.Query{Object: "Lead", Fields: q.Fields, Cursor: first.next})
	told := drain(t, gone(t, c), connectors.Query{Object: "Lead", Cursor: goneFirst.next})
	for name, s := range map[string]seen{"changes": delta, "gone": told} {
		for id, w := range want {
			g := s.gone[id]
			if g.Kind != w.Kind || g.IntoObject != w.IntoObject || g.IntoID != w.IntoID || g.At.IsZero() {
				t.Errorf("%s: %s is %+v, want %+v", name, id, g, w)
			}
		}
		if len(s.gone) != len(want) {
			t.Errorf("%s tells %d, want %d", name, len(s.gone), len(want))
		}
	}
	read, err := c.Read(t.Context(), "Lead", []string{ids[0], ids[1][:15], ids[2], ids[3], ids[4]}, []string{"Email"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range read {
		got[r.Asked+">"+r.Object+" "+r.ID] = r.Fields["Email"].Text()
	}
	for _, w := range []string{
		ids[1][:15] + ">Lead " + ids[1], ids[2] + ">Lead " + ids[1], ids[3] + ">Contact " + conv.Contact, ">Lead " + ids[4],
	} {
		if _, ok := got[w]; !ok {
			t.Errorf("Read lacks %s; has %v", w, got)
		}
	}
	if len(read) != 4 {
		t.Errorf("Read returned %d records, want 4", len(read))
	}
	contacts, err := c.Lookup(t.Context(), "Contact", "Email", []string{"L3@example.com"}, []string{"LastName"})
	if err != nil || len(contacts[0]) != 1 {
		t.Errorf("the converted lead's contact is not found: %v %v", contacts, err)
	}
	if leads, err := c.Lookup(t.Context(), "Lead", "Email", []string{"l3@example.com"}, nil); err != nil || len(leads[0]) != 0 {
		t.Errorf("a converted lead is found: %v %v", leads, err)
	}
}

// A pass cannot trust deletions that the log no longer reaches back to.
func TestGoneExpiresWithTheDeletionLog(t *testing.T) {
	clock := simkit.NewClock(nil)
	twin := organisation(t, salesforcesim.Options{Clock: clock, DeleteLog: 48 * time.Hour})
	c := dial(t, twin)
	s := drain(t, gone(t, c), connectors.Query{Object: "Contact"})
	clock.Advance(72 * time.Hour)
	if _, err := c.Gone(t.Context(), connectors.Query{Object: "Contact", Cursor: s.next}); !fault.Is(err, fault.Expired) {
		t.Errorf("error %v, want expired", err)
	}
	drain(t, gone(t, c), connectors.Query{Object: "Contact"})
}

func TestHiddenFieldDegradesAlone(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{})
	seedLeads(t, twin, 3, ago(twin, time.Hour))
	c := dial(t, twin)
	q := connectors.Query{Object: "Lead", Fields: []string{"Email", "LastName", "NoSuch__c"}}
	drain(t, changes(t, c), q)
	if err := twin.SetFieldHidden("Lead.Email"); err != nil {
		t.Fatal(err)
	}
	for id, r := range drain(t, changes(t, c), q).records {
		if !r.Fields["Email"].IsAbsent() || !r.Fields["LastName"].IsPresent() {
			t.Errorf("%s: e-mail %v, name %v", id, r.Fields["Email"], r.Fields["LastName"])
		}
	}
	catalog, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var gaps strings.Builder
	for _, g := range catalog.Missing {
		gaps.WriteString(g.Object + ":" + g.What + "\n")
	}
	for _, w := range []string{"Lead:read access to the field NoSuch__c", "Lead:read access to the field Email"} {
		if !strings.Contains(gaps.String(), w) {
			t.Errorf("no gap %q in\n%s", w, gaps.String())
		}
	}
}

func TestWideQueriesAreChunked(t *testing.T) {
	var custom []salesforcesim.CustomField
	fields := []string{"Email"}
	for i := range 400 {
		name := fmt.Sprintf("A_field_with_quite_a_long_name_%03d__c", i)
		custom = append(custom, salesforcesim.CustomField{Object: "Lead", Name: name})
		fields = append(fields, name)
	}
	twin := organisation(t, salesforcesim.Options{CustomFields: custom})
	id, err := twin.Create("Lead", salesforcesim.Fields{"LastName": "L", "Company": "C", fields[1]: "first", fields[400]: "last"}, "")
	if err != nil {
		t.Fatal(err)
	}
	c := dial(t, twin)
	s := drain(t, changes(t, c), connectors.Query{Object: "Lead", Fields: fields})
	r := s.records[id]
	if len(r.Fields) != 401 || r.Fields[fields[1]].Text() != "first" || r.Fields[fields[400]].Text() != "last" {
		t.Errorf("%d fields, first %v, last %v", len(r.Fields), r.Fields[fields[1]], r.Fields[fields[400]])
	}
}

func TestReferencesHistoryAndActors(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{})
	users := twin.Users()
	id, err := twin.Create("Lead", salesforcesim.Fields{"LastName": "L", "Company": "C", "OwnerId": users.Queue}, users.Rival)
	if err != nil {
		t.Fatal(err)
	}
	task, err := twin.Create("Task", salesforcesim.Fields{"WhoId": id, "Subject": "Call"}, "")
	if err != nil {
		t.Fatal(err)
	}
	account, err := twin.Create("Account", salesforcesim.Fields{"Name": "A"}, "")
	if err != nil {
		t.Fatal(err)
	}
	deal, err := twin.Create("Opportunity", salesforcesim.Fields{"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-12-01", "AccountId": account}, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := twin.Edit("Opportunity", deal, salesforcesim.Fields{"StageName": "Closed Won"}, ""); err != nil {
		t.Fatal(err)
	}
	c := dial(t, twin, "integrations: [\""+users.Rival+"\"]")
	if _, err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	l := drain(t, changes(t, c), connectors.Query{Object: "Lead", Fields: []string{"OwnerId"}}).records[id]
	if got := l.Fields["OwnerId"].Text(); got != "Group/"+users.Queue || l.Actor != (record.Actor{Kind: record.ActorIntegration, ID: users.Rival}) {
		t.Errorf("owner %s, actor %+v", got, l.Actor)
	}
	k := drain(t, changes(t, c), connectors.Query{Object: "Task", Fields: []string{"WhoId"}}).records[task]
	if got := k.Fields["WhoId"].Text(); got != "Lead/"+id {
		t.Errorf("who is %s", got)
	}
	won := false
	for _, h := range drain(t, changes(t, c), connectors.Query{Object: "OpportunityHistory", Fields: []string{"OpportunityId", "Field", "NewValue", "CreatedDate"}}).records {
		won = won || h.Fields["Field"].Text() == "StageName" && h.Fields["NewValue"].Text() == "Closed Won" && h.Fields["OpportunityId"].Text() == deal
	}
	if !won {
		t.Error("the stage history lacks the win")
	}
	if n := len(drain(t, changes(t, c), connectors.Query{Object: "Group", Fields: []string{"Name"}}).records); n != 1 {
		t.Errorf("%d queues, want 1", n)
	}
	writers, err := c.FieldWriters(t.Context(), "Lead", []string{"OwnerId", "Company"})
	if err != nil || len(writers["Company"]) != 1 || writers["Company"][0].Actor.Kind != record.ActorIntegration {
		t.Errorf("writers %v, %v", writers, err)
	}
}

// The same cursor brings the same records, also when its locator is used up.
func TestAskingTwice(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{})
	seedLeads(t, twin, 4_500, ago(twin, time.Hour))
	c := dial(t, twin)
	q := connectors.Query{Object: "Lead", Fields: []string{"Email"}}
	for more := true; more; {
		first, err := c.Changes(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		again, err := c.Changes(t.Context(), q)
		if err != nil || len(first.Records) != len(again.Records) || first.More != again.More {
			t.Fatalf("%d records, then %d: %v", len(first.Records), len(again.Records), err)
		}
		for i, r := range first.Records {
			if again.Records[i].ID != r.ID {
				t.Fatalf("row %d is %s, then %s", i, r.ID, again.Records[i].ID)
			}
		}
		q.Cursor, more = first.Next, first.More
	}
}
