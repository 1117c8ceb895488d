package sql

import (
	"context"
	"crypto/sha256"
	stdsql "database/sql"
	"encoding/hex"
	"errors"
	"maps"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// Write carries out the ops in one transaction. A row that the database refuses
// is taken out of it, the others are stored.
func (c *Connector) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	l, err := c.layout(ctx, ops[0].Object)
	if err != nil {
		return nil, err
	}
	kind := ops[0].Kind
	caps := l.object().Caps
	if can := map[connectors.OpKind]bool{connectors.Create: caps.Create, connectors.Update: caps.Update, connectors.Archive: caps.Archive}; !can[kind] {
		return nil, fault.ErrUnsupported(c.name, l.name, string(kind))
	}
	db, err := c.pool()
	if err != nil {
		return nil, err
	}
	var out []connectors.Result
	for _, part := range distinct(ops) {
		results, err := l.transact(ctx, db, part)
		out = append(out, results...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// Resume answers that nothing is queued: a write is done when Write returns.
func (c *Connector) Resume(context.Context, connectors.Handle, []connectors.Op) ([]connectors.Result, error) {
	return nil, &fault.Error{Class: fault.Expired, System: c.name, Op: "resume", Err: errors.New("there are no queued writes")}
}

// rejected are the results of ops of which nothing is stored.
func (*layout) rejected(ops []connectors.Op, f *fault.Error) []connectors.Result {
	out := make([]connectors.Result, len(ops))
	for i, o := range ops {
		out[i] = connectors.Result{Op: o.ID, RemoteID: o.RemoteID, Status: connectors.Rejected, Err: f}
	}
	return out
}

// distinct divides ops so that no part holds a row twice.
func distinct(ops []connectors.Op) [][]connectors.Op {
	var parts [][]connectors.Op
	times := map[string]int{}
	for _, o := range ops {
		n := 0
		if o.RemoteID != "" {
			n = times[o.RemoteID]
			times[o.RemoteID]++
		}
		if n == len(parts) {
			parts = append(parts, nil)
		}
		parts[n] = append(parts[n], o)
	}
	return parts
}

// change is one op on its way.
type change struct {
	op    connectors.Op
	names []string // of the columns set, in order
	args  []any
	res   connectors.Result
}

func (ch *change) reject(f *fault.Error) {
	ch.res.Status, ch.res.Err, ch.res.Adopted = connectors.Rejected, f, false
}

func (ch *change) open() bool { return ch.res.Status == "" }

// batch is one transaction.
type batch struct {
	*layout
	q       querier
	changes []*change
}

// transact writes ops in one transaction, or in several if the database refuses
// some only at the end.
func (l *layout) transact(ctx context.Context, db *stdsql.DB, ops []connectors.Op) ([]connectors.Result, error) {
	b := &batch{layout: l}
	for _, o := range ops {
		b.changes = append(b.changes, &change{op: o, res: connectors.Result{Op: o.ID, RemoteID: o.RemoteID}})
	}
	err, ending := b.run(ctx, db)
	if err == nil {
		return b.results(), nil
	}
	op := "write " + l.name
	f := l.c.fault(ctx, l.name, op, err)
	var v *verdict
	if _, ours := errors.AsType[*fault.Error](err); !ours {
		v = l.c.d.judge(err)
	}
	switch {
	case !ending:
		return b.none(f), nil
	case v != nil && v.one() && v.code != "":
		return l.halves(ctx, db, ops, f)
	case v != nil && v.code != "" && v.lost:
		return b.none(f), nil
	}
	f.Class, f.Scope, f.Err = fault.OutcomeUnknown, fault.ScopeBatch, errors.New("the connection failed while the transaction was being committed")
	return b.refused(), f
}

// halves writes the ops of a transaction that was refused as a whole.
func (l *layout) halves(ctx context.Context, db *stdsql.DB, ops []connectors.Op, f *fault.Error) ([]connectors.Result, error) {
	if len(ops) == 1 {
		return l.rejected(ops, f), nil
	}
	first, err := l.transact(ctx, db, ops[:len(ops)/2])
	if err != nil {
		return first, err
	}
	second, err := l.transact(ctx, db, ops[len(ops)/2:])
	return append(first, second...), err
}

// run carries the transaction out; ending tells that the error came with its
// end, which may have taken effect.
func (b *batch) run(ctx context.Context, db *stdsql.DB) (err error, ending bool) {
	ctx, cancel := context.WithTimeout(ctx, b.c.cfg.Timeout)
	defer cancel()
	tx, err := db.BeginTx(ctx, b.c.d.writing)
	if err != nil {
		return err, false
	}
	defer tx.Rollback() //nolint:errcheck // after a commit it does nothing
	b.q = tx
	if b.changes[0].op.Kind == connectors.Create {
		err = b.create(ctx)
	} else {
		err = b.update(ctx)
	}
	if err == nil {
		err = b.echo(ctx)
	}
	if err != nil {
		return err, false
	}
	return tx.Commit(), true
}

// results are those of a transaction that was committed.
func (b *batch) results() []connectors.Result {
	out := make([]connectors.Result, len(b.changes))
	for i, ch := range b.changes {
		if ch.open() {
			ch.res.Status = connectors.Applied
		}
		out[i] = ch.res
	}
	return out
}

// none are those of a transaction of which nothing is stored.
func (b *batch) none(f *fault.Error) []connectors.Result {
	for _, ch := range b.changes {
		if ch.res.Status != connectors.Rejected {
			ch.reject(f)
		}
	}
	return b.results()
}

// refused are those of the rows that certainly were not stored.
func (b *batch) refused() []connectors.Result {
	var out []connectors.Result
	for _, ch := range b.changes {
		if ch.res.Status == connectors.Rejected {
			out = append(out, ch.res)
		}
	}
	return out
}

func (b *batch) wrong(class fault.Class, field, why string) *fault.Error {
	f := &fault.Error{Class: class, Scope: fault.ScopeRow, System: b.c.name, Object: b.name, Op: "write " + b.name, Field: field, Err: errors.New(why)}
	if field != "" {
		f.Scope = fault.ScopeField
	}
	return f
}

// echo reads back what the transaction stored.
func (b *batch) echo(ctx context.Context) error {
	var stored []*change
	var ids, fields []string
	for _, ch := range b.changes {
		if ch.open() && ch.op.Kind != connectors.Archive {
			stored, ids, fields = append(stored, ch), append(ids, ch.res.RemoteID), append(fields, ch.op.Fields.Names()...)
		}
	}
	found := make([][]connectors.Record, len(ids))
	if err := b.changesWalk().selected(fields).matching(ctx, b.q, b.id, ids, found); err != nil {
		return err
	}
	for i, ch := range stored {
		if len(found[i]) != 1 {
			continue
		}
		r := found[i][0]
		r.Fields = r.Fields.Clone()
		maps.DeleteFunc(r.Fields, func(name string, _ record.Value) bool {
			_, asked := ch.op.Fields[name]
			return !asked
		})
		ch.res.Echo = &r
	}
	return nil
}

// idFrom makes an id of an op, which is unique.
func idFrom(op string, col *column) string {
	if col.store != asUUID && (col.maxLen == 0 || len(op) <= col.maxLen) {
		return op
	}
	sum := sha256.Sum256([]byte(op))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of a form of one's own
	h := hex.EncodeToString(sum[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
