package ledgertest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func entityCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"are stored whole":                            entityWhole,
		"are replaced whole":                          entityReplaced,
		"of one put the last counts":                  entityPutTwice,
		"unknown ones are left out":                   entityUnknown,
		"merged ones are found by id only":            entityMerged,
		"come back when a merge is taken back":        entityUnmerged,
		"are walked over page by page":                entityScan,
		"are walked over by object":                   entityScanObject,
		"keep their place when they change":           entityScanStable,
		"dirty ones are walked over while cleaned":    entityDirty,
		"marks change nothing else":                   entityMark,
		"may be spoken of before they are there":      entitySpokenOf,
		"without an id or an object are refused":      entityRefused,
		"in thousands are stored in one transaction":  entityMany,
		"change their object without leaving a trace": entityObject,
	}
}

func entityWhole(k *kit) {
	e, bare := entity(1), ledger.Entity{ID: id(2), Object: record.Deal}
	k.everywhere(func(tx ledger.Tx) error {
		return tx.Entities.Put(k.Context(), e, bare)
	}, func(r ledger.Reader) error {
		wantBare := bare
		wantBare.Golden, wantBare.Origins = record.Fields{}, map[string]ledger.Origin{}
		return same("Get", map[record.EntityID]ledger.Entity{e.ID: e, bare.ID: wantBare})(
			r.Entities.Get(k.Context(), e.ID, bare.ID, e.ID))
	})
}

func entityReplaced(k *kit) {
	old, now := entity(1), entity(1)
	now.Golden = record.Fields{"city": record.NullOf(record.String)}
	now.Origins = map[string]ledger.Origin{"city": {Rule: "undo"}}
	now.Updated, now.Dirty = at(30), true
	k.update(func(tx ledger.Tx) error { return tx.Entities.Put(k.Context(), old) })
	k.everywhere(func(tx ledger.Tx) error { return tx.Entities.Put(k.Context(), now) }, func(r ledger.Reader) error {
		return same("Get", map[record.EntityID]ledger.Entity{now.ID: now})(r.Entities.Get(k.Context(), now.ID))
	})
}

func entityPutTwice(k *kit) {
	first, second := entity(1), entity(1)
	first.Dirty = true
	second.Golden = record.Fields{}
	k.everywhere(func(tx ledger.Tx) error {
		if err := tx.Entities.Put(k.Context(), first, second, first); err != nil {
			return err
		}
		return tx.Entities.Put(k.Context(), second)
	}, func(r ledger.Reader) error {
		if err := same("Get", map[record.EntityID]ledger.Entity{second.ID: second})(r.Entities.Get(k.Context(), second.ID)); err != nil {
			return err
		}
		return empty[[]ledger.Entity]("Scan dirty")(r.Entities.Scan(k.Context(), ledger.EntityScan{Dirty: true}))
	})
}

func entityUnknown(k *kit) {
	k.view(func(r ledger.Reader) error {
		if err := empty[map[record.EntityID]ledger.Entity]("Get")(r.Entities.Get(k.Context(), "none")); err != nil {
			return err
		}
		if err := empty[map[record.Object]int]("Count")(r.Entities.Count(k.Context())); err != nil {
			return err
		}
		return empty[[]ledger.Entity]("Scan")(r.Entities.Scan(k.Context(), ledger.EntityScan{Limit: 10}))
	})
}

func entityMerged(k *kit) {
	loser, winner := entity(1), entity(2)
	loser.Into, loser.Dirty, winner.Dirty = winner.ID, true, true
	key := ledger.MatchKey{Kind: "email", Value: "a@x.example"}
	k.everywhere(func(tx ledger.Tx) error {
		for _, x := range []record.EntityID{loser.ID, winner.ID} {
			if err := tx.Entities.PutKeys(k.Context(), x, record.Person, key); err != nil {
				return err
			}
		}
		return tx.Entities.Put(k.Context(), loser, winner)
	}, func(r ledger.Reader) error {
		if err := same("Get", map[record.EntityID]ledger.Entity{loser.ID: loser})(r.Entities.Get(k.Context(), loser.ID)); err != nil {
			return err
		}
		if err := same("ByKeys", map[ledger.MatchKey][]record.EntityID{key: {winner.ID}})(
			r.Entities.ByKeys(k.Context(), record.Person, key)); err != nil {
			return err
		}
		if err := same("Count", map[record.Object]int{record.Person: 1})(r.Entities.Count(k.Context())); err != nil {
			return err
		}
		for _, dirty := range []bool{true, false} {
			got, err := r.Entities.Scan(k.Context(), ledger.EntityScan{Dirty: dirty})
			if err := same("Scan", []record.EntityID{winner.ID})(ids(got), err); err != nil {
				return err
			}
		}
		return nil
	})
}

func entityUnmerged(k *kit) {
	e := entity(1)
	key := ledger.MatchKey{Kind: "email", Value: "a@x.example"}
	for _, into := range []record.EntityID{"", id(2), ""} {
		e.Into = into
		k.everywhere(func(tx ledger.Tx) error {
			if _, err := tx.Entities.ByKeys(k.Context(), record.Person, key); err != nil {
				return err
			}
			if err := tx.Entities.Put(k.Context(), e); err != nil || e.Created.IsZero() {
				return err
			}
			return tx.Entities.PutKeys(k.Context(), e.ID, record.Person, key)
		}, func(r ledger.Reader) error {
			want := map[ledger.MatchKey][]record.EntityID{}
			if into == "" {
				want[key] = []record.EntityID{e.ID}
			}
			return same("ByKeys", want)(r.Entities.ByKeys(k.Context(), record.Person, key))
		})
	}
}

// walk collects a scan page by page.
func walk(ctx context.Context, r ledger.Reader, s ledger.EntityScan) ([]record.EntityID, error) {
	var all []record.EntityID
	for {
		page, err := r.Entities.Scan(ctx, s)
		if err != nil || len(page) == 0 {
			return all, err
		}
		if s.Limit > 0 && len(page) > s.Limit {
			return nil, fmt.Errorf("a page of %d, want at most %d", len(page), s.Limit)
		}
		all = append(all, ids(page)...)
		s.After = all[len(all)-1]
	}
}

func entityScan(k *kit) {
	const n = 23
	want := make([]record.EntityID, n)
	k.update(func(tx ledger.Tx) error {
		for i := range n {
			want[i] = id(i)
			if err := tx.Entities.Put(k.Context(), entity(i)); err != nil {
				return err
			}
		}
		return nil
	})
	for _, limit := range []int{1, 7, n, n + 1, 0} {
		k.view(func(r ledger.Reader) error {
			return same(fmt.Sprintf("walk by %d", limit), want)(walk(k.Context(), r, ledger.EntityScan{Limit: limit}))
		})
	}
}

func entityScanObject(k *kit) {
	objects := []record.Object{record.Deal, record.Person, record.Company}
	want := map[record.Object][]record.EntityID{}
	k.update(func(tx ledger.Tx) error {
		for i := range 12 {
			e := entity(i)
			e.Object, e.Dirty = objects[i%3], true
			want[e.Object] = append(want[e.Object], e.ID)
			if err := tx.Entities.Put(k.Context(), e); err != nil {
				return err
			}
		}
		return nil
	})
	k.view(func(r ledger.Reader) error {
		for _, dirty := range []bool{false, true} {
			for _, o := range objects {
				s := ledger.EntityScan{Object: o, Dirty: dirty, Limit: 3}
				if err := same("walk over "+string(o), want[o])(walk(k.Context(), r, s)); err != nil {
					return err
				}
			}
			all, err := walk(k.Context(), r, ledger.EntityScan{Dirty: dirty, Limit: 5})
			whole := slices.Concat(want[record.Company], want[record.Deal], want[record.Person])
			slices.Sort(whole)
			slices.Sort(all)
			if err := same("walk over all", whole)(all, err); err != nil {
				return err
			}
		}
		return same("Count", map[record.Object]int{record.Deal: 4, record.Person: 4, record.Company: 4})(r.Entities.Count(k.Context()))
	})
}

func entityScanStable(k *kit) {
	want := []record.EntityID{id(0), id(1), id(2), id(3)}
	k.update(func(tx ledger.Tx) error {
		return tx.Entities.Put(k.Context(), entity(0), entity(1), entity(2), entity(3))
	})
	k.everywhere(func(tx ledger.Tx) error { return tx.Entities.Put(k.Context(), entity(3), entity(0)) }, func(r ledger.Reader) error {
		return same("walk", want)(walk(k.Context(), r, ledger.EntityScan{Limit: 1}))
	})
}

func entityDirty(k *kit) {
	k.update(func(tx ledger.Tx) error {
		for i := range 10 {
			e := entity(i)
			e.Dirty = i%2 == 0
			if err := tx.Entities.Put(k.Context(), e); err != nil {
				return err
			}
		}
		return nil
	})
	var seen []record.EntityID
	s := ledger.EntityScan{Dirty: true, Limit: 2}
	for {
		var page []ledger.Entity
		k.view(func(r ledger.Reader) (err error) {
			page, err = r.Entities.Scan(k.Context(), s)
			return err
		})
		if len(page) == 0 {
			break
		}
		seen = append(seen, ids(page)...)
		s.After = page[len(page)-1].ID
		k.update(func(tx ledger.Tx) error { return tx.Entities.Mark(k.Context(), ledger.Clean, ids(page)...) })
	}
	if err := same("walk", []record.EntityID{id(0), id(2), id(4), id(6), id(8)})(seen, nil); err != nil {
		k.Fatal(err)
	}
	k.view(func(r ledger.Reader) error {
		return empty[[]ledger.Entity]("Scan")(r.Entities.Scan(k.Context(), ledger.EntityScan{Dirty: true}))
	})
}

func entityMark(k *kit) {
	e := entity(1)
	k.update(func(tx ledger.Tx) error { return tx.Entities.Put(k.Context(), e) })
	for _, mark := range []ledger.Mark{ledger.Dirty, ledger.Dirty, ledger.Clean, ledger.Clean, ledger.Dirty} {
		e.Dirty = bool(mark)
		k.everywhere(func(tx ledger.Tx) error {
			return tx.Entities.Mark(k.Context(), mark, e.ID, "unknown")
		}, func(r ledger.Reader) error {
			if err := same("Get", map[record.EntityID]ledger.Entity{e.ID: e})(r.Entities.Get(k.Context(), e.ID, "unknown")); err != nil {
				return err
			}
			got, err := r.Entities.Scan(k.Context(), ledger.EntityScan{Dirty: true})
			if (len(got) == 1) != e.Dirty {
				return fmt.Errorf("%d are dirty after mark %v", len(got), mark)
			}
			return err
		})
	}
}

func entitySpokenOf(k *kit) {
	e := entity(1)
	write := func(tx ledger.Tx) error {
		if err := tx.Links.Put(k.Context(), link(1)); err != nil {
			return err
		}
		return tx.History.Append(k.Context(), ledger.Change{Entity: e.ID, Run: "r"})
	}
	k.everywhere(write, func(r ledger.Reader) error {
		if err := empty[map[record.EntityID]ledger.Entity]("Get")(r.Entities.Get(k.Context(), e.ID)); err != nil {
			return err
		}
		if err := empty[[]ledger.Entity]("Scan")(r.Entities.Scan(k.Context(), ledger.EntityScan{})); err != nil {
			return err
		}
		return empty[map[record.Object]int]("Count")(r.Entities.Count(k.Context()))
	})
	k.everywhere(func(tx ledger.Tx) error { return tx.Entities.Put(k.Context(), e) }, func(r ledger.Reader) error {
		return same("Get", map[record.EntityID]ledger.Entity{e.ID: e})(r.Entities.Get(k.Context(), e.ID))
	})
}

func entityRefused(k *kit) {
	for _, e := range []ledger.Entity{{Object: record.Person}, {ID: "x"}} {
		if err := k.l.Update(k.Context(), func(tx ledger.Tx) error { return tx.Entities.Put(k.Context(), e) }); err == nil {
			k.Errorf("%+v was stored", e)
		}
	}
}

func entityMany(k *kit) {
	if testing.Short() {
		k.Skip("short")
	}
	const n = 3000
	all := make(map[record.EntityID]ledger.Entity, n)
	k.everywhere(func(tx ledger.Tx) error {
		for i := range n {
			all[id(i)] = entity(i)
			if err := tx.Entities.Put(k.Context(), entity(i)); err != nil {
				return err
			}
		}
		return nil
	}, func(r ledger.Reader) error {
		return same("Get", all)(r.Entities.Get(k.Context(), slices.Collect(maps.Keys(all))...))
	})
}

func entityObject(k *kit) {
	e := entity(1)
	e.Dirty = true
	k.update(func(tx ledger.Tx) error { return tx.Entities.Put(k.Context(), e) })
	e.Object = record.Company
	k.everywhere(func(tx ledger.Tx) error { return tx.Entities.Put(k.Context(), e) }, func(r ledger.Reader) error {
		for _, dirty := range []bool{true, false} {
			if err := empty[[]ledger.Entity]("Scan")(r.Entities.Scan(k.Context(), ledger.EntityScan{Object: record.Person, Dirty: dirty})); err != nil {
				return err
			}
			got, err := r.Entities.Scan(k.Context(), ledger.EntityScan{Object: record.Company, Dirty: dirty})
			if err := same("Scan", []record.EntityID{e.ID})(ids(got), err); err != nil {
				return err
			}
		}
		return same("Count", map[record.Object]int{record.Company: 1})(r.Entities.Count(k.Context()))
	})
}
