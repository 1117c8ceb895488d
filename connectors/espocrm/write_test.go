package espocrm_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/espocrm/espocrmsim"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

// A row written is a call; what a batch has to know beforehand is asked at once.
func TestWriteEconomy(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	ids := twin.Seed("Lead", 1000, time.Now(), func(i int) map[string]any {
		return map[string]any{"emailAddress": "p" + strconv.Itoa(i) + "@example.com"}
	})
	if _, err := c.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	var updates, creates []connectors.Op
	for i, id := range ids {
		updates = append(updates, update("u"+id, id, record.Fields{"addressCity": text("Bonn")}))
		op := create("c"+id, record.Fields{"emailAddress": email("new" + strconv.Itoa(i) + "@example.com"), "addressCity": text("Ulm")})
		op.Key = connectors.Key{Field: "emailAddress", Value: "new" + strconv.Itoa(i) + "@example.com"}
		creates = append(creates, op)
	}
	for name, ops := range map[string][]connectors.Op{"updates": updates, "creates": creates} {
		twin.ResetCounts()
		for i := 0; i < len(ops); i += 50 {
			for op, r := range connectortest.Write(t, c, ops[i:i+50]...) {
				if r.Status != connectors.Applied {
					t.Fatalf("%s is %s: %v", op, r.Status, r.Err)
				}
			}
		}
		counts := twin.Counts()
		t.Logf("1,000 %s: %d writes, %d reads", name, counts.Writes, counts.Reads)
		if counts.Writes != 1000 || counts.Total > 1200 {
			t.Errorf("%d calls for 1,000 %s, %d of them writes", counts.Total, name, counts.Writes)
		}
	}
	if n := twin.Count("Lead"); n != 2000 {
		t.Errorf("there are %d leads", n)
	}
}

// A create is refused for what looks like it, by name or by address. One of
// the same name is another person, one of the same address is in the way.
func TestDuplicates(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	ann := twin.Create("Lead", map[string]any{"firstName": "Ann", "lastName": "Lee", "emailAddress": "ann@example.com"})
	twin.AddEmail("Lead", ann, "Second@example.com")
	lead := func(op, first, last, address string) connectors.Op {
		return create(op, record.Fields{"firstName": text(first), "lastName": text(last), "emailAddress": email(address)})
	}
	got := connectortest.Write(t, c,
		lead("namesake", "Ann", "Lee", "other@example.com"), lead("address", "Eve", "Ray", "ANN@example.com"),
		lead("further", "Eve", "Ray", "second@example.com"), lead("new", "Eve", "Ray", "eve@example.com"),
	)
	if r := got["namesake"]; r.Status != connectors.Applied || r.RemoteID == ann || r.Adopted {
		t.Errorf("a namesake is %s: %v", r.Status, r.Err)
	}
	for _, op := range []string{"address", "further"} {
		if r := got[op]; r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Conflict) || fault.As(r.Err).Existing != ann {
			t.Errorf("%s: %s: %v", op, r.Status, r.Err)
		}
	}
	if got["new"].Status != connectors.Applied || twin.Count("Lead") != 3 {
		t.Errorf("there are %d leads: %v", twin.Count("Lead"), got["new"].Err)
	}
}

// A create is known again by a field of the customer's own, and overwrites
// nothing.
func TestKey(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	twin.AddField("Lead", espocrmsim.Field{Name: "cTandemId", Type: "varchar"})
	c := connect(t, twin)
	op := create("one", record.Fields{"emailAddress": email("a@example.com"), "addressCity": text("Bonn")})
	op.Key = connectors.Key{Field: "cTandemId", Value: "E1"}
	id := connectortest.Write(t, c, op)["one"].RemoteID
	twin.Edit("Lead", id, map[string]any{"addressCity": "Ulm"})
	again := op
	again.ID = "two"
	if r := connectortest.Write(t, c, again)["two"]; !r.Adopted || r.RemoteID != id || twin.Text("Lead", id, "addressCity") != "Ulm" || twin.Count("Lead") != 1 {
		t.Errorf("the second create is %+v", r)
	}
	twice := create("three", record.Fields{"emailAddress": email("b@example.com")})
	twice.Key = connectors.Key{Field: "cTandemId", Value: "E2"}
	same := twice
	same.ID = "four"
	got := connectortest.Write(t, c, twice, same)
	if !got["four"].Adopted || got["four"].RemoteID != got["three"].RemoteID {
		t.Errorf("the same key twice in a batch is %+v", got["four"])
	}
}

// Giving a record an address that opted out would take the opt-out back.
func TestOptOutStaysOnTheAddress(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	gone := twin.Create("Contact", map[string]any{"lastName": "Out", "emailAddress": "out@example.com", "emailAddressIsOptedOut": true})
	lead := twin.Create("Lead", map[string]any{"lastName": "In", "emailAddress": "in@example.com"})
	got := connectortest.Write(t, c,
		update("moved", lead, record.Fields{"emailAddress": email("Out@example.com")}),
		update("again", lead, record.Fields{"addressCity": text("Bonn")}),
		update("back", lead, record.Fields{"emailAddressIsOptedOut": record.OfBool(false)}),
	)
	made := connectortest.Write(t, c, create("made", record.Fields{"lastName": text("New"), "emailAddress": email("out@example.com"), "emailAddressIsOptedOut": record.OfBool(false)}))
	if made["made"].Status != connectors.Rejected { // the lead has the address by now
		t.Errorf("a create with a taken address is %s", made["made"].Status)
	}
	if r := got["back"]; r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Invalid) {
		t.Errorf("taking an opt-out back is %s: %v", r.Status, r.Err)
	}
	if got["moved"].Status != connectors.Applied || twin.Text("Contact", gone, "emailAddressIsOptedOut") != "true" || twin.Text("Lead", lead, "emailAddressIsOptedOut") != "true" {
		t.Errorf("the opt-out was taken back: %v", got["moved"].Err)
	}
	twin.Delete("Lead", lead)
	made = connectortest.Write(t, c, create("made", record.Fields{"lastName": text("New"), "emailAddress": email("out@example.com"), "emailAddressIsOptedOut": record.OfBool(false)}))
	if r := made["made"]; r.Status != connectors.Applied || twin.Text("Contact", gone, "emailAddressIsOptedOut") != "true" {
		t.Errorf("a create took the opt-out back: %s %v", r.Status, r.Err)
	}
}

// An opt-out that we write shows on every record with the address.
func TestOptOut(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	contact := twin.Create("Contact", map[string]any{"lastName": "A", "emailAddress": "a@example.com"})
	lead := twin.Create("Lead", map[string]any{"lastName": "A", "emailAddress": "a@example.com"})
	r := connectortest.Write(t, c, update("out", lead, record.Fields{"emailAddressIsOptedOut": record.OfBool(true)}))["out"]
	if v, _ := r.Echo.Fields["emailAddressIsOptedOut"].Bool(); !v || twin.Text("Contact", contact, "emailAddressIsOptedOut") != "true" {
		t.Errorf("the opt-out is %s: %v", r.Status, r.Err)
	}
}

// A refusal names the field and spoils no other row; nor does one by the role.
func TestRowErrors(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	got := connectortest.Write(t, c,
		create("status", record.Fields{"status": record.Of(record.Enum, "Hot")}),
		create("pattern", record.Fields{"addressCity": text("<Bonn>")}),
		create("good", record.Fields{"addressCity": text("  Ulm ")}),
		update("missing", "65f0c1d2e3a4b5c6d", record.Fields{"addressCity": text("Ulm")}),
	)
	for op, field := range map[string]string{"status": "status", "pattern": "addressCity"} {
		if r := got[op]; r.Status != connectors.Rejected || fault.As(r.Err).Field != field || !fault.Is(r.Err, fault.Invalid) {
			t.Errorf("%s is %s: %v", op, r.Status, r.Err)
		}
	}
	if r := got["good"]; r.Status != connectors.Applied || r.Echo.Fields["addressCity"].Text() != "Ulm" {
		t.Errorf("the good row is %s: %v", r.Status, r.Err)
	}
	if !fault.Is(got["missing"].Err, fault.Missing) {
		t.Errorf("a missing row is %v", got["missing"].Err)
	}
}

// A failure of the system in the middle of a batch leaves no row in doubt but
// the one that was under way.
func TestFailureInTheMiddle(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	if _, err := c.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	twin.AddFault(simkit.Fault{Kind: "server_error", PathPrefix: "/api/v1/Lead", Method: "POST", After: 1})
	var ops []connectors.Op
	for i := range 4 {
		ops = append(ops, create(strconv.Itoa(i), record.Fields{"lastName": text("L" + strconv.Itoa(i))}))
	}
	results, err := c.Write(t.Context(), ops)
	if !fault.Is(err, fault.OutcomeUnknown) {
		t.Errorf("the error is %v", err)
	}
	status := map[string]connectors.Status{}
	for _, r := range results {
		status[r.Op] = r.Status
		if r.Status == connectors.Rejected && !fault.As(r.Err).Class.Later() {
			t.Errorf("row %s will not be tried again: %v", r.Op, r.Err)
		}
	}
	if status["0"] != connectors.Applied || status["1"] != "" || status["2"] != connectors.Rejected || status["3"] != connectors.Rejected {
		t.Errorf("the rows are %v", status)
	}
}

// The parent of an activity is one of four references; a post goes to its stream.
func TestParents(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	lead := twin.Create("Lead", map[string]any{"lastName": "A"})
	contact := twin.Create("Contact", map[string]any{"lastName": "A"})
	ref := func(id string) record.Value { return record.Of(record.Reference, id) }
	made := connectortest.Write(t, c, connectors.Op{ID: "post", Kind: connectors.Create, Object: "Note", Fields: record.Fields{
		"post": record.Of(record.Text, "Clicked twice"), "parentLead": ref(lead),
	}})["post"]
	if twin.Text("Note", made.RemoteID, "parentType") != "Lead" || twin.Text("Note", made.RemoteID, "parentId") != lead {
		t.Errorf("the post is %s: %v", made.Status, made.Err)
	}
	call := connectortest.Write(t, c, connectors.Op{ID: "call", Kind: connectors.Create, Object: "Call", Fields: record.Fields{
		"name": text("Call back"), "parentLead": ref(lead),
		"dateStart": record.OfInstant(time.Date(2026, 3, 29, 1, 30, 0, 5, time.UTC)), "dateEnd": record.OfInstant(time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC)),
	}})["call"]
	if at := twin.Text("Call", call.RemoteID, "dateStart"); at != "2026-03-29 01:30:00" {
		t.Fatalf("the call is at %q: %v", at, call.Err)
	}
	moved := connectortest.Write(t, c, connectors.Op{ID: "move", Kind: connectors.Update, Object: "Call", RemoteID: call.RemoteID, Fields: record.Fields{
		"parentLead": record.NullOf(record.Reference), "parentContact": ref(contact),
	}})["move"]
	records, _ := connectortest.Drain(t, c, connectors.Query{Object: "Call", Fields: []string{"parentLead", "parentContact"}})
	if f := records[call.RemoteID].Fields; moved.Status != connectors.Applied || !f["parentLead"].IsNull() || f["parentContact"].Text() != contact {
		t.Errorf("moved to a contact: %v", f)
	}
}

func TestArchive(t *testing.T) {
	twin := start(t, espocrmsim.Options{})
	c := connect(t, twin)
	id := twin.Create("Lead", map[string]any{"lastName": "A"})
	remove := func(op string) connectors.Result {
		return connectortest.Write(t, c, connectors.Op{ID: op, Kind: connectors.Archive, Object: "Lead", RemoteID: id})[op]
	}
	if r := remove("first"); r.Status != connectors.Applied || twin.Count("Lead") != 0 {
		t.Errorf("deleting is %s: %v", r.Status, r.Err)
	}
	if r := remove("second"); !fault.Is(r.Err, fault.Missing) {
		t.Errorf("deleting what is not there is %s: %v", r.Status, r.Err)
	}
}
