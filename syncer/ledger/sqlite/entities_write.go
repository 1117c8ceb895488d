package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

var errNoID = errors.New("an entity without an id cannot be stored: this is a mistake in Tandem, please report it")

func (e entities) Put(_ context.Context, xs ...ledger.Entity) error {
	for i := range xs {
		if xs[i].ID == "" || xs[i].Object == "" {
			return errNoID
		}
		if e.t.entities.put(xs[i].ID, xs[i]) {
			if err := e.t.flushEntities(); err != nil {
				return err
			}
		}
	}
	return nil
}

// entityGroup is what a group of puts comes to.
type entityGroup struct{ directory, bodies, dirty, clean []driver.Value }

func (t *txn) flushEntities() error {
	xs := t.entities.taken()
	if len(xs) == 0 {
		return nil
	}
	t.boundSeen()
	ids := make([]record.EntityID, len(xs))
	for i := range xs {
		ids[i] = xs[i].ID
	}
	found, err := t.findEntities(ids)
	if err != nil {
		return err
	}
	defer t.enc.reset()
	var g entityGroup
	for i := range xs {
		x, old := &xs[i], found[i]
		now := &entityRow{object: x.Object, into: x.Into, mark: markOf(x.Dirty)}
		if old == nil {
			if now.row, err = t.number("entity_body"); err != nil {
				return err
			}
		} else {
			now.row = old.row
		}
		if old == nil || old.object != now.object || old.into != now.into {
			g.directory = append(g.directory, string(x.ID), string(x.Object), string(x.Into), now.row)
		}
		t.markChange(&g, old, now)
		golden := t.enc.whole(x.Golden)
		t.enc.begin()
		t.enc.entity(x)
		g.bodies = append(g.bodies, now.row, string(x.ID), string(x.Object), string(x.Into), golden, t.enc.end())
		t.seenEntities[x.ID] = now
	}
	return t.storeEntities(g)
}

// markChange leaves an entity's dirty mark as it is now.
func (t *txn) markChange(g *entityGroup, old, now *entityRow) {
	if old != nil && old.object != now.object && old.mark != markClean {
		g.clean = append(g.clean, string(old.object), now.row)
		old = nil
	}
	switch {
	case now.mark == markDirty && (old == nil || old.mark != markDirty):
		g.dirty = append(g.dirty, string(now.object), now.row)
	case now.mark == markClean && old != nil && old.mark != markClean:
		g.clean = append(g.clean, string(now.object), now.row)
	}
}

func (t *txn) storeEntities(g entityGroup) error {
	return errors.Join(
		t.insert("DELETE FROM dirty WHERE (object, row) IN (VALUES %rows)", 2, g.clean),
		t.insert("REPLACE INTO entity (id, object, into_id, row) VALUES %rows", 4, g.directory),
		t.insert("REPLACE INTO entity_body (row, id, object, into_id, golden, rest) VALUES %rows", 6, g.bodies),
		t.insert("REPLACE INTO dirty (object, row) VALUES %rows", 2, g.dirty),
	)
}

// findEntities returns the directory lines of entities, nil for those that
// have none.
func (t *txn) findEntities(ids []record.EntityID) ([]*entityRow, error) {
	var ask []driver.Value
	for _, id := range ids {
		if _, ok := t.seenEntities[id]; !ok {
			ask = append(ask, string(id))
			t.seenEntities[id] = nil
		}
	}
	err := t.in("SELECT id, object, into_id, row FROM entity WHERE id IN (%in)", ask, func(row []driver.Value) error {
		t.seenEntities[record.EntityID(asText(row[0]))] = &entityRow{
			object: record.Object(asText(row[1])), into: record.EntityID(asText(row[2])), row: asInt(row[3]),
		}
		return nil
	})
	out := make([]*entityRow, len(ids))
	for i, id := range ids {
		out[i] = t.seenEntities[id]
	}
	return out, err
}

// rowsOf returns the row numbers of entities, and gives one to those that are
// only spoken of yet.
func (t *txn) rowsOf(ids []record.EntityID) ([]int64, error) {
	if err := t.flushEntities(); err != nil {
		return nil, err
	}
	t.boundSeen()
	found, err := t.findEntities(ids)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(ids))
	var directory []driver.Value
	for i, id := range ids {
		if found[i] == nil {
			found[i] = t.seenEntities[id] // an id given twice
		}
		if found[i] == nil {
			n, err := t.number("entity_body")
			if err != nil {
				return nil, err
			}
			found[i] = &entityRow{row: n, mark: markClean}
			t.seenEntities[id] = found[i]
			directory = append(directory, string(id), "", "", n)
		}
		out[i] = found[i].row
	}
	return out, t.insert("REPLACE INTO entity (id, object, into_id, row) VALUES %rows", 4, directory)
}

// knownRows returns the row numbers of those entities that have one.
func (t *txn) knownRows(ids []record.EntityID) ([]driver.Value, error) {
	if err := t.flushEntities(); err != nil {
		return nil, err
	}
	t.boundSeen()
	found, err := t.findEntities(ids)
	out := make([]driver.Value, 0, len(ids))
	for _, f := range found {
		if f != nil {
			out = append(out, f.row)
		}
	}
	return out, err
}

// boundSeen forgets what was seen when it has become much, as in a long walk
// over everything. It only spares look-ups.
func (t *txn) boundSeen() {
	const most = 4096
	if len(t.seenEntities) > most {
		clear(t.seenEntities)
	}
}

func (e entities) Mark(_ context.Context, m ledger.Mark, ids ...record.EntityID) error {
	t := e.t
	if err := t.flushEntities(); err != nil {
		return err
	}
	found, err := t.findEntities(ids)
	if err != nil {
		return err
	}
	var lines []driver.Value
	for _, f := range found {
		if f == nil || f.object == "" || f.mark == markOf(bool(m)) {
			continue
		}
		f.mark = markOf(bool(m))
		lines = append(lines, string(f.object), f.row)
	}
	if m == ledger.Dirty {
		return t.insert("REPLACE INTO dirty (object, row) VALUES %rows", 2, lines)
	}
	return t.insert("DELETE FROM dirty WHERE (object, row) IN (VALUES %rows)", 2, lines)
}
