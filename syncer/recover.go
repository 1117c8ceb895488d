package syncer

import (
	"context"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// settleTime is how long a create that may still be on its way is given before
// not finding it by its key means that it did not take effect.
const settleTime = time.Minute

// recoverWrites finds out what became of writes that have not ended: sent just
// before a crash, answered by nothing, or queued over there. It runs at the
// start of a cycle, before anything is read or planned.
func (c *Cycle) recoverWrites(ctx context.Context) error {
	after := ""
	for {
		var open []ledger.Intent
		err := c.engine.Ledger.View(ctx, func(r ledger.Reader) error {
			var err error
			open, err = r.Intents.Unended(ctx, "", after, 500)
			return err
		})
		if err != nil || len(open) == 0 {
			return err
		}
		after = open[len(open)-1].Op
		for batch, intents := range c.byBatch(open) {
			if err := c.recoverBatch(ctx, batch, intents); err != nil {
				if ctx.Err() != nil {
					return err
				}
				c.engine.Log.Warn().Err(err).Str("system", batch.system).Str("object", batch.object).Msg("open writes could not be looked up; they stay open and block their rows")
			}
		}
	}
}

func (c *Cycle) byBatch(open []ledger.Intent) map[batchKey][]ledger.Intent {
	out := map[batchKey][]ledger.Intent{}
	for _, i := range open {
		if s := c.engine.system(i.System); s != nil && s.object(i.Object) != nil {
			k := batchKey{i.System, i.Object, connectors.OpKind(i.Kind)}
			out[k] = append(out[k], i)
		}
	}
	return out
}

func (c *Cycle) recoverBatch(ctx context.Context, k batchKey, intents []ledger.Intent) error {
	s := c.engine.system(k.system)
	o := s.object(k.object)
	accepted := map[connectors.Handle][]ledger.Intent{}
	var rest []ledger.Intent
	for _, i := range intents {
		if i.State == ledger.IntentAccepted {
			accepted[connectors.Handle(i.Handle)] = append(accepted[connectors.Handle(i.Handle)], i)
			continue
		}
		rest = append(rest, i)
	}
	for h, queued := range accepted {
		if err := c.resume(ctx, s, o, h, queued); err != nil {
			return err
		}
	}
	if k.kind == connectors.Create {
		return c.recoverCreates(ctx, s, o, rest)
	}
	return c.recoverUpdates(ctx, s, o, rest)
}

// recoverUpdates reads the records again. Whether the write took effect is
// then seen in what they hold; sending it again does no harm.
func (c *Cycle) recoverUpdates(ctx context.Context, s *System, o *Object, intents []ledger.Intent) error {
	if len(intents) == 0 {
		return nil
	}
	ids := make([]string, len(intents))
	for i, in := range intents {
		ids[i] = in.ID
	}
	if err := c.reread(ctx, s, o, ids); err != nil {
		return err
	}
	return c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		links, err := tx.Links.ByRemote(ctx, s.Name, o.Name, ids...)
		if err != nil {
			return err
		}
		for i := range intents {
			intents[i].State, intents[i].EndedAt = ledger.IntentRejected, c.engine.Now()
			if holdsAll(links[intents[i].ID].Shadow.Held, intents[i].After) {
				intents[i].State = ledger.IntentApplied
			}
		}
		return tx.Intents.Put(ctx, intents...)
	})
}

func holdsAll(held, sent record.Fields) bool {
	for name, v := range sent {
		if held[name] != v {
			return false
		}
	}
	return true
}

// recoverCreates looks for the records by our key. One that is found becomes
// the entity's link; one that is not, after long enough, was not made. Where
// there is no key to look by, the create stays open until a read shows it.
func (c *Cycle) recoverCreates(ctx context.Context, s *System, o *Object, intents []ledger.Intent) error {
	linked, err := c.linkedSince(ctx, s, o, intents)
	if err != nil {
		return err
	}
	var open []ledger.Intent
	var values []string
	for _, i := range intents {
		if !linked[i.Entity] {
			open = append(open, i)
			values = append(values, string(i.Entity))
		}
	}
	finder, ok := s.Conn.(connectors.Finder)
	if len(open) == 0 || !ok || !o.Schema.Caps.Lookup || o.Key == "" {
		return nil
	}
	var ended []ledger.Intent
	for chunk := range chunks(open, max(o.Schema.Caps.BatchRead, 1)) {
		found, err := finder.Lookup(ctx, o.Name, o.Key, values[:len(chunk)], o.fields())
		if err != nil {
			return err
		}
		values = values[len(chunk):]
		done, err := c.adoptCreated(ctx, s, o, chunk, found)
		if err != nil {
			return err
		}
		ended = append(ended, done...)
	}
	return c.endIntents(ctx, ended)
}

// adoptCreated links the records found and returns the intents that ended.
func (c *Cycle) adoptCreated(ctx context.Context, s *System, o *Object, intents []ledger.Intent, found [][]connectors.Record) ([]ledger.Intent, error) {
	var ended []ledger.Intent
	var rows []connectors.Record
	for n, i := range intents {
		switch {
		case n < len(found) && len(found[n]) == 1:
			rows = append(rows, found[n][0])
			i.State, i.ID = ledger.IntentApplied, found[n][0].ID
		case n < len(found) && len(found[n]) == 0 && c.engine.Now().Sub(i.At) > settleTime:
			i.State = ledger.IntentRejected
		default:
			continue
		}
		i.EndedAt = c.engine.Now()
		ended = append(ended, i)
	}
	if len(rows) == 0 {
		return ended, nil
	}
	return ended, c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		in := &intake{cycle: c, system: s, object: o, tx: tx, rows: mapPage(o, connectors.Page{Records: rows})}
		return in.byID(ctx)
	})
}

// linkedSince ends creates whose entity has been linked there meanwhile: a
// read showed the record with our key on it.
func (c *Cycle) linkedSince(ctx context.Context, s *System, o *Object, intents []ledger.Intent) (map[record.EntityID]bool, error) {
	ids := make([]record.EntityID, len(intents))
	for i, in := range intents {
		ids[i] = in.Entity
	}
	linked := map[record.EntityID]bool{}
	return linked, c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		links, err := tx.Links.ByEntity(ctx, ids...)
		if err != nil {
			return err
		}
		for _, i := range intents {
			at := slices.IndexFunc(links[i.Entity], func(l ledger.Link) bool { return l.System == s.Name && l.Object == o.Name })
			if at < 0 {
				continue
			}
			linked[i.Entity] = true
			i.State, i.ID, i.EndedAt = ledger.IntentApplied, links[i.Entity][at].ID, c.engine.Now()
			if err := tx.Intents.Put(ctx, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// resume asks for the fate of queued writes.
func (c *Cycle) resume(ctx context.Context, s *System, o *Object, h connectors.Handle, intents []ledger.Intent) error {
	writer, ok := s.Conn.(connectors.Writer)
	if !ok {
		return nil
	}
	ops := make([]connectors.Op, len(intents))
	byOp := map[string]ledger.Intent{}
	for i, in := range intents {
		ops[i] = connectors.Op{
			ID: in.Op, Kind: connectors.OpKind(in.Kind), Object: o.Name, RemoteID: in.ID, Fields: in.After,
			Key: connectors.Key{Field: o.Key, Value: string(in.Entity)},
		}
		byOp[in.Op] = in
	}
	results, err := writer.Resume(ctx, h, ops)
	if fault.Is(err, fault.Expired) {
		for _, in := range intents {
			in.State, in.Handle = ledger.IntentUnknown, ""
			byOp[in.Op] = in
		}
	} else if err != nil {
		return err
	}
	var ended []ledger.Intent
	for _, r := range results {
		in := byOp[r.Op]
		switch r.Status {
		case connectors.Applied:
			in.State, in.EndedAt = ledger.IntentUnknown, time.Time{} // read back by the ordinary way
			in.Handle = ""
		case connectors.Rejected:
			in.State, in.EndedAt = ledger.IntentRejected, c.engine.Now()
			in.Code = fault.As(r.Err).Code
		case connectors.Unknown:
			in.State, in.Handle = ledger.IntentUnknown, ""
		case connectors.Accepted:
			continue
		}
		ended = append(ended, in)
	}
	return c.endIntents(ctx, ended)
}

func (c *Cycle) endIntents(ctx context.Context, intents []ledger.Intent) error {
	if len(intents) == 0 {
		return nil
	}
	return c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		ids := make([]record.EntityID, len(intents))
		for i, in := range intents {
			ids[i] = in.Entity
		}
		if err := tx.Entities.Mark(ctx, ledger.Dirty, ids...); err != nil {
			return err
		}
		return tx.Intents.Put(ctx, intents...)
	})
}
