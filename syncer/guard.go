package syncer

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Limit stops a plan that would do more than a share of what there is, or more
// than a count in an hour. A zero part does not limit.
type Limit struct {
	Share float64 // of the object's live links in that system; applies from MinRows up
	Count int     // in the last hour, over all cycles
}

// MinRows is the number of rows from which shares apply.
const MinRows = 50

// Guard is the breakers before the first write of a cycle.
type Guard struct {
	Creates  Limit
	Updates  Limit // per field
	Clears   Limit
	OptOuts  Limit
	Archives Limit
	Billable Limit // records that the vendor bills from then on
}

// DefaultGuard is what guards a configuration that says nothing.
func DefaultGuard() Guard {
	return Guard{
		Creates: Limit{Share: 0.20, Count: 2_000}, Updates: Limit{Share: 0.30, Count: 10_000},
		Clears: Limit{Share: 0.05, Count: 500}, OptOuts: Limit{Share: 0.05, Count: 500}, Archives: Limit{Share: 0.02, Count: 100},
		Billable: Limit{Share: 0.02, Count: 100},
	}
}

// Trip is a breaker that tripped.
type Trip struct {
	Rule   string  `json:"rule"` // creates, updates, clears, opt_outs, archives, billable
	System string  `json:"system"`
	Object string  `json:"object"`
	Field  string  `json:"field,omitempty"`
	N      int     `json:"n"`
	Of     int     `json:"of"`
	Limit  string  `json:"limit"`
	Share  float64 `json:"share"`
}

// ID names the breaker, whatever its count.
func (t Trip) ID() string { return key(t.Rule, t.System, t.Object, t.Field) }

// String says what tripped and what to do.
func (t Trip) String() string {
	what := t.System + " " + t.Object
	if t.Field != "" {
		what += "." + t.Field
	}
	return fmt.Sprintf("%s on %s: %d rows, %d there now, allowed %s", t.Rule, what, t.N, t.Of, t.Limit)
}

// guard judges the whole plan before the first write.
func (c *Cycle) guard(ctx context.Context, totals map[string]*Total) ([]Trip, error) {
	live := map[string]int{}
	recent := map[string]int{}
	err := c.engine.Ledger.View(ctx, func(r ledger.Reader) error {
		counts, err := r.Links.Count(ctx)
		for _, n := range counts {
			if n.State == ledger.Live {
				live[key(n.System, n.Object)] += n.N
			}
		}
		if err != nil {
			return err
		}
		return lastHour(ctx, r, c.engine.Now(), recent)
	})
	if err != nil {
		return nil, err
	}
	g := judge{guard: c.engine.Guard, recent: recent}
	for _, id := range slices.Sorted(maps.Keys(totals)) {
		g.total(*totals[id], live[id])
	}
	return g.trips, nil
}

// lastHour adds up what the runs of the last hour wrote, by breaker.
func lastHour(ctx context.Context, r ledger.Reader, now time.Time, into map[string]int) error {
	runs, err := r.Meta.Runs(ctx, 500)
	for _, run := range runs {
		if run.Ended.Before(now.Add(-time.Hour)) || len(run.Summary) == 0 {
			continue
		}
		var out Outcome
		if json.Unmarshal(run.Summary, &out) != nil || out.Pushed.Approved {
			continue
		}
		for id, n := range out.Pushed.Counts {
			into[id] += n
		}
	}
	return err
}

type judge struct {
	guard  Guard
	recent map[string]int
	trips  []Trip
}

func (g *judge) total(t Total, live int) {
	g.rule(g.guard.Creates, Trip{Rule: "creates", System: t.System, Object: t.Object, N: t.Creates, Of: live})
	g.rule(g.guard.Clears, Trip{Rule: "clears", System: t.System, Object: t.Object, N: t.Clears, Of: live})
	g.rule(g.guard.OptOuts, Trip{Rule: "opt_outs", System: t.System, Object: t.Object, N: t.OptOuts, Of: live})
	g.rule(g.guard.Archives, Trip{Rule: "archives", System: t.System, Object: t.Object, N: t.Archives, Of: live})
	g.rule(g.guard.Billable, Trip{Rule: "billable", System: t.System, Object: t.Object, N: t.Billable, Of: live})
	for _, field := range slices.Sorted(maps.Keys(t.Fields)) {
		g.rule(g.guard.Updates, Trip{Rule: "updates", System: t.System, Object: t.Object, Field: field, N: t.Fields[field], Of: live})
	}
}

func (g *judge) rule(l Limit, t Trip) {
	share := float64(t.N) / float64(max(t.Of, 1))
	switch {
	case t.N == 0:
		return
	case l.Share > 0 && t.N >= MinRows && share > l.Share:
		t.Limit = fmt.Sprintf("%.0f%% at once", l.Share*100)
	case l.Count > 0 && t.N+g.recent[t.ID()] > l.Count:
		t.Limit = fmt.Sprintf("%d an hour", l.Count)
	default:
		return
	}
	t.Share = share
	g.trips = append(g.trips, t)
}
