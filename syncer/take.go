package syncer

import (
	"context"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/identity"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/reconcile"
)

// loadEntities reads all that the ledger knows about the entities of a page.
func (in *intake) loadEntities(ctx context.Context, ds []identity.Decision) error {
	var known []record.EntityID
	for _, d := range ds {
		if d.Entity != "" && !d.New {
			known = append(known, d.Entity)
		}
	}
	in.entities = make(map[record.EntityID]*ledger.Entity, len(ds))
	in.touched = make(map[record.EntityID]bool, len(ds))
	in.refs = map[ledger.Ref]record.EntityID{}
	if len(known) == 0 {
		return nil
	}
	found, err := in.tx.Entities.Get(ctx, known...)
	if err != nil {
		return err
	}
	for id, e := range found {
		in.entities[id] = &e
	}
	if in.siblings, err = in.tx.Links.ByEntity(ctx, known...); err != nil {
		return err
	}
	if in.intents, err = in.tx.Intents.UnendedOf(ctx, known...); err != nil {
		return err
	}
	in.holds, err = in.tx.Holds.Of(ctx, known...)
	return err
}

// row takes one record into its entity.
func (in *intake) row(ctx context.Context, r mapped, d identity.Decision) error {
	if r.doubt != nil || d.Held != nil {
		in.park(r, d)
		return nil //nolint:nilerr // the doubt is parked: it must not stop the page
	}
	e, err := in.entity(ctx, d)
	if err != nil {
		return err
	}
	link := in.relink(r, d, e.ID)
	in.elect(e.ID, &link)
	if !r.excluded {
		in.merge(e, r, link)
	}
	in.problems(e.ID, r)
	in.put = append(in.put, link)
	in.siblings = withLink(in.siblings, e.ID, link)
	in.touched[e.ID] = true
	e.Dirty, e.Updated = true, in.now()
	return nil
}

func (in *intake) now() time.Time { return in.cycle.engine.Now() }

// entity returns the entity a decision names, following merges.
func (in *intake) entity(ctx context.Context, d identity.Decision) (*ledger.Entity, error) {
	e, ok := in.entities[d.Entity]
	for ok && e.Into != "" {
		into := e.Into
		if e, ok = in.entities[into]; !ok {
			found, err := in.tx.Entities.Get(ctx, into)
			if err != nil {
				return nil, err
			}
			if got, exists := found[into]; exists {
				e, ok = &got, true
				in.entities[into] = e
			}
		}
	}
	if !ok {
		e = &ledger.Entity{ID: d.Entity, Object: in.object.As, Created: in.now()}
		in.entities[d.Entity] = e
	}
	return e, nil
}

func (in *intake) park(r mapped, d identity.Decision) {
	h := ledger.Hold{
		HoldKey: ledger.HoldKey{System: in.system.Name, Field: "*", Object: in.object.Name, Remote: r.ID},
		Reason:  ledger.Quarantined, Since: in.now(), Version: r.Version,
	}
	if d.Held != nil {
		h.Cause, h.Detail = d.Held.Cause, d.Held.Detail
	} else {
		h.Cause, h.Detail = "filter cannot judge the record", r.doubt.Error()
	}
	in.newHold = append(in.newHold, h)
}

// relink makes the link with the shadow of what was read.
func (in *intake) relink(r mapped, d identity.Decision, id record.EntityID) ledger.Link {
	old, linked := in.links[r.ID]
	l := old
	if !linked {
		l = ledger.Link{Ref: in.ref(r.ID), As: in.object.As, Rule: d.Rule, Made: in.now()}
		in.release = append(in.release, ledger.HoldKey{System: in.system.Name, Field: "*", Object: in.object.Name, Remote: r.ID})
	}
	l.Entity, l.State = id, ledger.Live
	if r.excluded {
		l.State = ledger.LeftFilter
	}
	held := r.Fields
	if linked {
		held = old.Shadow.Held.Merge(r.Fields) // what was not read stays known
	}
	l.Shadow.Held, l.Shadow.Version, l.Shadow.Modified = held, r.Version, r.Modified
	l.Shadow.Created, l.Shadow.Actor, l.Shadow.Read = r.Created, r.Actor, in.now()
	l.Shadow.MapRev, l.Shadow.Confirmed, l.Shadow.ReadRun = in.object.Map.Revision(), true, in.cycle.ID
	return l
}

// elect says whether the link is the one written, and tells the entity's other
// links in the system so.
func (in *intake) elect(id record.EntityID, l *ledger.Link) {
	mine := []ledger.Link{*l}
	for _, s := range in.siblings[id] {
		if s.System == l.System && s.Ref != l.Ref {
			mine = append(mine, s)
		}
	}
	best := identity.Primary(mine, in.system.preference(l.As))
	l.Primary = best == 0
	for i, s := range mine[1:] {
		if primary := best == i+1; s.Primary != primary {
			s.Primary = primary
			in.put = append(in.put, s)
			in.siblings = withLink(in.siblings, id, s)
		}
	}
}

func withLink(all map[record.EntityID][]ledger.Link, id record.EntityID, l ledger.Link) map[record.EntityID][]ledger.Link {
	if all == nil {
		all = map[record.EntityID][]ledger.Link{}
	}
	links := slices.Clone(all[id])
	if i := slices.IndexFunc(links, func(x ledger.Link) bool { return x.Ref == l.Ref }); i >= 0 {
		links[i] = l
	} else {
		links = append(links, l)
	}
	all[id] = links
	return all
}

// merge reconciles the record with the golden one.
func (in *intake) merge(e *ledger.Entity, r mapped, link ledger.Link) {
	old, linked := in.links[r.ID]
	side := reconcile.Side{
		System: in.system.Name, Role: in.system.Role,
		Incoming: in.readRefs(r.fields),
		Source: record.Source{
			System: in.system.Name, Object: in.object.Name, Remote: r.ID, Actor: r.Actor, At: r.Modified,
		},
		Actors: byCanonical(in.object, r.FieldActors), Times: byCanonical(in.object, r.FieldTimes),
		Follows: !link.Primary,
	}
	if linked && old.Shadow.Confirmed && len(old.Shadow.Held) > 0 && old.State != ledger.LeftFilter {
		base, _ := in.object.Map.In(in.ours(e.ID, old, r.Fields))
		side.Base, side.Known = in.readRefs(base), true
		side.After = in.heldUntil(old)
	}
	e.Golden = in.goldenRefs(e.Golden)
	result := reconcile.Merge(reconcile.Golden{Fields: e.Golden, Origins: e.Origins}, side, reconcile.Context{
		Policies: in.cycle.engine.Policies[in.object.As], Roles: in.cycle.roles, Run: in.cycle.ID, Now: in.now(),
	})
	e.Golden, e.Origins = result.Golden.Fields, result.Golden.Origins
	if e.Golden == nil {
		e.Golden = record.Fields{}
	}
	if len(result.Changes) > 0 {
		in.changes = append(in.changes, ledger.Change{
			Entity: e.ID, At: in.now(), Run: in.cycle.ID, Source: side.Source, Fields: result.Changes,
		})
	}
	in.settle(e, result, link)
}

// ours lays over the base what open writes of ours sent and the record now
// shows: such a read is our own write and no edit.
func (in *intake) ours(id record.EntityID, old ledger.Link, read record.Fields) record.Fields {
	base := old.Shadow.Held
	for _, i := range in.intents[id] {
		if i.System != old.System || i.Object != old.Object || (i.ID != "" && i.ID != old.ID) {
			continue
		}
		base = base.Clone()
		for name, sent := range i.After {
			if read[name] == sent {
				base[name] = sent
			}
		}
	}
	return base
}

// heldUntil is a moment at which the system still held the base: the version
// itself, or the last complete pull, which would have shown a later one.
func (in *intake) heldUntil(old ledger.Link) time.Time {
	to := in.cycle.completeTo[ledger.CursorKey{System: in.system.Name, Object: in.object.Name, Lane: changesLane}]
	if to.After(old.Shadow.Modified) {
		return to
	}
	return old.Shadow.Modified
}

// settle notes what the merge left open and ends what it closed.
func (in *intake) settle(e *ledger.Entity, result reconcile.Result, link ledger.Link) {
	for _, h := range result.Held {
		in.newHold = append(in.newHold, ledger.Hold{
			HoldKey: ledger.HoldKey{Entity: e.ID, System: in.system.Name, Field: h.Field},
			Reason:  h.Reason, Cause: h.Cause, Detail: h.Detail, Since: in.now(),
			MapRev: in.object.Map.Revision(), Version: link.Shadow.Version, Desired: in.desired(e, h.Field),
		})
	}
	for _, old := range in.holds[e.ID] {
		if old.System == in.system.Name && slices.Contains(result.Settled, old.Field) && old.Reason != ledger.Undone {
			in.release = append(in.release, old.HoldKey)
		}
	}
}

// desired is the hash of what would be written for a field, the way planning
// computes it.
func (in *intake) desired(e *ledger.Entity, field string) string {
	out, _ := in.object.Map.Out(e.Golden)
	for _, entry := range in.object.Map.Entries() {
		if entry.Field == field && entry.Out {
			return out[entry.Remote].Hash()
		}
	}
	return ""
}

// problems parks the fields that could not be mapped, and ends the parking of
// those that now can.
func (in *intake) problems(id record.EntityID, r mapped) {
	bad := map[string]bool{}
	for _, p := range r.problems {
		bad[p.Field] = true
		in.newHold = append(in.newHold, ledger.Hold{
			HoldKey: ledger.HoldKey{Entity: id, System: in.system.Name, Field: p.Field, Object: in.object.Name, Remote: r.ID},
			Reason:  ledger.Quarantined, Cause: string(p.Reason) + " on " + p.Remote, Detail: p.Error(),
			Since: in.now(), Version: r.Version, MapRev: in.object.Map.Revision(),
		})
	}
	for _, h := range in.holds[id] {
		if h.Reason == ledger.Quarantined && h.System == in.system.Name && h.Remote == r.ID && !bad[h.Field] {
			in.release = append(in.release, h.HoldKey)
		}
	}
}

// byCanonical turns what is known per remote field into per canonical field.
func byCanonical[T any](o *Object, remote map[string]T) map[string]T {
	if len(remote) == 0 {
		return nil
	}
	out := map[string]T{}
	for _, entry := range o.Map.Entries() {
		if v, ok := remote[entry.Remote]; ok && entry.In && entry.Field != "" {
			out[entry.Field] = v
		}
	}
	return out
}
