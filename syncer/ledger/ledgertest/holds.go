package ledgertest

import (
	"fmt"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func holdCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"are stored whole":        holdWhole,
		"are replaced":            holdReplaced,
		"are released":            holdReleased,
		"are walked over":         holdScan,
		"are found when due":      holdDue,
		"are grouped":             holdGroups,
		"of rows without entity":  holdRemote,
		"in hundreds are written": holdMany,
	}
}

func hold(n int, system, field string) ledger.Hold {
	return ledger.Hold{
		HoldKey: ledger.HoldKey{Entity: id(n), System: system, Field: field},
		Reason:  ledger.Pending, Cause: "INVALID_EMAIL on Email", Detail: "correct it there", Desired: "h1", MapRev: "m1", Version: "7",
		Until: at(20), Tries: 3, Since: at(1), WaitsFor: id(99), Decision: "retry",
	}
}

func holdWhole(k *kit) {
	a, b := hold(1, "crm", "*"), hold(1, "crm", "email")
	bare := ledger.Hold{HoldKey: ledger.HoldKey{Entity: id(2), Field: "email"}, Reason: ledger.Fights}
	k.everywhere(func(tx ledger.Tx) error { return tx.Holds.Put(k.Context(), b, a, bare) }, func(r ledger.Reader) error {
		return same("Of", map[record.EntityID][]ledger.Hold{id(1): {a, b}, id(2): {bare}})(
			r.Holds.Of(k.Context(), id(1), id(2), id(3), id(1)))
	})
}

func holdReplaced(k *kit) {
	old, now := hold(1, "crm", "*"), hold(1, "crm", "*")
	now.Reason, now.Until, now.Tries, now.Cause = ledger.Dead, time.Time{}, 4, "other"
	k.update(func(tx ledger.Tx) error { return tx.Holds.Put(k.Context(), old) })
	k.everywhere(func(tx ledger.Tx) error { return tx.Holds.Put(k.Context(), now) }, func(r ledger.Reader) error {
		return same("Of", map[record.EntityID][]ledger.Hold{id(1): {now}})(r.Holds.Of(k.Context(), id(1)))
	})
}

func holdReleased(k *kit) {
	a, b, c := hold(1, "crm", "*"), hold(1, "crm", "email"), hold(2, "crm", "*")
	k.update(func(tx ledger.Tx) error { return tx.Holds.Put(k.Context(), a, b, c) })
	k.everywhere(func(tx ledger.Tx) error {
		return tx.Holds.Release(k.Context(), a.HoldKey, c.HoldKey, ledger.HoldKey{Entity: id(1), System: "crm", Field: "none"})
	}, func(r ledger.Reader) error {
		return same("Of", map[record.EntityID][]ledger.Hold{id(1): {b}})(r.Holds.Of(k.Context(), id(1), id(2)))
	})
}

func walkHolds(k *kit, r ledger.Reader, s ledger.HoldScan) ([]ledger.Hold, error) {
	var all []ledger.Hold
	for {
		page, err := r.Holds.Scan(k.Context(), s)
		if err != nil || len(page) == 0 {
			return all, err
		}
		if s.Limit > 0 && len(page) > s.Limit {
			return nil, fmt.Errorf("a page of %d, want at most %d", len(page), s.Limit)
		}
		all = append(all, page...)
		s.After = all[len(all)-1].HoldKey
	}
}

func holdScan(k *kit) {
	reasons := []ledger.Reason{ledger.Pending, ledger.Quarantined}
	n := map[ledger.HoldScan]int{}
	k.update(func(tx ledger.Tx) error {
		for i := range 20 {
			h := hold(i, []string{"crm", "hubspot", "sap"}[i%3], "*")
			h.Reason, h.Cause = reasons[i%2], fmt.Sprint("cause ", i%5)
			n[ledger.HoldScan{}]++
			n[ledger.HoldScan{Reason: h.Reason}]++
			n[ledger.HoldScan{System: h.System, Cause: h.Cause}]++
			n[ledger.HoldScan{Reason: h.Reason, System: h.System, Cause: h.Cause}]++
			if err := tx.Holds.Put(k.Context(), h); err != nil {
				return err
			}
		}
		return nil
	})
	k.view(func(r ledger.Reader) error {
		for s, want := range n {
			for _, s.Limit = range []int{1, 3, 0} {
				all, err := walkHolds(k, r, s)
				if err != nil || len(all) != want {
					return fmt.Errorf("%+v: got %d, want %d: %w", s, len(all), want, err)
				}
				for i, h := range all {
					if i > 0 && h.Entity <= all[i-1].Entity {
						return fmt.Errorf("%+v: out of order", s)
					}
					if s.Reason != "" && h.Reason != s.Reason || s.System != "" && h.System != s.System || s.Cause != "" && h.Cause != s.Cause {
						return fmt.Errorf("%+v: got %+v", s, h)
					}
				}
			}
		}
		return nil
	})
}

func holdDue(k *kit) {
	k.update(func(tx ledger.Tx) error {
		for i := range 5 {
			h := hold(i, "crm", "*")
			h.Until = at(10 + i)
			if i == 0 {
				h.Until = time.Time{}
			}
			if err := tx.Holds.Put(k.Context(), h); err != nil {
				return err
			}
		}
		return nil
	})
	k.view(func(r ledger.Reader) error {
		for due, want := range map[time.Time]int{at(9): 0, at(11): 1, at(12).Add(-1): 1, at(12): 2, at(59): 4} {
			got, err := r.Holds.Scan(k.Context(), ledger.HoldScan{Due: due, Limit: 10})
			if err != nil || len(got) != want {
				return fmt.Errorf("due at %v: got %d, want %d: %w", due, len(got), want, err)
			}
		}
		return nil
	})
}

func holdGroups(k *kit) {
	k.everywhere(func(tx ledger.Tx) error {
		for i := range 7 {
			h := hold(i, "crm", "*")
			h.Since = at(30 - i)
			if i >= 4 {
				h.Reason = ledger.Dead
			}
			if i == 6 {
				h.Cause = "other"
			}
			if err := tx.Holds.Put(k.Context(), h); err != nil {
				return err
			}
		}
		return nil
	}, func(r ledger.Reader) error {
		group := func(reason ledger.Reason, cause string, n, oldest int) ledger.HoldGroup {
			return ledger.HoldGroup{
				Reason: reason, System: "crm", Cause: cause, Detail: "correct it there", N: n,
				Example: hold(oldest, "crm", "*").HoldKey, Oldest: at(30 - oldest),
			}
		}
		got, err := r.Holds.Groups(k.Context())
		for i, example := range []int{3, 5, 6} { // any of the group will do
			if i < len(got) && got[i].Example.System == "crm" {
				got[i].Example = hold(example, "crm", "*").HoldKey
			}
		}
		return same("Groups", []ledger.HoldGroup{
			group(ledger.Pending, "INVALID_EMAIL on Email", 4, 3),
			group(ledger.Dead, "INVALID_EMAIL on Email", 2, 5), group(ledger.Dead, "other", 1, 6),
		})(got, err)
	})
}

func holdRemote(k *kit) {
	h := ledger.Hold{
		HoldKey: ledger.HoldKey{System: "csv", Field: "*", Object: "calls", Remote: "calls.csv:17"},
		Reason:  ledger.Quarantined, Cause: "bad date", Since: at(1),
	}
	other := h
	other.Remote = "calls.csv:18"
	k.everywhere(func(tx ledger.Tx) error { return tx.Holds.Put(k.Context(), h, other) }, func(r ledger.Reader) error {
		if err := same("Scan", []ledger.Hold{h, other})(walkHolds(k, r, ledger.HoldScan{System: "csv", Limit: 1})); err != nil {
			return err
		}
		got, err := r.Holds.Groups(k.Context())
		if err != nil || len(got) != 1 || got[0].N != 2 || got[0].Object != "calls" {
			return fmt.Errorf("groups %+v: %w", got, err)
		}
		return nil
	})
	k.everywhere(func(tx ledger.Tx) error { return tx.Holds.Release(k.Context(), h.HoldKey) }, func(r ledger.Reader) error {
		return same("Scan", []ledger.Hold{other})(r.Holds.Scan(k.Context(), ledger.HoldScan{}))
	})
}

func holdMany(k *kit) {
	const n = 555
	want := map[record.EntityID][]ledger.Hold{}
	var all []record.EntityID
	k.everywhere(func(tx ledger.Tx) error {
		var holds []ledger.Hold
		for i := range n {
			h := hold(i, "crm", "*")
			holds, all, want[h.Entity] = append(holds, h), append(all, h.Entity), []ledger.Hold{h}
		}
		return tx.Holds.Put(k.Context(), holds...)
	}, func(r ledger.Reader) error { return same("Of", want)(r.Holds.Of(k.Context(), all...)) })
	k.everywhere(func(tx ledger.Tx) error {
		var keys []ledger.HoldKey
		for _, e := range all {
			keys = append(keys, want[e][0].HoldKey)
		}
		return tx.Holds.Release(k.Context(), keys...)
	}, func(r ledger.Reader) error {
		return empty[[]ledger.Hold]("Scan")(r.Holds.Scan(k.Context(), ledger.HoldScan{}))
	})
}
