package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
)

const (
	scratchPrefix = "scratch-"
	// Scratch folders older than this were left by a process that was killed.
	scratchAge = 24 * time.Hour
)

// OpenToLook opens everything for a command that writes to no system. What it
// learns goes into a scratch copy of the ledger that Close removes, so that it
// works beside the process that owns the ledger and leaves no draft behind. A
// ledger in which nothing was applied yet and that nobody else has is not
// copied: what is read into it is kept for the apply.
func OpenToLook(ctx context.Context, o Options) (*App, error) {
	owner, err := openOwner(ctx, o)
	if err != nil {
		return nil, err
	}
	applied, err := owner.everApplied(ctx)
	if err != nil {
		return nil, errors.Join(err, owner.Close())
	}
	if !applied && owner.heldBy == nil {
		if err := owner.connect(ctx); err != nil {
			return nil, errors.Join(err, owner.Close())
		}
		return owner, nil
	}
	return owner.scratch(ctx, o, sqlite.Copy)
}

// OpenEmpty opens everything over an empty scratch ledger, which Close
// removes: as if nothing had ever been read. Log-ins are those of the
// installation.
func OpenEmpty(ctx context.Context, o Options) (*App, error) {
	owner, err := openOwner(ctx, o)
	if err != nil {
		return nil, err
	}
	return owner.scratch(ctx, o, func(context.Context, string, string) error { return nil })
}

// openOwner opens the ledger of the installation: as its owner where nobody
// else is, otherwise to read it.
func openOwner(ctx context.Context, o Options) (*App, error) {
	a, err := OpenLedger(ctx, o, sqlite.Options{})
	if !errors.Is(err, ledger.ErrLocked) {
		return a, err
	}
	held := err
	if a, err = OpenLedger(ctx, o, sqlite.Options{ReadOnly: true}); err == nil {
		a.heldBy = held
	}
	return a, err
}

func (a *App) everApplied(ctx context.Context) (bool, error) {
	var applied []byte
	err := a.Ledger.View(ctx, func(r ledger.Reader) error {
		var err error
		applied, err = r.Meta.Get(ctx, "revision/applied")
		return err
	})
	return applied != nil, err
}

// scratch opens everything over a ledger of its own; a goes on as the place of
// the log-ins and is closed with it.
func (a *App) scratch(ctx context.Context, o Options, fill func(ctx context.Context, from, to string) error) (*App, error) {
	home := a.Config.State.Dir
	removeOld(home)
	dir, err := os.MkdirTemp(home, scratchPrefix)
	if err != nil {
		return nil, errors.Join(&EnvironmentError{fmt.Errorf("a scratch copy of the ledger cannot be made: %w", err)}, a.Close())
	}
	after := []func() error{a.Close, func() error { return os.RemoveAll(dir) }}
	drop := func(err error) error { return errors.Join(err, after[1](), after[0]()) }
	if err := fill(ctx, filepath.Join(home, ledgerFile), filepath.Join(dir, ledgerFile)); err != nil {
		return nil, drop(&EnvironmentError{err})
	}
	o.StateDir = dir
	s, err := OpenLedger(ctx, o, sqlite.Options{})
	if err != nil {
		return nil, drop(err)
	}
	s.owner = a
	s.closers = slices.Concat(after, s.closers) // closed last first
	if err := s.connect(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// home is whose ledger keeps what belongs to the installation.
func (a *App) home() *App {
	if a.owner != nil {
		return a.owner
	}
	return a
}

// removeOld removes what killed processes left.
func removeOld(home string) {
	left, _ := filepath.Glob(filepath.Join(home, scratchPrefix+"*"))
	for _, dir := range left {
		if info, err := os.Stat(dir); err == nil && info.IsDir() && time.Since(info.ModTime()) > scratchAge {
			_ = os.RemoveAll(dir) // what cannot be removed now is removed another time
		}
	}
}
