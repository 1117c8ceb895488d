package ledgertest

import (
	"fmt"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func linkCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"are stored whole":                   linkWhole,
		"move to another entity":             linkMoves,
		"are walked over in order of id":     linkScan,
		"are counted by object and state":    linkCount,
		"are deleted":                        linkDeleted,
		"of hundreds are found in one ask":   linkMany,
		"of other systems stay apart":        linkApart,
		"of one put the last counts":         linkPutTwice,
		"names with a separator are refused": linkSeparator,
	}
}

func linkWhole(k *kit) {
	full, bare := link(1), ledger.Link{Ref: ledger.Ref{System: "salesforce", Object: "Lead", ID: "00Q"}, Entity: id(1), State: ledger.Merged}
	bare.Survivor = ledger.Ref{System: "salesforce", Object: "Contact", ID: "003"}
	k.everywhere(func(tx ledger.Tx) error {
		return tx.Links.Put(k.Context(), full, bare)
	}, func(r ledger.Reader) error {
		want := bare
		want.Shadow.Held, want.Shadow.Sent, want.Shadow.Echo = record.Fields{}, record.Fields{}, record.Fields{}
		if err := same("ByRemote", map[string]ledger.Link{"0001": full})(
			r.Links.ByRemote(k.Context(), "hubspot", "contacts", "0001", "0002", "0001")); err != nil {
			return err
		}
		return same("ByEntity", map[record.EntityID][]ledger.Link{id(1): {full, want}})(
			r.Links.ByEntity(k.Context(), id(1), id(2), id(1)))
	})
}

func linkMoves(k *kit) {
	l := link(1)
	k.update(func(tx ledger.Tx) error { return tx.Links.Put(k.Context(), l, link(2)) })
	l.Entity, l.State, l.Shadow.Version = id(2), ledger.Lost, "8"
	k.everywhere(func(tx ledger.Tx) error { return tx.Links.Put(k.Context(), l) }, func(r ledger.Reader) error {
		if err := same("ByEntity", map[record.EntityID][]ledger.Link{id(2): {l, link(2)}})(
			r.Links.ByEntity(k.Context(), id(1), id(2))); err != nil {
			return err
		}
		return same("ByRemote", map[string]ledger.Link{l.ID: l})(r.Links.ByRemote(k.Context(), "hubspot", "contacts", l.ID))
	})
}

func linkScan(k *kit) {
	const n = 23
	k.update(func(tx ledger.Tx) error {
		for i := range n {
			x := link((i * 7) % n)
			other := x
			other.Object = "contacts2"
			if err := tx.Links.Put(k.Context(), x, other); err != nil {
				return err
			}
		}
		return nil
	})
	for _, limit := range []int{1, 5, n, 0} {
		k.view(func(r ledger.Reader) error {
			after, seen := "", 0
			for {
				page, err := r.Links.Scan(k.Context(), "hubspot", "contacts", after, limit)
				if err != nil || len(page) == 0 {
					return same("number", n)(seen, err)
				}
				for _, l := range page {
					if err := same("Scan", link(seen))(l, nil); err != nil {
						return err
					}
					after, seen = l.ID, seen+1
				}
				if limit > 0 && len(page) > limit {
					return fmt.Errorf("a page of %d, want at most %d", len(page), limit)
				}
			}
		})
	}
}

func linkCount(k *kit) {
	states := []ledger.LinkState{ledger.Live, ledger.Live, ledger.GoneState}
	k.everywhere(func(tx ledger.Tx) error {
		for i := range 6 {
			x := link(i)
			x.State = states[i%3]
			other := x
			other.System, other.Object = "crm", "Lead"
			if err := tx.Links.Put(k.Context(), x, other); err != nil {
				return err
			}
		}
		return nil
	}, func(r ledger.Reader) error {
		return same("Count", []ledger.LinkCount{
			{System: "crm", Object: "Lead", State: ledger.GoneState, N: 2},
			{System: "crm", Object: "Lead", State: ledger.Live, N: 4},
			{System: "hubspot", Object: "contacts", State: ledger.GoneState, N: 2},
			{System: "hubspot", Object: "contacts", State: ledger.Live, N: 4},
		})(r.Links.Count(k.Context()))
	})
}

func linkDeleted(k *kit) {
	k.update(func(tx ledger.Tx) error { return tx.Links.Put(k.Context(), link(1), link(2)) })
	k.everywhere(func(tx ledger.Tx) error {
		if err := tx.Links.Put(k.Context(), link(3)); err != nil {
			return err
		}
		return tx.Links.Delete(k.Context(), link(1).Ref, link(3).Ref, link(9).Ref)
	}, func(r ledger.Reader) error {
		if err := same("ByRemote", map[string]ledger.Link{"0002": link(2)})(
			r.Links.ByRemote(k.Context(), "hubspot", "contacts", "0001", "0002", "0003")); err != nil {
			return err
		}
		return same("ByEntity", map[record.EntityID][]ledger.Link{id(2): {link(2)}})(r.Links.ByEntity(k.Context(), id(1), id(2), id(3)))
	})
	k.everywhere(func(tx ledger.Tx) error { return tx.Links.Put(k.Context(), link(1)) }, func(r ledger.Reader) error {
		return same("ByEntity", map[record.EntityID][]ledger.Link{id(1): {link(1)}})(r.Links.ByEntity(k.Context(), id(1)))
	})
}

func linkMany(k *kit) {
	const n = 1111
	want, byEntity := map[string]ledger.Link{}, map[record.EntityID][]ledger.Link{}
	var remote []string
	var all []record.EntityID
	k.everywhere(func(tx ledger.Tx) error {
		for i := range n {
			l := link(i)
			want[l.ID], byEntity[l.Entity] = l, []ledger.Link{l}
			remote, all = append(remote, l.ID), append(all, l.Entity)
			if err := tx.Links.Put(k.Context(), l); err != nil {
				return err
			}
		}
		return nil
	}, func(r ledger.Reader) error {
		if err := same("ByRemote", want)(r.Links.ByRemote(k.Context(), "hubspot", "contacts", remote...)); err != nil {
			return err
		}
		return same("ByEntity", byEntity)(r.Links.ByEntity(k.Context(), all...))
	})
}

func linkApart(k *kit) {
	a, b := link(1), link(1)
	b.System, b.Shadow.Version = "hubspot2", "other"
	k.everywhere(func(tx ledger.Tx) error { return tx.Links.Put(k.Context(), a, b) }, func(r ledger.Reader) error {
		if err := same("ByRemote", map[string]ledger.Link{a.ID: a})(r.Links.ByRemote(k.Context(), "hubspot", "contacts", a.ID)); err != nil {
			return err
		}
		return same("ByRemote", map[string]ledger.Link{b.ID: b})(r.Links.ByRemote(k.Context(), "hubspot2", "contacts", b.ID))
	})
}

func linkPutTwice(k *kit) {
	first, second := link(1), link(1)
	second.Entity, second.Shadow.Sent = id(2), record.Fields{}
	k.everywhere(func(tx ledger.Tx) error { return tx.Links.Put(k.Context(), first, second) }, func(r ledger.Reader) error {
		return same("ByEntity", map[record.EntityID][]ledger.Link{id(2): {second}})(r.Links.ByEntity(k.Context(), id(1), id(2)))
	})
}

// linkSeparator allows a ledger to compose keys, but not to mix them up.
func linkSeparator(k *kit) {
	a, b := link(1), link(1)
	a.System, a.Object, a.ID = "x", "y", "z\x1f1"
	b.System, b.Object, b.ID = "x", "y\x1fz", "1"
	for _, l := range []ledger.Link{a, b} {
		_ = k.l.Update(k.Context(), func(tx ledger.Tx) error { return tx.Links.Put(k.Context(), l) })
	}
	k.view(func(r ledger.Reader) error {
		return same("ByRemote", map[string]ledger.Link{a.ID: a})(r.Links.ByRemote(k.Context(), "x", "y", a.ID))
	})
}
