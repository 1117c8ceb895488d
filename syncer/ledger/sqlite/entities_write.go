package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

var errNoID = errors.New("an entity without an id cannot be stored: this is a mistake in Tandem, please report it")

// Put keeps entities until they are flushed.
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

// Where a row is known to be new, OR FAIL spares the undo journal of the
// statement: on any failure the whole transaction is taken back.
const (
	insertEntity = "INSERT OR FAIL INTO entity (id, object, into_id, row) VALUES %rows"
	insertBody   = "INSERT OR FAIL INTO entity_body (row, id, object, into_id, golden, rest) VALUES %rows"
)

// entityGroup is what a group of puts comes to.
type entityGroup struct {
	lines, moved, bodies, rewritten, dirty, clean []driver.Value
	merged                                        [][2]int64
}

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
		now := &entityRow{object: x.Object, into: x.Into, mark: markOf(ledger.Mark(x.Dirty))}
		if old == nil {
			if now.row, err = t.number("entity_body"); err != nil {
				return err
			}
		} else {
			now.row = old.row
		}
		t.markChange(&g, old, now)
		g.add(x, old, now, t.enc.whole(x.Golden), t.enc.restOf(x))
		t.seenEntities[x.ID] = now
	}
	return t.storeEntities(g)
}

func (g *entityGroup) add(x *ledger.Entity, old, now *entityRow, golden, rest []byte) {
	id, object, into := driver.Value(string(x.ID)), driver.Value(string(x.Object)), driver.Value(string(x.Into))
	switch {
	case old == nil:
		g.lines = append(g.lines, id, object, into, now.row)
	case old.object != now.object || old.into != now.into:
		g.moved = append(g.moved, id, object, into, now.row)
		g.merged = append(g.merged, [2]int64{flag(now.into != ""), now.row})
	}
	bodies := &g.bodies
	if old != nil {
		bodies = &g.rewritten
	}
	*bodies = append(*bodies, now.row, id, object, into, golden, rest)
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
	for _, m := range g.merged {
		if err := t.exec("UPDATE entity_keys SET merged = ? WHERE row = ?", m[0], m[1]); err != nil {
			return err
		}
		clear(t.seenKeys)
	}
	return errors.Join(
		t.insert("DELETE FROM dirty WHERE (object, row) IN (VALUES %rows)", 2, g.clean),
		t.insert(insertEntity, 4, g.lines),
		t.insert("REPLACE INTO entity (id, object, into_id, row) VALUES %rows", 4, g.moved),
		t.insert(insertBody, 6, g.bodies),
		t.insert("REPLACE INTO entity_body (row, id, object, into_id, golden, rest) VALUES %rows", 6, g.rewritten),
		t.insert("REPLACE INTO dirty (object, row) VALUES %rows", 2, g.dirty),
	)
}

// findEntities returns the directory lines of entities, nil for those that
// have none.
func (t *txn) findEntities(ids []record.EntityID) ([]*entityRow, error) {
	var ask []record.EntityID
	for _, id := range ids {
		if _, ok := t.seenEntities[id]; !ok {
			ask = append(ask, id)
			t.seenEntities[id] = nil
		}
	}
	err := t.find("SELECT e.id, e.object, e.into_id, e.row FROM (VALUES %rows) v CROSS JOIN entity e ON e.id = v.column1", texts(ask), func(row []driver.Value) error {
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
	var lines, bodies []driver.Value
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
			lines = append(lines, string(id), "", "", n)
			bodies = append(bodies, n, string(id), "", "", []byte{}, []byte{})
		}
		out[i] = found[i].row
	}
	return out, errors.Join(t.insert(insertEntity, 4, lines), t.insert(insertBody, 6, bodies))
}

// knownRows returns the row numbers of those entities that have one.
func (t *txn) knownRows(ids []record.EntityID) ([]driver.Value, error) {
	if err := t.flushEntities(); err != nil {
		return nil, err
	}
	t.boundSeen()
	found, err := t.findEntities(ids)
	rows := make([]int64, 0, len(ids))
	for _, f := range found {
		if f != nil {
			rows = append(rows, f.row)
		}
	}
	return numbers(rows), err
}

// boundSeen forgets what was seen when it has become much, as in a long walk
// over everything. It only spares look-ups.
func (t *txn) boundSeen() {
	const most = 4096
	if len(t.seenEntities) > most {
		clear(t.seenEntities)
	}
}

// Mark changes the index of dirty entities.
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
		if f == nil || f.object == "" || f.mark == markOf(m) {
			continue
		}
		f.mark = markOf(m)
		lines = append(lines, string(f.object), f.row)
	}
	if m == ledger.Dirty {
		return t.insert("REPLACE INTO dirty (object, row) VALUES %rows", 2, lines)
	}
	return t.insert("DELETE FROM dirty WHERE (object, row) IN (VALUES %rows)", 2, lines)
}
