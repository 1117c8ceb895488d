package suitecrm_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/connectors/suitecrm/suitecrmsim"
	"github.com/tandem-sync/tandem/record"
)

// A row written is a call; what a batch of creates has to know beforehand costs
// one for four of them.
func TestWriteEconomy(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	c := connect(t, twin)
	ids := twin.Seed("Leads", 1000, time.Now(), func(i int) map[string]string {
		return map[string]string{"email1": "p" + strconv.Itoa(i) + "@example.com"}
	})
	if _, err := c.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	var updates, nameless, creates []connectors.Op
	for i, id := range ids {
		updates = append(updates, update("u"+id, id, record.Fields{"primary_address_city": text("Bonn")}))
		nameless = append(nameless, create("n"+id, record.Fields{"last_name": text("Lee")}))
		op := create("c"+id, record.Fields{"email1": email("new" + strconv.Itoa(i) + "@example.com"), "primary_address_city": text("Ulm")})
		op.Key = connectors.Key{Field: "email1", Value: "new" + strconv.Itoa(i) + "@example.com"}
		creates = append(creates, op)
	}
	for name, kind := range map[string]struct {
		ops  []connectors.Op
		most int64
	}{"updates": {updates, 1000}, "creates without an address": {nameless, 1000}, "creates": {creates, 1250}} {
		twin.ResetCounts()
		for i := 0; i < len(kind.ops); i += 40 {
			for op, r := range connectortest.Write(t, c, kind.ops[i:i+40]...) {
				if r.Status != connectors.Applied {
					t.Fatalf("%s is %s: %v", op, r.Status, r.Err)
				}
			}
		}
		counts := twin.Counts()
		t.Logf("1,000 %s: %d writes, %d reads", name, counts.Writes, counts.Reads)
		if counts.Writes != 1000 || counts.Total > kind.most {
			t.Errorf("%d calls for 1,000 %s, %d of them writes", counts.Total, name, counts.Writes)
		}
	}
}

// A create is sent again under its own id when its reply is lost, and made once.
func TestCreateAgain(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	c := connect(t, twin)
	if _, err := c.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	twin.AddFault(simkit.Fault{Kind: "reply_lost", Method: "POST", PathPrefix: "/Api/V8/module", Times: 1})
	r := connectortest.Write(t, c, create("one", record.Fields{"last_name": text("Lee")}))["one"]
	if r.Status != connectors.Applied || r.Echo.Fields["last_name"].Text() != "Lee" || twin.Count("Leads") != 1 {
		t.Errorf("the create is %s: %v; %d leads", r.Status, r.Err, twin.Count("Leads"))
	}
}

// A create is known again by the address or a field of the customer's own.
func TestKey(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	twin.AddField("Leads", suitecrmsim.Field{Name: "tandem_id_c", Type: "varchar", Len: 40})
	c := connect(t, twin)
	for _, key := range []connectors.Key{{Field: "tandem_id_c", Value: "E1"}, {Field: "email1", Value: "O'Brien@example.com"}} {
		op := create("first"+key.Field, record.Fields{"last_name": text("Lee")})
		op.Key = key
		id := connectortest.Write(t, c, op)[op.ID].RemoteID
		op.ID = "second" + key.Field
		if r := connectortest.Write(t, c, op)[op.ID]; id == "" || !r.Adopted || r.RemoteID != id {
			t.Errorf("%s: the second create is %+v", key.Field, r)
		}
		one, two := op, op
		one.ID, two.ID = "third"+key.Field, "fourth"+key.Field
		one.Key.Value, two.Key.Value = "x"+key.Value, "x"+key.Value
		if got := connectortest.Write(t, c, one, two); !got[two.ID].Adopted || got[two.ID].RemoteID != got[one.ID].RemoteID {
			t.Errorf("%s: twice in a batch is %+v", key.Field, got[two.ID])
		}
	}
	if n := twin.Count("Leads"); n != 4 {
		t.Errorf("there are %d leads", n)
	}
}

// A record made with the address of somebody who opted out would take that
// back, and a PATCH heeds no opt-out.
func TestOptOut(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	c := connect(t, twin)
	twin.Create("Contacts", map[string]string{"last_name": "Out", "email1": "out@example.com", "email_opt_out": "1"})
	bare := twin.Create("Leads", map[string]string{"last_name": "Bare"})
	in := twin.Create("Leads", map[string]string{"last_name": "In", "email1": "in@example.com"})
	got := connectortest.Write(t, c,
		create("made", record.Fields{"last_name": text("New"), "email1": email("Out@example.com"), "email_opt_out": record.OfBool(false)}),
	)
	if r := got["made"]; r.Status != connectors.Applied || !twin.OptedOut("out@example.com") {
		t.Errorf("a create took the opt-out back: %s %v", r.Status, r.Err)
	}
	out := record.OfBool(true)
	got = connectortest.Write(t, c,
		update("given", bare, record.Fields{"email1": email("OUT@example.com")}),
		update("out", in, record.Fields{"email_opt_out": out, "primary_address_city": text("Bonn")}),
		update("back", in, record.Fields{"email_opt_out": record.OfBool(false)}),
	)
	if got["given"].Status != connectors.Applied || !twin.OptedOut("out@example.com") {
		t.Errorf("a first address took the opt-out back: %v", got["given"].Err)
	}
	if r := got["out"]; r.Status != connectors.Applied || r.Echo.Fields["email_opt_out"] != out || !twin.OptedOut("in@example.com") {
		t.Errorf("an opt-out is %s: %v", r.Status, r.Err)
	}
	if r := got["back"]; r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Invalid) || !twin.OptedOut("in@example.com") {
		t.Errorf("taking an opt-out back is %s: %v", r.Status, r.Err)
	}
}

// An address that is there is not changed, unless the version can.
func TestChangedAddress(t *testing.T) {
	for _, mended := range []bool{false, true} {
		twin := start(t, suitecrmsim.Options{Mended: mended})
		c := connect(t, twin)
		id := twin.Create("Leads", map[string]string{"last_name": "A", "email1": "a@example.com"})
		got := connectortest.Write(t, c, update("alone", id, record.Fields{"email1": email("b@example.com")}))["alone"]
		if mended != (got.Status == connectors.Applied) || !mended && !fault.Is(got.Err, fault.Invalid) {
			t.Errorf("mended %t: a new address is %s: %v", mended, got.Status, got.Err)
		}
		got = connectortest.Write(t, c, update("both", id, record.Fields{"email1": email("c@example.com"), "primary_address_city": text("Ulm")}))["both"]
		if held := got.Echo.Fields["email1"].Text(); got.Status != connectors.Applied || mended != (held == "c@example.com") {
			t.Errorf("mended %t: with another field it is %s, held is %s", mended, got.Status, held)
		}
	}
}

// Texts are cut and lose entities, numbers are not read in the user's way,
// times are to the minute.
func TestValuesIn(t *testing.T) {
	twin := start(t, suitecrmsim.Options{Comma: true})
	c := connect(t, twin)
	if _, err := c.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	fields := record.Fields{
		"name": text("A very long name that goes on and on beyond its fifty"), "amount": record.Of(record.Decimal, "1234.5"),
		"sales_stage": record.Of(record.Enum, "Prospecting"), "date_closed": record.Of(record.Date, "2026-12-31"),
		"description": record.Of(record.Text, "R&amp;D <b>"), "next_step": record.NullOf(record.String),
	}
	r := connectortest.Write(t, c, connectors.Op{ID: "o", Kind: connectors.Create, Object: "Opportunities", Fields: fields})["o"]
	want := c.Canonical("Opportunities", fields)
	for name := range fields {
		if r.Status != connectors.Applied || r.Echo.Fields[name] != want[name] {
			t.Errorf("%s is held as %q, foretold was %q: %v", name, r.Echo.Fields[name].Text(), want[name].Text(), r.Err)
		}
	}
	at := time.Date(2026, 3, 29, 1, 30, 59, 0, time.UTC)
	lead := twin.Create("Leads", map[string]string{"last_name": "A"})
	call := connectors.Op{ID: "c", Kind: connectors.Create, Object: "Calls", Fields: record.Fields{
		"name": text("Call"), "date_start": record.OfInstant(at), "parent_lead": record.Of(record.Reference, lead), "duration_hours": record.OfInt(1),
	}}
	r = connectortest.Write(t, c, call)["c"]
	if f := r.Echo.Fields; f["date_start"] != record.OfInstant(at.Truncate(time.Minute)) || f["parent_lead"].Text() != lead || !f["parent_contact"].IsNull() {
		t.Errorf("the call is %v: %v", f, r.Err)
	}
	set := connectortest.Write(t, c, update("s", lead, record.Fields{"lawful_basis": record.OfSet("consent", "contract"), "do_not_call": record.OfBool(true)}))["s"]
	if set.Echo.Fields["lawful_basis"] != record.OfSet("contract", "consent") || set.Echo.Fields["do_not_call"] != record.OfBool(true) {
		t.Errorf("the set is %v", set.Echo.Fields)
	}
}

func TestRowErrors(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	c := connect(t, twin)
	id := twin.Create("Leads", map[string]string{"last_name": "A"})
	twin.AddFault(simkit.Fault{Kind: "row_error", Rows: []string{id}})
	got := connectortest.Write(t, c,
		update("bad", id, record.Fields{"primary_address_city": text("Ulm")}),
		create("good", record.Fields{"last_name": text("B")}),
		update("missing", "65f0c1d2-e3a4-b5c6-d7e8-f90a1b2c3d4e", record.Fields{"primary_address_city": text("Ulm")}),
	)
	if r := got["bad"]; r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Invalid) {
		t.Errorf("the bad row is %s: %v", r.Status, r.Err)
	}
	if got["good"].Status != connectors.Applied || !fault.Is(got["missing"].Err, fault.Missing) {
		t.Errorf("the good row is %v, the missing one %v", got["good"].Err, got["missing"].Err)
	}
	remove := connectors.Op{ID: "gone", Kind: connectors.Archive, Object: "Leads", RemoteID: id}
	if r := connectortest.Write(t, c, remove)["gone"]; r.Status != connectors.Applied {
		t.Errorf("deleting is %s: %v", r.Status, r.Err)
	}
	if r := connectortest.Write(t, c, remove)["gone"]; !fault.Is(r.Err, fault.Missing) {
		t.Errorf("deleting what is not there is %s: %v", r.Status, r.Err)
	}
}

// A failure in the middle of a batch leaves no row in doubt but its own.
func TestFailureInTheMiddle(t *testing.T) {
	twin := start(t, suitecrmsim.Options{})
	c := connect(t, twin)
	if _, err := c.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	twin.AddFault(simkit.Fault{Kind: "server_error", PathPrefix: "/Api/V8/module", Method: "POST", After: 1})
	var ops []connectors.Op
	for i := range 3 {
		ops = append(ops, create(strconv.Itoa(i), record.Fields{"last_name": text("L")}))
	}
	results, err := c.Write(t.Context(), ops)
	status := map[string]connectors.Status{}
	for _, r := range results {
		status[r.Op] = r.Status
	}
	if !fault.Is(err, fault.Transient) || status["0"] != connectors.Applied || status["1"] != "" || status["2"] != connectors.Rejected {
		t.Errorf("the rows are %v: %v", status, err)
	}
}
