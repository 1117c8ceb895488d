package syncer

import (
	"context"
	"fmt"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/identity"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// goneLane is the reading position of what disappeared.
const goneLane = "gone"

// Swept is how the sweep of one object went.
type Swept struct {
	System, Object string
	Gone           int
	Err            error
}

// Sweep is the slower loop: it asks every system what disappeared and follows
// merges and conversions to the records that live on.
func (c *Cycle) Sweep(ctx context.Context) ([]Swept, error) {
	var out []Swept
	for _, s := range c.engine.Systems {
		for _, o := range s.inOrder() {
			if !o.Schema.Caps.Gone {
				continue
			}
			n, err := c.sweepObject(ctx, s, o)
			if ctx.Err() != nil {
				return out, ctx.Err()
			}
			if err != nil {
				c.engine.Log.Error().Err(err).Str("system", s.Name).Str("object", o.Name).Msg("cannot read what disappeared")
			}
			out = append(out, Swept{System: s.Name, Object: o.Name, Gone: n, Err: err})
		}
	}
	return out, nil
}

func (c *Cycle) sweepObject(ctx context.Context, s *System, o *Object) (int, error) {
	cur, err := c.goneCursor(ctx, s, o)
	if err != nil {
		return 0, err
	}
	for n := 0; ; {
		page, err := s.Conn.Gone(ctx, connectors.Query{Object: o.Name, Fields: o.fields(), Cursor: connectors.Cursor(cur.Value)})
		if fault.Is(err, fault.Expired) && cur.Value != "" {
			cur.Value = ""
			continue
		}
		if err != nil {
			return n, err
		}
		if page.More && string(page.Next) == cur.Value {
			return n, fault.New(fault.Malformed, fault.ScopeObject, "the page of deletions of %s %s is the same page again", s.Name, o.Name)
		}
		cur.Value, cur.Seq, cur.Updated = string(page.Next), cur.Seq+1, c.engine.Now()
		if err := c.gone(ctx, s, page.Gone, cur); err != nil {
			return n, err
		}
		if n += len(page.Gone); !page.More {
			return n, nil
		}
	}
}

func (c *Cycle) goneCursor(ctx context.Context, s *System, o *Object) (ledger.Cursor, error) {
	cur := ledger.Cursor{CursorKey: ledger.CursorKey{System: s.Name, Object: o.Name, Lane: goneLane}}
	err := c.engine.Ledger.View(ctx, func(r ledger.Reader) error {
		all, err := r.Meta.Cursors(ctx, s.Name)
		for _, x := range all {
			if x.CursorKey == cur.CursorKey {
				cur = x
			}
		}
		return err
	})
	return cur, err
}

// gone takes one page of deletions in, its cursor in the same transaction.
func (c *Cycle) gone(ctx context.Context, s *System, gone []connectors.Gone, cur ledger.Cursor) error {
	err := c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		for _, g := range gone {
			if err := c.goneOne(ctx, tx, s, g); err != nil {
				return err
			}
		}
		return tx.Meta.PutCursors(ctx, cur)
	})
	if err != nil {
		return fmt.Errorf("storing what disappeared from %s: %w", s.Name, err)
	}
	return nil
}

func (c *Cycle) goneOne(ctx context.Context, tx ledger.Tx, s *System, g connectors.Gone) error {
	links, err := tx.Links.ByRemote(ctx, s.Name, g.Object, g.ID)
	if err != nil {
		return err
	}
	l, ok := links[g.ID]
	if !ok || l.State == ledger.GoneState || l.State == ledger.Merged || l.Shadow.Modified.After(g.At) && !g.At.IsZero() && g.IntoID == "" {
		return nil // never ours, known already, or restored since
	}
	l.State, l.Primary = ledger.GoneState, false
	if g.IntoID != "" {
		l.State = ledger.Merged
		l.Survivor = ledger.Ref{System: s.Name, Object: g.IntoObject, ID: g.IntoID}
		if err := c.follow(ctx, tx, s, &l); err != nil {
			return err
		}
	}
	if err := tx.Links.Put(ctx, l); err != nil {
		return err
	}
	return c.reelect(ctx, tx, s, l.Entity)
}

// follow makes the loser's entity and the survivor's one. The survivor's link
// may not have been read yet: then it is made by the next read, which finds
// this link's entity by its survivor.
func (c *Cycle) follow(ctx context.Context, tx ledger.Tx, s *System, l *ledger.Link) error {
	found, err := tx.Links.ByRemote(ctx, s.Name, l.Survivor.Object, l.Survivor.ID)
	if err != nil {
		return err
	}
	survivor, ok := found[l.Survivor.ID]
	if !ok {
		return tx.Links.Put(ctx, ledger.Link{
			Ref: l.Survivor, Entity: l.Entity, As: l.As, State: ledger.Live, Rule: "survivor", Made: c.engine.Now(),
		})
	}
	if survivor.Entity == l.Entity {
		return nil
	}
	return c.redirect(ctx, tx, l, survivor.Entity)
}

// redirect merges the entity of the loser's link into another. Nothing of it
// is forgotten: its history stays under its own id and its links move over.
func (c *Cycle) redirect(ctx context.Context, tx ledger.Tx, l *ledger.Link, into record.EntityID) error {
	from := l.Entity
	entities, err := tx.Entities.Get(ctx, from, into)
	if err != nil {
		return err
	}
	loser, winner := entities[from], entities[into]
	links, err := tx.Links.ByEntity(ctx, from)
	if err != nil {
		return err
	}
	for _, moved := range links[from] {
		moved.Entity, moved.Primary = into, false
		if err := tx.Links.Put(ctx, moved); err != nil {
			return err
		}
	}
	l.Entity = into
	loser.Into = into
	winner.Dirty, winner.Updated = true, c.engine.Now()
	c.inheritOptOuts(loser, &winner)
	if err := tx.Entities.PutKeys(ctx, from, loser.Object); err != nil {
		return err
	}
	if err := tx.Entities.Put(ctx, loser, winner); err != nil {
		return err
	}
	if err := tx.History.Append(ctx, ledger.Change{
		Entity: into, At: c.engine.Now(), Run: c.ID, Source: record.Source{System: l.System, Object: l.Object, Remote: l.ID},
		Fields: []ledger.FieldChange{{Field: "*", Rule: "merged", To: record.Of(record.Reference, string(from))}},
	}); err != nil {
		return err
	}
	for _, s := range c.engine.Systems {
		if err := c.reelect(ctx, tx, s, into); err != nil {
			return err
		}
	}
	return nil
}

// inheritOptOuts keeps every opt-out through a merge.
func (c *Cycle) inheritOptOuts(loser ledger.Entity, winner *ledger.Entity) {
	for name, v := range loser.Golden {
		if out, _ := v.Bool(); out && c.engine.optOut(loser.Object, name) {
			winner.Golden = winner.Golden.Merge(record.Fields{name: v})
		}
	}
}

// reelect says anew which of an entity's links in a system is written.
func (c *Cycle) reelect(ctx context.Context, tx ledger.Tx, s *System, id record.EntityID) error {
	links, err := tx.Links.ByEntity(ctx, id)
	if err != nil {
		return err
	}
	var mine []ledger.Link
	for _, l := range links[id] {
		if l.System == s.Name {
			mine = append(mine, l)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	best := identity.Primary(mine, s.preference(mine[0].As))
	var changed []ledger.Link
	for i, l := range mine {
		if primary := i == best; l.Primary != primary {
			l.Primary = primary
			changed = append(changed, l)
		}
	}
	if err := tx.Links.Put(ctx, changed...); err != nil {
		return err
	}
	return tx.Entities.Mark(ctx, ledger.Dirty, id)
}
