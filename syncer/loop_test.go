package syncer_test

import (
	"errors"
	"testing"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
)

func TestALeadReachesSalesAndItsStatusComesBack(t *testing.T) {
	r := newRig(t)
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com"), "first": text("Ann"), "optout": no()})
	out := r.cycle()
	if out.Pushed.Created != 1 {
		t.Fatalf("created %d leads, want 1: %+v", out.Pushed.Created, out)
	}
	id, lead := r.right.only("leads")
	want(t, lead, "Email", "ann@example.com")
	want(t, lead, "FirstName", "Ann")
	if second := r.cycle(); second.Pushed.Applied != 0 {
		t.Errorf("the second cycle wrote %d rows, want none", second.Pushed.Applied)
	}
	r.right.edit("leads", id, record.Fields{"Status": word("working")})
	r.settle()
	want(t, r.left.get("contacts", "1"), "status", "working")
	if n := r.right.count("leads"); n != 1 {
		t.Errorf("%d leads, want 1", n)
	}
}

func TestTwoKnownRecordsAreLinkedByAddress(t *testing.T) {
	r := newRig(t)
	r.left.add("contacts", "1", record.Fields{"mail": mail("Ann@Example.com"), "first": text("Ann")})
	r.right.add("leads", "L1", record.Fields{"Email": mail("ann@example.com"), "Status": word("open")})
	r.settle()
	if l, n := r.left.count("contacts"), r.right.count("leads"); l != 1 || n != 1 {
		t.Fatalf("%d contacts and %d leads, want one each", l, n)
	}
	want(t, r.left.get("contacts", "1"), "status", "open")
	want(t, r.right.get("leads", "L1"), "FirstName", "Ann")
}

func TestTheOwnerOfAFieldWinsAndOthersAreReverted(t *testing.T) {
	r := newRig(t)
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com")})
	r.right.add("leads", "L1", record.Fields{"Email": mail("ann@example.com"), "Status": word("open")})
	r.settle()
	r.left.edit("contacts", "1", record.Fields{"status": word("wrong")})
	r.settle()
	want(t, r.left.get("contacts", "1"), "status", "open")
	want(t, r.right.get("leads", "L1"), "Status", "open")
}

func TestAnOptOutWinsEverywhereAndStays(t *testing.T) {
	r := newRig(t)
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com"), "optout": no()})
	r.right.add("leads", "L1", record.Fields{"Email": mail("ann@example.com"), "OptOut": no()})
	r.settle()
	r.right.edit("leads", "L1", record.Fields{"OptOut": yes()})
	r.settle()
	want(t, r.left.get("contacts", "1"), "optout", "true")
	r.left.edit("contacts", "1", record.Fields{"optout": no()})
	r.settle()
	want(t, r.left.get("contacts", "1"), "optout", "true")
	want(t, r.right.get("leads", "L1"), "OptOut", "true")
}

func TestAClearTravels(t *testing.T) {
	r := newRig(t)
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com"), "first": text("Ann")})
	r.settle()
	r.left.edit("contacts", "1", record.Fields{"first": record.NullOf(record.String)})
	r.settle()
	if _, lead := r.right.only("leads"); lead["FirstName"].IsPresent() {
		t.Error("the cleared name is still there")
	}
}

func TestAReplyLostAfterACreateMakesNoSecondRecord(t *testing.T) {
	r := newRig(t)
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com"), "first": text("Ann")})
	lost := false
	r.right.onWrite = func(connectors.Op) (error, error) {
		if lost {
			return nil, nil
		}
		lost = true
		return nil, fault.New(fault.OutcomeUnknown, fault.ScopeCall, "the connection was cut")
	}
	r.settle()
	if n := r.right.count("leads"); n != 1 {
		t.Fatalf("%d leads, want 1", n)
	}
}

func TestOneBadRowDoesNotStopItsBatch(t *testing.T) {
	r := newRig(t)
	for _, n := range []string{"a", "b", "c", "d", "e"} {
		r.left.add("contacts", n, record.Fields{"mail": mail(n + "@example.com"), "first": text(n)})
	}
	r.right.onBatch = func(ops []connectors.Op) error {
		for _, op := range ops {
			if op.Fields["Email"].Text() == "c@example.com" {
				return &fault.Error{Class: fault.Invalid, Scope: fault.ScopeBatch, Code: "INVALID"}
			}
		}
		return nil
	}
	out := r.cycle()
	if out.Pushed.Created != 4 || out.Pushed.Rejected != 1 {
		t.Fatalf("created %d and rejected %d, want 4 and 1", out.Pushed.Created, out.Pushed.Rejected)
	}
	writes := r.right.writes
	r.cycle()
	if r.right.writes != writes {
		t.Error("the refused row was sent again though nothing changed")
	}
	r.left.edit("contacts", "c", record.Fields{"mail": mail("c2@example.com")})
	r.settle()
	if n := r.right.count("leads"); n != 5 {
		t.Errorf("%d leads after the correction, want 5", n)
	}
}

func TestAnObjectThatCannotBeReadIsNotWritten(t *testing.T) {
	r := newRig(t)
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com"), "first": text("Ann")})
	r.right.onRead = func(string) error { return errors.New("down") }
	out := r.cycle()
	if r.right.count("leads") != 0 || out.Outcome != "failed" {
		t.Fatalf("outcome %s with %d leads, want failed and none", out.Outcome, r.right.count("leads"))
	}
	r.right.onRead = nil
	r.settle()
	if r.right.count("leads") != 1 {
		t.Error("the lead never arrived")
	}
}

func TestAnAutomationThatRewritesIsNotFought(t *testing.T) {
	r := newRig(t)
	r.right.automation = func(rec *connectors.Record) {
		rec.Fields["FirstName"] = text("MR " + rec.Fields["FirstName"].Text()[max(0, len(rec.Fields["FirstName"].Text())-3):])
	}
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com"), "first": text("Ann")})
	r.settle()
	if r.right.writes > 4 {
		t.Errorf("%d writes against an automation", r.right.writes)
	}
}

func TestADeletedRecordIsNotMadeAgain(t *testing.T) {
	r := newRig(t)
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com"), "first": text("Ann")})
	r.settle()
	id, _ := r.right.only("leads")
	r.right.remove("leads", id, connectors.Gone{Kind: connectors.GoneDeleted})
	r.sweep()
	r.left.edit("contacts", "1", record.Fields{"first": text("Anne")})
	r.settle()
	if n := r.right.count("leads"); n != 0 {
		t.Errorf("%d leads, want none: deletion is respected", n)
	}
}

func TestBothSidesEditedTheLaterWins(t *testing.T) {
	r := newRig(t)
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com"), "first": text("Ann")})
	r.settle()
	id, _ := r.right.only("leads")
	r.right.edit("leads", id, record.Fields{"FirstName": text("Anna")})
	r.cycle()
	r.left.edit("contacts", "1", record.Fields{"first": text("Annette")})
	r.settle()
	_, lead := r.right.only("leads")
	want(t, lead, "FirstName", "Annette")
	want(t, r.left.get("contacts", "1"), "first", "Annette")
}

func TestARememberedDecisionIsMadeAgain(t *testing.T) {
	r := newRig(t)
	r.right.onWrite = func(op connectors.Op) (error, error) {
		if op.Fields["FirstName"].Text() == "bad" {
			return &fault.Error{Class: fault.Invalid, Scope: fault.ScopeRow, Code: "BAD_NAME"}, nil
		}
		return nil, nil
	}
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com"), "first": text("bad")})
	if out := r.cycle(); out.Pushed.Rejected != 1 {
		t.Fatalf("%+v", out.Pushed)
	}
	if held := r.plan().Held; held["right: BAD_NAME"] != 1 || len(held) != 1 {
		t.Errorf("the plan tells %v as held back", held)
	}
	tried := r.right.writes
	if err := syncer.Remember(t.Context(), r.ledger, "BAD_NAME", syncer.Retry); err != nil {
		t.Fatal(err)
	}
	r.cycle()
	if r.right.writes != tried+1 {
		t.Errorf("%d further tries, want one", r.right.writes-tried)
	}
	if err := syncer.Forget(t.Context(), r.ledger, "BAD_NAME"); err != nil {
		t.Fatal(err)
	}
	r.cycle()
	if r.right.writes != tried+1 {
		t.Error("a forgotten decision was made again")
	}
}

func TestAFieldSomebodyElseWritesIsOnlyObserved(t *testing.T) {
	r := newRig(t)
	r.engine.Systems[1].Objects[0].Observe = []string{"FirstName"}
	r.left.add("contacts", "1", record.Fields{"mail": mail("ann@example.com"), "first": text("Ann")})
	r.right.add("leads", "L1", record.Fields{"Email": mail("ann@example.com"), "FirstName": text("A.")})
	r.settle()
	for range 3 { // the rival writes its own value again and again
		r.right.editAs("leads", "L1", record.Fields{"FirstName": text("RIVAL")}, record.ActorIntegration)
		writes := r.right.writes
		r.settle()
		if r.right.writes != writes {
			t.Fatal("the observed field was written")
		}
	}
	want(t, r.right.get("leads", "L1"), "FirstName", "RIVAL")
	r.left.add("contacts", "2", record.Fields{"mail": mail("bo@example.com"), "first": text("Bo")})
	r.settle()
	want(t, r.right.get("leads", "r001"), "FirstName", "Bo") // a new record is whole
}
