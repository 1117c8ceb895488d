package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/schedule"
	"github.com/tandem-sync/tandem/web"
)

const (
	// factSuccess keeps when each system was last synchronised, so that an alert
	// on it outlives a restart.
	factSuccess = "success/"
	factAccount = "account/"
	// stale is how old what was looked up in the ledger may be: the page and
	// the metrics are open to anybody who reaches them, and must cost little.
	stale      = 2 * time.Second
	mostRuns   = 12
	mostGroups = 8
)

// looked is what the status takes from the ledger.
type looked struct {
	at      time.Time
	applied string // the revision
	success map[string]time.Time
	groups  []ledger.HoldGroup
	links   map[[2]string]int
	read    map[[2]string]time.Time
	runs    []ledger.Run
	// accounts is whose data each system holds.
	accounts map[string][]byte
}

// Status tells how the daemon stands.
func (d *Daemon) Status(ctx context.Context) (web.Status, error) {
	a := d.App()
	l, err := d.look(ctx, a)
	if err != nil {
		return web.Status{}, err
	}
	now := time.Now()
	d.mu.RLock()
	s := web.Status{
		Version: d.options.Version, At: now, Started: d.started, Revision: a.Engine.Revision, Applied: a.Engine.ApplyFirst || l.applied == a.Engine.Revision,
		Waiting: d.waiting, Refused: refusal(d.bad), Draining: d.drain, Breakers: breakers(d.tripped),
	}
	jobs := d.sched.Status()
	d.mu.RUnlock()
	for _, j := range jobs {
		first, _, _ := strings.Cut(j.Error, "\n") // a panic brings its stack, which is for the log
		s.Jobs = append(s.Jobs, web.Job{Name: j.Name, Next: j.Next, Last: j.Last, Running: j.Running, Paused: j.Paused, Error: first, Skipped: j.Skipped})
	}
	for _, k := range a.Config.Enabled() {
		s.Systems = append(s.Systems, a.systemStatus(k, l, now))
	}
	s.Holds = holdStatus(l.groups)
	for _, r := range l.runs {
		s.Runs = append(s.Runs, runStatus(r))
	}
	return s, nil
}

// look reads the ledger, or returns what was read a moment ago.
func (d *Daemon) look(ctx context.Context, a *App) (*looked, error) {
	d.looking.Lock()
	defer d.looking.Unlock()
	if d.seen != nil && time.Since(d.seen.at) < stale {
		return d.seen, nil
	}
	l, err := a.look(ctx)
	if err != nil {
		return nil, err
	}
	d.seen = l
	return l, nil
}

// look reads what the ledger tells of how things stand.
func (a *App) look(ctx context.Context) (*looked, error) {
	l := &looked{at: time.Now(), success: map[string]time.Time{}, accounts: map[string][]byte{}, links: map[[2]string]int{}, read: map[[2]string]time.Time{}}
	if err := a.Ledger.View(ctx, func(r ledger.Reader) error { return l.fill(ctx, r, a.Config.Enabled()) }); err != nil {
		return nil, fmt.Errorf("the ledger cannot be read: %w", err)
	}
	return l, nil
}

func (l *looked) fill(ctx context.Context, r ledger.Reader, systems []*config.Connector) error {
	applied, err := r.Meta.Get(ctx, "revision/applied")
	if err != nil {
		return err
	}
	l.applied = string(applied)
	if l.groups, err = r.Holds.Groups(ctx); err != nil {
		return err
	}
	if l.runs, err = r.Meta.Runs(ctx, mostRuns); err != nil {
		return err
	}
	if err := l.successes(ctx, r); err != nil {
		return err
	}
	pinned, err := r.Meta.List(ctx, factAccount)
	if err != nil {
		return err
	}
	for key, account := range pinned {
		l.accounts[strings.TrimPrefix(key, factAccount)] = account
	}
	return l.objects(ctx, r, systems)
}

func (l *looked) successes(ctx context.Context, r ledger.Reader) error {
	facts, err := r.Meta.List(ctx, factSuccess)
	for key, value := range facts {
		if at, bad := time.Parse(time.RFC3339Nano, string(value)); bad == nil {
			l.success[strings.TrimPrefix(key, factSuccess)] = at
		}
	}
	return err
}

// objects looks up how many records of each object are linked, and how far it
// was read.
func (l *looked) objects(ctx context.Context, r ledger.Reader, systems []*config.Connector) error {
	counts, err := r.Links.Count(ctx)
	if err != nil {
		return err
	}
	for _, n := range counts {
		if n.State == ledger.Live {
			l.links[[2]string{n.System, n.Object}] += n.N
		}
	}
	for _, s := range systems {
		cursors, err := r.Meta.Cursors(ctx, s.Name)
		if err != nil {
			return err
		}
		for _, cur := range cursors {
			if cur.Lane == "changes" {
				l.read[[2]string{cur.System, cur.Object}] = cur.CompleteTo
			}
		}
	}
	return nil
}

func (a *App) systemStatus(k *config.Connector, l *looked, now time.Time) web.System {
	out := web.System{
		Name: k.Name, Type: k.Type, Role: k.Role, Account: string(l.accounts[k.Name]),
		LastSuccess: l.success[k.Name], Observed: a.observed(k.Name),
	}
	for _, o := range k.Objects {
		key := [2]string{k.Name, o.Name}
		row := web.Object{Name: o.Name, As: string(o.As), Links: l.links[key], ReadOnly: o.ReadOnly || k.ReadOnly, CompleteTo: l.read[key]}
		if !row.CompleteTo.IsZero() {
			row.LagSeconds = max(0, now.Sub(row.CompleteTo).Seconds())
		}
		out.Objects = append(out.Objects, row)
	}
	for _, g := range a.mappedGaps(k.Name) {
		out.Gaps = append(out.Gaps, web.Gap{Object: g.Object, What: g.What, Effect: g.Effect})
	}
	return out
}

// holdStatus puts the groups, largest first, under their reasons.
func holdStatus(groups []ledger.HoldGroup) []web.Holds {
	var out []web.Holds
	for _, g := range groups {
		i := slices.IndexFunc(out, func(h web.Holds) bool { return h.Reason == string(g.Reason) })
		if i < 0 {
			i = len(out)
			out = append(out, web.Holds{Reason: string(g.Reason)})
		}
		h := &out[i]
		if h.N += g.N; len(h.Groups) == mostGroups {
			h.More++
			continue
		}
		h.Groups = append(h.Groups, web.HoldGroup{System: g.System, Object: g.Object, Cause: g.Cause, Detail: g.Detail, N: g.N, Oldest: g.Oldest})
	}
	slices.SortStableFunc(out, func(a, b web.Holds) int { return b.N - a.N })
	return out
}

func runStatus(r ledger.Run) web.Run {
	out := web.Run{ID: r.ID, Kind: r.Kind, Started: r.Started, Ended: r.Ended, Outcome: r.Outcome}
	var sum syncer.Outcome
	if len(r.Summary) > 0 && json.Unmarshal(r.Summary, &sum) == nil {
		p := sum.Pushed
		out.Created, out.Updated, out.Archived = p.Created, p.Updated, p.Archived
		out.Unsent = p.Rejected + p.Pending + p.Unknown + p.Stale
		out.Failures = sum.Failures
	}
	return out
}

func breakers(trips []syncer.Trip) []web.Breaker {
	var out []web.Breaker
	for _, t := range trips {
		out = append(out, web.Breaker{Rule: t.Rule, System: t.System, Object: t.Object, Field: t.Field, N: t.N, Of: t.Of, Limit: t.Limit})
	}
	return out
}

// refusal says in a few lines why a reload was refused.
func refusal(err error) []string {
	if err == nil {
		return nil
	}
	c, ok := errors.AsType[*ConfigError](err)
	if !ok {
		return []string{err.Error()}
	}
	var out []string
	for _, p := range c.Problems.Sorted() {
		if len(out) == mostGroups {
			return append(out, fmt.Sprintf("and %d more: `tandem test` lists them all", len(c.Problems)-mostGroups))
		}
		out = append(out, p.String())
	}
	return out
}

// Ready says why no work can be done, or nil.
func (d *Daemon) Ready(ctx context.Context) error {
	d.mu.RLock()
	bad, drain, a := d.bad, d.drain, d.app
	d.mu.RUnlock()
	if drain {
		return errors.New("draining: work that has begun goes on, nothing new begins")
	}
	if err := a.Ledger.View(ctx, func(r ledger.Reader) error {
		_, err := r.Meta.Get(ctx, "revision/applied")
		return err
	}); err != nil {
		return fmt.Errorf("the ledger cannot be read: %w", err)
	}
	if bad != nil {
		return fmt.Errorf("the last reload was refused, and the configuration before it goes on: %w", bad)
	}
	return nil
}

// Trigger starts a job now, or after its present run.
func (d *Daemon) Trigger(job string) bool { return d.Scheduler().Trigger(job) }

// Pause lets a job's slots pass until Resume, reloads included.
func (d *Daemon) Pause(job string) bool { return d.Scheduler().Pause(job) }

// Resume ends a pause.
func (d *Daemon) Resume(job string) bool { return d.Scheduler().Resume(job) }

// note keeps what a cycle tells about the breakers, and when the systems it
// read to the end were synchronised.
func (d *Daemon) note(ctx context.Context, out syncer.Outcome) error {
	if out.Outcome == "ok" || out.Outcome == "tripped" {
		d.mu.Lock()
		d.tripped = out.Tripped
		d.mu.Unlock()
	}
	if out.Outcome != "ok" && (out.Outcome != "failed" || len(out.Failures) == 0) {
		return nil
	}
	read := readToTheEnd(out.Pulled)
	at := []byte(time.Now().UTC().Format(time.RFC3339Nano))
	return d.App().Ledger.Update(ctx, func(tx ledger.Tx) error {
		for _, system := range read {
			if err := tx.Meta.Set(ctx, factSuccess+system, at); err != nil {
				return err
			}
		}
		return nil
	})
}

// readToTheEnd lists the systems of which no object failed.
func readToTheEnd(pulled []syncer.Pulled) []string {
	var out []string
	for _, p := range pulled {
		failed := slices.ContainsFunc(pulled, func(q syncer.Pulled) bool { return q.System == p.System && q.Err != nil })
		if !failed && !slices.Contains(out, p.System) {
			out = append(out, p.System)
		}
	}
	return out
}

// keepPauses carries the pauses of jobs over a reload.
func keepPauses(from, to *schedule.Scheduler) {
	for _, j := range from.Status() {
		if j.Paused {
			to.Pause(j.Name)
		}
	}
}
