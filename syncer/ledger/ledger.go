// Package ledger is the contract of the durable store for everything that must
// not be forgotten: entities and where each of their values came from, links
// and shadows, holds, write intents, runs and cursors. Implementations live in
// the folders below; ledgertest is the suite that each of them passes.
package ledger

import (
	"context"
	"errors"
)

// Ledger is one open ledger. All its methods may be called from several
// goroutines; writes are carried out one transaction after the other.
type Ledger interface {
	// View runs f on one consistent state. f must not keep the reader.
	View(ctx context.Context, f func(Reader) error) error

	// Update runs f in one transaction. When Update returns nil everything f
	// wrote is on stable storage; when it returns an error nothing is. f must
	// not keep the Tx, nor call the ledger again.
	Update(ctx context.Context, f func(Tx) error) error

	// Close waits for running transactions and closes the ledger. The ledger
	// cannot be used afterwards; closing again does nothing.
	Close() error
}

// Reader is the reading side of one transaction. Planning gets only this.
type Reader struct {
	Entities EntityReader
	Links    LinkReader
	History  HistoryReader
	Holds    HoldReader
	Intents  IntentReader
	Inbox    InboxReader
	Meta     MetaReader
}

// Tx is one transaction. Reads see what was written before in it. Like a
// Reader it is used by one goroutine at a time. Times come back in UTC, and
// fields that hold nothing as an empty map.
type Tx struct {
	Entities Entities
	Links    Links
	History  History
	Holds    Holds
	Intents  Intents
	Inbox    Inbox
	Meta     Meta
}

// Reader returns the reading side of the transaction.
func (t Tx) Reader() Reader {
	return Reader{
		Entities: t.Entities, Links: t.Links, History: t.History,
		Holds: t.Holds, Intents: t.Intents, Inbox: t.Inbox, Meta: t.Meta,
	}
}

// The errors an implementation answers with, besides those of its store.
var (
	ErrNewer  = errors.New("the ledger was written by a newer Tandem: use that version, or restore a backup made before")
	ErrLocked = errors.New("the ledger is in use by another Tandem: stop it, or use another state folder")
	ErrFenced = errors.New("another Tandem has taken over this work: this one must stop writing")

	ErrDamaged = errors.New("the ledger is damaged: stop Tandem, keep the file, and restore the last backup or rebuild the ledger")
	ErrFull    = errors.New("the disk under the ledger is full: make room; nothing of this step was kept")
)
