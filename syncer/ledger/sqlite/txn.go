package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// txn is one transaction. What is put is kept in memory and written in groups,
// at the latest when something reads the same table or the transaction ends;
// of several puts under one key only the last is written.
type txn struct {
	ctx   context.Context //nolint:containedctx // lives as long as the transaction
	c     *conn
	write bool
	enc   encoder

	// Order matters: what belongs to an entity needs its row number.
	entities waiting[record.EntityID, ledger.Entity]
	keys     waiting[record.EntityID, keysOf]
	links    waiting[string, ledger.Link]
	intents  waiting[string, ledger.Intent]
	runs     []runSpan
	ops      []runSpan

	// What this transaction has seen in the directories, so that a row it read
	// is written without looking for it again. A nil entry is known not to be.
	seenEntities map[record.EntityID]*entityRow
	seenLinks    map[string]*linkRow
	seenKeys     map[string][]holder

	// Per table, the first row number given out and the next one.
	first, next map[string]int64
	keysPut     bool // so that rows from first on may have keys
}

func newTxn(ctx context.Context, c *conn, write bool) *txn {
	return &txn{
		ctx: ctx, c: c, write: write,
		seenEntities: make(map[record.EntityID]*entityRow),
		seenLinks:    make(map[string]*linkRow),
		seenKeys:     make(map[string][]holder),
		first:        make(map[string]int64),
		next:         make(map[string]int64),
	}
}

func newReader(t *txn) ledger.Reader { return newTx(t).Reader() }

func newTx(t *txn) ledger.Tx {
	return ledger.Tx{
		Entities: entities{t}, Links: links{t}, History: history{t},
		Holds: holds{t}, Intents: intents{t}, Inbox: inbox{t}, Meta: meta{t},
	}
}

// waiting holds puts until they are written, the newest of each key.
type waiting[K comparable, V any] struct {
	at   map[K]int
	rows []V
}

// maxWaiting bounds what a transaction keeps in memory.
const maxWaiting = 512

func (w *waiting[K, V]) put(k K, v V) (full bool) {
	if i, ok := w.at[k]; ok {
		w.rows[i] = v
		return false
	}
	if w.at == nil {
		w.at = make(map[K]int)
	}
	w.at[k] = len(w.rows)
	w.rows = append(w.rows, v)
	return len(w.rows) >= maxWaiting
}

// taken empties w and returns what waited.
func (w *waiting[K, V]) taken() []V {
	rows := w.rows
	w.rows = nil
	clear(w.at)
	return rows
}

func (t *txn) flush() error {
	for _, f := range []func() error{
		t.flushEntities, t.flushKeys, t.flushLinks, t.flushIntents, t.flushRuns,
	} {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// Statements are prepared for these numbers of rows or keys only, so that
// there are few of them.
func groupSizes() [4]int { return [4]int{100, 20, 4, 1} }

// insert runs a statement with "%rows" or "%in" for rows of width values each.
func (t *txn) insert(text string, width int, values []driver.Value) error {
	for _, n := range groupSizes() {
		for len(values) >= n*width {
			if err := t.ctx.Err(); err != nil {
				return err
			}
			if err := t.c.run(stmtKey{text, n, width}, values[:n*width]); err != nil {
				return fmt.Errorf("writing to the ledger: %w", err)
			}
			values = values[n*width:]
		}
	}
	return nil
}

// find runs a query that joins "(VALUES %rows) v", whose v.column1 are the
// keys; keys must be in order and no two the same. SQLite walks over such a
// list as it is, while it would build a tree for an IN.
func (t *txn) find(text string, keys []driver.Value, each func(row []driver.Value) error) error {
	for _, n := range groupSizes() {
		for len(keys) >= n {
			if err := t.ctx.Err(); err != nil {
				return err
			}
			if err := t.c.query(stmtKey{text, n, 1}, keys[:n], each); err != nil {
				return fmt.Errorf("reading the ledger: %w", err)
			}
			keys = keys[n:]
		}
	}
	return nil
}

func (t *txn) query(text string, args []driver.Value, each func(row []driver.Value) error) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	if err := t.c.query(stmtKey{text: text}, args, each); err != nil {
		return fmt.Errorf("reading the ledger: %w", err)
	}
	return nil
}

func (t *txn) exec(text string, args ...driver.Value) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	if err := t.c.exec(text, args...); err != nil {
		return fmt.Errorf("writing to the ledger: %w", err)
	}
	return nil
}

// number returns the next free row number of a table.
func (t *txn) number(table string) (int64, error) {
	n, ok := t.next[table]
	if !ok {
		row, err := t.c.one("SELECT coalesce(max(rowid), 0) FROM " + table)
		if err != nil {
			return 0, err
		}
		n = asInt(row[0]) + 1
		t.first[table] = n
	}
	t.next[table] = n + 1
	return n, nil
}

// texts and numbers make keys for find.
func texts[S ~string](ids []S) []driver.Value {
	sorted := slices.Compact(slices.Sorted(slices.Values(ids)))
	out := make([]driver.Value, len(sorted))
	for i, id := range sorted {
		out[i] = string(id)
	}
	return out
}

func numbers(rows []int64) []driver.Value {
	sorted := slices.Compact(slices.Sorted(slices.Values(rows)))
	out := make([]driver.Value, len(sorted))
	for i, n := range sorted {
		out[i] = n
	}
	return out
}

func flag(on bool) int64 { //nolint:revive // SQLite has no booleans
	if on {
		return 1
	}
	return 0
}

// limited is a LIMIT; none given is none.
func limited(n int) int64 {
	if n <= 0 {
		return -1
	}
	return int64(n)
}

// sep divides the parts of a composed key. Parts before the last cannot
// contain it, so that keys of one prefix sort as their last parts do.
const sep = "\x1f"

var errSeparator = errors.New("a system or object name contains the control character U+001F: rename it")

func compose(a, b, last string) (string, error) {
	if strings.Contains(a, sep) || strings.Contains(b, sep) {
		return "", errSeparator
	}
	return a + sep + b + sep + last, nil
}

func split(key string) (a, b, last string) {
	a, rest, _ := strings.Cut(key, sep)
	b, last, _ = strings.Cut(rest, sep)
	return a, b, last
}

// after is the first text behind every one that begins with prefix.
func after(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			return prefix[:i] + string([]byte{prefix[i] + 1})
		}
	}
	return ""
}
