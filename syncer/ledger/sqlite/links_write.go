package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Put keeps links until they are flushed.
func (l links) Put(_ context.Context, xs ...ledger.Link) error {
	for i := range xs {
		key, err := compose(xs[i].System, xs[i].Object, xs[i].ID)
		if err != nil {
			return err
		}
		if l.t.links.put(key, xs[i]) {
			if err := l.t.flushLinks(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *txn) flushLinks() error {
	xs := t.links.taken()
	if len(xs) == 0 {
		return nil
	}
	keys := make([]string, len(xs))
	for i := range xs {
		keys[i] = xs[i].System + sep + xs[i].Object + sep + xs[i].ID
	}
	if err := t.findLinks(keys); err != nil {
		return err
	}
	owners, err := t.owners(xs, keys)
	if err != nil {
		return err
	}
	defer t.enc.reset()
	var g linkGroup
	for i := range xs {
		x := &xs[i]
		old := t.seenLinks[keys[i]]
		now := &linkRow{entity: owners[i], state: x.State, id: x.Entity}
		if old == nil {
			if now.row, err = t.number("link_body"); err != nil {
				return err
			}
		} else {
			now.row = old.row
		}
		g.add(keys[i], old, now, t.enc.whole(x.Shadow.Held), t.enc.restOfLink(x))
		t.seenLinks[keys[i]] = now
	}
	return errors.Join(
		t.insert("INSERT OR FAIL INTO link (key, entity, state, row) VALUES %rows", 4, g.lines),
		t.insert("REPLACE INTO link (key, entity, state, row) VALUES %rows", 4, g.moved),
		t.insert("INSERT OR FAIL INTO link_body (row, held, rest) VALUES %rows", 3, g.bodies),
		t.insert("REPLACE INTO link_body (row, held, rest) VALUES %rows", 3, g.rewritten),
	)
}

// linkGroup is what a group of puts comes to.
type linkGroup struct{ lines, moved, bodies, rewritten []driver.Value }

func (g *linkGroup) add(key string, old, now *linkRow, held, rest []byte) {
	switch {
	case old == nil:
		g.lines = append(g.lines, key, now.entity, string(now.state), now.row)
		g.bodies = append(g.bodies, now.row, held, rest)
		return
	case old.entity != now.entity || old.state != now.state:
		g.moved = append(g.moved, key, now.entity, string(now.state), now.row)
	}
	g.rewritten = append(g.rewritten, now.row, held, rest)
}

// owners returns the row numbers of the links' entities.
func (t *txn) owners(xs []ledger.Link, keys []string) ([]int64, error) {
	out := make([]int64, len(xs))
	var ask []record.EntityID
	var at []int
	for i := range xs {
		if old := t.seenLinks[keys[i]]; old != nil && old.id != "" && old.id == xs[i].Entity {
			out[i] = old.entity
			continue
		}
		ask, at = append(ask, xs[i].Entity), append(at, i)
	}
	rows, err := t.rowsOf(ask)
	if err != nil {
		return nil, err
	}
	for k, i := range at {
		out[i] = rows[k]
	}
	return out, nil
}

// findLinks looks up the directory lines of links not seen yet.
func (t *txn) findLinks(keys []string) error {
	var ask []string
	for _, key := range keys {
		if _, ok := t.seenLinks[key]; !ok {
			ask = append(ask, key)
		}
	}
	return t.find("SELECT l.key, l.entity, l.state, l.row FROM (VALUES %rows) v CROSS JOIN link l ON l.key = v.column1", texts(ask), func(row []driver.Value) error {
		t.seenLinks[asText(row[0])] = &linkRow{
			entity: asInt(row[1]), state: ledger.LinkState(asText(row[2])), row: asInt(row[3]),
		}
		return nil
	})
}

// Delete removes links.
func (l links) Delete(_ context.Context, refs ...ledger.Ref) error {
	t := l.t
	if err := t.flushLinks(); err != nil {
		return err
	}
	keys := make([]driver.Value, len(refs))
	for i, r := range refs {
		key, err := compose(r.System, r.Object, r.ID)
		if err != nil {
			return err
		}
		keys[i] = key
		t.seenLinks[key] = nil
	}
	return errors.Join(
		t.insert("DELETE FROM link_body WHERE row IN (SELECT row FROM link WHERE key IN (%in))", 1, keys),
		t.insert("DELETE FROM link WHERE key IN (%in)", 1, keys),
	)
}
