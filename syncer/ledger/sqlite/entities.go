package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

type entities struct{ t *txn }

// entityRow is an entity's line in the directory.
type entityRow struct {
	object record.Object // "" while it is only spoken of
	into   record.EntityID
	row    int64
	mark   markState
}

// markState is what is known of an entity's dirty mark.
type markState uint8

const (
	markUnknown markState = iota
	markClean
	markDirty
)

func markOf(dirty ledger.Mark) markState {
	if dirty {
		return markDirty
	}
	return markClean
}

const dirtyColumn = "EXISTS (SELECT 1 FROM dirty x WHERE x.object = b.object AND x.row = b.row)"

// Get finds entities by id.
func (e entities) Get(_ context.Context, ids ...record.EntityID) (map[record.EntityID]ledger.Entity, error) {
	if err := e.t.flushEntities(); err != nil {
		return nil, err
	}
	out := make(map[record.EntityID]ledger.Entity, len(ids))
	e.t.boundSeen()
	for _, id := range ids {
		e.t.seenEntities[id] = nil
	}
	err := e.t.find("SELECT e.id, e.object, e.into_id, e.row, b.golden, b.rest, "+dirtyColumn+
		" FROM (VALUES %rows) v CROSS JOIN entity e ON e.id = v.column1 CROSS JOIN entity_body b ON b.row = e.row",
		texts(ids), func(row []driver.Value) error {
			if asText(row[1]) == "" { // only spoken of
				e.t.seenEntities[record.EntityID(asText(row[0]))] = &entityRow{row: asInt(row[3]), mark: markClean}
				return nil
			}
			x, err := e.t.readEntity(row)
			out[x.ID] = x
			return err
		})
	return out, err
}

func (t *txn) readEntity(row []driver.Value) (ledger.Entity, error) {
	x := ledger.Entity{
		ID:     record.EntityID(asText(row[0])),
		Object: record.Object(asText(row[1])),
		Into:   record.EntityID(asText(row[2])),
		Dirty:  asInt(row[6]) != 0,
	}
	t.seenEntities[x.ID] = &entityRow{object: x.Object, into: x.Into, row: asInt(row[3]), mark: markOf(ledger.Mark(x.Dirty))}
	d := decoder{s: string(asBlob(row[5]))}
	d.entity(&x)
	if d.err != nil {
		return x, d.err
	}
	var err error
	x.Golden, err = wholeFields(asBlob(row[4]))
	return x, err
}

// Scan goes by object and row: entities that were read together come together.
func (e entities) Scan(_ context.Context, s ledger.EntityScan) ([]ledger.Entity, error) {
	t := e.t
	if err := t.flushEntities(); err != nil {
		return nil, err
	}
	t.boundSeen()
	object, number := s.Object, int64(0)
	if s.After != "" {
		at, err := t.findEntities([]record.EntityID{s.After})
		if err != nil {
			return nil, err
		}
		if at[0] == nil {
			return nil, fmt.Errorf("a scan was to go on after entity %s, which is not in the ledger", s.After)
		}
		object, number = at[0].object, at[0].row
	}
	from := " FROM entity s INDEXED BY entity_scan"
	if s.Dirty {
		from = " FROM dirty s"
	}
	place := "(s.object, s.row) > (?1, ?2)"
	if s.Object != "" {
		place = "s.object = ?1 AND s.row > ?2"
	}
	var out []ledger.Entity
	err := t.query("SELECT b.id, b.object, b.into_id, b.row, b.golden, b.rest, "+dirtyColumn+from+" CROSS JOIN entity_body b ON b.row = s.row WHERE "+place+
		" AND b.object <> '' AND b.into_id = '' ORDER BY s.object, s.row LIMIT ?3",
		[]driver.Value{string(object), number, limited(s.Limit)}, func(row []driver.Value) error {
			x, err := t.readEntity(row)
			out = append(out, x)
			return err
		})
	return out, err
}

// Count counts those that stand for themselves.
func (e entities) Count(context.Context) (map[record.Object]int, error) {
	if err := e.t.flushEntities(); err != nil {
		return nil, err
	}
	out := make(map[record.Object]int)
	err := e.t.query("SELECT object, count(*) FROM entity WHERE into_id = '' AND object <> '' GROUP BY object", nil,
		func(row []driver.Value) error {
			out[record.Object(asText(row[0]))] = int(asInt(row[1]))
			return nil
		})
	return out, err
}
