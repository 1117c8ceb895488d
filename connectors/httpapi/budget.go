package httpapi

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
)

// WaitError says that a budget is used up for longer than the caller can wait.
type WaitError struct {
	Limit string
	Until time.Time
	long  bool
}

// Error names the limit.
func (e *WaitError) Error() string {
	return "the budget " + e.Limit + " is used up until " + e.Until.UTC().Format(time.RFC3339)
}

// Unwrap makes it a deadline exceeded.
func (*WaitError) Unwrap() error { return context.DeadlineExceeded }

func (e *WaitError) class() fault.Class {
	if e.long {
		return fault.Exhausted
	}
	return fault.RateLimited
}

func asWait(err error, l Limit) *WaitError {
	out := &WaitError{Limit: l.Name, Until: time.Now().Add(min(l.Period, defaultMaxWait)), long: l.Period > time.Hour}
	if w, ok := errors.AsType[*WaitError](err); ok {
		out.Until = w.Until
	}
	return out
}

// LocalBudget is a budget of this process alone. Over any stretch of a period
// it never lets more than n calls pass.
type LocalBudget struct {
	mu     sync.Mutex
	limits map[string]*window
}

const mostTimes = 1024

type window struct {
	times []time.Time // of the last calls, a ring
	next  int
	began time.Time // of the present period of a quota
	count int
	// What the vendor said last.
	known     bool
	remaining int
	reset     time.Time
}

// NewLocalBudget returns a budget that counts in memory.
func NewLocalBudget() *LocalBudget { return &LocalBudget{limits: map[string]*window{}} }

// Take waits until a call may be made.
func (b *LocalBudget) Take(ctx context.Context, limit string, n int, period time.Duration) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		wait := b.try(limit, n, period)
		if wait <= 0 {
			return nil
		}
		until := time.Now().Add(wait)
		if deadline, ok := ctx.Deadline(); ok && until.After(deadline) {
			return &WaitError{Limit: limit, Until: until, long: period > time.Hour}
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// try takes a place, or tells how long until there may be one.
func (b *LocalBudget) try(limit string, n int, period time.Duration) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.window(limit)
	now := time.Now()
	if w.known && !now.Before(w.reset) {
		w.known = false
	}
	if w.known && w.remaining <= 0 {
		return w.reset.Sub(now)
	}
	if wait := w.place(now, n, period); wait > 0 {
		return wait
	}
	if w.known {
		w.remaining--
	}
	return 0
}

// place finds room in our own count: exactly for small limits, by fixed
// periods for quotas, whose every call is not worth remembering.
func (w *window) place(now time.Time, n int, period time.Duration) time.Duration {
	if n <= 0 {
		return 0
	}
	if n > mostTimes {
		if now.Sub(w.began) >= period {
			w.began, w.count = now, 0
		}
		if w.count >= n {
			return period - now.Sub(w.began)
		}
		w.count++
		return 0
	}
	if len(w.times) != n {
		w.times, w.next = make([]time.Time, n), 0
	}
	if oldest := w.times[w.next]; !oldest.IsZero() && now.Sub(oldest) < period {
		return period - now.Sub(oldest)
	}
	w.times[w.next] = now
	w.next = (w.next + 1) % n
	return 0
}

// Learn keeps what the vendor says. Zero stops all callers until reset.
func (b *LocalBudget) Learn(_ context.Context, limit string, remaining int, reset time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := b.window(limit)
	w.known, w.remaining, w.reset = true, remaining, reset
}

func (b *LocalBudget) window(limit string) *window {
	w, ok := b.limits[limit]
	if !ok {
		w = &window{}
		b.limits[limit] = w
	}
	return w
}
