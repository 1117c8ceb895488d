// Package checkpoint is the contract of the store that replicas share and that
// may be lost at the price of time: reading positions, leases with fencing,
// shared rate budgets and short-lived tokens. What must never be lost is in
// the ledger. checkpointtest is the suite that each implementation passes.
package checkpoint

import (
	"context"
	"errors"
	"time"
)

// Position is a reading position with the sequence number of its page.
type Position struct {
	Value string
	Seq   int64
	Epoch int64 // of the lease under which it was written
}

// Lease is the right to do a piece of work alone until it expires.
type Lease struct {
	Name  string
	Owner string
	// Epoch grows with every owner. Whatever is written under the lease carries
	// it, so that a stale owner is refused. It cannot fence a remote API.
	Epoch int64
	Until time.Time
}

// Store is one open checkpoint store.
type Store interface {
	// Positions returns the positions whose keys begin with prefix.
	Positions(ctx context.Context, prefix string) (map[string]Position, error)

	// Save stores a position. It is ErrFenced if a higher epoch has written
	// the key, and does nothing if the stored Seq of the same epoch is higher.
	Save(ctx context.Context, key string, p Position) error

	// Acquire takes the lease of name for owner, with an epoch above floor and
	// above any it ever gave. It is ErrHeld while another owner has it.
	// Acquiring what one holds prolongs it under the same epoch.
	Acquire(ctx context.Context, name, owner string, ttl time.Duration, floor int64) (Lease, error)

	// Release lets a lease go; one that is not held any more is left alone.
	Release(ctx context.Context, l Lease) error

	// Take asks for one call out of n in each period under a shared limit, and
	// answers how long to wait before it may be made: zero for now.
	Take(ctx context.Context, limit string, n int, period time.Duration) (time.Duration, error)

	// Health tells whether the store works and what could be lost with it, one
	// warning a line; an error if it does not work.
	Health(ctx context.Context) (warnings []string, err error)
}

// The errors of every store.
var (
	ErrHeld   = errors.New("the lease is held by another owner")
	ErrFenced = errors.New("a newer owner has written here: this one must stop")
)
