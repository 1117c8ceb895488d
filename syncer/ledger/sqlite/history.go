package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

type history struct{ t *txn }

// runSpan says between which sequence numbers the changes of a run lie.
type runSpan struct {
	run         string
	first, last int64
}

func (h history) Of(_ context.Context, id record.EntityID) ([]ledger.Change, error) {
	rows, err := h.t.knownRows([]record.EntityID{id})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return h.t.readChanges("SELECT seq, run, body FROM history WHERE entity = ? ORDER BY seq", rows[0])
}

func (h history) ByRun(_ context.Context, run string, seq int64, limit int) ([]ledger.Change, error) {
	if err := h.t.flushRuns(); err != nil {
		return nil, err
	}
	return h.t.readChanges("SELECT h.seq, h.run, h.body FROM history_run r CROSS JOIN history h"+
		" ON h.seq >= r.first AND h.seq <= r.last WHERE r.run = ?1 AND h.run = ?1 AND h.seq > ?2 ORDER BY h.seq LIMIT ?3",
		run, seq, limited(limit))
}

func (t *txn) readChanges(text string, args ...driver.Value) ([]ledger.Change, error) {
	var out []ledger.Change
	err := t.query(text, args, func(row []driver.Value) error {
		c := ledger.Change{Seq: asInt(row[0]), Run: asText(row[1])}
		d := decoder{s: string(asBlob(row[2]))}
		d.change(&c)
		out = append(out, c)
		return d.err
	})
	return out, err
}

func (h history) Append(_ context.Context, changes ...ledger.Change) error {
	t := h.t
	ids := make([]record.EntityID, len(changes))
	for i := range changes {
		ids[i] = changes[i].Entity
	}
	rows, err := t.rowsOf(ids)
	if err != nil {
		return err
	}
	defer t.enc.reset()
	values := make([]driver.Value, 0, 4*len(changes))
	for i := range changes {
		c := &changes[i]
		seq, err := t.number("history")
		if err != nil {
			return err
		}
		t.enc.begin()
		t.enc.change(c)
		values = append(values, seq, rows[i], c.Run, t.enc.end())
		t.noteRun(c.Run, seq)
	}
	return t.insert("INSERT INTO history (seq, entity, run, body) VALUES %rows", 4, values)
}

func (t *txn) noteRun(run string, seq int64) {
	for i := range t.runs {
		if t.runs[i].run == run {
			t.runs[i].last = seq
			return
		}
	}
	t.runs = append(t.runs, runSpan{run: run, first: seq, last: seq})
}

func (t *txn) flushRuns() error {
	for _, r := range t.runs {
		err := t.exec("INSERT INTO history_run (run, first, last) VALUES (?, ?, ?) ON CONFLICT (run) DO UPDATE SET"+
			" first = min(first, excluded.first), last = max(last, excluded.last)", r.run, r.first, r.last)
		if err != nil {
			return err
		}
	}
	t.runs = nil
	return nil
}
