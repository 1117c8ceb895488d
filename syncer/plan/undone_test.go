package plan_test

import (
	"testing"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// A map that for a while cannot tell the value changes nothing about what a
// person took back.
func TestWhatWasUndoneOutlivesAValueThatCannotBeMapped(t *testing.T) {
	t.Parallel()
	undone := ledger.Hold{
		HoldKey: ledger.HoldKey{Entity: "E1", System: "crm", Field: "name"}, Reason: ledger.Undone, Desired: str("n").Hash(), MapRev: "older",
	}
	in := input(record.Fields{"name": str("!n"), "city": str("c")}, link("crm", "Contact", "7", record.Fields{"F_name": str("x"), "F_city": str("y")}))
	in.Holds = []ledger.Hold{undone}
	p := planner(object("Contact", mirror("name", "city")))
	got := p.Entity(in)
	if len(got.Ended) > 0 || len(got.Blocked) != 1 || got.Blocked[0].New || got.Blocked[0].Reason != ledger.Undone {
		t.Errorf("blocked %+v, ended %v", got.Blocked, got.Ended)
	}
	in.Entity.Golden["name"] = str("n") // as it was when it was taken back
	if again := p.Entity(in); len(again.Ended) > 0 || len(again.Rows) != 1 || len(again.Rows[0].After) != 1 {
		t.Errorf("the value that was taken back: rows %+v, ended %v", again.Rows, again.Ended)
	}
	in.Entity.Golden["name"] = str("newer")
	if later := p.Entity(in); len(later.Ended) != 1 || len(later.Rows[0].After) != 2 {
		t.Errorf("another value: rows %+v, ended %v", later.Rows, later.Ended)
	}
}
