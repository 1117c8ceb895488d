package syncer

import (
	"context"
	"errors"
	"iter"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
	"github.com/tandem-sync/tandem/syncer/plan"
)

// PushScope narrows a push; the zero PushScope pushes the whole plan.
type PushScope struct {
	// Only says which rows are carried out, nil for all. A row may come back
	// with fewer fields.
	Only func(plan.Row) (plan.Row, bool)
	// Approved tells that a person approved the plan with its breakers: its
	// rows do not count towards them.
	Approved bool
}

// PushSummary is what a push did, in rows.
type PushSummary struct {
	Applied   int            `json:"applied"`
	Created   int            `json:"created"`
	Updated   int            `json:"updated"`
	Archived  int            `json:"archived"`
	Rejected  int            `json:"rejected"`
	Pending   int            `json:"pending"`
	Unknown   int            `json:"unknown"`
	Stale     int            `json:"stale"`     // changed there since the plan: planned again
	LeftOut   int            `json:"left_out"`  // not in the scope
	Rewritten int            `json:"rewritten"` // stored otherwise than sent, by the vendor's automation
	Approved  bool           `json:"approved,omitempty"`
	Counts    map[string]int `json:"counts,omitempty"` // by breaker
	BySystem  map[string]int `json:"by_system,omitempty"`
	ByObject  map[string]int `json:"by_object,omitempty"` // by system, object and kind of write
}

// Push carries out a plan: object after object in the order of the plan, the
// batches of one object in lanes side by side. It does what the plan says, or
// less and says why, never more.
func (c *Cycle) Push(ctx context.Context, p *Plan, scope PushScope) (PushSummary, error) {
	t := c.engine.Tuning.withDefaults()
	ps := &push{cycle: c, tuning: t, scope: scope, batches: map[batchKey]*batch{}}
	ps.sum = PushSummary{Counts: map[string]int{}, BySystem: map[string]int{}, ByObject: map[string]int{}, Approved: scope.Approved}
	ps.plan, ps.calls, ps.wide = p.Hash, make(chan struct{}, t.Lanes), make(chan struct{}, maxWide)
	ps.planned = map[batchKey]int{}
	for _, t := range p.Totals {
		ps.planned[batchKey{t.System, t.Object, connectors.Create}] = t.Creates
		ps.planned[batchKey{t.System, t.Object, connectors.Update}] = t.Updates
	}
	ps.lanes(ctx)
	err := p.Each(func(r plan.Row) error { return ps.row(r) })
	return ps.sum, errors.Join(err, ps.barrier())
}

type batchKey struct {
	system, object string
	kind           connectors.OpKind
}

type batch struct {
	system *System
	object *Object
	kind   connectors.OpKind
	rows   []plan.Row
}

type push struct {
	cycle   *Cycle
	tuning  Tuning
	scope   PushScope
	plan    string
	planned map[batchKey]int // rows of the plan
	group   *errgroup.Group
	ctx     context.Context //nolint:containedctx // the group's context lives exactly as long as its lanes
	parent  context.Context //nolint:containedctx // a new group is made of it after each barrier
	as      record.Object
	order   []batchKey
	batches map[batchKey]*batch

	calls chan struct{} // one for each write call under way
	// wide has one for each group of several calls: such a group is held whole.
	wide chan struct{}
	mu   sync.Mutex
	sum  PushSummary
}

func (p *push) lanes(ctx context.Context) {
	p.parent = ctx
	p.group, p.ctx = errgroup.WithContext(ctx)
	p.group.SetLimit(p.tuning.Lanes)
}

// row puts a row into its batch. The rows of the next object wait until those
// of this one have ended, for they may refer to them.
func (p *push) row(r plan.Row) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	if p.scope.Only != nil {
		narrowed, ok := p.scope.Only(r)
		if !ok {
			p.count(func(s *PushSummary) { s.LeftOut++ })
			return nil
		}
		r = narrowed
	}
	if r.As != p.as {
		if err := p.barrier(); err != nil {
			return err
		}
		p.as = r.As
		p.lanes(p.parent)
	}
	s := p.cycle.engine.system(r.System)
	if s == nil || s.object(r.Object) == nil {
		p.count(func(sum *PushSummary) { sum.LeftOut++ })
		return nil
	}
	k := batchKey{r.System, r.Object, r.Kind}
	b := p.batches[k]
	if b == nil {
		b = &batch{system: s, object: s.object(r.Object), kind: r.Kind}
		p.batches[k] = b
		p.order = append(p.order, k)
	}
	b.rows = append(b.rows, r)
	if len(b.rows) >= p.groupSize(k, s, b.object.Schema.Caps) {
		p.send(k)
	}
	return nil
}

// maxWide is how many groups of several calls are carried through at a time: each
// is held in memory whole.
const maxWide = 1

// bulkGroup is how many rows go into one job of a system that works them off
// later.
const bulkGroup = 10_000

// groupSize is how many rows are carried through a push together: one write
// call's worth; as many as one call can read back where the write's own reply
// does not carry what was stored; or a job's worth where there are so many
// that jobs cost fewer calls.
func (p *push) groupSize(k batchKey, s *System, caps schema.Capabilities) int {
	switch {
	case p.bulk(k, s):
		return bulkGroup
	case caps.Echo || !caps.Read:
		return max(caps.BatchWrite, 1)
	default:
		return max(caps.BatchWrite, caps.BatchRead, 1)
	}
}

// bulk tells whether the plan's rows of this object and kind go as jobs.
func (p *push) bulk(k batchKey, s *System) bool {
	w, ok := s.Conn.(connectors.BulkWriter)
	return ok && k.kind != connectors.Archive && w.BulkAbove() > 0 && p.planned[k] > w.BulkAbove()
}

func (p *push) send(k batchKey) {
	b := p.batches[k]
	delete(p.batches, k)
	if b == nil || len(b.rows) == 0 {
		return
	}
	wide := len(b.rows) > b.object.Schema.Caps.BatchWrite
	if wide {
		p.wide <- struct{}{}
	}
	p.group.Go(func() error {
		if wide {
			defer func() { <-p.wide }()
		}
		return p.batch(p.ctx, *b)
	})
}

// barrier sends what is left and waits for every lane.
func (p *push) barrier() error {
	for _, k := range p.order {
		p.send(k)
	}
	p.order = nil
	return p.group.Wait()
}

func (p *push) count(f func(*PushSummary)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.sum)
}

// chunks yields slices of at most n elements.
func chunks[T any](all []T, n int) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for len(all) > 0 {
			k := min(n, len(all))
			if !yield(all[:k]) {
				return
			}
			all = all[k:]
		}
	}
}
