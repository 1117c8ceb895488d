package ledgertest

import (
	"fmt"
	"strconv"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func historyCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"keeps each step in order":    historyOf,
		"of a run comes in pages":     historyByRun,
		"numbers grow for ever":       historySeq,
		"of an unknown entity is nil": historyNone,
	}
}

func change(n int, run string) ledger.Change {
	return ledger.Change{
		Entity: id(n), At: at(n), Run: run,
		Source: record.Source{System: "hubspot", Object: "contacts", Remote: "1", Actor: record.Actor{Kind: record.ActorImport}, At: at(2)},
		Fields: []ledger.FieldChange{
			{Field: "email", To: record.OfString("new"), Rule: "newest", Lost: record.OfString("old"), LostBy: "salesforce"},
			{Field: "city", From: record.OfString("Bonn"), To: record.NullOf(record.String), Rule: "owner"},
		},
	}
}

// numbered gives changes the numbers the ledger gave.
func numbered(got, want []ledger.Change) []ledger.Change {
	for i := range want {
		if i < len(got) {
			want[i].Seq = got[i].Seq
		}
	}
	return want
}

func historyOf(k *kit) {
	first, second, other := change(1, "r1"), change(1, "r2"), change(2, "r1")
	first.Seq = 99 // ignored
	bare := ledger.Change{Entity: id(1)}
	k.everywhere(func(tx ledger.Tx) error {
		if err := tx.History.Append(k.Context(), first, other); err != nil {
			return err
		}
		return tx.History.Append(k.Context(), second, bare)
	}, func(r ledger.Reader) error {
		got, err := r.History.Of(k.Context(), id(1))
		empty := ledger.Change{Entity: id(1), Fields: []ledger.FieldChange{}}
		return same("Of", numbered(got, []ledger.Change{first, second, empty}))(got, err)
	})
}

func historyByRun(k *kit) {
	for i := range 9 {
		k.update(func(tx ledger.Tx) error {
			return tx.History.Append(k.Context(), change(i, "r1"), change(i, "r2"), change(i+20, "r1"))
		})
	}
	k.everywhere(func(tx ledger.Tx) error { return tx.History.Append(k.Context(), change(9, "r1")) }, func(r ledger.Reader) error {
		for _, limit := range []int{1, 4, 19, 0} {
			var got []record.EntityID
			for after := int64(0); ; {
				page, err := r.History.ByRun(k.Context(), "r1", after, limit)
				if err != nil {
					return err
				}
				if len(page) == 0 {
					break
				}
				for _, c := range page {
					if c.Seq <= after || c.Run != "r1" {
						return fmt.Errorf("seq %d of run %s after %d", c.Seq, c.Run, after)
					}
					after = c.Seq
					got = append(got, c.Entity)
				}
			}
			var want []record.EntityID
			for i := range 9 {
				want = append(want, id(i), id(i+20))
			}
			if err := same("ByRun", append(want, id(9)))(got, nil); err != nil {
				return err
			}
		}
		return empty[[]ledger.Change]("ByRun")(r.History.ByRun(k.Context(), "r3", 0, 5))
	})
}

func historySeq(k *kit) {
	var last int64
	for i := range 3 {
		k.update(func(tx ledger.Tx) error { return tx.History.Append(k.Context(), change(1, strconv.Itoa(i))) })
		k.l = k.reopen()
		k.view(func(r ledger.Reader) error {
			all, err := r.History.Of(k.Context(), id(1))
			if err != nil || len(all) != i+1 || all[i].Seq <= last {
				return fmt.Errorf("%d steps after %d: %w", len(all), i+1, err)
			}
			last = all[i].Seq
			return nil
		})
	}
}

func historyNone(k *kit) {
	k.view(func(r ledger.Reader) error { return empty[[]ledger.Change]("Of")(r.History.Of(k.Context(), "none")) })
}
