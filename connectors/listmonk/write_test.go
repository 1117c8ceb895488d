package listmonk_test

import (
	"slices"
	"testing"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/listmonk/listmonksim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
)

// A thousand updates cost a call each and one for twenty of them, and so do as
// many creates.
func TestWriteEconomy(t *testing.T) {
	for twin, c := range both(t, "") {
		var updates, creates []connectors.Op
		for i, id := range twin.Seed(1000, twin.Clock().Now(), addresses) {
			updates = append(updates, update(itoa(id), id, record.Fields{"attribs.city": text("Bonn")}))
			creates = append(creates, create(itoa(id), record.Fields{"email": email("new" + addresses(i))}))
		}
		if _, err := c.Describe(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, ops := range map[string][]connectors.Op{"updates": updates, "creates": creates} {
			twin.ResetCounts()
			for op, r := range connectortest.Write(t, c, ops...) {
				if r.Status != connectors.Applied {
					t.Fatalf("%s is %s: %v", op, r.Status, r.Err)
				}
			}
			if calls := twin.Counts().Total; calls > 1100 {
				t.Errorf("%d calls for 1,000 %s", calls, name)
			}
		}
		if twin.Count() != 2000 {
			t.Errorf("%d subscribers", twin.Count())
		}
	}
}

// A write changes what it names and leaves the rest, though listmonk replaces
// the whole subscriber.
func TestUpdateKeepsTheRest(t *testing.T) {
	for twin, c := range both(t, "") {
		lists := []int64{twin.AddList("One", "single"), twin.AddList("Two", "single")}
		id := twin.Seed(1, twin.Clock().Now(), addresses)[0]
		twin.Subscribe(id, lists[0], "confirmed")
		twin.Subscribe(id, lists[1], "unsubscribed")
		twin.Edit(id, "shoe", 44)
		twin.Edit(id, "crm.owner", "Olive")
		twin.Edit(id, "city", "Ulm")
		r := connectortest.Write(t, c, update("op", id, record.Fields{
			"attribs.crm.stage": record.Of(record.Enum, "won"), "attribs.city": record.NullOf(record.String), "attribs.age": record.OfInt(7),
			"attribs.tags": record.OfSet("a", "b"), "attribs.vip": record.OfBool(false),
		}))["op"]
		if r.Status != connectors.Applied || r.Echo.Fields["attribs.age"] != record.OfInt(7) {
			t.Fatalf("%s: %v", r.Status, r.Err)
		}
		s, _ := twin.Get(id)
		crm, _ := s.Attribs["crm"].(map[string]any)
		if _, there := s.Attribs["city"]; there || s.Attribs["shoe"] == nil || crm["owner"] != "Olive" || crm["stage"] != "won" || s.Attribs["vip"] != false {
			t.Errorf("the attributes are %v", s.Attribs)
		}
		if s.Lists[lists[0]] != "confirmed" || s.Lists[lists[1]] != "unsubscribed" || s.Name != "Somebody" || s.Status != "enabled" {
			t.Errorf("the rest is %+v", s)
		}
	}
}

// A create never takes another's subscriber for its own.
func TestCreate(t *testing.T) {
	for twin, c := range both(t, "lists: [1]\nconfirmed: true\n") {
		list := twin.AddList("News", "double")
		old := twin.Seed(1, twin.Clock().Now(), addresses)[0]
		keyed := create("keyed", record.Fields{"attribs.city": text("Bonn")})
		keyed.Key = connectors.Key{Field: "email", Value: "P0@example.com"}
		got := connectortest.Write(t, c,
			create("taken", record.Fields{"email": email("P0@example.com "), "attribs.city": text("Bonn")}), keyed,
			create("new", record.Fields{"email": email("New@example.com"), "name": text(" Ada Neu ")}),
			create("twice", record.Fields{"email": email("new@example.com")}),
			create("out", record.Fields{"email": email("out@example.com"), "email_opt_out": record.OfBool(true)}),
			create("bad", record.Fields{"email": email("nobody")}),
		)
		if r := got["taken"]; !fault.Is(r.Err, fault.Conflict) || fault.As(r.Err).Existing != itoa(old) {
			t.Errorf("the address of another is %s: %v", r.Status, r.Err)
		}
		if r := got["keyed"]; !r.Adopted || r.RemoteID != itoa(old) {
			t.Errorf("a create done before is %+v", r)
		}
		if s, _ := twin.Get(old); len(s.Attribs) != 0 || len(s.Lists) != 0 {
			t.Errorf("the subscriber there was changed: %+v", s)
		}
		s, _ := twin.Get(number(got["new"].RemoteID))
		if s.Email != "new@example.com" || s.Name != "Ada Neu" || s.Lists[list] != "confirmed" {
			t.Errorf("made was %+v: %v", s, got["new"].Err)
		}
		if r := got["twice"]; !fault.Is(r.Err, fault.Conflict) || fault.As(r.Err).Existing != got["new"].RemoteID {
			t.Errorf("the second of one address is %s: %v", r.Status, r.Err)
		}
		if s, _ := twin.Get(number(got["out"].RemoteID)); s.Status != "blocklisted" || s.Lists[list] != "unsubscribed" || s.Name != "out" {
			t.Errorf("made opted out was %+v", s)
		}
		if r := got["bad"]; r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Invalid) {
			t.Errorf("a bad address is %s: %v", r.Status, r.Err)
		}
	}
}

// Somebody else makes the subscriber between the look and the create.
func TestCreatedMeanwhile(t *testing.T) {
	for version, class := range map[int]fault.Class{1: fault.Unclassified, 6: fault.Conflict} {
		twin := listmonksim.New(listmonksim.Options{Version: version})
		c := connect(t, twin, version)
		twin.AddFault(simkit.Fault{Kind: "created_meanwhile"})
		r := connectortest.Write(t, c, create("op", record.Fields{"email": email("a@example.com")}))["op"]
		if version == 1 && !r.Adopted || version == 6 && (!fault.Is(r.Err, class) || fault.As(r.Err).Existing == "") {
			t.Errorf("version %d: %+v", version, r)
		}
	}
}

// An opt-out blocklists and is never taken back, not even by a write that knew
// the subscriber before.
func TestOptOut(t *testing.T) {
	for twin, c := range both(t, "") {
		list := twin.AddList("News", "double")
		ids := twin.Seed(2, twin.Clock().Now(), addresses)
		twin.Subscribe(ids[0], list, "unconfirmed")
		if r := connectortest.Write(t, c, update("out", ids[0], optOut()))["out"]; r.Status != connectors.Applied || !optedOut(*r.Echo) {
			t.Fatalf("opting out is %s: %v", r.Status, r.Err)
		}
		in := record.Fields{"email_opt_out": record.OfBool(false), "attribs.city": text("Bonn")}
		if r := connectortest.Write(t, c, update("in", ids[0], in))["in"]; r.Status != connectors.Rejected {
			t.Errorf("taking it back is %s", r.Status)
		}
		if r := connectortest.Write(t, c, update("edit", ids[0], record.Fields{"attribs.city": text("Ulm")}))["edit"]; r.Status != connectors.Applied {
			t.Errorf("another change is %s: %v", r.Status, r.Err)
		}
		if s, _ := twin.Get(ids[0]); s.Status != "blocklisted" || s.Lists[list] != "unsubscribed" || s.Attribs["city"] != "Ulm" {
			t.Errorf("held is %+v", s)
		}
		if len(twin.Mails()) != 0 {
			t.Error("a mail was sent")
		}
		if r := connectortest.Write(t, c, update("no", ids[1], in))["no"]; r.Status != connectors.Applied {
			t.Errorf("saying no to no opt-out is %s: %v", r.Status, r.Err)
		}
	}
}

// listmonk asks for a confirmation again whenever a subscriber is changed who
// has not given it.
func TestUnconfirmed(t *testing.T) {
	for _, allowed := range []bool{false, true} {
		more := map[bool]string{true: "update_unconfirmed: true\n"}[allowed]
		for twin, c := range both(t, more) {
			list := twin.AddList("News", "double")
			id := twin.Seed(1, twin.Clock().Now(), addresses)[0]
			twin.Subscribe(id, list, "unconfirmed")
			r := connectortest.Write(t, c, update("op", id, record.Fields{"attribs.city": text("Bonn")}))["op"]
			if (r.Status == connectors.Applied) != allowed || len(twin.Mails()) > 0 != allowed || !allowed && fault.As(r.Err).Next == "" {
				t.Errorf("allowed %t: %s, %d mails: %v", allowed, r.Status, len(twin.Mails()), r.Err)
			}
		}
	}
}

func TestUpdateRefused(t *testing.T) {
	for twin, c := range both(t, "") {
		ids := twin.Seed(3, twin.Clock().Now(), addresses)
		twin.Delete(ids[2])
		got := connectortest.Write(t, c,
			update("steal", ids[0], record.Fields{"email": email("p1@example.com")}),
			update("keep", ids[1], record.Fields{"email": email("P1@Example.com"), "name": text("Bea")}),
			update("nameless", ids[1], record.Fields{"name": record.NullOf(record.String)}),
			update("homeless", ids[1], record.Fields{"email": record.NullOf(record.Email)}),
			update("fixed", ids[1], record.Fields{"status": record.Of(record.Enum, "enabled")}),
			update("gone", ids[2], record.Fields{"name": text("Cleo")}),
		)
		for op, want := range map[string]fault.Class{
			"steal": fault.Conflict, "nameless": fault.Invalid, "homeless": fault.Invalid, "fixed": fault.Invalid, "gone": fault.Missing,
		} {
			if r := got[op]; r.Status != connectors.Rejected || !fault.Is(r.Err, want) {
				t.Errorf("%s is %s: %v", op, r.Status, r.Err)
			}
		}
		if s, _ := twin.Get(ids[1]); got["keep"].Status != connectors.Applied || s.Name != "Bea" {
			t.Errorf("keeping one's own address is %s: %v", got["keep"].Status, got["keep"].Err)
		}
	}
}

func TestArchive(t *testing.T) {
	for twin, c := range both(t, "") {
		ids := twin.Seed(30, twin.Clock().Now(), addresses)
		var ops []connectors.Op
		for _, id := range ids[:25] {
			ops = append(ops, connectors.Op{ID: itoa(id), Kind: connectors.Archive, Object: "subscribers", RemoteID: itoa(id)})
		}
		twin.Delete(ids[0]) // gone already, which listmonk does not mind
		twin.ResetCounts()
		if got := connectortest.Write(t, c, ops...); len(got) != 25 || twin.Count() != 5 || twin.Counts().Writes != 2 {
			t.Errorf("%d results, %d left, %d calls", len(got), twin.Count(), twin.Counts().Writes)
		}
	}
}

func TestCanonical(t *testing.T) {
	_, c := newest(t)
	got := c.Canonical("subscribers", record.Fields{"email": email(" Ada@Example.com "), "name": text(" Ada "), "attribs.city": text(" Bonn ")})
	want := record.Fields{"email": email("ada@example.com"), "name": text("Ada"), "attribs.city": text(" Bonn ")}
	if diff := got.Diff(want); len(diff) > 0 || slices.Contains(got.Names(), "status") {
		t.Errorf("%v differ: %v", diff, got)
	}
}
