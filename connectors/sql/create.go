package sql

import (
	"context"
	"slices"
	"strconv"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// create makes rows. Those that carry a key are looked for first and made in
// groups, by statements that leave alone a row which has the key meanwhile.
func (b *batch) create(ctx context.Context) error {
	keyed := map[string][]*change{}
	var plainly []*change
	for _, ch := range b.changes {
		b.prepare(ch)
		switch {
		case !ch.open():
		case ch.op.Key.Field != "":
			keyed[ch.op.Key.Field] = append(keyed[ch.op.Key.Field], ch)
		default:
			plainly = append(plainly, ch)
		}
	}
	for key, changes := range keyed {
		if err := b.createKeyed(ctx, b.column(key), changes); err != nil {
			return err
		}
	}
	for _, group := range alike(plainly) {
		if err := b.createPlain(ctx, group); err != nil {
			return err
		}
	}
	return nil
}

// prepare sets what is stored: the fields, the key, and an id where the
// database gives none.
func (b *batch) prepare(ch *change) {
	fields := ch.op.Fields.Clone()
	if fields == nil {
		fields = record.Fields{}
	}
	if k := ch.op.Key; k.Field != "" {
		if !slices.Contains(b.keys(), k.Field) {
			ch.reject(b.wrong(fault.Unsupported, k.Field, "the column is no key: it needs a unique index"))
			return
		}
		fields[k.Field] = record.Of(b.column(k.Field).kind, k.Value)
	}
	if v := fields[b.id.name]; !v.IsPresent() {
		delete(fields, b.id.name)
		switch {
		case b.id.hasDefault || b.id.computed:
		case b.id.textual() || b.id.store == asUUID:
			fields[b.id.name] = record.Of(b.id.kind, idFrom(ch.op.ID, b.id))
		default:
			ch.reject(b.wrong(fault.Invalid, b.id.name, "the database gives no id: make the column an identity, or map it"))
			return
		}
	}
	if v := fields[b.id.name]; v.IsPresent() {
		ch.res.RemoteID = v.Text()
	}
	b.set(ch, fields)
	b.stamped(ch)
}

func (b *batch) createKeyed(ctx context.Context, key *column, changes []*change) error {
	if err := b.adopt(ctx, key, changes); err != nil {
		return err
	}
	for _, group := range alike(changes) {
		for part := range parts(unadopted(group), max(1, mostArgs/(len(group[0].names)+1))) {
			err := b.attempt(ctx, part, func(c []*change) error { return b.insertKeyed(ctx, key, c) })
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func unadopted(changes []*change) []*change {
	var out []*change
	for _, ch := range changes {
		if ch.open() && !ch.res.Adopted {
			out = append(out, ch)
		}
	}
	return out
}

// adopt finds the rows that hold a key already.
func (b *batch) adopt(ctx context.Context, key *column, changes []*change) error {
	found, err := b.holders(ctx, key, changes)
	if err != nil {
		return err
	}
	for i, ch := range changes {
		if len(found[i]) == 0 {
			continue
		}
		r := found[i][0]
		if r.Archived {
			f := b.wrong(fault.Conflict, key.name, "a row that is marked as removed holds the key")
			f.Existing = r.ID
			ch.reject(f)
			continue
		}
		ch.res.RemoteID, ch.res.Adopted = r.ID, true
	}
	return nil
}

func (b *batch) holders(ctx context.Context, key *column, changes []*change) ([][]connectors.Record, error) {
	values := make([]string, len(changes))
	for i, ch := range changes {
		values[i] = ch.op.Key.Value
	}
	found := make([][]connectors.Record, len(changes))
	err := b.changesWalk().selected(nil).matching(ctx, b.q, key, values, found)
	return found, err
}

// insertKeyed makes rows and learns their ids. Should a row be there by now,
// each is tried by itself.
func (b *batch) insertKeyed(ctx context.Context, key *column, changes []*change) error {
	d := b.c.d
	n, err := b.insert(changes, d.ignore(d.quote(key.name), d.quote(b.id.name))).exec(ctx, b.q)
	if err != nil {
		return err
	}
	made := n == int64(len(changes))
	if !made && len(changes) > 1 {
		return errSplit
	}
	found, err := b.holders(ctx, key, changes)
	if err != nil {
		return err
	}
	for i, ch := range changes {
		if len(found[i]) == 0 {
			ch.reject(b.wrong(fault.Conflict, "", "another row holds a value that must be unique"))
			continue
		}
		ch.res.RemoteID, ch.res.Adopted = found[i][0].ID, !made
	}
	return nil
}

// createPlain makes rows without a key.
func (b *batch) createPlain(ctx context.Context, changes []*change) error {
	if changes[0].res.RemoteID != "" { // all of a group set the id, or none
		for part := range parts(changes, max(1, mostArgs/len(changes[0].names))) {
			err := b.attempt(ctx, part, func(c []*change) error {
				_, err := b.insert(c, "").exec(ctx, b.q)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	for _, ch := range changes {
		if err := b.attempt(ctx, []*change{ch}, func(c []*change) error { return b.insertOne(ctx, c[0]) }); err != nil {
			return err
		}
	}
	return nil
}

// insertOne makes a row whose id the database gives.
func (b *batch) insertOne(ctx context.Context, ch *change) error {
	if !b.c.d.returning {
		s := b.insert([]*change{ch}, "")
		res, err := b.q.ExecContext(ctx, s.String(), s.args...)
		if err != nil {
			return err
		}
		id, err := res.LastInsertId()
		ch.res.RemoteID = strconv.FormatInt(id, 10)
		return err
	}
	return b.insert([]*change{ch}, " RETURNING "+b.c.d.read(b.id)).rows(ctx, b.q, func(row []any) error {
		ch.res.RemoteID, _ = plain(row[0])
		return nil
	})
}

func (b *batch) insert(changes []*change, end string) *statement {
	d := b.c.d
	s := &statement{d: d}
	s.add("INSERT INTO ", b.table(), " (")
	for i, name := range changes[0].names {
		if i > 0 {
			s.add(", ")
		}
		s.add(d.quote(name))
	}
	s.add(") VALUES ")
	for i, ch := range changes {
		if i > 0 {
			s.add(", ")
		}
		s.add("(")
		for j, v := range ch.args {
			if j > 0 {
				s.add(", ")
			}
			s.value(v, b.column(ch.names[j]))
		}
		s.add(")")
	}
	s.add(end)
	return s
}
