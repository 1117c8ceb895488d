package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

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

// keyLine is one line of the key table.
type keyLine struct {
	key string
	row int64
}

func (t *txn) flushKeys() error {
	all := t.keys.taken()
	if len(all) == 0 {
		return t.flushEntities()
	}
	ids := make([]record.EntityID, len(all))
	for i := range all {
		ids[i] = all[i].id
	}
	rows, err := t.rowsOf(ids)
	if err != nil {
		return err
	}
	have, err := t.keyLines(rows)
	if err != nil {
		return err
	}
	var add []driver.Value
	for i := range all {
		for _, key := range all[i].keys {
			l := keyLine{key, rows[i]}
			if keep, ok := have[l]; !ok {
				add = append(add, key, rows[i])
			} else if !keep {
				have[l] = true
			}
		}
	}
	for l, keep := range have {
		if keep {
			continue
		}
		if err := t.exec("DELETE FROM match_key WHERE key = ? AND row = ?", l.key, l.row); err != nil {
			return err
		}
	}
	return t.insert("INSERT OR IGNORE INTO match_key (key, row) VALUES %rows", 2, add)
}

func (t *txn) keyLines(rows []int64) (map[keyLine]bool, error) {
	have := make(map[keyLine]bool)
	err := t.in("SELECT key, row FROM match_key WHERE row IN (%in)", numbers(rows), func(row []driver.Value) error {
		have[keyLine{asText(row[0]), asInt(row[1])}] = false
		return nil
	})
	return have, err
}
