//go:build windows

package sqlite

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

// lockFile takes the lock that ends with the process, however it ends.
func lockFile(f *os.File) error {
	err := windows.LockFileEx(windows.Handle(f.Fd()),
		windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) {
		return ledger.ErrLocked
	}
	return err
}
