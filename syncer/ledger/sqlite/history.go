package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

type history struct{ t *txn }

// runSpan says between which numbers the rows of a run lie.
type runSpan struct {
	run         string
	first, last int64
}

// Of reads the history of an entity.
func (h history) Of(_ context.Context, id record.EntityID) ([]ledger.Change, error) {
	rows, err := h.t.knownRows([]record.EntityID{id})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return h.t.readChanges("SELECT seq, run, body FROM history WHERE entity = ? ORDER BY seq", rows[0])
}

// ByRun walks over the span of a run.
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

// Append writes changes under the next numbers.
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
		t.runs = noted(t.runs, c.Run, seq)
	}
	return t.insert("INSERT OR FAIL INTO history (seq, entity, run, body) VALUES %rows", 4, values)
}

// noted extends the span of a run to a number, which is greater than all before.
func noted(spans []runSpan, run string, n int64) []runSpan {
	for i := range spans {
		if spans[i].run == run {
			spans[i].last = n
			return spans
		}
	}
	return append(spans, runSpan{run: run, first: n, last: n})
}

func (t *txn) flushRuns() error {
	err := errors.Join(t.putSpans("history_run", t.runs), t.putSpans("intent_run", t.ops))
	t.runs, t.ops = nil, nil
	return err
}

func (t *txn) putSpans(table string, spans []runSpan) error {
	for _, s := range spans {
		err := t.exec("INSERT INTO "+table+" (run, first, last) VALUES (?, ?, ?) ON CONFLICT (run) DO UPDATE SET last = excluded.last",
			s.run, s.first, s.last)
		if err != nil {
			return err
		}
	}
	return nil
}
