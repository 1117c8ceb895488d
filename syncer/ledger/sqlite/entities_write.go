package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func (e entities) Put(_ context.Context, xs ...ledger.Entity) error {
	for i := range xs {
		if xs[i].ID == "" {
			return errors.New("an entity without an id cannot be stored: this is a mistake in Tandem, please report it")
		}
		if e.t.entities.put(xs[i].ID, xs[i]) {
			if err := e.t.flushEntities(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *txn) flushEntities() error {
	xs := t.entities.taken()
	if len(xs) == 0 {
		return nil
	}
	if err := t.findEntities(xs); err != nil {
		return err
	}
	var directory, bodies, dirty, clean []driver.Value
	for i := range xs {
		x := &xs[i]
		old := t.seenEntities[x.ID]
		now := &entityRow{object: x.Object, into: x.Into, dirty: x.Dirty}
		if old != nil {
			now.row = old.row
		} else {
			n, err := t.number("entity_body")
			if err != nil {
				return err
			}
			now.row = n
		}
		if old == nil || old.object != now.object || old.into != now.into {
			directory = append(directory, string(x.ID), string(x.Object), string(x.Into), now.row)
		}
		switch {
		case x.Dirty && (old == nil || !old.dirty):
			dirty = append(dirty, string(x.ID))
		case !x.Dirty && old != nil && old.dirty:
			clean = append(clean, string(x.ID))
		}
		t.enc.b = nil
		t.enc.entity(x)
		bodies = append(bodies, now.row, x.Golden.Encode(), t.enc.b)
		t.seenEntities[x.ID] = now
	}
	return errors.Join(
		t.insert("REPLACE INTO entity (id, object, into_id, row) VALUES %rows", 4, directory),
		t.insert("REPLACE INTO entity_body (row, golden, rest) VALUES %rows", 3, bodies),
		t.insert("REPLACE INTO dirty (id) VALUES %rows", 1, dirty),
		t.insert("DELETE FROM dirty WHERE id IN (%in)", 1, clean),
	)
}

// findEntities looks up the directory lines of entities not seen yet. Ids grow
// with time, so that most new ones are known by being greater than all.
func (t *txn) findEntities(xs []ledger.Entity) error {
	var ask []driver.Value
	last, known := "", false
	for i := range xs {
		id := xs[i].ID
		if _, ok := t.seenEntities[id]; ok {
			continue
		}
		if !known {
			row, err := t.c.one("SELECT coalesce(max(id), '') FROM entity")
			if err != nil {
				return err
			}
			last, known = asText(row[0]), true
		}
		if string(id) <= last {
			ask = append(ask, string(id))
		}
	}
	return t.in("SELECT e.id, e.object, e.into_id, e.row, EXISTS (SELECT 1 FROM dirty d WHERE d.id = e.id)"+
		" FROM entity e WHERE e.id IN (%in)", ask, func(row []driver.Value) error {
		t.seenEntities[record.EntityID(asText(row[0]))] = &entityRow{
			object: record.Object(asText(row[1])), into: record.EntityID(asText(row[2])),
			row: asInt(row[3]), dirty: asInt(row[4]) != 0,
		}
		return nil
	})
}

// keysOf are the match keys an entity is to have.
type keysOf struct {
	id   record.EntityID
	keys []string // composed
}

func (e entities) PutKeys(_ context.Context, id record.EntityID, object record.Object, keys ...ledger.MatchKey) error {
	k := keysOf{id: id, keys: make([]string, len(keys))}
	for i, key := range keys {
		composed, err := compose(string(object), key.Kind, key.Value)
		if err != nil {
			return err
		}
		k.keys[i] = composed
	}
	if e.t.keys.put(id, k) {
		return e.t.flushKeys()
	}
	return nil
}

func (t *txn) flushKeys() error {
	all := t.keys.taken()
	if len(all) == 0 {
		return nil
	}
	ids := make([]record.EntityID, len(all))
	for i := range all {
		ids[i] = all[i].id
	}
	type line struct {
		key string
		id  record.EntityID
	}
	have := make(map[line]struct{})
	err := t.in("SELECT key, entity FROM match_key WHERE entity IN (%in)", texts(ids), func(row []driver.Value) error {
		have[line{asText(row[0]), record.EntityID(asText(row[1]))}] = struct{}{}
		return nil
	})
	if err != nil {
		return err
	}
	var add []driver.Value
	for i := range all {
		for _, key := range all[i].keys {
			l := line{key, all[i].id}
			if _, ok := have[l]; !ok {
				add = append(add, key, string(l.id))
			}
			delete(have, l)
		}
	}
	for l := range have {
		if err := t.exec("DELETE FROM match_key WHERE key = ? AND entity = ?", l.key, string(l.id)); err != nil {
			return err
		}
	}
	return t.insert("INSERT OR IGNORE INTO match_key (key, entity) VALUES %rows", 2, add)
}
