package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/ledger/ledgertest"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
)

func open(t *testing.T, path string, o sqlite.Options) *sqlite.Ledger {
	t.Helper()
	l, err := sqlite.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return l
}

func TestLedger(t *testing.T) {
	t.Parallel()
	ledgertest.Run(t, func(t *testing.T) (ledger.Ledger, func() ledger.Ledger) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "ledger.db")
		l := open(t, path, sqlite.Options{})
		return l, func() ledger.Ledger {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = open(t, path, sqlite.Options{})
			return l
		}
	})
}
