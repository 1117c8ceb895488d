package sqlite

import (
	"context"
	"database/sql/driver"
	"time"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

type inbox struct{ t *txn }

// After goes by number.
func (i inbox) After(_ context.Context, system string, seq int64, limit int) ([]ledger.Delivery, error) {
	var out []ledger.Delivery
	err := i.t.query("SELECT seq, key, at, body FROM inbox WHERE system = ? AND seq > ? ORDER BY seq LIMIT ?",
		[]driver.Value{system, seq, limited(limit)}, func(row []driver.Value) error {
			d := ledger.Delivery{Seq: asInt(row[0]), Key: asText(row[1]), Body: append([]byte{}, asBlob(row[3])...)}
			if at := asInt(row[2]); at != 0 {
				d.At = time.Unix(0, at).UTC()
			}
			out = append(out, d)
			return nil
		})
	return out, err
}

// Append inserts what is not there.
func (i inbox) Append(_ context.Context, system string, d ledger.Delivery) (fresh bool, err error) {
	body := d.Body
	if body == nil {
		body = []byte{}
	}
	err = i.t.query("INSERT INTO inbox (system, key, at, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING seq",
		[]driver.Value{system, d.Key, nanos(d.At), body}, func([]driver.Value) error {
			fresh = true
			return nil
		})
	return fresh, err
}

// Prune deletes.
func (i inbox) Prune(_ context.Context, system string, upTo int64, before time.Time) (int, error) {
	n := 0
	err := i.t.query("DELETE FROM inbox WHERE system = ? AND seq <= ? AND at < ? RETURNING seq",
		[]driver.Value{system, upTo, nanos(before)}, func([]driver.Value) error {
			n++
			return nil
		})
	return n, err
}
