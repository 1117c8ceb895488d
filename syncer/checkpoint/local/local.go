// Package local is the checkpoint store of a process that works alone: leases
// and budgets within the process, positions in memory. The ledger's cursors
// are the truth and its lock keeps other processes out.
package local

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
)

// Store is a checkpoint store in memory.
type Store struct {
	now func() time.Time

	mu        sync.Mutex
	positions map[string]checkpoint.Position
	leases    map[string]checkpoint.Lease
	epochs    map[string]int64
	limits    map[string]*limit
}

// New returns an empty store that goes by the given clock; nil is time.Now.
func New(now func() time.Time) *Store {
	if now == nil {
		now = time.Now
	}
	return &Store{
		now: now, positions: map[string]checkpoint.Position{}, leases: map[string]checkpoint.Lease{},
		epochs: map[string]int64{}, limits: map[string]*limit{},
	}
}

// Positions returns the positions whose keys begin with prefix.
func (s *Store) Positions(ctx context.Context, prefix string) (map[string]checkpoint.Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]checkpoint.Position{}
	for k, p := range s.positions {
		if strings.HasPrefix(k, prefix) {
			out[k] = p
		}
	}
	return out, ctx.Err()
}

// Save stores a position.
func (s *Store) Save(ctx context.Context, key string, p checkpoint.Position) error {
	if key == "" || p.Seq < 0 || p.Epoch < 0 {
		return fmt.Errorf("save position %q: a position needs a key and no number below zero", key)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.positions[key]
	if old.Epoch > p.Epoch {
		return fmt.Errorf("save position %q under epoch %d: %w", key, p.Epoch, checkpoint.ErrFenced)
	}
	if old.Epoch < p.Epoch || old.Seq <= p.Seq {
		s.positions[key] = p
	}
	return nil
}

// Acquire takes or prolongs a lease.
func (s *Store) Acquire(ctx context.Context, name, owner string, ttl time.Duration, floor int64) (checkpoint.Lease, error) {
	if name == "" || owner == "" || ttl < time.Millisecond {
		return checkpoint.Lease{}, fmt.Errorf("acquire lease %q: a lease needs a name, an owner and at least a millisecond", name)
	}
	if err := ctx.Err(); err != nil {
		return checkpoint.Lease{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	held, ok := s.leases[name]
	ok = ok && now.Before(held.Until)
	if ok && held.Owner != owner {
		return checkpoint.Lease{}, fmt.Errorf("acquire lease %q: %w", name, checkpoint.ErrHeld)
	}
	epoch := held.Epoch
	if !ok || epoch <= floor {
		top := max(floor, s.epochs[name], 0)
		if top == math.MaxInt64 {
			return checkpoint.Lease{}, fmt.Errorf("acquire lease %q: there is no epoch above %d", name, top)
		}
		epoch = top + 1
	}
	s.epochs[name] = epoch
	s.leases[name] = checkpoint.Lease{Name: name, Owner: owner, Epoch: epoch, Until: now.Add(ttl)}
	return s.leases[name], nil
}

// Release lets a lease go if it is still this very one.
func (s *Store) Release(ctx context.Context, l checkpoint.Lease) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if held := s.leases[l.Name]; held.Owner == l.Owner && held.Epoch == l.Epoch {
		delete(s.leases, l.Name)
	}
	return ctx.Err()
}

// Health has nothing to warn of: what is lost with the process is in the
// ledger.
func (s *Store) Health(ctx context.Context) ([]string, error) { return nil, ctx.Err() }
