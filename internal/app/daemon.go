package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/schedule"
)

// Daemon runs cycles on a schedule until it is told to stop. It is built from
// one configuration at a time; a reload builds another and swaps it in when all
// of it is good.
type Daemon struct {
	options Options
	mu      sync.RWMutex
	app     *App
	sched   *schedule.Scheduler
	waiting string // a revision that was loaded and waits for its apply
	bad     error  // why the last reload was refused
	outcome map[string]syncer.Outcome
	cycle   sync.Mutex // one cycle at a time
	reload  chan struct{}
	drain   bool
	started time.Time
	tripped []syncer.Trip // breakers of the last cycle that planned
	looking sync.Mutex    // guards seen
	seen    *looked
}

// NewDaemon opens everything and makes the schedule.
func NewDaemon(ctx context.Context, o Options) (*Daemon, error) {
	a, err := Open(ctx, o)
	if err != nil {
		return nil, err
	}
	d := &Daemon{options: o.withDefaults(), app: a, outcome: map[string]syncer.Outcome{}, reload: make(chan struct{}, 1), started: time.Now()}
	if d.sched, err = d.schedule(ctx, a); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return d, nil
}

// App returns what runs now.
func (d *Daemon) App() *App {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.app
}

// Scheduler returns the schedule that runs now.
func (d *Daemon) Scheduler() *schedule.Scheduler {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.sched
}

// Reload asks for the configuration to be read again.
func (d *Daemon) Reload() {
	select {
	case d.reload <- struct{}{}:
	default:
	}
}

// Run runs cycles until ctx ends, then lets work that has begun go on for the
// drain time of the configuration.
func (d *Daemon) Run(ctx context.Context) error {
	work, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	for {
		sctx, stop := context.WithCancel(work)
		done := make(chan struct{})
		sched := d.Scheduler()
		go func() {
			defer close(done)
			sched.Run(sctx)
		}()
		next := d.wait(ctx, work)
		if next == nil {
			d.finish(stop, done, cut)
			return d.App().Close()
		}
		stop()
		<-done
		d.swap(next)
	}
}

// wait waits until there is a good new configuration, or nil when ctx ends. A
// bad one is refused and the schedule goes on undisturbed.
func (d *Daemon) wait(ctx, work context.Context) *swapped {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.reload:
		}
		next, err := d.next(work)
		if d.refuse(err); err == nil && next != nil {
			return next
		}
	}
}

// finish stops the schedule and waits for the run under way, but no longer
// than the drain time; then it is cut off between two batches.
func (d *Daemon) finish(stop func(), done <-chan struct{}, cut func()) {
	d.mu.Lock()
	d.drain = true
	limit := d.app.Config.Server.Drain
	d.mu.Unlock()
	timer := time.AfterFunc(limit, cut)
	defer timer.Stop()
	d.cycle.Lock() // a cycle under way holds it
	stop()
	d.cycle.Unlock()
	<-done
}

func (d *Daemon) refuse(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bad = err
	if err != nil {
		d.options.Log.Error().Err(err).Msg("the new configuration is not used; the last good one goes on")
	}
}

type swapped struct {
	app   *App
	sched *schedule.Scheduler
}

// next builds everything from the configuration as it is now. It returns nil
// if there is nothing to swap: a new revision waits for its apply.
func (d *Daemon) next(ctx context.Context) (*swapped, error) {
	old := d.App()
	a := &App{options: d.options, Ledger: old.Ledger, Checkpoint: old.Checkpoint, lease: old.lease, Gaps: map[string][]Gap{}}
	cfg, problems := Load(d.options)
	if problems.HasErrors() {
		return nil, &ConfigError{Problems: problems}
	}
	if d.options.StateDir != "" {
		cfg.State.Dir = d.options.StateDir
	}
	a.Config = cfg
	used := false
	defer func() {
		if !used {
			a.closeSystems()
		}
	}()
	if err := a.connect(ctx); err != nil {
		return nil, err
	}
	applied, err := a.Engine.Applied(ctx)
	if err != nil {
		return nil, err
	}
	if a.Engine.Revision != old.Engine.Revision && !applied && !a.Engine.ApplyFirst {
		d.mu.Lock()
		d.waiting = a.Engine.Revision
		d.mu.Unlock()
		d.options.Log.Warn().Str("revision", a.Engine.Revision).Msg("the new configuration changes what is written: the last applied one goes on until `tandem apply`")
		return nil, nil
	}
	sched, err := d.schedule(ctx, a)
	used = err == nil
	return &swapped{a, sched}, err
}

func (d *Daemon) swap(next *swapped) {
	d.mu.Lock()
	defer d.mu.Unlock()
	next.app.closers = d.app.closers
	keepPauses(d.sched, next.sched)
	d.app.closeSystems()
	d.app, d.sched, d.bad, d.waiting = next.app, next.sched, nil, ""
	d.options.Log.Info().Str("revision", next.app.Engine.Revision).Msg("configuration reloaded")
}

// schedule makes a job for each set of connectors that share a schedule, and
// one for the sweep.
func (d *Daemon) schedule(ctx context.Context, a *App) (*schedule.Scheduler, error) {
	s := schedule.New(a.Config.Schedule.Jitter, a.options.Log)
	last, err := lastRun(ctx, a.Ledger)
	if err != nil {
		return nil, err
	}
	for _, g := range groups(a.Config) {
		err := s.Add(schedule.Job{
			Name: g.name, Spec: g.spec, Zone: a.Config.Schedule.Zone.Location(), LastRun: last,
			Run: func(ctx context.Context) error { return d.sync(ctx, syncer.Scope{Systems: g.systems}, g.name) },
		})
		if err != nil {
			return nil, err
		}
	}
	if a.Config.Schedule.Sweep.Off() {
		return s, nil
	}
	return s, s.Add(schedule.Job{
		Name: "sweep", Spec: a.Config.Schedule.Sweep.String(), Zone: a.Config.Schedule.Zone.Location(), LastRun: time.Now(), Run: d.sweep,
	})
}

type group struct {
	name, spec string
	systems    []string
}

func groups(cfg *config.Config) []group {
	var out []group
	for _, k := range cfg.Enabled() {
		at := cfg.ScheduleOf(k)
		if at.Off() {
			continue
		}
		i := slices.IndexFunc(out, func(g group) bool { return g.spec == at.String() })
		if i < 0 {
			out = append(out, group{name: "sync " + k.Name, spec: at.String(), systems: []string{k.Name}})
			continue
		}
		out[i].name += "+" + k.Name
		out[i].systems = append(out[i].systems, k.Name)
	}
	return out
}

func lastRun(ctx context.Context, l ledger.Ledger) (time.Time, error) {
	var last time.Time
	err := l.View(ctx, func(r ledger.Reader) error {
		runs, err := r.Meta.Runs(ctx, 20)
		for _, run := range runs {
			if run.Kind == "sync" && run.Outcome == "ok" {
				last = run.Started
				break
			}
		}
		return err
	})
	return last, err
}

// sync runs one cycle.
func (d *Daemon) sync(ctx context.Context, scope syncer.Scope, job string) error {
	d.cycle.Lock()
	defer d.cycle.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	a := d.App()
	c, err := a.Engine.NewCycle(ctx, "sync", scope)
	if err != nil {
		return err
	}
	out, err := c.Run(ctx)
	d.mu.Lock()
	d.outcome[job] = out
	d.mu.Unlock()
	d.log(out)
	if nerr := d.note(context.WithoutCancel(ctx), out); nerr != nil {
		d.options.Log.Warn().Err(nerr).Msg("when the systems were last synchronised could not be written down")
	}
	if perr := a.prune(context.WithoutCancel(ctx)); perr != nil {
		d.options.Log.Warn().Err(perr).Msg("posts that were read could not be forgotten; the next cycle tries again")
	}
	if err == nil && len(out.Failures) > 0 {
		err = fmt.Errorf("objects that could not be read: %d; the first: %s", len(out.Failures), out.Failures[0])
	}
	return err
}

func (d *Daemon) log(out syncer.Outcome) {
	ev := d.options.Log.Info()
	if out.Outcome != "ok" {
		ev = d.options.Log.Warn()
	}
	for _, t := range out.Tripped {
		d.options.Log.Warn().Str("breaker", t.ID()).Int("rows", t.N).Int("of", t.Of).Msg("breaker tripped; nothing is written until the plan is applied")
	}
	ev.Str("run", out.Run).Str("outcome", out.Outcome).Int("created", out.Pushed.Created).Int("updated", out.Pushed.Updated).
		Int("pending", out.Pushed.Pending).Int("rejected", out.Pushed.Rejected).Dur("took", out.Took).Msg("cycle ended")
}

func (d *Daemon) sweep(ctx context.Context) error {
	d.cycle.Lock()
	defer d.cycle.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c, err := d.App().Engine.NewCycle(ctx, "sweep", syncer.Scope{})
	if err != nil {
		return err
	}
	out := syncer.Outcome{Run: c.ID, Outcome: "ok"}
	swept, err := c.Sweep(ctx)
	for _, s := range swept {
		if s.Err != nil {
			out.Failures = append(out.Failures, s.System+" "+s.Object+": "+s.Err.Error())
			out.Outcome = "failed"
		}
	}
	return errors.Join(err, c.End(context.WithoutCancel(ctx), out))
}
