package ledgertest

import (
	"fmt"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func intentCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"are stored whole":                 intentWhole,
		"are unended until they end":       intentStates,
		"unended ones come in pages":       intentUnended,
		"of an entity come oldest first":   intentOf,
		"of a run come in pages":           intentByRun,
		"that began ended are never open":  intentBornEnded,
		"of hundreds are opened and ended": intentMany,
		"without an op are refused":        intentRefused,
	}
}

func intent(n int) ledger.Intent {
	return ledger.Intent{
		Op: fmt.Sprintf("run1-crm-%04d", 1000-n), Run: "run1", Plan: "p1", Ref: ledger.Ref{System: "crm", Object: "Lead", ID: "00Q"},
		Entity: id(n), Kind: "update", Before: record.Fields{"City": record.OfString("Bonn")}, After: record.Fields{"City": record.OfString("Köln")},
		Rules: map[string]string{"City": "newest"}, State: ledger.IntentOpen, At: at(1),
	}
}

func intentWhole(k *kit) {
	i := intent(1)
	i.Handle, i.Code, i.Corr, i.EndedAt, i.State = "job1", "X", "c-1", at(2), ledger.IntentAccepted
	bare := ledger.Intent{Op: "b", Entity: id(1), State: ledger.IntentUnknown}
	k.everywhere(func(tx ledger.Tx) error { return tx.Intents.Put(k.Context(), i, bare) }, func(r ledger.Reader) error {
		want := bare
		want.Before, want.After, want.Rules = record.Fields{}, record.Fields{}, map[string]string{}
		if err := same("Of", []ledger.Intent{i, want})(r.Intents.Of(k.Context(), id(1))); err != nil {
			return err
		}
		return same("UnendedOf", map[record.EntityID][]ledger.Intent{id(1): {i, want}})(
			r.Intents.UnendedOf(k.Context(), id(1), id(2), id(1)))
	})
}

func intentStates(k *kit) {
	for _, state := range []ledger.IntentState{
		ledger.IntentOpen, ledger.IntentUnknown, ledger.IntentAccepted, ledger.IntentApplied, ledger.IntentRejected,
	} {
		i := intent(1)
		i.State, i.ID = state, string(state)
		k.everywhere(func(tx ledger.Tx) error { return tx.Intents.Put(k.Context(), i) }, func(r ledger.Reader) error {
			if err := same("Of", []ledger.Intent{i})(r.Intents.Of(k.Context(), id(1))); err != nil {
				return err
			}
			n := 1
			if state.Ended() {
				n = 0
			}
			open, err := r.Intents.Unended(k.Context(), "crm", "", 5)
			of, err2 := r.Intents.UnendedOf(k.Context(), id(1))
			if err != nil || err2 != nil || len(open) != n || len(of) != n {
				return fmt.Errorf("%s: %d and %d unended, want %d: %w %w", state, len(open), len(of), n, err, err2)
			}
			return nil
		})
	}
}

func intentUnended(k *kit) {
	var all, crm []string
	k.update(func(tx ledger.Tx) error {
		for n := range 12 {
			i := intent(n)
			if n%3 == 0 {
				i.System = "hubspot"
			}
			if n%4 == 3 {
				i.State = ledger.IntentApplied
			} else {
				all = append(all, i.Op)
				if i.System == "crm" {
					crm = append(crm, i.Op)
				}
			}
			if err := tx.Intents.Put(k.Context(), i); err != nil {
				return err
			}
		}
		return nil
	})
	for system, want := range map[string][]string{"": all, "crm": crm} {
		for _, limit := range []int{1, 2, 100, 0} {
			k.view(func(r ledger.Reader) error {
				return same("Unended", want)(ops(func(after string) ([]ledger.Intent, error) {
					return r.Intents.Unended(k.Context(), system, after, limit)
				}))
			})
		}
	}
}

// ops walks over pages to their end.
func ops(page func(after string) ([]ledger.Intent, error)) ([]string, error) {
	var all []string
	after := ""
	for {
		got, err := page(after)
		if err != nil || len(got) == 0 {
			return all, err
		}
		for _, i := range got {
			all = append(all, i.Op)
			after = i.Op
		}
	}
}

func intentOf(k *kit) {
	var want []ledger.Intent
	for n := range 5 {
		i := intent(n)
		i.Entity, i.State = id(1), ledger.IntentApplied
		want = append(want, i)
		k.update(func(tx ledger.Tx) error { return tx.Intents.Put(k.Context(), i, intent(n+20)) })
	}
	k.everywhere(func(tx ledger.Tx) error { return tx.Intents.Put(k.Context(), want[3], want[0]) }, func(r ledger.Reader) error {
		return same("Of", want)(r.Intents.Of(k.Context(), id(1)))
	})
}

func intentByRun(k *kit) {
	var want []string
	for n := range 9 {
		i, other := intent(n), intent(n+20)
		other.Run = "run2"
		want = append(want, i.Op)
		k.update(func(tx ledger.Tx) error { return tx.Intents.Put(k.Context(), i, other) })
	}
	k.everywhere(func(tx ledger.Tx) error {
		want = append(want, intent(9).Op)
		return tx.Intents.Put(k.Context(), intent(9), intent(4))
	}, func(r ledger.Reader) error {
		for _, limit := range []int{1, 4, 0} {
			if err := same("ByRun", want)(ops(func(after string) ([]ledger.Intent, error) {
				return r.Intents.ByRun(k.Context(), "run1", after, limit)
			})); err != nil {
				return err
			}
		}
		return empty[[]ledger.Intent]("ByRun")(r.Intents.ByRun(k.Context(), "run3", "", 5))
	})
}

func intentBornEnded(k *kit) {
	i := intent(1)
	i.State = ledger.IntentRejected
	k.everywhere(func(tx ledger.Tx) error { return tx.Intents.Put(k.Context(), i) }, func(r ledger.Reader) error {
		if err := empty[[]ledger.Intent]("Unended")(r.Intents.Unended(k.Context(), "", "", 5)); err != nil {
			return err
		}
		return same("Of", []ledger.Intent{i})(r.Intents.Of(k.Context(), id(1)))
	})
}

func intentMany(k *kit) {
	const n = 700
	for _, state := range []ledger.IntentState{ledger.IntentOpen, ledger.IntentApplied} {
		k.everywhere(func(tx ledger.Tx) error {
			for j := range n {
				i := intent(j)
				i.State = state
				if err := tx.Intents.Put(k.Context(), i); err != nil {
					return err
				}
			}
			return nil
		}, func(r ledger.Reader) error {
			open, err := r.Intents.Unended(k.Context(), "crm", "", 2*n)
			all, err2 := r.Intents.ByRun(k.Context(), "run1", "", 2*n)
			if want := map[bool]int{false: n, true: 0}[state.Ended()]; err != nil || err2 != nil || len(open) != want || len(all) != n {
				return fmt.Errorf("%d unended of %d: %w %w", len(open), len(all), err, err2)
			}
			return nil
		})
	}
}

func intentRefused(k *kit) {
	if err := k.l.Update(k.Context(), func(tx ledger.Tx) error { return tx.Intents.Put(k.Context(), ledger.Intent{}) }); err == nil {
		k.Error("an intent without an op was stored")
	}
}
