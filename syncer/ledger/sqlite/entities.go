package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

type entities struct{ t *txn }

// entityRow is an entity's line in the directory.
type entityRow struct {
	object record.Object
	into   record.EntityID
	dirty  bool
	row    int64
}

const entityColumns = "e.id, e.object, e.into_id, e.row, b.golden, b.rest"

func (e entities) Get(_ context.Context, ids ...record.EntityID) (map[record.EntityID]ledger.Entity, error) {
	if err := e.t.flushEntities(); err != nil {
		return nil, err
	}
	out := make(map[record.EntityID]ledger.Entity, len(ids))
	if e.t.write {
		for _, id := range ids {
			e.t.seenEntities[id] = nil
		}
	}
	err := e.t.in("SELECT "+entityColumns+" FROM entity e JOIN entity_body b ON b.row = e.row WHERE e.id IN (%in)",
		texts(ids), func(row []driver.Value) error {
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
	}
	d := decoder{s: string(asBlob(row[5]))}
	d.entity(&x)
	if d.err != nil {
		return x, d.err
	}
	if t.write {
		t.seenEntities[x.ID] = &entityRow{object: x.Object, into: x.Into, dirty: x.Dirty, row: asInt(row[3])}
	}
	golden := decoder{s: ""}
	x.Golden = golden.wholeFields(asBlob(row[4]))
	return x, golden.err
}

func (e entities) ByKeys(
	_ context.Context, object record.Object, keys ...ledger.MatchKey,
) (map[ledger.MatchKey][]record.EntityID, error) {
	if err := e.t.flushKeys(); err != nil {
		return nil, err
	}
	if err := e.t.flushEntities(); err != nil {
		return nil, err
	}
	out := make(map[ledger.MatchKey][]record.EntityID, len(keys))
	args := make([]driver.Value, len(keys))
	for i, k := range keys {
		composed, err := compose(string(object), k.Kind, k.Value)
		if err != nil {
			return nil, err
		}
		args[i] = composed
	}
	err := e.t.in("SELECT k.key, k.entity FROM match_key k LEFT JOIN entity e ON e.id = k.entity"+
		" WHERE k.key IN (%in) AND coalesce(e.into_id, '') = '' ORDER BY k.key, k.entity",
		args, func(row []driver.Value) error {
			_, kind, value := split(asText(row[0]))
			k := ledger.MatchKey{Kind: kind, Value: value}
			out[k] = append(out[k], record.EntityID(asText(row[1])))
			return nil
		})
	return out, err
}

func (e entities) Scan(_ context.Context, s ledger.EntityScan) ([]ledger.Entity, error) {
	if err := e.t.flushEntities(); err != nil {
		return nil, err
	}
	text := "SELECT " + entityColumns + " FROM entity e JOIN entity_body b ON b.row = e.row WHERE e.id > ?1"
	if s.Dirty {
		text = "SELECT " + entityColumns + " FROM dirty d CROSS JOIN entity e ON e.id = d.id" +
			" CROSS JOIN entity_body b ON b.row = e.row WHERE d.id > ?1"
	}
	text += " AND e.into_id = ''"
	args := []driver.Value{string(s.After), limited(s.Limit)}
	if s.Object != "" {
		text += " AND e.object = ?3"
		args = append(args, string(s.Object))
	}
	order := " ORDER BY e.id LIMIT ?2"
	if s.Dirty {
		order = " ORDER BY d.id LIMIT ?2"
	}
	var out []ledger.Entity
	err := e.t.query(text+order, args, func(row []driver.Value) error {
		x, err := e.t.readEntity(row)
		out = append(out, x)
		return err
	})
	return out, err
}

func (e entities) Count(context.Context) (map[record.Object]int, error) {
	if err := e.t.flushEntities(); err != nil {
		return nil, err
	}
	out := make(map[record.Object]int)
	err := e.t.query("SELECT object, count(*) FROM entity WHERE into_id = '' GROUP BY object", nil,
		func(row []driver.Value) error {
			out[record.Object(asText(row[0]))] = int(asInt(row[1]))
			return nil
		})
	return out, err
}
