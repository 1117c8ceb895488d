package sqlite

import (
	"context"
	"database/sql/driver"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

type intents struct{ t *txn }

const intentColumns = "SELECT i.op, i.run, b.body"

func (i intents) Unended(_ context.Context, system, op string, limit int) ([]ledger.Intent, error) {
	text := intentColumns + " FROM intent_open o CROSS JOIN intent i ON i.op = o.op" +
		" CROSS JOIN intent_body b ON b.row = o.row WHERE o.op > ?1"
	args := []driver.Value{op, limited(limit)}
	if system != "" {
		text += " AND o.system = ?3"
		args = append(args, system)
	}
	return i.t.readIntents(text+" ORDER BY o.op LIMIT ?2", args...)
}

func (i intents) UnendedOf(_ context.Context, ids ...record.EntityID) (map[record.EntityID][]ledger.Intent, error) {
	if err := i.t.flushIntents(); err != nil {
		return nil, err
	}
	rows, err := i.t.knownRows(ids)
	if err != nil {
		return nil, err
	}
	out := make(map[record.EntityID][]ledger.Intent)
	err = i.t.in(intentColumns+" FROM intent i CROSS JOIN intent_open o ON o.op = i.op"+
		" CROSS JOIN intent_body b ON b.row = i.row WHERE i.entity IN (%in) ORDER BY i.entity, i.row",
		rows, func(row []driver.Value) error {
			x, err := readIntent(row)
			out[x.Entity] = append(out[x.Entity], x)
			return err
		})
	return out, err
}

func (i intents) Of(_ context.Context, id record.EntityID) ([]ledger.Intent, error) {
	rows, err := i.t.knownRows([]record.EntityID{id})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return i.t.readIntents(intentColumns+" FROM intent i CROSS JOIN intent_body b ON b.row = i.row"+
		" WHERE i.entity = ? ORDER BY i.row", rows[0])
}

func (i intents) ByRun(_ context.Context, run, op string, limit int) ([]ledger.Intent, error) {
	if err := i.t.flushIntents(); err != nil {
		return nil, err
	}
	if err := i.t.flushOps(); err != nil {
		return nil, err
	}
	return i.t.readIntents(intentColumns+" FROM intent_run r CROSS JOIN intent i ON i.op >= r.first AND i.op <= r.last"+
		" CROSS JOIN intent_body b ON b.row = i.row WHERE r.run = ?1 AND i.run = ?1 AND i.op > ?2 ORDER BY i.op LIMIT ?3",
		run, op, limited(limit))
}

func (t *txn) readIntents(text string, args ...driver.Value) ([]ledger.Intent, error) {
	if err := t.flushIntents(); err != nil {
		return nil, err
	}
	var out []ledger.Intent
	err := t.query(text, args, func(row []driver.Value) error {
		x, err := readIntent(row)
		out = append(out, x)
		return err
	})
	return out, err
}

func readIntent(row []driver.Value) (ledger.Intent, error) {
	x := ledger.Intent{Op: asText(row[0]), Run: asText(row[1])}
	d := decoder{s: string(asBlob(row[2]))}
	d.intent(&x)
	return x, d.err
}
