package mautic_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/mautic/mauticsim"
	"github.com/tandem-sync/tandem/record"
)

// A thousand updates are five batches.
func TestWriteEconomy(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	ids := twin.Seed("contacts", 1000, time.Now(), func(i int) map[string]string {
		return map[string]string{"email": "p" + strconv.Itoa(i) + "@example.com"}
	})
	if _, err := c.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	var updates, creates []connectors.Op
	for i, id := range ids {
		updates = append(updates, update("u"+id, id, record.Fields{"city": text("Bonn"), "email_opt_out": record.OfBool(i%2 == 0).WithKind(record.Boolean)}))
		if i%2 == 1 {
			delete(updates[i].Fields, "email_opt_out")
		}
		creates = append(creates, create("c"+id, record.Fields{"email": email("new" + strconv.Itoa(i) + "@example.com"), "city": text("Ulm")}))
	}
	twin.ResetCounts()
	for op, r := range connectortest.Write(t, c, updates...) {
		if r.Status != connectors.Applied {
			t.Fatalf("%s is %s: %v", op, r.Status, r.Err)
		}
	}
	if floor, calls := 5, twin.Counts().Total; float64(calls) > 1.2*float64(floor) {
		t.Errorf("%d calls for 1,000 updates, the floor is %d", calls, floor)
	}
	twin.ResetCounts()
	connectortest.Write(t, c, creates...)
	counts := twin.Counts()
	if n := twin.Count("contacts"); n != 2000 || counts.Writes != 5 || counts.Reads > 15 {
		t.Errorf("%d contacts after %d writes and %d look-ups", n, counts.Writes, counts.Reads)
	}
}

// Creating a contact whose address exists would overwrite the one there is.
func TestCreateOverwritesNobody(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	id := twin.Create("contacts", map[string]string{"email": "o'brien@example.com", "city": "Cork"})
	got := connectortest.Write(t, c,
		create("taken", record.Fields{"email": email("O'Brien@example.com"), "city": text("Bonn")}),
		create("first", record.Fields{"email": email("a@example.com")}),
		create("twice", record.Fields{"email": email("A@example.com"), "city": text("Ulm")}),
	)
	if r := got["taken"]; r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Conflict) || fault.As(r.Err).Existing != id {
		t.Errorf("the address of another is %s: %v", r.Status, r.Err)
	}
	if r := got["twice"]; got["first"].Status != connectors.Applied || r.Status != connectors.Rejected {
		t.Errorf("two rows with one address are %s and %s", got["first"].Status, r.Status)
	}
	if fields, _ := twin.Get("contacts", id); fields["city"] != "Cork" || twin.Count("contacts") != 2 {
		t.Errorf("the contact there was overwritten: %v", fields)
	}
}

// Giving a contact the address of another would merge the two.
func TestEditMergesNobody(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	a := twin.Create("contacts", map[string]string{"email": "a@example.com"})
	b := twin.Create("contacts", map[string]string{"email": "b@example.com"})
	got := connectortest.Write(t, c,
		update("steal", a, record.Fields{"email": email("b@example.com")}),
		update("keep", b, record.Fields{"email": email("b@example.com"), "city": text("Bonn")}),
	)
	if r := got["steal"]; !fault.Is(r.Err, fault.Conflict) || fault.As(r.Err).Existing != b {
		t.Errorf("taking another's address is %s: %v", r.Status, r.Err)
	}
	if r := got["keep"]; r.Status != connectors.Applied || twin.Count("contacts") != 2 {
		t.Errorf("keeping one's own is %s: %v; %d contacts", r.Status, r.Err, twin.Count("contacts"))
	}
}

// A create done before is found by its key and not done again.
func TestCreateByKey(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	twin.AddField("contacts", mauticsim.Field{Alias: "tandem_id", Type: "text", Unique: true})
	c := connect(t, twin)
	op := create("one", record.Fields{"email": email("a@example.com"), "city": text("Bonn")})
	op.Key = connectors.Key{Field: "tandem_id", Value: "E1"}
	id := connectortest.Write(t, c, op)["one"].RemoteID
	twin.Edit("contacts", id, map[string]string{"city": "Ulm"})
	op.ID = "two"
	r := connectortest.Write(t, c, op)["two"]
	if fields, _ := twin.Get("contacts", id); !r.Adopted || r.RemoteID != id || fields["city"] != "Ulm" || fields["tandem_id"] != "E1" {
		t.Errorf("the second create is %+v, the contact %v", r, fields)
	}
}

// Mautic drops zeros and blanks that it is sent.
func TestZerosAndBlanks(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	for _, f := range []mauticsim.Field{{Alias: "vip", Type: "boolean"}, {Alias: "employees", Type: "number"}, {Alias: "rate", Type: "number", Scale: 2}} {
		twin.AddField("contacts", f)
	}
	c := connect(t, twin)
	id := twin.Create("contacts", map[string]string{"email": "a@example.com", "vip": "1", "employees": "5", "rate": "3", "city": "Bonn", "state": "Hesse"})
	zeros := record.Fields{"vip": record.OfBool(false), "employees": record.OfInt(0), "city": record.NullOf(record.String)}
	if r := connectortest.Write(t, c, update("zero", id, zeros))["zero"]; r.Status != connectors.Applied {
		t.Fatal(r.Err)
	}
	held, _ := twin.Get("contacts", id)
	if held["vip"]+held["employees"]+held["city"] != "" || held["state"] != "Hesse" {
		t.Errorf("held are %v", held)
	}
	for name, v := range c.Canonical("contacts", zeros) {
		if !v.IsNull() {
			t.Errorf("%s is said to be held as %v", name, v)
		}
	}
	r := connectortest.Write(t, c, update("small", id, record.Fields{"rate": record.Of(record.Decimal, "0.5")}))["small"]
	if f := fault.As(r.Err); r.Status != connectors.Rejected || f.Field != "rate" || f.Next == "" {
		t.Errorf("a number below one is %s: %v", r.Status, r.Err)
	}
	if held, _ := twin.Get("contacts", id); held["rate"] != "3" {
		t.Errorf("the number was lost")
	}
}

func TestCanonical(t *testing.T) {
	c := connect(t, start(t, mauticsim.Options{}))
	at := time.Date(2026, 1, 2, 3, 4, 59, 0, time.UTC)
	got := c.Canonical("contacts", record.Fields{"city": text("  Bonn "), "seen": record.OfInstant(at), "zip": text("0000"), "name": text("0x")})
	want := record.Fields{
		"city": text("Bonn"), "seen": record.OfInstant(at.Truncate(time.Minute)), "zip": record.NullOf(record.String), "name": text("0x"),
	}
	if diff := got.Diff(want); len(diff) > 0 {
		t.Errorf("%v differ: %v", diff, got)
	}
}

// Opt-outs go with the batch; a version that does not heed them there is asked
// once more for each. They are never taken back.
func TestOptOut(t *testing.T) {
	for _, deaf := range []bool{false, true} {
		twin := start(t, mauticsim.Options{IgnoreBatchOptOut: deaf})
		c := connect(t, twin)
		id := twin.Create("contacts", map[string]string{"email": "a@example.com"})
		out := record.Fields{"email_opt_out": record.OfBool(true)}
		r := connectortest.Write(t, c, update("out", id, out))["out"]
		if r.Status != connectors.Applied || twin.OptedOut(id, "email") != 3 {
			t.Errorf("deaf %t: %s, reason %d", deaf, r.Status, twin.OptedOut(id, "email"))
		}
		r = connectortest.Write(t, c, update("in", id, record.Fields{"email_opt_out": record.OfBool(false)}))["in"]
		if r.Status != connectors.Rejected || twin.OptedOut(id, "email") != 3 {
			t.Errorf("taking it back is %s", r.Status)
		}
		r = connectortest.Write(t, c, create("new", record.Fields{"email": email("b@example.com"), "email_opt_out": record.OfBool(true)}))["new"]
		if twin.OptedOut(r.RemoteID, "email") != 3 {
			t.Errorf("deaf %t: a contact made is not opted out", deaf)
		}
	}
}

// The errors of a batch stand under the places of their rows.
func TestRowErrors(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	got := connectortest.Write(t, c,
		create("bad", record.Fields{"email": email("no address"), "city": text("Bonn")}),
		create("good", record.Fields{"email": email("a@example.com"), "city": text("Ulm")}),
		create("worse", record.Fields{"email": email("none"), "city": text("Ulm")}),
	)
	if r := got["bad"]; r.Status != connectors.Rejected || fault.As(r.Err).Field != "email" {
		t.Errorf("the bad row is %s: %v", r.Status, r.Err)
	}
	if r := got["good"]; r.Status != connectors.Applied || r.Echo.Fields["city"].Text() != "Ulm" || got["worse"].Status != connectors.Rejected {
		t.Errorf("the good row is %s: %v", r.Status, r.Err)
	}
}

func TestArchive(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	id := twin.Create("companies", map[string]string{"companyname": "Acme"})
	remove := func(id string) connectors.Result {
		return connectortest.Write(t, c, connectors.Op{ID: id, Kind: connectors.Archive, Object: "companies", RemoteID: id})[id]
	}
	if r := remove(id); r.Status != connectors.Applied || twin.Count("companies") != 0 {
		t.Errorf("deleting is %s: %v", r.Status, r.Err)
	}
	if r := remove("99"); !fault.Is(r.Err, fault.Missing) {
		t.Errorf("deleting what is not there is %s: %v", r.Status, r.Err)
	}
}

func TestCompanies(t *testing.T) {
	twin := start(t, mauticsim.Options{})
	c := connect(t, twin)
	company := func(op, name string) connectors.Result {
		return connectortest.Write(t, c, connectors.Op{ID: op, Kind: connectors.Create, Object: "companies", Fields: record.Fields{
			"companyname": text(name), "companynumber_of_employees": record.OfInt(0),
		}})[op]
	}
	first := company("one", "Acme")
	if second := company("two", "ACME"); !fault.Is(second.Err, fault.Conflict) || fault.As(second.Err).Existing != first.RemoteID {
		t.Errorf("a second company of one name is %s: %v", second.Status, second.Err)
	}
	if held, _ := twin.Get("companies", first.RemoteID); held["companynumber_of_employees"] != "0" {
		t.Errorf("a zero is held as %q", held["companynumber_of_employees"])
	}
	records, _ := connectortest.Drain(t, c, query("companies", "companyname"))
	if records[first.RemoteID].Fields["companyname"].Text() != "Acme" {
		t.Errorf("read %v", records)
	}
}

func TestVerify(t *testing.T) {
	c := connect(t, start(t, mauticsim.Options{}), "webhook_secret: '${env:HOOK}'\n")
	open := connect(t, start(t, mauticsim.Options{}))
	body := `{"mautic.lead_post_save_update":[{"contact":{"id":12},"timestamp":"2026-01-02T03:04:05+00:00"}],` +
		`"mautic.email_on_open":[{"stat":{"id":4,"lead":{"id":13}}}],"mautic.lead_post_delete":[{"id":14,"contact":{"id":null}}],"mautic.company_post_save":{"0":{"company":{"id":"5"}}}}`
	sign := func(secret, body string) http.Header {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(body))
		return http.Header{"Webhook-Signature": {base64.StdEncoding.EncodeToString(mac.Sum(nil))}}
	}
	n, err := c.Verify(connectors.Delivery{Body: []byte(body), Header: sign("hook-secret", body)})
	if err != nil {
		t.Fatal(err)
	}
	want := map[connectors.Hint]bool{
		{Object: "contacts", ID: "12"}: true, {Object: "contacts", ID: "13"}: true, {Object: "contacts", ID: "14"}: true, {Object: "companies", ID: "5"}: true,
	}
	for _, h := range n.Hints {
		delete(want, h)
	}
	if len(want) > 0 || len(n.Hints) != 4 {
		t.Errorf("the hints are %v", n.Hints)
	}
	for name, d := range map[string]struct {
		c      system
		header http.Header
	}{
		"another secret":         {c, sign("other", body)},
		"altered":                {c, sign("hook-secret", body+" ")},
		"none":                   {c, nil},
		"signed with nothing":    {open, sign("", body)},
		"not the way it is sent": {c, http.Header{"Webhook-Signature": {"%%%"}}},
	} {
		if _, err := d.c.Verify(connectors.Delivery{Body: []byte(body), Header: d.header}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
