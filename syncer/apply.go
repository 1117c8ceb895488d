package syncer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/plan"
)

// Narrow makes an apply a pilot: fewer rows, fields or people than the plan.
type Narrow struct {
	Limit  int             // rows at most; 0 is all
	Fields map[string]bool // canonical or remote field names; nil is all
	People map[record.EntityID]bool
}

// ErrRefused is the root of every refusal to apply a plan.
var ErrRefused = errors.New("the plan was not applied")

// TrippedError says which breakers a plan would trip now that it did not list.
type TrippedError struct{ Trips []Trip }

// Error lists the breakers.
func (e *TrippedError) Error() string {
	lines := make([]string, len(e.Trips))
	for i, t := range e.Trips {
		lines[i] = t.String()
	}
	return "breakers tripped that the plan does not list:\n  " + strings.Join(lines, "\n  ") + "\nmake a new plan and look at it"
}

// Unwrap makes it an ErrRefused.
func (e *TrippedError) Unwrap() error { return ErrRefused }

// Apply carries out an approved plan: everything is read and planned again,
// and of that only what the plan approved is written. Rows that moved on since
// are left out, counted, and planned again by the next cycle.
func (c *Cycle) Apply(ctx context.Context, approved *Plan, narrow Narrow) (Outcome, error) {
	out := Outcome{Run: c.ID, Outcome: "ok"}
	err := c.apply(ctx, approved, narrow, &out)
	out.Pulled, out.Took = c.pulled, c.engine.Now().Sub(c.began)
	switch {
	case errors.Is(err, ErrRefused):
		out.Outcome = "refused"
	case err != nil:
		out.Outcome = "failed"
	}
	return out, errors.Join(err, c.End(context.WithoutCancel(ctx), out))
}

func (c *Cycle) apply(ctx context.Context, approved *Plan, narrow Narrow, out *Outcome) error {
	if approved.Revision != c.engine.Revision {
		return fmt.Errorf("%w: it was made for configuration revision %s, this is %s; make a new plan", ErrRefused, approved.Revision, c.engine.Revision)
	}
	if !maps.Equal(approved.Accounts, c.engine.Accounts) {
		return fmt.Errorf("%w: it was made for other accounts; make a new plan with these credentials", ErrRefused)
	}
	if err := c.Pull(ctx); err != nil {
		return err
	}
	p, err := c.Plan(ctx, PlanScope{All: true})
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(p.Path) }()
	out.Plan = p
	versions, err := approvedRows(approved)
	if err != nil {
		return err
	}
	only := selection{versions: versions, narrow: narrow}
	if err := c.approve(ctx, p, approved, only); err != nil {
		return err
	}
	if out.Pushed, err = c.Push(ctx, p, PushScope{Only: only.pick(), Approved: true}); err != nil {
		return err
	}
	if narrow.pilot() {
		return nil // a pilot does not let the schedule write the rest
	}
	return c.engine.MarkApplied(ctx)
}

func (n Narrow) pilot() bool { return n.Limit > 0 || len(n.Fields) > 0 || n.People != nil }

// approvedRows maps the rows of a plan to the versions they were made against.
func approvedRows(p *Plan) (map[string]string, error) {
	rows := make(map[string]string, p.Rows)
	err := p.Each(func(r plan.Row) error {
		rows[r.ID()] = r.Version
		return nil
	})
	return rows, err
}

// approve judges what would be written now by the breakers: those the plan
// listed are approved with their counts, any other refuses the apply.
func (c *Cycle) approve(ctx context.Context, p, approved *Plan, only selection) error {
	totals := map[string]*Total{}
	pick := only.pick()
	err := p.Each(func(r plan.Row) error {
		if row, ok := pick(r); ok {
			tally(totals, row, c.rowCounts(row))
		}
		return nil
	})
	if err != nil {
		return err
	}
	trips, err := c.guard(ctx, totals)
	if err != nil {
		return err
	}
	allowed := map[string]int{}
	for _, t := range approved.Tripped {
		allowed[t.ID()] = t.N
	}
	var refused []Trip
	for _, t := range trips {
		if n, listed := allowed[t.ID()]; !listed || t.N > n {
			refused = append(refused, t)
		}
	}
	if len(refused) > 0 {
		return &TrippedError{Trips: refused}
	}
	return nil
}

// selection is what of a plan is to be carried out.
type selection struct {
	versions map[string]string
	narrow   Narrow
}

// pick returns a fresh chooser; its limit counts from zero.
func (s selection) pick() func(plan.Row) (plan.Row, bool) {
	n := 0
	return func(r plan.Row) (plan.Row, bool) {
		if version, ok := s.versions[r.ID()]; !ok || version != r.Version {
			return r, false
		}
		if s.narrow.People != nil && !s.narrow.People[r.Entity] {
			return r, false
		}
		r = onlyFields(r, s.narrow.Fields)
		if len(r.After) == 0 && len(s.narrow.Fields) > 0 {
			return r, false
		}
		if n++; s.narrow.Limit > 0 && n > s.narrow.Limit {
			return r, false
		}
		return r, true
	}
}

// onlyFields narrows an update; a create is made whole or not at all.
func onlyFields(r plan.Row, fields map[string]bool) plan.Row {
	if len(fields) == 0 {
		return r
	}
	after := record.Fields{}
	if r.Remote != "" {
		for name, v := range r.After {
			if fields[name] || fields[r.Why[name].Field] {
				after[name] = v
			}
		}
	}
	r.After = after
	return r
}
