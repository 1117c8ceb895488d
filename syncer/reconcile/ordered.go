package reconcile

import (
	"slices"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// maximum lets the greater number, day or instant win.
//
//	incoming less or cleared    -> golden stays; written back unless others: leave
//	incoming blank, no base     -> golden stays, and fills the blank
//	incoming greater            -> taken
//	golden blank                -> taken
//	not comparable              -> held
func maximum(e edit) verdict {
	switch {
	case blank(e.incoming) && e.known && e.policy.Others == Leave && !blank(e.golden):
		return leave("less than the greatest seen")
	case blank(e.incoming):
		return keep()
	case blank(e.golden):
		return take(e, "max")
	}
	order, ok := compare(e.incoming, e.golden)
	switch {
	case !ok:
		return verdict{held: ledger.Manual, cause: "cannot be compared", detail: "max needs numbers, amounts of one currency, days or instants"}
	case order > 0:
		return take(e, "max")
	case e.policy.Others == Leave:
		return leave("less than the greatest seen")
	default:
		return keep()
	}
}

func compare(a, b record.Value) (int, bool) {
	if ta, ok := a.Time(); ok {
		tb, ok := b.Time()
		return ta.Compare(tb), ok && a.Kind() == b.Kind()
	}
	if minor, code, ok := a.Money(); ok {
		other, otherCode, ok := b.Money()
		return cmpInt(minor, other), ok && code == otherCode
	}
	da, oka := a.Decimal()
	db, okb := b.Decimal()
	return da.Cmp(db), oka && okb
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}

// ratchet lets ordered stages only advance.
//
//	golden blank, incoming in Order    -> taken
//	incoming blank                     -> golden stays, is written back
//	incoming later in Order            -> taken
//	incoming earlier, listed in Back, a base is known -> taken (recycle)
//	incoming earlier otherwise         -> golden stays; written back unless others: leave
//	incoming not in Order              -> held
//	golden not in Order, incoming is   -> taken
func ratchet(e edit) verdict {
	if blank(e.incoming) {
		return keep()
	}
	to, from := stage(e.policy.Order, e.incoming), stage(e.policy.Order, e.golden)
	switch {
	case unknownStage(e):
		return verdict{held: ledger.Quarantined, cause: "unknown stage", detail: "the stage is not in the policy's order: add it or map it"}
	case blank(e.golden) || to > from:
		return take(e, "ratchet")
	case e.known && slices.Contains(e.policy.Back, e.incoming.Text()):
		return take(e, "ratchet:recycle")
	case e.policy.Others == Leave:
		return leave("stage behind")
	default:
		return keep()
	}
}

// unknownStage tells whether a stage may not even fill a blank: from golden it
// would spread to every other system.
func unknownStage(e edit) bool {
	return e.policy.Rule == Ratchet && !blank(e.incoming) && stage(e.policy.Order, e.incoming) < 0
}
