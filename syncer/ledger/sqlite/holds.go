package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

type holds struct{ t *txn }

const (
	holdKey     = "entity, system, field, object, remote"
	holdColumns = "SELECT " + holdKey + ", reason, cause, detail, rest FROM "
)

func keyValues(k ledger.HoldKey) []driver.Value {
	return []driver.Value{string(k.Entity), k.System, k.Field, k.Object, k.Remote}
}

func readHoldKey(row []driver.Value) ledger.HoldKey {
	return ledger.HoldKey{
		Entity: record.EntityID(asText(row[0])), System: asText(row[1]), Field: asText(row[2]),
		Object: asText(row[3]), Remote: asText(row[4]),
	}
}

func readHold(row []driver.Value) (ledger.Hold, error) {
	h := ledger.Hold{
		HoldKey: readHoldKey(row), Reason: ledger.Reason(asText(row[5])), Cause: asText(row[6]), Detail: asText(row[7]),
	}
	d := decoder{s: string(asBlob(row[8]))}
	d.hold(&h)
	return h, d.err
}

// hold writes what is not in columns.
func (e *encoder) hold(h *ledger.Hold) {
	e.str(h.Desired)
	e.str(h.MapRev)
	e.str(h.Version)
	e.time(h.Until)
	e.int(int64(h.Tries))
	e.time(h.Since)
	e.str(string(h.WaitsFor))
	e.str(h.Decision)
}

func (d *decoder) hold(h *ledger.Hold) {
	h.Desired, h.MapRev, h.Version, h.Until = d.str(), d.str(), d.str(), d.time()
	h.Tries, h.Since = int(d.int()), d.time()
	h.WaitsFor, h.Decision = record.EntityID(d.str()), d.str()
}

// Of finds the holds of entities.
func (h holds) Of(_ context.Context, ids ...record.EntityID) (map[record.EntityID][]ledger.Hold, error) {
	out := make(map[record.EntityID][]ledger.Hold)
	err := h.t.find(holdColumns+"(VALUES %rows) v CROSS JOIN hold ON entity = v.column1", texts(ids), func(row []driver.Value) error {
		x, err := readHold(row)
		out[x.Entity] = append(out[x.Entity], x)
		return err
	})
	return out, err
}

// Scan goes by key.
func (h holds) Scan(_ context.Context, s ledger.HoldScan) ([]ledger.Hold, error) {
	const text = holdColumns + "hold WHERE (" + holdKey + ") > (?1, ?2, ?3, ?4, ?5)" +
		" AND (?7 = '' OR reason = ?7) AND (?8 = '' OR system = ?8) AND (?9 = '' OR cause = ?9)" +
		" AND (?10 = 0 OR (until <> 0 AND until <= ?10)) ORDER BY " + holdKey + " LIMIT ?6"
	args := append(keyValues(s.After), limited(s.Limit), string(s.Reason), s.System, s.Cause, nanos(s.Due))
	var out []ledger.Hold
	err := h.t.query(text, args, func(row []driver.Value) error {
		x, err := readHold(row)
		out = append(out, x)
		return err
	})
	return out, err
}

// Groups counts holds by what would end them.
func (h holds) Groups(context.Context) ([]ledger.HoldGroup, error) {
	var out []ledger.HoldGroup
	// With a single min(), SQLite takes the other columns from its row.
	err := h.t.query("SELECT "+holdKey+", reason, cause, detail, count(*), min(since) FROM hold"+
		" GROUP BY reason, system, object, cause ORDER BY count(*) DESC, reason, system, object, cause", nil,
		func(row []driver.Value) error {
			g := ledger.HoldGroup{
				Reason: ledger.Reason(asText(row[5])), System: asText(row[1]), Object: asText(row[3]),
				Cause: asText(row[6]), Detail: asText(row[7]), N: int(asInt(row[8])), Example: readHoldKey(row),
			}
			if since := asInt(row[9]); since != 0 {
				g.Oldest = time.Unix(0, since).UTC()
			}
			out = append(out, g)
			return nil
		})
	return out, err
}

// Put writes holds.
func (h holds) Put(_ context.Context, xs ...ledger.Hold) error {
	t := h.t
	defer t.enc.reset()
	values := make([]driver.Value, 0, 11*len(xs))
	for i := range xs {
		x := &xs[i]
		t.enc.begin()
		t.enc.hold(x)
		values = append(values, keyValues(x.HoldKey)...)
		values = append(values, string(x.Reason), x.Cause, x.Detail, nanos(x.Until), nanos(x.Since), t.enc.end())
	}
	return t.insert("REPLACE INTO hold ("+holdKey+", reason, cause, detail, until, since, rest) VALUES %rows", 11, values)
}

// Release deletes holds.
func (h holds) Release(_ context.Context, keys ...ledger.HoldKey) error {
	values := make([]driver.Value, 0, 5*len(keys))
	for _, k := range keys {
		values = append(values, keyValues(k)...)
	}
	return h.t.insert("DELETE FROM hold WHERE ("+holdKey+") IN (VALUES %rows)", 5, values)
}
