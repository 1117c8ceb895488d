package syncer

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/identity"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// store writes everything the page changed.
func (in *intake) store(ctx context.Context) error {
	entities := make([]ledger.Entity, 0, len(in.touched))
	for _, id := range slices.Sorted(maps.Keys(in.touched)) {
		entities = append(entities, *in.entities[id])
	}
	if err := in.tx.Entities.Put(ctx, entities...); err != nil {
		return err
	}
	if err := in.storeKeys(ctx, entities); err != nil {
		return err
	}
	if err := in.tx.Links.Put(ctx, in.put...); err != nil {
		return err
	}
	if err := in.tx.History.Append(ctx, in.changes...); err != nil {
		return err
	}
	if err := in.tx.Holds.Release(ctx, in.release...); err != nil {
		return err
	}
	return in.tx.Holds.Put(ctx, in.newHold...)
}

// storeKeys keeps the match keys of the page's entities in step with their
// golden values. A key that another entity holds too is held for both.
func (in *intake) storeKeys(ctx context.Context, entities []ledger.Entity) error {
	match := in.cycle.engine.Match[in.object.As]
	all := map[record.EntityID][]ledger.MatchKey{}
	var flat []ledger.MatchKey
	for _, e := range entities {
		keys := matchKeys(match, e.Golden)
		keys = append(keys, in.refKeys(e)...)
		if len(keys) == 0 {
			continue
		}
		all[e.ID] = keys
		flat = append(flat, keys...)
		if err := in.tx.Entities.PutKeys(ctx, e.ID, e.Object, keys...); err != nil {
			return err
		}
	}
	if len(flat) == 0 {
		return nil
	}
	holders, err := in.tx.Entities.ByKeys(ctx, in.object.As, flat...)
	if err != nil {
		return err
	}
	for id, keys := range all {
		for key, others := range identity.Clashes(id, keys, holders) {
			for _, e := range append(others, id) {
				in.newHold = append(in.newHold, clash(e, key, in.now()))
			}
		}
	}
	return nil
}

func clash(id record.EntityID, key ledger.MatchKey, now time.Time) ledger.Hold {
	return ledger.Hold{
		HoldKey: ledger.HoldKey{Entity: id, Field: key.Kind}, Reason: ledger.Quarantined, Since: now,
		Cause:  "claimed by two entities: " + key.Kind,
		Detail: "two entities hold the same " + key.Kind + ": merge them in one of the systems, or correct one",
	}
}

// refKeys are the keys by which records of other systems find the entity
// through ids left by another sync.
func (in *intake) refKeys(e ledger.Entity) []ledger.MatchKey {
	if !in.cycle.adopted[e.Object] {
		return nil
	}
	var keys []ledger.MatchKey
	for _, l := range in.siblings[e.ID] {
		keys = append(keys, identity.RefKey(l.Ref))
		if pair, ok := in.cycle.engine.Pairs[l.Ref]; ok {
			keys = append(keys, identity.RefKey(pair))
		}
		o := in.cycle.engine.system(l.System).object(l.Object)
		for field, to := range o.Adopt {
			if v := l.Shadow.Held[field]; v.IsPresent() && v.Text() != "" {
				to.ID = v.Text()
				keys = append(keys, identity.RefKey(to))
			}
		}
	}
	return keys
}
