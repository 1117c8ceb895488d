package sqlite

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// keysOf are the match keys an entity is to have.
type keysOf struct {
	id   record.EntityID
	keys []string // composed of object, kind and value
}

// holder is an entity that has a match key.
type holder struct {
	id  record.EntityID
	row int64
}

// digest is FNV-1a of s, as SQLite's kind of integer.
func digest(s string) int64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h ^= uint64(s[i])
		h *= 1099511628211
	}
	return int64(h) //nolint:gosec // only compared
}

// ByKeys finds who has match keys.
func (e entities) ByKeys(
	_ context.Context, object record.Object, keys ...ledger.MatchKey,
) (map[ledger.MatchKey][]record.EntityID, error) {
	if err := e.t.flushKeys(); err != nil {
		return nil, err
	}
	all := make([]string, len(keys))
	for i, k := range keys {
		composed, err := compose(string(object), k.Kind, k.Value)
		if err != nil {
			return nil, err
		}
		all[i] = composed
	}
	if err := e.t.findHolders(all); err != nil {
		return nil, err
	}
	out := make(map[ledger.MatchKey][]record.EntityID, len(keys))
	for i, k := range keys {
		if _, twice := out[k]; twice {
			continue
		}
		for _, h := range e.t.seenKeys[all[i]] {
			out[k] = append(out[k], h.id)
		}
	}
	return out, nil
}

// findHolders looks up who has keys that were not asked for before. The answer
// is kept in step by flushKeys, and forgotten when an entity is merged.
func (t *txn) findHolders(keys []string) error {
	const most = 4096
	if len(t.seenKeys) > most {
		clear(t.seenKeys)
	}
	asked := make(map[int64][]string)
	var ask []int64
	for _, key := range keys {
		if _, ok := t.seenKeys[key]; ok {
			continue
		}
		t.seenKeys[key] = nil
		d := digest(key)
		ask = append(ask, d)
		asked[d] = append(asked[d], key)
	}
	return t.find("SELECT k.digest, e.row, e.id, e.keys FROM (VALUES %rows) v CROSS JOIN match_key k ON k.digest = v.column1"+
		" CROSS JOIN entity_keys e ON e.row = k.row WHERE e.merged = 0", numbers(ask), func(row []driver.Value) error {
		has, err := decodeKeys(asBlob(row[3]))
		for _, key := range asked[asInt(row[0])] {
			if slices.Contains(has, key) {
				t.seenKeys[key] = append(t.seenKeys[key], holder{record.EntityID(asText(row[2])), asInt(row[1])})
			}
		}
		return err
	})
}

func decodeKeys(b []byte) ([]string, error) {
	d := decoder{s: string(b)}
	keys := make([]string, d.count())
	for i := range keys {
		keys[i] = d.str()
	}
	return keys, d.err
}

func (e *encoder) keysOf(keys []string) []byte {
	e.begin()
	e.uint(uint64(len(keys)))
	for _, k := range keys {
		e.str(k)
	}
	return e.end()
}

// PutKeys keeps the keys until they are flushed.
func (e entities) PutKeys(_ context.Context, id record.EntityID, object record.Object, keys ...ledger.MatchKey) error {
	k := keysOf{id: id, keys: make([]string, len(keys))}
	for i, key := range keys {
		composed, err := compose(string(object), key.Kind, key.Value)
		if err != nil {
			return err
		}
		k.keys[i] = composed
	}
	slices.Sort(k.keys)
	k.keys = slices.Compact(k.keys)
	if e.t.keys.put(id, k) {
		return e.t.flushKeys()
	}
	return nil
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
	have, err := t.keysHad(rows)
	if err != nil {
		return err
	}
	defer t.enc.reset()
	var add, drop, lines []driver.Value
	for i := range all {
		old, now := have[rows[i]], all[i].keys
		if slices.Equal(old, now) {
			continue
		}
		merged := t.seenEntities[ids[i]].into != ""
		lines = append(lines, rows[i], string(ids[i]), flag(merged), t.enc.keysOf(now))
		h := holder{ids[i], rows[i]}
		for _, key := range without(now, old) {
			add = append(add, digest(key), h.row)
			if known, ok := t.seenKeys[key]; ok && !merged {
				t.seenKeys[key] = append(known, h)
			}
		}
		for _, key := range without(old, now) {
			drop = append(drop, digest(key), h.row)
			t.seenKeys[key] = slices.DeleteFunc(t.seenKeys[key], func(x holder) bool { return x == h })
		}
	}
	return t.storeKeys(lines, add, drop)
}

func (t *txn) storeKeys(lines, add, drop []driver.Value) error {
	if err := t.insert("DELETE FROM match_key WHERE (digest, row) IN (VALUES %rows)", 2, drop); err != nil {
		return err
	}
	if err := t.insert("INSERT OR IGNORE INTO match_key (digest, row) VALUES %rows", 2, add); err != nil {
		return err
	}
	return t.insert("REPLACE INTO entity_keys (row, id, merged, keys) VALUES %rows", 4, lines)
}

// without returns what is in a and not in b; both are in order.
func without(a, b []string) []string {
	var out []string
	for _, s := range a {
		if _, found := slices.BinarySearch(b, s); !found {
			out = append(out, s)
		}
	}
	return out
}

// keysHad returns the keys that entities have. Those new in this transaction
// are not looked for.
func (t *txn) keysHad(rows []int64) (map[int64][]string, error) {
	old := rows
	if first, ok := t.first["entity_body"]; ok && !t.keysPut {
		old = slices.DeleteFunc(slices.Clone(rows), func(n int64) bool { return n >= first })
	}
	t.keysPut = true
	have := make(map[int64][]string, len(old))
	err := t.find("SELECT e.row, e.keys FROM (VALUES %rows) v CROSS JOIN entity_keys e ON e.row = v.column1", numbers(old),
		func(row []driver.Value) (err error) {
			have[asInt(row[0])], err = decodeKeys(asBlob(row[1]))
			return err
		})
	return have, err
}
