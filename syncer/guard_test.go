package syncer_test

import (
	"testing"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
)

// Counts run over the cycles of an hour, so that a slow flood trips too.
func TestBreakersCountOverAnHour(t *testing.T) {
	for rule, test := range map[string]struct {
		guard syncer.Guard
		edit  record.Fields // of a contact, which makes one write of the kind
	}{
		"opt_outs": {syncer.Guard{OptOuts: syncer.Limit{Count: 1}}, record.Fields{"optout": yes()}},
		"clears":   {syncer.Guard{Clears: syncer.Limit{Count: 1}}, record.Fields{"first": record.NullOf(record.String)}},
		"billable": {syncer.Guard{Billable: syncer.Limit{Count: 1}}, record.Fields{"optout": yes()}},
	} {
		t.Run(rule, func(t *testing.T) {
			r := newRig(t)
			r.engine.Guard = test.guard
			if rule == "billable" {
				r.right.billed = "OptOut"
			}
			for _, id := range []string{"1", "2"} {
				r.left.add("contacts", id, record.Fields{"mail": mail("p" + id + "@example.com"), "first": text("Ann"), "optout": no()})
			}
			r.settle()
			r.left.edit("contacts", "1", test.edit)
			if out := r.cycle(); out.Outcome != "ok" || out.Pushed.Updated != 1 {
				t.Fatalf("the first: %+v", out)
			}
			r.left.edit("contacts", "2", test.edit)
			out := r.cycle()
			if out.Outcome != "tripped" || len(out.Tripped) != 1 || out.Tripped[0].Rule != rule {
				t.Fatalf("the second within the hour: %+v", out)
			}
			r.clock = r.clock.Add(2 * 60 * 60 * 1e9)
			if out := r.cycle(); out.Outcome != "ok" {
				t.Errorf("after the hour: %+v", out)
			}
		})
	}
}

func TestAPlanCountsWhatTheVendorBills(t *testing.T) {
	r := newRig(t)
	r.right.billed = "OptOut"
	for id, out := range map[string]record.Value{"1": yes(), "2": no(), "3": yes()} {
		r.left.add("contacts", id, record.Fields{"mail": mail("p" + id + "@example.com"), "optout": out})
	}
	// One of them is billed already.
	r.right.add("leads", "L3", record.Fields{"Email": mail("p3@example.com"), "OptOut": yes()})
	p := r.plan()
	for _, total := range p.Totals {
		want := 0
		if total.System == "right" {
			want = 1
		}
		if total.Billable != want {
			t.Errorf("%s: %d billable, want %d", total.System, total.Billable, want)
		}
	}
}
