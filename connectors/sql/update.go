package sql

import (
	"context"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// mostArgs is how many values one statement binds at most: SQLite allows 32766,
// the others 65535.
const mostArgs = 30_000

// update changes or removes rows: they are locked, compared and written
// together.
func (b *batch) update(ctx context.Context) error {
	if err := b.hold(ctx); err != nil {
		return err
	}
	for _, ch := range b.changes {
		b.plan(ch)
	}
	for _, group := range alike(b.changes) {
		width := 2*len(group[0].names) + 1
		if width == 1 {
			continue // nothing to set
		}
		for part := range parts(group, max(1, mostArgs/width)) {
			if err := b.attempt(ctx, part, func(c []*change) error { return b.assign(ctx, c) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// plan says what is set in a row.
func (b *batch) plan(ch *change) {
	switch {
	case !ch.open():
		return
	case ch.op.Kind == connectors.Archive:
		b.remove(ch)
	default:
		b.set(ch, b.withoutID(ch))
	}
	if len(ch.names) > 0 {
		b.stamped(ch)
	}
}

func parts(changes []*change, most int) func(func([]*change) bool) {
	return func(yield func([]*change) bool) {
		for len(changes) > 0 {
			n := min(most, len(changes))
			if !yield(changes[:n]) {
				return
			}
			changes = changes[n:]
		}
	}
}

// hold locks the rows and rejects the changes of those that are not there, or
// not as they were read.
func (b *batch) hold(ctx context.Context) error {
	ids := make([]string, len(b.changes))
	for i, ch := range b.changes {
		ids[i] = ch.op.RemoteID
	}
	found := make([][]connectors.Record, len(ids))
	sel := b.changesWalk().selected(nil)
	sel.lock = b.c.d.lock
	if err := sel.matching(ctx, b.q, b.id, ids, found); err != nil {
		return err
	}
	for i, ch := range b.changes {
		switch {
		case len(found[i]) > 1:
			ch.reject(b.wrong(fault.Invalid, b.id.name, "several rows have this id"))
		case len(found[i]) == 0 || found[i][0].Archived:
			ch.reject(b.wrong(fault.Missing, "", "there is no row with this id"))
		case ch.op.Version != "" && ch.op.Version != found[i][0].Version:
			ch.reject(b.wrong(fault.Stale, "", "the row was changed since it was read"))
		}
	}
	return nil
}

// withoutID leaves the id out, which is not changed; another one is refused.
func (b *batch) withoutID(ch *change) record.Fields {
	v, ok := ch.op.Fields[b.id.name]
	if !ok {
		return ch.op.Fields
	}
	if v.IsPresent() && v.Text() != ch.op.RemoteID {
		ch.reject(b.wrong(fault.Invalid, b.id.name, "the id of a row cannot be changed"))
		return nil
	}
	fields := ch.op.Fields.Clone()
	delete(fields, b.id.name)
	return fields
}

func (b *batch) remove(ch *change) {
	ch.names = []string{b.deleted.name}
	switch b.deleted.store {
	case asBoolean:
		ch.args = []any{"true"}
	case asStamp, asZoneStamp, asDate:
		ch.args = []any{b.moment(b.deleted)}
	case asBit, asInteger, asDecimal:
		ch.args = []any{int64(1)}
		if b.deleted.spec.Format != "" {
			ch.args = []any{b.moment(b.deleted)}
		}
	default:
		ch.args = []any{b.moment(b.deleted)}
	}
}

// assign writes rows that set the same columns in one statement.
func (b *batch) assign(ctx context.Context, changes []*change) error {
	d := b.c.d
	s := &statement{d: d}
	id := d.quote(b.id.name)
	s.add("UPDATE ", b.table(), " SET ")
	for i, name := range changes[0].names {
		if i > 0 {
			s.add(", ")
		}
		col := b.column(name)
		if s.add(d.quote(name), " = "); same(changes, i) {
			s.value(changes[0].args[i], col)
			continue
		}
		s.add("CASE ", id)
		for _, ch := range changes {
			s.add(" WHEN ")
			s.bind(b.idArg(ch.op.RemoteID), b.id)
			s.add(" THEN ")
			s.value(ch.args[i], col)
		}
		s.add(" END")
	}
	s.add(" WHERE ", id, " IN (")
	ids := make([]any, len(changes))
	for i, ch := range changes {
		ids[i] = b.idArg(ch.op.RemoteID)
	}
	s.list(ids, b.id)
	s.add(")")
	_, err := s.exec(ctx, b.q)
	return err
}

// same tells whether all changes set a column to one value.
func same(changes []*change, i int) bool {
	for _, ch := range changes[1:] {
		if ch.args[i] != changes[0].args[i] {
			return false
		}
	}
	return true
}
