// Package checkpointtest is the suite that every checkpoint store passes: each
// promise of the contract's prose is a case.
package checkpointtest

import (
	"errors"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
)

// Setup is a new empty store and the means to try it.
type Setup struct {
	Store checkpoint.Store
	// Other works on the same state as another process would.
	Other checkpoint.Store
	// Pass lets time go by for the store.
	Pass func(time.Duration)
	// Virtual tells that time goes by in Pass only.
	Virtual bool
}

// Open makes a setup that is cleared away when the test ends.
type Open func(t *testing.T) Setup

// Run runs the suite.
func Run(t *testing.T, open Open) {
	t.Helper()
	groups := map[string]map[string]func(*kit){
		"positions": positionCases(), "leases": leaseCases(), "epochs": epochCases(), "limits": limitCases(),
		"store": storeCases(),
	}
	for group, cases := range groups {
		t.Run(group, func(t *testing.T) {
			t.Parallel()
			for name, f := range cases {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					f(&kit{T: t, Setup: open(t)})
				})
			}
		})
	}
}

// kit is what a case works with.
type kit struct {
	*testing.T
	Setup
}

const (
	long  = time.Hour
	short = 200 * time.Millisecond
)

func (k *kit) save(key string, p checkpoint.Position) {
	k.Helper()
	if err := k.Store.Save(k.Context(), key, p); err != nil {
		k.Fatalf("Save %q %+v: %v", key, p, err)
	}
}

func (k *kit) holds(key string, want checkpoint.Position) {
	k.Helper()
	all, err := k.Other.Positions(k.Context(), key)
	if err != nil {
		k.Fatalf("Positions: %v", err)
	}
	if got := all[key]; got != want {
		k.Fatalf("%q holds %+v, want %+v", key, got, want)
	}
}

func (k *kit) acquire(s checkpoint.Store, owner string, ttl time.Duration, floor int64) checkpoint.Lease {
	k.Helper()
	before := time.Now()
	l, err := s.Acquire(k.Context(), "work", owner, ttl, floor)
	if err != nil {
		k.Fatalf("Acquire for %s: %v", owner, err)
	}
	if l.Name != "work" || l.Owner != owner || l.Epoch <= floor {
		k.Fatalf("Acquire for %s above %d gave %+v", owner, floor, l)
	}
	if !k.Virtual && (l.Until.Before(before.Add(ttl-time.Millisecond)) || l.Until.After(time.Now().Add(ttl))) {
		k.Fatalf("a lease of %v ends at %v, asked at %v", ttl, l.Until, before)
	}
	return l
}

func (k *kit) refused(s checkpoint.Store, owner string) {
	k.Helper()
	if _, err := s.Acquire(k.Context(), "work", owner, long, 0); !errors.Is(err, checkpoint.ErrHeld) {
		k.Fatalf("Acquire for %s while another holds the lease: %v, want ErrHeld", owner, err)
	}
}

func (k *kit) release(l checkpoint.Lease) {
	k.Helper()
	if err := k.Store.Release(k.Context(), l); err != nil {
		k.Fatalf("Release: %v", err)
	}
}

func (k *kit) take(s checkpoint.Store, limit string, n int, period time.Duration) time.Duration {
	k.Helper()
	wait, err := s.Take(k.Context(), limit, n, period)
	if err != nil {
		k.Fatalf("Take from %s: %v", limit, err)
	}
	if wait < 0 || wait > period {
		k.Fatalf("Take from %s says to wait %v of a period of %v", limit, wait, period)
	}
	return wait
}
