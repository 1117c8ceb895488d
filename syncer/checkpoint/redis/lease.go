package redis

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
)

const (
	kindLease = "lease" // expires
	kindEpoch = "epoch" // never does
)

// Acquire takes or prolongs a lease. The epoch is above what the server, the
// ledger (floor) and this process remember, so that losing one of them brings
// no old epoch back. An owner that holds the lease under an epoch not above
// floor is a former run of the same name and gets a new epoch.
func (s *Store) Acquire(ctx context.Context, name, owner string, ttl time.Duration, floor int64) (checkpoint.Lease, error) {
	if name == "" || owner == "" || ttl < time.Millisecond {
		return checkpoint.Lease{}, fmt.Errorf("acquire lease %q: a lease needs a name, an owner and at least a millisecond", name)
	}
	floor = max(floor, 0)
	began := time.Now()
	reply, err := s.run(ctx, s.scripts.acquire, []string{s.key(kindLease, name), s.key(kindEpoch, name)},
		owner, ttl.Milliseconds(), digits(floor), digits(max(floor, s.highest(name))))
	if err != nil {
		return checkpoint.Lease{}, fmt.Errorf("acquire lease %q: %w", name, err)
	}
	if reply[0] == replyHeld {
		return checkpoint.Lease{}, fmt.Errorf("acquire lease %q: %w", name, checkpoint.ErrHeld)
	}
	epoch, err := strconv.ParseInt(strings.TrimSpace(reply[1]), 10, 64)
	if err != nil {
		return checkpoint.Lease{}, fmt.Errorf("acquire lease %q: %w", name, unreadable(s.key(kindEpoch, name), ""))
	}
	s.remember(name, epoch)
	// From before the call: the holder must give up no later than the server.
	return checkpoint.Lease{Name: name, Owner: owner, Epoch: epoch, Until: began.Add(ttl)}, nil
}

// Release lets a lease go if it is still this very one.
func (s *Store) Release(ctx context.Context, l checkpoint.Lease) error {
	_, err := s.run(ctx, s.scripts.release, []string{s.key(kindLease, l.Name)}, version+" "+digits(l.Epoch)+" "+l.Owner)
	if err != nil {
		return fmt.Errorf("release lease %q: %w", l.Name, err)
	}
	return nil
}

func (s *Store) highest(name string) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.given[name]
}

func (s *Store) remember(name string, epoch int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given[name] = max(s.given[name], epoch)
}
