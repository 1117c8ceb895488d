package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// opSpan says between which op ids the intents of a run lie.
type opSpan struct{ run, first, last string }

// intentRow is an intent's line in the directory.
type intentRow struct {
	entity int64
	run    string
	row    int64
}

func (i intents) Put(_ context.Context, xs ...ledger.Intent) error {
	for k := range xs {
		if xs[k].Op == "" {
			return errors.New("an intent without an op id cannot be stored: this is a mistake in Tandem, please report it")
		}
		if i.t.intents.put(xs[k].Op, xs[k]) {
			if err := i.t.flushIntents(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *txn) flushIntents() error {
	xs := t.intents.taken()
	if len(xs) == 0 {
		return nil
	}
	found, err := t.findIntents(xs)
	if err != nil {
		return err
	}
	ids := make([]record.EntityID, len(xs))
	for i := range xs {
		ids[i] = xs[i].Entity
	}
	owners, err := t.rowsOf(ids)
	if err != nil {
		return err
	}
	defer t.enc.reset()
	var directory, bodies, open, ended []driver.Value
	for i := range xs {
		x := &xs[i]
		old, known := found[x.Op]
		now := intentRow{entity: owners[i], run: x.Run, row: old.row}
		if !known {
			if now.row, err = t.number("intent_body"); err != nil {
				return err
			}
		}
		if old != now {
			directory = append(directory, x.Op, now.entity, now.run, now.row)
			t.noteOp(x.Run, x.Op)
		}
		switch {
		case !x.State.Ended():
			open = append(open, x.Op, x.System, now.row)
		case known:
			ended = append(ended, x.Op)
		}
		t.enc.begin()
		t.enc.intent(x)
		bodies = append(bodies, now.row, t.enc.end())
	}
	return errors.Join(
		t.insert("REPLACE INTO intent (op, entity, run, row) VALUES %rows", 4, directory),
		t.insert("REPLACE INTO intent_body (row, body) VALUES %rows", 2, bodies),
		t.insert("REPLACE INTO intent_open (op, system, row) VALUES %rows", 3, open),
		t.insert("DELETE FROM intent_open WHERE op IN (%in)", 1, ended),
	)
}

// findIntents looks up the directory lines of intents that may be there. Op
// ids grow with time, so that most new ones are known by being greater.
func (t *txn) findIntents(xs []ledger.Intent) (map[string]intentRow, error) {
	row, err := t.c.one("SELECT coalesce(max(op), '') FROM intent")
	if err != nil {
		return nil, err
	}
	last := asText(row[0])
	var ask []driver.Value
	for i := range xs {
		if xs[i].Op <= last {
			ask = append(ask, xs[i].Op)
		}
	}
	found := make(map[string]intentRow, len(ask))
	err = t.in("SELECT op, entity, run, row FROM intent WHERE op IN (%in)", ask, func(row []driver.Value) error {
		found[asText(row[0])] = intentRow{entity: asInt(row[1]), run: asText(row[2]), row: asInt(row[3])}
		return nil
	})
	return found, err
}

func (t *txn) noteOp(run, op string) {
	for i := range t.ops {
		if s := &t.ops[i]; s.run == run {
			s.first, s.last = min(s.first, op), max(s.last, op)
			return
		}
	}
	t.ops = append(t.ops, opSpan{run: run, first: op, last: op})
}

func (t *txn) flushOps() error {
	for _, s := range t.ops {
		err := t.exec("INSERT INTO intent_run (run, first, last) VALUES (?, ?, ?) ON CONFLICT (run) DO UPDATE SET"+
			" first = min(first, excluded.first), last = max(last, excluded.last)", s.run, s.first, s.last)
		if err != nil {
			return err
		}
	}
	t.ops = nil
	return nil
}
