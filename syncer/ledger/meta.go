package ledger

import (
	"context"
	"time"
)

// CursorKey names one reading position.
type CursorKey struct {
	System string
	Object string
	Lane   string // "changes", "gone", or a range of a first read
}

// Cursor is a reading position, stored in the transaction of its page.
type Cursor struct {
	CursorKey
	Value string
	// Seq grows by one with every page; of two stores that differ the lower
	// one is believed, which costs time and loses nothing.
	Seq int64
	// CompleteTo is the source's time up to which every change was delivered.
	CompleteTo time.Time
	// Done tells that a range of a first read has been read to its end.
	Done    bool
	Updated time.Time
}

// Run is one cycle, plan, apply or other piece of work.
type Run struct {
	ID       string
	Kind     string // sync, plan, apply, audit, ...
	Revision string // configuration revision
	Started  time.Time
	Ended    time.Time // zero while running
	Outcome  string    // ok, failed, tripped, stopped
	Summary  []byte    // JSON, no personal data
}

// MetaReader reads positions, runs and small facts.
type MetaReader interface {
	// Cursors returns all reading positions of a system.
	Cursors(ctx context.Context, system string) ([]Cursor, error)
	// Runs returns the newest runs, newest first.
	Runs(ctx context.Context, limit int) ([]Run, error)
	// Get returns a small fact, or nil: the account a connector is pinned to,
	// the applied revision, a remembered decision, an encrypted token.
	Get(ctx context.Context, key string) ([]byte, error)
	// List returns the facts whose keys begin with prefix.
	List(ctx context.Context, prefix string) (map[string][]byte, error)
}

// Meta reads and changes positions, runs and small facts.
type Meta interface {
	MetaReader
	// PutCursor stores positions; DeleteCursors forgets them.
	PutCursors(ctx context.Context, cursors ...Cursor) error
	DeleteCursors(ctx context.Context, keys ...CursorKey) error
	PutRun(ctx context.Context, r Run) error
	// Set stores a small fact; nil forgets it.
	Set(ctx context.Context, key string, value []byte) error
	// Fence takes or proves the lease epoch of a piece of work: it stores the
	// epoch if it is not lower than the one there, else it is ErrFenced.
	Fence(ctx context.Context, name string, epoch int64) error
}
