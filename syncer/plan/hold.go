package plan

import (
	"time"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

// held tells whether a hold on the field, or on the whole record there, still
// stands against this write.
func (s *step) held(field, desired, mapRev, version string) (ledger.Hold, bool) {
	for _, h := range s.in.Holds {
		if h.System != s.system.Name && h.System != "" {
			continue
		}
		if h.Field != field && h.Field != "*" {
			continue
		}
		if h.Field == "*" && field != "*" {
			continue // judged with the whole row
		}
		if Stands(h, desired, mapRev, version, s.in.Now) {
			return h, true
		}
		s.out.Ended = append(s.out.Ended, h.HoldKey)
	}
	return ledger.Hold{}, false
}

// Stands tells whether a hold still stands against writing the desired value
// over the remote version under a map revision.
//
//	pending, dead, quarantined  end when one of the three changes, or their time comes
//	left, excluded, manual      end when one of the three changes (our own write moves
//	                            the hold's version along, so it does not end them)
//	undone                      ends when the desired value changes
//	fights, consent             end only by a person, or by evidence
//
// A hold that does not know a value does not end by it.
func Stands(h ledger.Hold, desired, mapRev, version string, now time.Time) bool {
	changed := moved(h.Desired, desired) || moved(h.MapRev, mapRev) || moved(h.Version, version)
	switch h.Reason {
	case ledger.Pending, ledger.Dead, ledger.Quarantined:
		due := !h.Until.IsZero() && !h.Until.After(now)
		return !changed && !due
	case ledger.Left, ledger.Excluded, ledger.Manual:
		return !changed
	case ledger.Undone:
		return !moved(h.Desired, desired)
	case ledger.Fights, ledger.Consent:
		return true
	}
	return !changed
}

func moved(then, now string) bool { return then != "" && then != now }
