package ledgertest

import (
	"fmt"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func keyCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"find their entities":                                 keysFind,
		"are replaced":                                        keysReplaced,
		"may be held by several":                              keysShared,
		"of another object are others":                        keysOfObject,
		"are asked and put in turns":                          keysInTurns,
		"need no entity before":                               keysBefore,
		"of hundreds are found in one ask":                    keysMany,
		"with a control character stay apart from their kind": keysSeparator,
	}
}

func email(s string) ledger.MatchKey { return ledger.MatchKey{Kind: "email", Value: s} }

// holders is shorthand for what ByKeys answers.
type holders = map[ledger.MatchKey][]record.EntityID

func putKeys(k *kit, tx ledger.Tx, n int, keys ...ledger.MatchKey) error {
	if err := tx.Entities.Put(k.Context(), entity(n)); err != nil {
		return err
	}
	return tx.Entities.PutKeys(k.Context(), id(n), record.Person, keys...)
}

func keysFind(k *kit) {
	phone := ledger.MatchKey{Kind: "phone_name", Value: "a"}
	k.everywhere(func(tx ledger.Tx) error { return putKeys(k, tx, 1, email("a"), phone, email("a")) }, func(r ledger.Reader) error {
		return same("ByKeys", holders{email("a"): {id(1)}, phone: {id(1)}})(
			r.Entities.ByKeys(k.Context(), record.Person, email("a"), phone, email("b"), email("a")))
	})
}

func keysReplaced(k *kit) {
	k.update(func(tx ledger.Tx) error { return putKeys(k, tx, 1, email("a"), email("b")) })
	k.everywhere(func(tx ledger.Tx) error { return putKeys(k, tx, 1, email("b"), email("c")) }, func(r ledger.Reader) error {
		return same("ByKeys", holders{email("b"): {id(1)}, email("c"): {id(1)}})(
			r.Entities.ByKeys(k.Context(), record.Person, email("a"), email("b"), email("c")))
	})
	k.everywhere(func(tx ledger.Tx) error { return putKeys(k, tx, 1) }, func(r ledger.Reader) error {
		return empty[holders]("ByKeys")(r.Entities.ByKeys(k.Context(), record.Person, email("b"), email("c")))
	})
}

func keysShared(k *kit) {
	k.everywhere(func(tx ledger.Tx) error {
		for n := range 3 {
			if err := putKeys(k, tx, n, email("a")); err != nil {
				return err
			}
		}
		return nil
	}, func(r ledger.Reader) error {
		return same("ByKeys", holders{email("a"): {id(0), id(1), id(2)}})(r.Entities.ByKeys(k.Context(), record.Person, email("a")))
	})
}

func keysOfObject(k *kit) {
	k.everywhere(func(tx ledger.Tx) error { return putKeys(k, tx, 1, email("a")) }, func(r ledger.Reader) error {
		return empty[holders]("ByKeys")(r.Entities.ByKeys(k.Context(), record.Company, email("a")))
	})
}

func keysInTurns(k *kit) {
	k.update(func(tx ledger.Tx) error { return putKeys(k, tx, 1, email("a")) })
	k.update(func(tx ledger.Tx) error {
		ask := func(want holders) error {
			return same("ByKeys", want)(tx.Entities.ByKeys(k.Context(), record.Person, email("a"), email("b")))
		}
		steps := []struct {
			put  func() error
			want holders
		}{
			{func() error { return nil }, holders{email("a"): {id(1)}}},
			{func() error { return putKeys(k, tx, 2, email("a"), email("b")) }, holders{email("a"): {id(1), id(2)}, email("b"): {id(2)}}},
			{func() error { return putKeys(k, tx, 1, email("b")) }, holders{email("a"): {id(2)}, email("b"): {id(2), id(1)}}},
			{func() error { return putKeys(k, tx, 2) }, holders{email("b"): {id(1)}}},
			{func() error {
				merged := entity(1)
				merged.Into = id(2)
				return tx.Entities.Put(k.Context(), merged)
			}, holders{}},
		}
		for i, s := range steps {
			if err := s.put(); err != nil {
				return err
			}
			if err := ask(s.want); err != nil {
				return fmt.Errorf("step %d: %w", i, err)
			}
		}
		return nil
	})
}

func keysBefore(k *kit) {
	k.update(func(tx ledger.Tx) error { return tx.Entities.PutKeys(k.Context(), id(1), record.Person, email("a")) })
	k.everywhere(func(tx ledger.Tx) error { return tx.Entities.Put(k.Context(), entity(1)) }, func(r ledger.Reader) error {
		return same("ByKeys", holders{email("a"): {id(1)}})(r.Entities.ByKeys(k.Context(), record.Person, email("a")))
	})
}

func keysMany(k *kit) {
	const n = 1234
	want, keys := holders{}, []ledger.MatchKey{email("none")}
	k.everywhere(func(tx ledger.Tx) error {
		for i := range n {
			key := email(fmt.Sprintf("p%d", i))
			want[key], keys = []record.EntityID{id(i)}, append(keys, key)
			if err := putKeys(k, tx, i, key); err != nil {
				return err
			}
		}
		return nil
	}, func(r ledger.Reader) error {
		return same("ByKeys", want)(r.Entities.ByKeys(k.Context(), record.Person, keys...))
	})
}

func keysSeparator(k *kit) {
	odd := ledger.MatchKey{Kind: "email", Value: "a\x1fb\x00"}
	k.everywhere(func(tx ledger.Tx) error { return putKeys(k, tx, 1, odd) }, func(r ledger.Reader) error {
		return same("ByKeys", holders{odd: {id(1)}})(
			r.Entities.ByKeys(k.Context(), record.Person, odd, email("a"), email("a\x1fb")))
	})
}
