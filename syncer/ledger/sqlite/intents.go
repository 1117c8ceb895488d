package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

type intents struct{ t *txn }

const intentColumns = "SELECT i.op, i.run, i.body FROM "

// Unended walks over the intents that have not ended.
func (i intents) Unended(_ context.Context, system, op string, limit int) ([]ledger.Intent, error) {
	from, err := i.after(op)
	if err != nil {
		return nil, err
	}
	text := intentColumns + "intent_open o CROSS JOIN intent i ON i.row = o.row WHERE o.row > ?1"
	args := []driver.Value{from, limited(limit)}
	if system != "" {
		text += " AND o.system = ?3"
		args = append(args, system)
	}
	return i.t.readIntents(text+" ORDER BY o.row LIMIT ?2", args...)
}

// after is the row of the op a walk goes on behind.
func (i intents) after(op string) (int64, error) {
	if err := i.t.flushIntents(); err != nil || op == "" {
		return 0, err
	}
	found, err := i.t.findOps([]string{op})
	if row, ok := found[op]; ok || err != nil {
		return row, err
	}
	return 0, fmt.Errorf("a walk was to go on after write %s, which is not in the ledger", op)
}

// UnendedOf finds those of entities.
func (i intents) UnendedOf(_ context.Context, ids ...record.EntityID) (map[record.EntityID][]ledger.Intent, error) {
	if err := i.t.flushIntents(); err != nil {
		return nil, err
	}
	rows, err := i.t.knownRows(ids)
	if err != nil {
		return nil, err
	}
	out := make(map[record.EntityID][]ledger.Intent)
	err = i.t.find(intentColumns+"(VALUES %rows) v CROSS JOIN intent i INDEXED BY intent_entity ON i.entity = v.column1"+
		" WHERE EXISTS (SELECT 1 FROM intent_open o WHERE o.row = i.row)", rows, func(row []driver.Value) error {
		x, err := readIntent(row)
		out[x.Entity] = append(out[x.Entity], x)
		return err
	})
	return out, err
}

// Of reads all intents of an entity.
func (i intents) Of(_ context.Context, id record.EntityID) ([]ledger.Intent, error) {
	if err := i.t.flushIntents(); err != nil {
		return nil, err
	}
	rows, err := i.t.knownRows([]record.EntityID{id})
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return i.t.readIntents(intentColumns+"intent i WHERE i.entity = ? ORDER BY i.row", rows[0])
}

// ByRun walks over the span of a run.
func (i intents) ByRun(_ context.Context, run, op string, limit int) ([]ledger.Intent, error) {
	from, err := i.after(op)
	if err != nil {
		return nil, err
	}
	if err := i.t.flushRuns(); err != nil {
		return nil, err
	}
	return i.t.readIntents(intentColumns+"intent_run r CROSS JOIN intent i ON i.row >= r.first AND i.row <= r.last"+
		" WHERE r.run = ?1 AND i.run = ?1 AND i.row > ?2 ORDER BY i.row LIMIT ?3", run, from, limited(limit))
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
