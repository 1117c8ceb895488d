package syncer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/plan"
	"github.com/tandem-sync/tandem/syncer/reconcile"
)

// PlanScope narrows a plan; the zero PlanScope plans what changed.
type PlanScope struct {
	All bool // every entity, not only those marked dirty
	Out string
}

// Plan derives what is to be written from the ledger alone and spools it to
// disk, in the order it will be pushed. It needs no API call.
func (c *Cycle) Plan(ctx context.Context, scope PlanScope) (*Plan, error) {
	w, err := newPlanWriter(c, scope.Out)
	if err != nil {
		return nil, err
	}
	defer w.close()
	scope.All = scope.All || c.derived
	p := &planning{cycle: c, writer: w, planner: c.planner(), scope: scope, partial: c.partial()}
	for _, object := range record.Objects() {
		if err := p.object(ctx, object); err != nil {
			return nil, fmt.Errorf("planning %s: %w", object, err)
		}
	}
	tripped, err := c.guard(ctx, w.totals)
	if err != nil {
		return nil, err
	}
	done, err := w.finish(tripped)
	if err == nil {
		c.engine.observe(Event{Kind: RowsPlanned, Run: c.ID, N: done.Rows})
	}
	return done, err
}

// planner builds the pure planner over the systems that may be written now.
func (c *Cycle) planner() *plan.Planner {
	blocked := c.blockedObjects()
	p := &plan.Planner{OptOut: c.engine.optOut}
	for _, s := range c.engine.Systems {
		ps := plan.System{Name: s.Name}
		ps.Former, _ = s.Conn.(connectors.Former)
		if _, writes := s.Conn.(connectors.Writer); !writes {
			continue
		}
		for _, o := range s.Objects {
			if _, unread := blocked[key(s.Name, o.Name)]; unread || o.ReadOnly {
				continue
			}
			ps.Objects = append(ps.Objects, plannedObject(o))
		}
		p.Systems = append(p.Systems, ps)
	}
	return p
}

// partial lists the canonical objects for which a system is left out of the
// plan because it was not read.
func (c *Cycle) partial() map[record.Object]bool {
	out := map[record.Object]bool{}
	blocked := c.blockedObjects()
	for _, s := range c.engine.Systems {
		for _, o := range s.Objects {
			if _, unread := blocked[key(s.Name, o.Name)]; unread {
				out[o.As] = true
			}
		}
	}
	return out
}

func plannedObject(o *Object) plan.Object {
	po := plan.Object{
		Remote: o.Name, As: o.As, Caps: o.Schema.Caps, Key: o.Key, OnDelete: o.OnDelete,
		Map: bound{Map: o.Map, outs: o.outs()},
	}
	if o.Create != nil {
		po.Create = o.Create.Includes
	}
	if o.Filter != nil {
		po.Includes = o.Filter.Includes
	}
	return po
}

// SameConsent tells whether two values of a person's opt-out field say the
// same: not opted out and not known are one.
func (e *Engine) SameConsent(field string, a, b record.Value) bool {
	outA, _ := a.Bool()
	outB, _ := b.Bool()
	return e.optOut(record.Person, field) && outA == outB
}

func (e *Engine) optOut(as record.Object, field string) bool {
	return e.Policies[as].Of(field).Rule == reconcile.Consent
}

type planning struct {
	cycle   *Cycle
	writer  *planWriter
	planner *plan.Planner
	scope   PlanScope
	// partial names the objects that some system could not be planned for: an
	// entity of them that needs nothing elsewhere stays dirty.
	partial map[record.Object]bool
}

func (p *planning) object(ctx context.Context, object record.Object) error {
	scan := ledger.EntityScan{Object: object, Dirty: !p.scope.All, Limit: p.cycle.engine.Tuning.withDefaults().PlanPage}
	for {
		var page planPage
		err := p.cycle.engine.Ledger.View(ctx, func(r ledger.Reader) error {
			var err error
			page, err = p.page(ctx, r, scan)
			return err
		})
		if err != nil || page.n == 0 {
			return err
		}
		if err := p.note(ctx, page); err != nil {
			return err
		}
		scan.After = page.last
	}
}

// planPage is what one page of entities came to.
type planPage struct {
	n     int
	last  record.EntityID
	clean []record.EntityID
	holds []ledger.Hold
	ended []ledger.HoldKey
}

func (p *planning) page(ctx context.Context, r ledger.Reader, scan ledger.EntityScan) (planPage, error) {
	entities, err := r.Entities.Scan(ctx, scan)
	if err != nil || len(entities) == 0 {
		return planPage{}, err
	}
	inputs, err := p.inputs(ctx, r, entities)
	if err != nil {
		return planPage{}, err
	}
	out := planPage{n: len(entities), last: entities[len(entities)-1].ID}
	for _, in := range inputs {
		if err := p.entity(in, &out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// entity plans one entity into the page.
func (p *planning) entity(in plan.Input, out *planPage) error {
	result := p.planner.Entity(in)
	for _, row := range result.Rows {
		if err := p.writer.row(row, p.cycle.rowCounts(row)); err != nil {
			return err
		}
	}
	for _, b := range result.Blocked {
		p.writer.held(b.Hold)
		if b.New {
			out.holds = append(out.holds, b.Hold)
		}
	}
	out.ended = append(out.ended, result.Ended...)
	if len(result.Rows) == 0 && in.Entity.Dirty && !p.partial[in.Entity.Object] {
		out.clean = append(out.clean, in.Entity.ID)
	}
	return nil
}

// rowCounts counts what a row takes away or costs, for the breakers.
func (c *Cycle) rowCounts(row plan.Row) rowCounts {
	n := rowCounts{}
	for name, v := range row.After {
		if v.IsNull() {
			n.clears++
		}
		if c.engine.optOut(row.As, row.Why[name].Field) {
			if out, _ := v.Bool(); out && row.Kind == connectors.Update {
				n.optOuts++
			}
		}
	}
	billed, _ := c.engine.system(row.System).billed(row.Object)
	after, _ := row.After[billed].Bool()
	if before, _ := row.Before[billed].Bool(); after && !before {
		n.billable++
	}
	return n
}

// billed names the field that makes a record billable by the vendor, and what
// the vendor calls such records.
func (s *System) billed(object string) (field, what string) {
	if b, ok := s.Conn.(connectors.Biller); ok {
		return b.Billed(object)
	}
	return "", ""
}

// note stores what planning learned: which entities need nothing, what is
// blocked, which holds no longer hold anything. A plan that nobody will push
// writes nothing else into the ledger.
func (p *planning) note(ctx context.Context, page planPage) error {
	if len(page.clean)+len(page.holds)+len(page.ended) == 0 {
		return nil
	}
	return p.cycle.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		if err := tx.Entities.Mark(ctx, ledger.Clean, page.clean...); err != nil {
			return err
		}
		if err := tx.Holds.Release(ctx, page.ended...); err != nil {
			return err
		}
		return tx.Holds.Put(ctx, page.holds...)
	})
}

func (p *planning) inputs(ctx context.Context, r ledger.Reader, entities []ledger.Entity) ([]plan.Input, error) {
	ids := make([]record.EntityID, len(entities))
	for i, e := range entities {
		ids[i] = e.ID
	}
	links, err := r.Links.ByEntity(ctx, ids...)
	if err != nil {
		return nil, err
	}
	holds, err := r.Holds.Of(ctx, ids...)
	if err != nil {
		return nil, err
	}
	intents, err := r.Intents.UnendedOf(ctx, ids...)
	if err != nil {
		return nil, err
	}
	refs, err := p.references(ctx, r, entities)
	if err != nil {
		return nil, err
	}
	now := p.cycle.engine.Now()
	inputs := make([]plan.Input, len(entities))
	for i, e := range entities {
		inputs[i] = plan.Input{
			Entity: e, Links: links[e.ID], Holds: holds[e.ID], Intents: intents[e.ID],
			EntityOf: refs.entityOf, RemoteOf: refs.remoteOf, Now: now,
		}
	}
	return inputs, nil
}

// references is what the golden references of a page of entities mean.
type references struct {
	entities map[ledger.Ref]record.EntityID
	links    map[record.EntityID][]ledger.Link
}

func (r references) entityOf(ref ledger.Ref) record.EntityID { return r.entities[ref] }

func (r references) remoteOf(id record.EntityID, system string) (object, remote string) {
	for _, l := range r.links[id] {
		if l.System == system && l.Primary && l.State == ledger.Live {
			return l.Object, l.ID
		}
	}
	return "", ""
}

func (p *planning) references(ctx context.Context, r ledger.Reader, entities []ledger.Entity) (references, error) {
	refs := references{entities: map[ledger.Ref]record.EntityID{}}
	ids := map[record.EntityID]bool{}
	for _, e := range entities {
		for _, v := range e.Golden {
			if v.Kind() != record.Reference || !v.IsPresent() {
				continue
			}
			id, err := refs.target(ctx, r, v.Text())
			if err != nil {
				return refs, err
			}
			if id != "" {
				ids[id] = true
			}
		}
	}
	if len(ids) == 0 {
		return refs, nil
	}
	var err error
	refs.links, err = r.Links.ByEntity(ctx, slices.Sorted(maps.Keys(ids))...)
	return refs, err
}

// target returns the entity a golden reference means, looking up those that
// were not known when they were read.
func (r references) target(ctx context.Context, from ledger.Reader, text string) (record.EntityID, error) {
	ref, unresolved := plan.ParseRef(text)
	if !unresolved {
		return record.EntityID(text), nil
	}
	found, err := from.Links.ByRemote(ctx, ref.System, ref.Object, ref.ID)
	if err != nil {
		return "", err
	}
	r.entities[ref] = found[ref.ID].Entity
	return found[ref.ID].Entity, nil
}

// Lag is the oldest time up to which any object was read in the cycle.
func (c *Cycle) Lag() time.Duration {
	var lag time.Duration
	for _, p := range c.pulled {
		if !p.CompleteTo.IsZero() {
			lag = max(lag, c.engine.Now().Sub(p.CompleteTo))
		}
	}
	return lag
}
