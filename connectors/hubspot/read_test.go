package hubspot_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

var mapped = []string{"email", "firstname", "lifecyclestage"} //nolint:gochecknoglobals // table, never written

// TestCallsOfAFirstSync measures what a first read of 20,000, an idle cycle and
// a delta of five per cent cost.
func TestCallsOfAFirstSync(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	old := ago(p, 48*time.Hour)
	first := seedContacts(t, p, 20_000, func(i int) time.Time { return old.Add(time.Duration(i) * time.Second) })
	for _, version := range []string{"2026-03", "v3"} {
		c := connect(t, p, "version: "+version)
		if _, err := c.Describe(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Logf("describe: %d calls", p.Counts().Total)
		p.ResetCounts()
		ranges, err := c.Split(t.Context(), connectors.Query{Object: "contacts", Fields: mapped})
		if err != nil || len(ranges) != 4 {
			t.Fatalf("Split: %d ranges, %v", len(ranges), err)
		}
		seen := map[string]bool{}
		var next connectors.Cursor
		for i, q := range ranges {
			records, end, _ := drain(t, c, q)
			for id := range records {
				seen[id] = true
			}
			if i > 0 && end != next {
				t.Errorf("ranges end with different cursors: %s and %s", next, end)
			}
			next = end
		}
		if len(seen) != 20_000 {
			t.Fatalf("read %d of 20000", len(seen))
		}
		if calls := p.Counts().Reads; calls > 210 {
			t.Errorf("first read of 20,000 took %d calls", calls)
		}
		t.Logf("first read: %d calls", p.Counts().Reads)
		p.Clock().Advance(5 * time.Minute)
		p.ResetCounts()
		_, next, _ = drain(t, c, connectors.Query{Object: "contacts", Fields: mapped, Cursor: next})
		if calls := p.Counts().Reads; calls != 1 {
			t.Errorf("an idle cycle took %d calls", calls)
		}
		for i := range 1000 { // three a millisecond
			by := hubspotsim.UserActor(1)
			by.At = ago(p, 10*time.Second).Add(time.Duration(i/3) * time.Millisecond)
			id := strconv.FormatInt(first+int64(i*7), 10)
			if err := p.Edit("contacts", id, map[string]string{"firstname": version + "!"}, by); err != nil {
				t.Fatal(err)
			}
		}
		p.ResetCounts()
		changed, next, _ := drain(t, c, connectors.Query{Object: "contacts", Fields: mapped, Cursor: next})
		if calls := p.Counts().Reads; len(changed) != 1000 || calls > 5 {
			t.Errorf("a delta of 1,000 took %d calls and read %d", calls, len(changed))
		}
		t.Logf("delta of 1,000: %d calls", p.Counts().Reads)
		for _, wait := range []time.Duration{time.Second, 2 * time.Minute, 2 * time.Minute} {
			p.Clock().Advance(wait)
			p.ResetCounts()
			_, next, _ = drain(t, c, connectors.Query{Object: "contacts", Fields: mapped, Cursor: next})
			if calls := p.Counts().Reads; calls != 1 {
				t.Errorf("an idle cycle after %v took %d calls", wait, calls)
			}
		}
	}
}

// TestDeltaSurvives reads changes under conditions that lose rows elsewhere.
func TestDeltaSurvives(t *testing.T) {
	for name, at := range map[string]func(base time.Time, i int) time.Time{
		"one stamp":     func(base time.Time, _ int) time.Time { return base },
		"seven a stamp": func(base time.Time, i int) time.Time { return base.Add(time.Duration(i/7) * time.Millisecond) },
		"a large middle": func(base time.Time, i int) time.Time {
			return base.Add(time.Duration(min(max(i, 500), 11_500)) * time.Millisecond)
		},
	} {
		t.Run(name, func(t *testing.T) {
			const n = 12_000
			p := portal(t, hubspotsim.Options{})
			c := connect(t, p)
			_, next, _ := drain(t, c, connectors.Query{Object: "contacts", Fields: mapped})
			p.Clock().Advance(time.Hour / 2)
			base := p.Clock().Now().Truncate(time.Millisecond)
			seedContacts(t, p, n, func(i int) time.Time { return at(base, i) })
			p.Clock().Advance(20 * time.Second)
			p.AddFault(simkit.Fault{Kind: "empty_page", PathPrefix: "/crm/objects/2026-03/contacts/search", Times: 2, After: 3})
			got, next, pages := drain(t, c, connectors.Query{Object: "contacts", Fields: mapped, Cursor: next})
			if len(got) != n {
				t.Errorf("read %d of %d in %d pages", len(got), n, pages)
			}
			p.ResetCounts()
			if drain(t, c, connectors.Query{Object: "contacts", Fields: mapped, Cursor: next}); p.Counts().Reads != 1 {
				t.Errorf("looking again inside the overlap took %d calls", p.Counts().Reads)
			}
		})
	}
}

func TestLateRowsAreFound(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	c := connect(t, p)
	seedContacts(t, p, 3, func(int) time.Time { return ago(p, time.Hour) })
	_, next, _ := drain(t, c, connectors.Query{Object: "contacts", Fields: mapped})
	p.Clock().Advance(10 * time.Minute)
	late, err := p.Create("contacts", map[string]string{"email": "late@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	p.Clock().Advance(2 * time.Second)
	if _, err := p.Create("contacts", map[string]string{"email": "soon@example.com"}); err != nil {
		t.Fatal(err)
	}
	p.AddFault(simkit.Fault{Kind: "late_visible", Rows: []string{late}, Value: "30s", Times: 1})
	got, next, _ := drain(t, c, connectors.Query{Object: "contacts", Fields: mapped, Cursor: next})
	if _, seen := got[late]; seen || len(got) != 1 {
		t.Fatalf("the index is to hide the late row: got %d", len(got))
	}
	p.Clock().Advance(40 * time.Second)
	got, _, _ = drain(t, c, connectors.Query{Object: "contacts", Fields: mapped, Cursor: next})
	if _, seen := got[late]; !seen {
		t.Error("the late row is lost")
	}
}

// TestDeepPass finds what the index showed only after the overlap.
func TestDeepPass(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	c := connect(t, p)
	_, next, _ := drain(t, c, connectors.Query{Object: "contacts", Fields: mapped})
	p.Clock().Advance(10 * time.Minute)
	late, err := p.Create("contacts", map[string]string{"email": "late@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	seen := false
	p.AddFault(simkit.Fault{Kind: "late_visible", Rows: []string{late}, Value: "20m"})
	for range 12 {
		var got map[string]connectors.Record
		got, next, _ = drain(t, c, connectors.Query{Object: "contacts", Fields: mapped, Cursor: next})
		_, now := got[late]
		seen = seen || now
		p.Clock().Advance(7 * time.Minute)
	}
	if !seen {
		t.Error("a row shown twenty minutes late is lost")
	}
}

func TestListFaults(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	seedContacts(t, p, 950, func(i int) time.Time { return ago(p, time.Duration(i)*time.Minute) })
	for _, kind := range []string{"repeated_page", "empty_page", "foreign_next", "merge", "server_error", "rate_limit_secondly", "truncate", "reset"} {
		t.Run(kind, func(t *testing.T) {
			defer p.ResetFaults()
			c := connect(t, p)
			value := map[string]string{"foreign_next": "http://203.0.113.7", "server_error": "502"}[kind]
			p.AddFault(simkit.Fault{Kind: kind, PathPrefix: "/crm/objects/2026-03/contacts", Times: 2, After: 3, Value: value})
			want := p.Count("contacts")
			got, _, _ := drain(t, c, connectors.Query{Object: "contacts", Fields: mapped})
			if len(got) < want-2 {
				t.Errorf("read %d of %d", len(got), want)
			}
		})
	}
	t.Run("expired_cursor", func(t *testing.T) {
		c := connect(t, p)
		page, err := c.Changes(t.Context(), connectors.Query{Object: "contacts", Fields: mapped})
		if err != nil {
			t.Fatal(err)
		}
		p.AddFault(simkit.Fault{Kind: "expired_cursor", Times: 1})
		if _, err = c.Changes(t.Context(), connectors.Query{Object: "contacts", Fields: mapped, Cursor: page.Next}); !fault.Is(err, fault.Expired) {
			t.Errorf("got %v, want expired", err)
		}
	})
}

func TestLongPropertyLists(t *testing.T) {
	p := portal(t, hubspotsim.Options{})
	fields := []string{"email"}
	for i := range 200 {
		name := "a_property_with_quite_a_long_name_" + strconv.Itoa(i)
		p.AddProperty("contacts", hubspotsim.Property{Name: name, Label: name, Type: "string", FieldType: "text"})
		fields = append(fields, name)
	}
	id, err := p.Create("contacts", map[string]string{"email": "a@example.com", "a_property_with_quite_a_long_name_199": "last"})
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, p)
	got, next, _ := drain(t, c, connectors.Query{Object: "contacts", Fields: fields})
	if len(got[id].Fields) != 201 || got[id].Fields["a_property_with_quite_a_long_name_199"].Text() != "last" {
		t.Errorf("list: %d fields", len(got[id].Fields))
	}
	p.Clock().Advance(time.Minute)
	if err := p.Edit("contacts", id, map[string]string{"a_property_with_quite_a_long_name_0": "first"}, hubspotsim.UserActor(1)); err != nil {
		t.Fatal(err)
	}
	got, _, _ = drain(t, c, connectors.Query{Object: "contacts", Fields: fields, Cursor: next})
	if got[id].Fields["a_property_with_quite_a_long_name_0"].Text() != "first" {
		t.Error("search: the value is missing")
	}
}
