package syncer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/reconcile"
)

// Cycle is one run of the engine: pull, plan, guard, push.
type Cycle struct {
	ID     string
	kind   string
	engine *Engine
	scope  Scope
	roles  reconcile.Roles
	// adopted tells for which objects ids left by another sync are keys.
	adopted map[record.Object]bool
	// completeTo is how far each object had been read before this cycle.
	completeTo map[ledger.CursorKey]time.Time
	refs       map[ledger.Ref]record.EntityID
	stop       context.CancelCauseFunc
	pulled     []Pulled
	// derived tells that golden values were derived anew, so that everything is
	// to be planned.
	derived bool
	// OnPlan is shown the plan of Run before it is carried out; nil for nobody.
	OnPlan func(*Plan)
	began  time.Time
}

// Scope narrows a cycle; the zero Scope is everything.
type Scope struct {
	Systems []string // read only these; all are still planned for
}

// Outcome is what a cycle did.
type Outcome struct {
	Run      string        `json:"run"`
	Outcome  string        `json:"outcome"` // ok, failed, tripped, waiting, stopped
	Pulled   []Pulled      `json:"-"`
	Plan     *Plan         `json:"-"`
	Tripped  []Trip        `json:"tripped,omitempty"`
	Pushed   PushSummary   `json:"pushed"`
	Failures []string      `json:"failures,omitempty"`
	Took     time.Duration `json:"took"`
}

// NewCycle begins a cycle.
func (e *Engine) NewCycle(ctx context.Context, kind string, scope Scope) (*Cycle, error) {
	c := &Cycle{
		ID: newRunID(e.Now()), kind: kind, engine: e, scope: scope, roles: e.roles(), adopted: map[record.Object]bool{},
		completeTo: map[ledger.CursorKey]time.Time{}, refs: map[ledger.Ref]record.EntityID{}, stop: func(error) {}, began: e.Now(),
	}
	for _, s := range e.Systems {
		for _, o := range s.Objects {
			if len(o.Adopt) > 0 || len(e.Pairs) > 0 {
				c.adopted[o.As] = true
			}
		}
	}
	return c, e.Ledger.Update(ctx, func(tx ledger.Tx) error {
		for _, s := range e.Systems {
			cursors, err := tx.Meta.Cursors(ctx, s.Name)
			if err != nil {
				return err
			}
			for _, cur := range cursors {
				c.completeTo[cur.CursorKey] = cur.CompleteTo
			}
		}
		return tx.Meta.PutRun(ctx, ledger.Run{ID: c.ID, Kind: kind, Revision: e.Revision, Started: c.began})
	})
}

func newRunID(now time.Time) string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return now.UTC().Format("20060102T150405.000") + "-" + hex.EncodeToString(b[:])
}

func (c *Cycle) wants(s *System, _ *Object) bool {
	return len(c.scope.Systems) == 0 || slices.Contains(c.scope.Systems, s.Name)
}

// Pull reads every system and reconciles what changed. When it returns, every
// read of the cycle has ended: this is the barrier before any write.
func (c *Cycle) Pull(ctx context.Context) error {
	rctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	c.stop = stop
	derived, err := c.derive(rctx)
	if err != nil {
		return err
	}
	c.derived = derived
	if err := errors.Join(c.recoverWrites(rctx), c.remembered(rctx), c.wake(rctx)); err != nil {
		return err
	}
	pulled, err := c.pull(rctx)
	c.pulled = pulled
	if cause := context.Cause(rctx); err != nil && cause != nil && ctx.Err() == nil {
		return cause
	}
	return err
}

// Pulled tells how each object's read went.
func (c *Cycle) Pulled() []Pulled { return c.pulled }

// wake marks the entities whose holds have come due, so that they are planned.
func (c *Cycle) wake(ctx context.Context) error {
	return c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		scan := ledger.HoldScan{Due: c.engine.Now(), Limit: 500}
		for {
			holds, err := tx.Holds.Scan(ctx, scan)
			if err != nil || len(holds) == 0 {
				return err
			}
			if err := tx.Entities.Mark(ctx, ledger.Dirty, heldEntities(holds)...); err != nil {
				return err
			}
			scan.After = holds[len(holds)-1].HoldKey
		}
	})
}

func heldEntities(holds []ledger.Hold) []record.EntityID {
	var ids []record.EntityID
	for _, h := range holds {
		if h.Entity != "" {
			ids = append(ids, h.Entity)
		}
	}
	return ids
}

// Run is a whole cycle under the breakers: what a schedule starts.
func (c *Cycle) Run(ctx context.Context) (Outcome, error) {
	out := Outcome{Run: c.ID, Outcome: "ok"}
	err := c.run(ctx, &out)
	out.Pulled, out.Took = c.pulled, c.engine.Now().Sub(c.began)
	for _, p := range c.pulled {
		if p.Err != nil {
			out.Failures = append(out.Failures, p.System+" "+p.Object+": "+p.Err.Error())
		}
	}
	switch {
	case err != nil && ctx.Err() != nil:
		out.Outcome = "stopped"
	case err != nil || len(out.Failures) > 0:
		out.Outcome = "failed"
	}
	c.engine.observe(Event{Kind: CycleEnded, Run: c.ID, Result: out.Outcome, Took: out.Took})
	return out, errors.Join(err, c.End(context.WithoutCancel(ctx), out))
}

func (c *Cycle) run(ctx context.Context, out *Outcome) error {
	if err := c.Pull(ctx); err != nil {
		return err
	}
	p, err := c.Plan(ctx, PlanScope{})
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(p.Path) }()
	out.Plan = p
	if c.OnPlan != nil {
		c.OnPlan(p)
	}
	applied, err := c.engine.Applied(ctx)
	switch {
	case err != nil:
		return err
	case !applied && !c.engine.ApplyFirst:
		out.Outcome = "waiting"
		return nil
	case applied && len(p.Tripped) > 0:
		out.Tripped, out.Outcome = p.Tripped, "tripped"
		return nil
	case !applied:
		if err := c.engine.MarkApplied(ctx); err != nil {
			return err
		}
	}
	out.Pushed, err = c.Push(ctx, p, PushScope{Approved: !applied})
	return err
}

// End writes the run's outcome into the ledger.
func (c *Cycle) End(ctx context.Context, out Outcome) error {
	summary, err := json.Marshal(out)
	if err != nil {
		return fmt.Errorf("summing up run %s: %w", c.ID, err)
	}
	return c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		return tx.Meta.PutRun(ctx, ledger.Run{
			ID: c.ID, Kind: c.kind, Revision: c.engine.Revision, Started: c.began, Ended: c.engine.Now(),
			Outcome: out.Outcome, Summary: summary,
		})
	})
}

// blockedObjects lists the remote objects that must not be written: their read
// of this cycle did not end well, or there was none.
func (c *Cycle) blockedObjects() map[string]string {
	out := map[string]string{}
	read := map[string]bool{}
	for _, p := range c.pulled {
		key := p.System + "/" + p.Object
		read[key] = p.Err == nil
		if p.Err != nil {
			out[key] = fault.ClassOf(p.Err).String()
		}
	}
	for _, s := range c.engine.Systems {
		for _, o := range s.Objects {
			key := s.Name + "/" + o.Name
			if _, began := read[key]; !began && o.Schema.Caps.Changes {
				out[key] = "not read in this cycle"
			}
		}
	}
	return out
}

// saveCheckpoint tells the shared store how far the read has come. It may be
// lost at the price of time, so a failure is a warning.
func (c *Cycle) saveCheckpoint(ctx context.Context, cur ledger.Cursor) {
	if c.engine.Checkpoint == nil {
		return
	}
	if err := c.engine.Checkpoint(ctx, cur); err != nil {
		c.engine.Log.Warn().Err(err).Str("system", cur.System).Str("object", cur.Object).Msg("the checkpoint store did not take the position; the ledger has it")
	}
}

func key(parts ...string) string { return strings.Join(parts, "/") }

func (c *Cycle) fence(ctx context.Context, tx ledger.Tx) error {
	if c.engine.Fence == nil {
		return nil
	}
	return c.engine.Fence(ctx, tx)
}
