package tryton_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/tryton"
	"github.com/tandem-sync/tandem/connectors/tryton/trytonsim"
	"github.com/tandem-sync/tandem/record"
)

const party = "party.party"

func people(fields ...string) connectors.Query {
	return connectors.Query{Object: party, Fields: append([]string{"email"}, fields...)}
}

func addresses(i int) string { return fmt.Sprintf("p%d@example.com", i) }

func create(fields record.Fields) connectors.Op {
	return connectors.Op{ID: "op", Kind: connectors.Create, Object: party, Fields: fields}
}

func update(id, version string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: "op-" + id, Kind: connectors.Update, Object: party, RemoteID: id, Version: version, Fields: fields}
}

func write(t *testing.T, c system, ops ...connectors.Op) []connectors.Result {
	t.Helper()
	results, err := c.Write(t.Context(), ops)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) != len(ops) {
		t.Fatalf("%d results of %d ops", len(results), len(ops))
	}
	return results
}

func TestWhatBelongsToAPartyMovesIt(t *testing.T) {
	twin, c := newTwin(t)
	id := twin.Seed(2, twin.Now().Add(-time.Hour), addresses)[0]
	q := people("city", "lead_state", "phone")
	_, q.Cursor = connectortest.Drain(t, c, q)
	for name, change := range map[string]func(){
		"an address made": func() { twin.Add("party.address", map[string]any{"party": id, "city": "Bonn"}) },
		"a mechanism edited": func() {
			twin.Edit("party.contact_mechanism", twin.Below(id, "contact_mechanisms")[0], map[string]any{"value": "new@example.com"})
		},
		"an opportunity made": func() { twin.Add("sale.opportunity", map[string]any{"party": id, "state": "lead"}) },
	} {
		twin.Clock().Advance(time.Hour)
		_, q.Cursor = connectortest.Drain(t, c, q)
		twin.Clock().Advance(time.Hour)
		change()
		got, _ := connectortest.Drain(t, c, q)
		if _, told := got[itoa(id)]; !told || len(got) != 1 {
			t.Errorf("%s: the changes are of %d parties", name, len(got))
		}
	}
	got, _ := connectortest.Drain(t, c, people("city", "lead_state"))
	want := map[string]string{"email": "new@example.com", "city": "Bonn", "lead_state": "lead"}
	for field, value := range want {
		if v := got[itoa(id)].Fields[field].Text(); v != value {
			t.Errorf("%s is %q, want %q", field, v, value)
		}
	}
}

func TestASlowTransactionIsNotMissed(t *testing.T) {
	twin, c := newTwin(t)
	id := twin.Seed(1, twin.Now().Add(-time.Hour), addresses)[0]
	q := people("name")
	_, q.Cursor = connectortest.Drain(t, c, q)
	begun := twin.Now()
	twin.Clock().Advance(90 * time.Second)
	_, q.Cursor = connectortest.Drain(t, c, q)
	twin.EditSince(party, id, map[string]any{"name": "Slow"}, begun)
	if got, _ := connectortest.Drain(t, c, q); got[itoa(id)].Fields["name"].Text() != "Slow" {
		t.Error("what appeared behind the cursor is not read")
	}
}

func TestOneMomentOverManyPages(t *testing.T) {
	twin, c := newTwin(t, "page_size: 10\n")
	twin.Seed(35, twin.Now(), addresses)
	if got, _ := connectortest.Drain(t, c, people()); len(got) != 36 { // with the employee
		t.Errorf("%d parties", len(got))
	}
}

func TestAPartyIsMadeWhole(t *testing.T) {
	twin, c := newTwin(t)
	r := write(t, c, create(record.Fields{
		"email": email("ann@example.com"), "name": record.OfString("Ann"), "city": record.OfString("Bonn"), "phone": record.Of(record.Phone, "+49 30 123456"),
		"lead_state": record.Of(record.Enum, "lead"), "opted_out": record.OfBool(true),
	}))[0]
	if r.Status != connectors.Applied {
		t.Fatal(r.Err)
	}
	got, err := c.Read(t.Context(), party, []string{r.RemoteID}, []string{"email", "name", "city", "phone", "lead_state", "opted_out", "categories"})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	for field, want := range map[string]string{
		"email": "ann@example.com", "name": "Ann", "city": "Bonn", "phone": "+49 30 123456", "lead_state": "lead", "opted_out": "true", "categories": "Opted out",
	} {
		if v := got[0].Fields[field].Text(); v != want {
			t.Errorf("%s is %q, want %q", field, v, want)
		}
	}
	if r := write(t, c, update(r.RemoteID, got[0].Version, record.Fields{"email": record.NullOf(record.Email), "city": record.OfString("Ulm")}))[0]; r.Status != connectors.Applied {
		t.Fatal(r.Err)
	}
	if ids := twin.Below(number(r.RemoteID), "contact_mechanisms"); len(ids) != 1 {
		t.Errorf("there are %d contact mechanisms, want the phone", len(ids))
	}
	if ids := twin.Below(number(r.RemoteID), "addresses"); len(ids) != 1 {
		t.Errorf("there are %d addresses, want the one changed", len(ids))
	}
}

func TestWhatIsNotWritten(t *testing.T) {
	twin, c := newTwin(t)
	id := itoa(twin.Seed(1, twin.Now(), addresses)[0])
	twin.Add("sale.opportunity", map[string]any{"party": number(id), "state": "opportunity"})
	all, _ := connectortest.Drain(t, c, people("lead_state"))
	for field, v := range map[string]record.Value{
		"opted_out": record.OfBool(false), "lead_state": record.Of(record.Enum, "won"), "code": record.OfString("7"), "nonsense": record.OfString("x"),
	} {
		if r := write(t, c, update(id, all[id].Version, record.Fields{field: v}))[0]; r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Invalid) {
			t.Errorf("%s: %v, %v", field, r.Status, r.Err)
		}
	}
	// What belongs to a party is guarded as it is itself.
	twin.Clock().Advance(time.Minute)
	twin.Edit("party.contact_mechanism", twin.Below(number(id), "contact_mechanisms")[0], map[string]any{"value": "theirs@example.com"})
	if r := write(t, c, update(id, all[id].Version, record.Fields{"email": email("ours@example.com")}))[0]; !fault.Is(r.Err, fault.Stale) {
		t.Errorf("an address edited since: %v", r.Err)
	}
}

func TestOpportunitiesNotesAndActivities(t *testing.T) {
	twin, c := newTwin(t)
	id := twin.Seed(1, twin.Now(), addresses)[0]
	deal := connectors.Op{ID: "d", Kind: connectors.Create, Object: "sale.opportunity", Fields: record.Fields{
		"party": record.Of(record.Reference, itoa(id)), "description": record.OfString("Big"), "amount": record.Of(record.Decimal, "12.5"),
	}}
	made := write(t, c, deal)[0]
	twin.Press("sale.opportunity", "opportunity", number(made.RemoteID))
	got, err := c.Read(t.Context(), "sale.opportunity", []string{made.RemoteID}, []string{"party", "description", "state", "currency", "employee"})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	for field, want := range map[string]string{"party": itoa(id), "description": "Big", "state": "opportunity", "currency": "EUR", "employee": "Emma Ployee"} {
		if v := got[0].Fields[field].Text(); v != want {
			t.Errorf("%s is %q, want %q", field, v, want)
		}
	}
	note := write(t, c, connectors.Op{ID: "n", Kind: connectors.Create, Object: "ir.note", Fields: record.Fields{
		"resource": record.Of(record.Reference, itoa(id)), "message": record.OfString("Clicked"),
	}})[0]
	if on, _ := twin.Get("ir.note", number(note.RemoteID), "resource"); on != "party.party,"+itoa(id) {
		t.Errorf("the note stands on %v", on)
	}
	rec := twin.Add("marketing.automation.record", map[string]any{"record": "party.party," + itoa(id)})
	act := twin.Add("marketing.automation.activity", map[string]any{"name": "Welcome"})
	twin.Add("marketing.automation.record.activity", map[string]any{"record": rec, "activity": act, "state": "done", "at": twin.Now(), "email_clicked": true})
	told, _ := connectortest.Drain(t, c, connectors.Query{Object: "marketing.automation.record.activity", Fields: []string{"person", "subject", "email_clicked", "at"}})
	if f := told["1"].Fields; f["person"].Text() != itoa(id) || f["subject"].Text() != "Welcome" || f["email_clicked"].Text() != "true" || f["at"].IsNull() {
		t.Errorf("the activity is %v of a person, %v", f["subject"].State(), f["person"].State())
	}
}

func TestModulesThatAreNotInstalled(t *testing.T) {
	twin := trytonsim.New(trytonsim.Options{Lacks: []string{"marketing.email", "marketing.automation.record.activity"}})
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	c := connect(t, twin, "")
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(cat.Missing) != 2 || len(cat.Objects) != 3 {
		t.Errorf("%d objects, %d gaps", len(cat.Objects), len(cat.Missing))
	}
	if _, err := c.Changes(t.Context(), connectors.Query{Object: "marketing.email"}); !fault.Is(err, fault.Unsupported) {
		t.Error(err)
	}
}

// A thousand rows take as many calls as pages of the size that is asked for.
func TestEconomy(t *testing.T) {
	twin, c := newTwin(t, "page_size: 200\n")
	twin.Seed(1000, twin.Now(), addresses)
	if _, err := c.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	calls := func(do func()) int64 {
		twin.ResetCounts()
		do()
		return twin.Counts().Total
	}
	var all map[string]connectors.Record
	q := people("name", "city")
	if n := calls(func() { all, q.Cursor = connectortest.Drain(t, c, q) }); n > 6 {
		t.Errorf("reading 1,000 rows took %d calls, floor 6: five pages and the employee's", n)
	}
	var updates, creates []connectors.Op
	for id, r := range all {
		if !r.Archived {
			updates = append(updates, update(id, r.Version, record.Fields{"city": record.OfString("Bonn"), "email": email("new" + id + "@example.com")}))
			creates = append(creates, connectors.Op{ID: "c" + id, Kind: connectors.Create, Object: party, Fields: record.Fields{"email": email("c" + id + "@example.com")}})
		}
	}
	for name, ops := range map[string][]connectors.Op{"updating": updates, "creating": creates} {
		if n := calls(func() { write(t, c, ops...) }); n > 6 {
			t.Errorf("%s 1,000 rows took %d calls, floor 5", name, n)
		}
	}
	twin.Clock().Advance(time.Hour)
	_, q.Cursor = connectortest.Drain(t, c, q)
	twin.Clock().Advance(time.Hour)
	if n := calls(func() { _, q.Cursor = connectortest.Drain(t, c, q) }); n != 1 {
		t.Errorf("a pass without a change took %d calls", n)
	}
}

func TestConfiguration(t *testing.T) {
	for wrong, want := range map[string]string{
		"overlap: 10ms\n": "overlap must be", "page_size: 5000\n": "page_size must be", "opt_out_categry: x\n": "opt_out_category",
	} {
		_, problems := open(wrong)
		if !strings.Contains(fmt.Sprint(problems), want) {
			t.Errorf("%q: %v", wrong, problems)
		}
	}
	if f := tryton.Factory(); f.About == "" || f.Example == "" {
		t.Error("the page is empty")
	}
}
