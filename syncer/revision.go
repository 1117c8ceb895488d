package syncer

import (
	"bytes"
	"context"
	"fmt"
	"maps"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// The small facts the engine keeps in the ledger.
const (
	factApplied = "revision/applied" // the last revision a person or first_run applied
	factDerived = "revision/derived" // the revision golden values are derived under
	factAccount = "account/"         // + connector: the account it is pinned to
	factFields  = "fields/"          // + connector/object: the remote fields read
)

// AccountError says that a connector's credentials open another account than
// the one the ledger knows it by.
type AccountError struct{ System, Pinned, Found string }

// Error says what to do.
func (e *AccountError) Error() string {
	return fmt.Sprintf("%s opens account %s, but this ledger was made with account %s: use the right credentials, or another state folder for another account",
		e.System, e.Found, e.Pinned)
}

// Pin checks every connector's credentials and refuses, before anything is
// read, an account other than the one the ledger has seen.
func (e *Engine) Pin(ctx context.Context) error {
	e.Accounts = map[string]string{}
	for _, s := range e.Systems {
		account, err := s.Conn.Check(ctx)
		if err != nil {
			return fmt.Errorf("checking %s: %w", s.Name, err)
		}
		if err := e.pin(ctx, s.Name, account.ID); err != nil {
			return err
		}
		e.Accounts[s.Name] = account.ID
	}
	return nil
}

func (e *Engine) pin(ctx context.Context, system, account string) error {
	return e.Ledger.Update(ctx, func(tx ledger.Tx) error {
		pinned, err := tx.Meta.Get(ctx, factAccount+system)
		if err != nil {
			return err
		}
		if pinned != nil && string(pinned) != account {
			return &AccountError{System: system, Pinned: string(pinned), Found: account}
		}
		return tx.Meta.Set(ctx, factAccount+system, []byte(account))
	})
}

// Applied tells whether the engine's revision has been applied: only then does
// a schedule write without asking.
func (e *Engine) Applied(ctx context.Context) (bool, error) {
	var applied []byte
	err := e.Ledger.View(ctx, func(r ledger.Reader) error {
		var err error
		applied, err = r.Meta.Get(ctx, factApplied)
		return err
	})
	return string(applied) == e.Revision, err
}

// MarkApplied writes down that the revision was applied.
func (e *Engine) MarkApplied(ctx context.Context) error {
	return e.Ledger.Update(ctx, func(tx ledger.Tx) error {
		return tx.Meta.Set(ctx, factApplied, []byte(e.Revision))
	})
}

// derive brings golden values under the engine's revision. What was read is
// kept; values that came from a record whose map changed are mapped again from
// its raw shadow (rule remap). A field mapped for the first time stays absent
// where it was never read; before the first apply everything is read again
// instead. It tells whether anything was derived anew: then the whole ledger
// is to be planned.
func (c *Cycle) derive(ctx context.Context) (bool, error) {
	var derived, applied []byte
	err := c.engine.Ledger.View(ctx, func(r ledger.Reader) error {
		var err error
		if derived, err = r.Meta.Get(ctx, factDerived); err == nil {
			applied, err = r.Meta.Get(ctx, factApplied)
		}
		return err
	})
	if err != nil || string(derived) == c.engine.Revision {
		return false, err
	}
	for _, s := range c.engine.Systems {
		for _, o := range s.inOrder() {
			changed, err := c.deriveObject(ctx, s, o)
			if err == nil && changed && applied == nil {
				err = c.restart(ctx, s.Name, o.Name)
			}
			if err != nil {
				return false, fmt.Errorf("mapping %s %s again: %w", s.Name, o.Name, err)
			}
		}
	}
	return derived != nil, c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		return tx.Meta.Set(ctx, factDerived, []byte(c.engine.Revision))
	})
}

// deriveObject maps one object again and tells whether other fields of it are
// read than before.
func (c *Cycle) deriveObject(ctx context.Context, s *System, o *Object) (changed bool, err error) {
	if err := c.remap(ctx, s, o); err != nil {
		return false, err
	}
	return c.fieldsRead(ctx, s, o)
}

// fieldsRead notes which fields of an object are read and tells whether they
// are others than before.
func (c *Cycle) fieldsRead(ctx context.Context, s *System, o *Object) (changed bool, err error) {
	now := fmt.Append(nil, o.fields())
	err = c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		fact := factFields + key(s.Name, o.Name)
		before, err := tx.Meta.Get(ctx, fact)
		if err != nil {
			return err
		}
		changed = before != nil && !bytes.Equal(before, now)
		return tx.Meta.Set(ctx, fact, now)
	})
	return changed, err
}

// restart lets an object be read from its beginning: nothing was applied yet,
// so what is read anew replaces what was derived.
func (c *Cycle) restart(ctx context.Context, system, object string) error {
	return c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		cursors, err := tx.Meta.Cursors(ctx, system)
		if err != nil {
			return err
		}
		var keys []ledger.CursorKey
		for _, cur := range cursors {
			if cur.Object == object && cur.Lane != goneLane {
				keys = append(keys, cur.CursorKey)
			}
		}
		return tx.Meta.DeleteCursors(ctx, keys...)
	})
}

func (c *Cycle) remap(ctx context.Context, s *System, o *Object) error {
	after := ""
	for {
		var n int
		err := c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
			links, err := tx.Links.Scan(ctx, s.Name, o.Name, after, 200)
			if n = len(links); err != nil || n == 0 {
				return err
			}
			after = links[n-1].ID
			return c.remapPage(ctx, tx, s, o, links)
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

func (c *Cycle) remapPage(ctx context.Context, tx ledger.Tx, s *System, o *Object, links []ledger.Link) error {
	rev := o.Map.Revision()
	ids := make([]record.EntityID, len(links))
	for i, l := range links {
		ids[i] = l.Entity
	}
	entities, err := tx.Entities.Get(ctx, ids...)
	if err != nil {
		return err
	}
	in := &intake{cycle: c, system: s, object: o, tx: tx, entities: map[record.EntityID]*ledger.Entity{}, refs: map[ledger.Ref]record.EntityID{}, links: map[string]ledger.Link{}}
	for _, l := range links {
		m := mapped{}
		m.ID = l.ID
		m.fields, _ = o.Map.In(l.Shadow.Held)
		in.rows = append(in.rows, m)
	}
	if err := in.resolveRefs(ctx); err != nil {
		return err
	}
	changed := map[record.EntityID]ledger.Entity{}
	for i, l := range links {
		e, ok := entities[l.Entity]
		if earlier, again := changed[l.Entity]; again {
			e = earlier
		}
		if !ok || l.Shadow.MapRev == rev {
			continue
		}
		if l.Primary {
			in.remapOne(&e, l, in.readRefs(in.rows[i].fields))
		}
		e.Dirty = true
		changed[e.ID] = e
		l.Shadow.MapRev = rev
		in.put = append(in.put, l)
	}
	in.touched = map[record.EntityID]bool{}
	for id, e := range changed {
		in.entities[id], in.touched[id] = &e, true
	}
	return in.store(ctx)
}

// remapOne maps the winners of one record again.
func (in *intake) remapOne(e *ledger.Entity, l ledger.Link, fields record.Fields) {
	change := ledger.Change{Entity: e.ID, At: in.now(), Run: in.cycle.ID, Source: record.Source{System: l.System, Object: l.Object, Remote: l.ID, At: l.Shadow.Modified}}
	golden, origins := e.Golden.Clone(), maps.Clone(e.Origins)
	for name, v := range fields {
		origin, has := origins[name]
		if v == golden[name] || (has && origin.System != l.System) || in.cycle.engine.optOut(e.Object, name) {
			continue
		}
		if golden == nil {
			golden, origins = record.Fields{}, map[string]ledger.Origin{}
		}
		if origins == nil {
			origins = map[string]ledger.Origin{}
		}
		change.Fields = append(change.Fields, ledger.FieldChange{Field: name, From: golden[name], To: v, Rule: "remap"})
		golden[name] = v
		origins[name] = ledger.Origin{Source: change.Source, Rule: "remap", Run: in.cycle.ID, Read: in.now()}
	}
	if len(change.Fields) > 0 {
		e.Golden, e.Origins = golden, origins
		in.changes = append(in.changes, change)
	}
}
