package sql

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// set turns the fields of an op into arguments.
func (b *batch) set(ch *change, fields record.Fields) {
	for _, name := range fields.Names() {
		v, col := fields[name], b.column(name)
		switch {
		case v.IsAbsent():
			continue
		case col == nil:
			ch.reject(b.wrong(fault.Invalid, name, "there is no such column"))
			return
		case col.computed || col.spec.ReadOnly || b.reserved(col) && col != b.id:
			ch.reject(b.wrong(fault.Invalid, name, "the column is not written"))
			return
		}
		arg, err := col.write(v)
		if err != nil {
			ch.reject(b.wrong(fault.Invalid, name, err.Error()))
			return
		}
		ch.names, ch.args = append(ch.names, name), append(ch.args, arg)
	}
}

// stamped adds the columns that Tandem sets by itself.
func (b *batch) stamped(ch *change) {
	if !b.cfg.Touch || !ch.open() {
		return
	}
	for _, col := range b.modified {
		ch.names, ch.args = append(ch.names, col.name), append(ch.args, b.moment(col))
	}
}

// clock stands for an expression that tells the database's time.
type clock string

func (b *batch) moment(col *column) any {
	if expr := b.c.d.now(col); expr != "" && !col.counted() {
		return clock(expr)
	}
	arg, err := col.writeTime(time.Now())
	if err != nil {
		return nil
	}
	return arg
}

// value writes an argument or the expression it stands for.
func (s *statement) value(v any, c *column) {
	if expr, ok := v.(clock); ok {
		s.add(string(expr))
		return
	}
	s.bind(v, c)
}

// alike groups changes that set the same columns.
func alike(changes []*change) [][]*change {
	var out [][]*change
	at := map[string]int{}
	for _, ch := range changes {
		if !ch.open() {
			continue
		}
		key := strings.Join(ch.names, "\x00")
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key], out = i, append(out, nil)
		}
		out[i] = append(out[i], ch)
	}
	return out
}

// attempt tries changes together behind a savepoint and, if the database refuses
// one of them, in halves, so that the bad ones are found.
func (b *batch) attempt(ctx context.Context, changes []*change, do func([]*change) error) error {
	if len(changes) == 0 {
		return nil
	}
	const point = "tandem_rows"
	if _, err := b.q.ExecContext(ctx, "SAVEPOINT "+point); err != nil {
		return err
	}
	err := do(changes)
	if err == nil {
		_, err = b.q.ExecContext(ctx, "RELEASE SAVEPOINT "+point)
		return err
	}
	v := b.c.d.judge(err)
	split := errors.Is(err, errSplit)
	if ctx.Err() != nil || !split && !v.one() {
		return err
	}
	if _, err := b.q.ExecContext(ctx, "ROLLBACK TO SAVEPOINT "+point); err != nil {
		return err
	}
	if len(changes) > 1 {
		half := len(changes) / 2
		if err := b.attempt(ctx, changes[:half], do); err != nil {
			return err
		}
		return b.attempt(ctx, changes[half:], do)
	}
	if split {
		return nil // do has settled it
	}
	return b.blamed(ctx, changes[0], v, err)
}

// errSplit asks for the changes one by one.
var errSplit = errors.New("some of the rows were there already")

// blamed rejects a change with what the database found, and names the row in
// the way.
func (b *batch) blamed(ctx context.Context, ch *change, v *verdict, cause error) error {
	f := b.c.blame(&fault.Error{System: b.c.name, Object: b.name, Op: "write " + b.name}, v, cause)
	if f.Field = b.culprit(v); f.Field != "" {
		f.Scope = fault.ScopeField
	}
	ch.reject(f)
	i := slices.Index(ch.names, f.Field)
	if f.Class != fault.Conflict || i < 0 {
		return nil
	}
	text, _ := plain(ch.args[i])
	found := make([][]connectors.Record, 1)
	err := b.changesWalk().selected(nil).matching(ctx, b.q, b.column(f.Field), []string{text}, found)
	if len(found[0]) == 1 {
		f.Existing = found[0][0].ID
	}
	return err
}
