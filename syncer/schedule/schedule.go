// Package schedule runs jobs at their slots: none twice, none lost but those
// that come while the job still runs, and after a pause of the process at most
// one run to catch up. A job that panics is reported and runs again.
package schedule

import (
	"context"
	"fmt"
	"hash/fnv"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Job is a piece of work with a schedule.
type Job struct {
	Name string
	Spec string // five cron fields or a descriptor such as @hourly
	Zone *time.Location
	Run  func(ctx context.Context) error
	// LastRun is when it last ran, in an earlier process too; a slot missed
	// since is run once at the start. Zero runs at the start.
	LastRun time.Time
}

// Status is how a job stands.
type Status struct {
	Name    string    `json:"name"`
	Next    time.Time `json:"next"`
	Last    time.Time `json:"last,omitzero"`
	Running bool      `json:"running"`
	Paused  bool      `json:"paused"`
	Error   string    `json:"error,omitempty"`
	Skipped int       `json:"skipped"` // slots that came while it was running or paused
}

// Scheduler runs jobs.
type Scheduler struct {
	jitter time.Duration
	log    zerolog.Logger
	mu     sync.Mutex
	jobs   []*job
}

type job struct {
	Job
	slots   slots
	trigger chan struct{}
	status  Status
}

// New returns a scheduler that starts each run up to jitter late, always the
// same for one job and slot.
func New(jitter time.Duration, log zerolog.Logger) *Scheduler {
	return &Scheduler{jitter: jitter, log: log}
}

// Add adds a job before Run is called.
func (s *Scheduler) Add(j Job) error {
	zone := j.Zone
	if zone == nil {
		zone = time.UTC
	}
	sl, err := parse(j.Spec, zone)
	if err != nil {
		return fmt.Errorf("job %s: %w", j.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs = append(s.jobs, &job{Job: j, slots: sl, trigger: make(chan struct{}, 1), status: Status{Name: j.Name, Last: j.LastRun}})
	return nil
}

// Run runs the jobs until ctx ends and every run has returned.
func (s *Scheduler) Run(ctx context.Context) {
	var wg sync.WaitGroup
	for _, j := range s.jobs {
		wg.Go(func() { s.loop(ctx, j) })
	}
	wg.Wait()
}

func (s *Scheduler) loop(ctx context.Context, j *job) {
	after := j.LastRun
	if after.IsZero() || !j.slots.next(after).After(time.Now()) {
		if s.run(ctx, j); ctx.Err() != nil {
			return
		}
	}
	after = time.Now()
	for {
		next := j.slots.next(after)
		if next.IsZero() {
			return
		}
		s.set(j, func(st *Status) { st.Next = next })
		timer := time.NewTimer(time.Until(next.Add(s.delay(j.Name, next))))
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-j.trigger:
			timer.Stop()
			s.run(ctx, j)
			continue // the slot waited for is still to come, unless it passed meanwhile
		case <-timer.C:
		}
		if s.paused(j) {
			s.set(j, func(st *Status) { st.Skipped++ })
		} else {
			s.run(ctx, j)
		}
		after = s.skip(j, next)
	}
}

// skip counts the slots that came while the job ran and returns the last of
// them.
func (s *Scheduler) skip(j *job, slot time.Time) time.Time {
	now := time.Now()
	for {
		next := j.slots.next(slot)
		if next.IsZero() || next.After(now) {
			return slot
		}
		slot = next
		s.set(j, func(st *Status) { st.Skipped++ })
	}
}

func (s *Scheduler) run(ctx context.Context, j *job) {
	s.set(j, func(st *Status) { st.Running = true })
	err := guarded(ctx, j.Run)
	if err != nil && ctx.Err() == nil {
		s.log.Error().Err(err).Str("job", j.Name).Msg("the run failed; it is tried again at its next slot")
	}
	s.set(j, func(st *Status) {
		st.Running, st.Last, st.Error = false, time.Now(), ""
		if err != nil {
			st.Error = err.Error()
		}
	})
}

// guarded turns a panic into an error, so that one job cannot take the others
// down or block its own later runs.
func guarded(ctx context.Context, run func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return run(ctx)
}

func (s *Scheduler) delay(name string, slot time.Time) time.Duration {
	if s.jitter <= 0 {
		return 0
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, name, slot.Unix())
	return time.Duration(h.Sum64() % uint64(s.jitter)) //nolint:gosec // positive by the check above, and the rest is below it
}

func (s *Scheduler) set(j *job, f func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(&j.status)
}

func (s *Scheduler) paused(j *job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return j.status.Paused
}

// Status tells how every job stands.
func (s *Scheduler) Status() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Status, len(s.jobs))
	for i, j := range s.jobs {
		out[i] = j.status
	}
	return out
}

// Trigger starts a job now, or after its present run. It tells whether there
// is such a job; asking again before it starts changes nothing.
func (s *Scheduler) Trigger(name string) bool {
	j := s.find(name)
	if j == nil {
		return false
	}
	select {
	case j.trigger <- struct{}{}:
	default:
	}
	return true
}

// Pause lets a job's slots pass until Resume.
func (s *Scheduler) Pause(name string) bool {
	return s.mark(name, func(st *Status) { st.Paused = true })
}

// Resume ends a pause.
func (s *Scheduler) Resume(name string) bool {
	return s.mark(name, func(st *Status) { st.Paused = false })
}

func (s *Scheduler) mark(name string, f func(*Status)) bool {
	j := s.find(name)
	if j == nil {
		return false
	}
	s.set(j, f)
	return true
}

func (s *Scheduler) find(name string) *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.jobs, func(j *job) bool { return j.Name == name })
	if i < 0 {
		return nil
	}
	return s.jobs[i]
}
