package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Put keeps intents until they are flushed.
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
	ops := make([]string, len(xs))
	for i := range xs {
		ops[i] = xs[i].Op
	}
	found, err := t.findOps(ops)
	if err != nil {
		return err
	}
	var fresh, known []*ledger.Intent
	for i := range xs {
		if _, ok := found[xs[i].Op]; ok {
			known = append(known, &xs[i])
		} else {
			fresh = append(fresh, &xs[i])
		}
	}
	defer t.enc.reset()
	return errors.Join(t.addIntents(fresh), t.changeIntents(known, found))
}

func (t *txn) addIntents(xs []*ledger.Intent) error {
	ids := make([]record.EntityID, len(xs))
	for i, x := range xs {
		ids[i] = x.Entity
	}
	owners, err := t.rowsOf(ids)
	if err != nil {
		return err
	}
	var lines, digests, open []driver.Value
	for i, x := range xs {
		row, err := t.number("intent")
		if err != nil {
			return err
		}
		t.ops = noted(t.ops, x.Run, row)
		lines = append(lines, row, x.Op, owners[i], x.Run, t.enc.restOfIntent(x))
		digests = append(digests, digest(x.Op), row)
		if !x.State.Ended() {
			open = append(open, row, x.System)
		}
	}
	return errors.Join(
		t.insert("INSERT OR FAIL INTO intent (row, op, entity, run, body) VALUES %rows", 5, lines),
		t.insert("INSERT OR FAIL INTO intent_op (digest, row) VALUES %rows", 2, digests),
		t.insert("INSERT OR FAIL INTO intent_open (row, system) VALUES %rows", 2, open),
	)
}

// changeIntents leaves run and entity as they are: an op's never change.
func (t *txn) changeIntents(xs []*ledger.Intent, at map[string]int64) error {
	var open, ended []driver.Value
	for _, x := range xs {
		row := at[x.Op]
		if x.State.Ended() {
			ended = append(ended, row)
		} else {
			open = append(open, row, x.System)
		}
		if err := t.exec("UPDATE intent SET body = ? WHERE row = ?", t.enc.restOfIntent(x), row); err != nil {
			return err
		}
	}
	return errors.Join(
		t.insert("REPLACE INTO intent_open (row, system) VALUES %rows", 2, open),
		t.insert("DELETE FROM intent_open WHERE row IN (%in)", 1, ended),
	)
}

// findOps returns the rows of those ops that have one.
func (t *txn) findOps(ops []string) (map[string]int64, error) {
	wanted := make(map[string]bool, len(ops))
	digests := make([]int64, len(ops))
	for i, op := range ops {
		wanted[op] = true
		digests[i] = digest(op)
	}
	found := make(map[string]int64, len(ops))
	err := t.find("SELECT i.op, i.row FROM (VALUES %rows) v CROSS JOIN intent_op o ON o.digest = v.column1"+
		" CROSS JOIN intent i ON i.row = o.row", numbers(digests), func(row []driver.Value) error {
		if op := asText(row[0]); wanted[op] {
			found[op] = asInt(row[1])
		}
		return nil
	})
	return found, err
}
