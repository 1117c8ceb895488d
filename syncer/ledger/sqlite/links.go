package sqlite

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

type links struct{ t *txn }

// linkRow is a link's line in the directory.
type linkRow struct {
	entity int64
	state  ledger.LinkState
	row    int64
	// id is the entity's, where the body was read.
	id record.EntityID
}

const linkColumns = "SELECT l.key, l.entity, l.state, l.row, b.held, b.rest"

// ByRemote finds links by remote id.
func (l links) ByRemote(_ context.Context, system, object string, ids ...string) (map[string]ledger.Link, error) {
	if err := l.t.flushLinks(); err != nil {
		return nil, err
	}
	prefix, err := compose(system, object, "")
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = prefix + id
		if l.t.write {
			l.t.seenLinks[prefix+id] = nil
		}
	}
	out := make(map[string]ledger.Link, len(ids))
	if none, err := l.t.noLinks(keys); none || err != nil {
		return out, err
	}
	err = l.t.find(linkColumns+" FROM (VALUES %rows) v CROSS JOIN link l ON l.key = v.column1 CROSS JOIN link_body b ON b.row = l.row",
		texts(keys), func(row []driver.Value) error {
			x, err := l.t.readLink(row)
			out[x.ID] = x
			return err
		})
	return out, err
}

// noLinks tells whether there is no link from the first to the last of these
// keys: so it is for every page of a first read.
func (t *txn) noLinks(keys []string) (bool, error) {
	if len(keys) == 0 {
		return true, nil
	}
	none := true
	err := t.query("SELECT 1 FROM link WHERE key >= ? AND key <= ? LIMIT 1", []driver.Value{slices.Min(keys), slices.Max(keys)},
		func([]driver.Value) error {
			none = false
			return nil
		})
	return none, err
}

func (t *txn) readLink(row []driver.Value) (ledger.Link, error) {
	key := asText(row[0])
	x := ledger.Link{State: ledger.LinkState(asText(row[2]))}
	x.System, x.Object, x.ID = split(key)
	d := decoder{s: string(asBlob(row[5]))}
	d.link(&x)
	if d.err != nil {
		return x, d.err
	}
	if t.write {
		t.seenLinks[key] = &linkRow{entity: asInt(row[1]), state: x.State, row: asInt(row[3]), id: x.Entity}
	}
	var err error
	x.Shadow.Held, err = wholeFields(asBlob(row[4]))
	return x, err
}

// ByEntity finds the links of entities.
func (l links) ByEntity(_ context.Context, ids ...record.EntityID) (map[record.EntityID][]ledger.Link, error) {
	if err := l.t.flushLinks(); err != nil {
		return nil, err
	}
	rows, err := l.t.knownRows(ids)
	if err != nil {
		return nil, err
	}
	out := make(map[record.EntityID][]ledger.Link, len(ids))
	err = l.t.find(linkColumns+" FROM (VALUES %rows) v CROSS JOIN link l ON l.entity = v.column1 CROSS JOIN link_body b ON b.row = l.row",
		rows, func(row []driver.Value) error {
			x, err := l.t.readLink(row)
			out[x.Entity] = append(out[x.Entity], x)
			return err
		})
	return out, err
}

// Scan goes by remote id.
func (l links) Scan(_ context.Context, system, object, id string, limit int) ([]ledger.Link, error) {
	if err := l.t.flushLinks(); err != nil {
		return nil, err
	}
	prefix, err := compose(system, object, "")
	if err != nil {
		return nil, err
	}
	var out []ledger.Link
	err = l.t.query(linkColumns+" FROM link l CROSS JOIN link_body b ON b.row = l.row"+
		" WHERE l.key > ? AND l.key < ? ORDER BY l.key LIMIT ?",
		[]driver.Value{prefix + id, after(prefix), limited(limit)}, func(row []driver.Value) error {
			x, err := l.t.readLink(row)
			out = append(out, x)
			return err
		})
	return out, err
}

// Count jumps from one remote object to the next, and counts each in its range
// of keys.
func (l links) Count(context.Context) ([]ledger.LinkCount, error) {
	if err := l.t.flushLinks(); err != nil {
		return nil, err
	}
	var out []ledger.LinkCount
	for from := ""; ; {
		var key string
		err := l.t.query("SELECT key FROM link WHERE key >= ? ORDER BY key LIMIT 1", []driver.Value{from},
			func(row []driver.Value) error {
				key = asText(row[0])
				return nil
			})
		if err != nil || key == "" {
			return out, err
		}
		system, object, _ := split(key)
		prefix := system + sep + object + sep
		from = after(prefix)
		err = l.t.query("SELECT state, count(*) FROM link WHERE key >= ? AND key < ? GROUP BY state ORDER BY state",
			[]driver.Value{prefix, from}, func(row []driver.Value) error {
				out = append(out, ledger.LinkCount{
					System: system, Object: object, State: ledger.LinkState(asText(row[0])), N: int(asInt(row[1])),
				})
				return nil
			})
		if err != nil {
			return nil, err
		}
	}
}
