package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

type meta struct{ t *txn }

// Cursors reads the positions of a system.
func (m meta) Cursors(_ context.Context, system string) ([]ledger.Cursor, error) {
	var out []ledger.Cursor
	err := m.t.query("SELECT object, lane, value, seq, done, times FROM cursor WHERE system = ? ORDER BY object, lane",
		[]driver.Value{system}, func(row []driver.Value) error {
			c := ledger.Cursor{
				CursorKey: ledger.CursorKey{System: system, Object: asText(row[0]), Lane: asText(row[1])},
				Value:     asText(row[2]), Seq: asInt(row[3]), Done: asInt(row[4]) != 0,
			}
			d := decoder{s: string(asBlob(row[5]))}
			c.CompleteTo, c.Updated = d.time(), d.time()
			out = append(out, c)
			return d.err
		})
	return out, err
}

// PutCursors writes positions.
func (m meta) PutCursors(_ context.Context, cursors ...ledger.Cursor) error {
	for i := range cursors {
		c := &cursors[i]
		e := &m.t.enc
		e.begin()
		e.time(c.CompleteTo)
		e.time(c.Updated)
		err := m.t.exec("REPLACE INTO cursor (system, object, lane, value, seq, done, times) VALUES (?, ?, ?, ?, ?, ?, ?)",
			c.System, c.Object, c.Lane, c.Value, c.Seq, flag(c.Done), e.end())
		e.reset()
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteCursors forgets positions.
func (m meta) DeleteCursors(_ context.Context, keys ...ledger.CursorKey) error {
	for _, k := range keys {
		err := m.t.exec("DELETE FROM cursor WHERE system = ? AND object = ? AND lane = ?", k.System, k.Object, k.Lane)
		if err != nil {
			return err
		}
	}
	return nil
}

// Runs reads the newest runs.
func (m meta) Runs(_ context.Context, limit int) ([]ledger.Run, error) {
	var out []ledger.Run
	err := m.t.query("SELECT id, body FROM run ORDER BY started DESC, id DESC LIMIT ?", []driver.Value{limited(limit)},
		func(row []driver.Value) error {
			r := ledger.Run{ID: asText(row[0])}
			d := decoder{s: string(asBlob(row[1]))}
			r.Kind, r.Revision, r.Started, r.Ended, r.Outcome = d.str(), d.str(), d.time(), d.time(), d.str()
			if s := d.str(); s != "" {
				r.Summary = []byte(s)
			}
			out = append(out, r)
			return d.err
		})
	return out, err
}

// PutRun writes a run.
func (m meta) PutRun(_ context.Context, r ledger.Run) error {
	e := &m.t.enc
	defer e.reset()
	e.begin()
	e.str(r.Kind)
	e.str(r.Revision)
	e.time(r.Started)
	e.time(r.Ended)
	e.str(r.Outcome)
	e.str(string(r.Summary))
	return m.t.exec("REPLACE INTO run (id, started, body) VALUES (?, ?, ?)", r.ID, nanos(r.Started), e.end())
}

// Get reads a fact.
func (m meta) Get(_ context.Context, key string) ([]byte, error) {
	var out []byte
	err := m.t.query("SELECT value FROM fact WHERE key = ?", []driver.Value{key}, func(row []driver.Value) error {
		out = append([]byte{}, asBlob(row[0])...)
		return nil
	})
	return out, err
}

// List reads the facts of a prefix.
func (m meta) List(_ context.Context, prefix string) (map[string][]byte, error) {
	text, args := "SELECT key, value FROM fact WHERE key >= ?", []driver.Value{prefix}
	if end := after(prefix); end != "" {
		text, args = text+" AND key < ?", append(args, end)
	}
	out := make(map[string][]byte)
	err := m.t.query(text, args, func(row []driver.Value) error {
		out[asText(row[0])] = append([]byte{}, asBlob(row[1])...)
		return nil
	})
	return out, err
}

// Set writes or forgets a fact.
func (m meta) Set(_ context.Context, key string, value []byte) error {
	if value == nil {
		return m.t.exec("DELETE FROM fact WHERE key = ?", key)
	}
	return m.t.exec("REPLACE INTO fact (key, value) VALUES (?, ?)", key, value)
}

// Fence takes or proves an epoch.
func (m meta) Fence(_ context.Context, name string, epoch int64) error {
	var have int64
	err := m.t.query("SELECT epoch FROM fence WHERE name = ?", []driver.Value{name}, func(row []driver.Value) error {
		have = asInt(row[0])
		return nil
	})
	switch {
	case err != nil:
		return err
	case epoch < have:
		return ledger.ErrFenced
	}
	return m.t.exec("REPLACE INTO fence (name, epoch) VALUES (?, ?)", name, epoch)
}
