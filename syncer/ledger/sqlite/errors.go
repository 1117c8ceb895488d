package sqlite

import (
	"errors"
	"fmt"

	driver "modernc.org/sqlite"
	codes "modernc.org/sqlite/lib"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Errors of this store.
var (
	errClosed   = errors.New("the ledger is closed: this is a mistake in Tandem, please report it")
	errReadOnly = errors.New("the ledger was opened for reading only: this is a mistake in Tandem, please report it")
)

// classify says what SQLite's answer means and what to do about it.
func classify(err error) error {
	var e *driver.Error
	if err == nil || !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case codes.SQLITE_NOTADB, codes.SQLITE_CORRUPT:
		return fmt.Errorf("%w: %w", ledger.ErrDamaged, err)
	case codes.SQLITE_FULL:
		return fmt.Errorf("%w: %w", ledger.ErrFull, err)
	case codes.SQLITE_READONLY:
		return fmt.Errorf("the ledger's file or folder cannot be written: give Tandem's user write access to both: %w", err)
	case codes.SQLITE_CANTOPEN:
		return fmt.Errorf("the ledger's file cannot be opened: check that the folder exists and that Tandem's user may write there: %w", err)
	case codes.SQLITE_IOERR:
		return fmt.Errorf("the disk under the ledger failed: check it, nothing of this step was kept: %w", err)
	default:
		return err
	}
}
