package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
)

func TestCopyBesideTheOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, to := filepath.Join(dir, "ledger.db"), filepath.Join(dir, "copy.db")
	owner := open(t, path, sqlite.Options{})
	if err := put(t, owner, "a", "before"); err != nil {
		t.Fatal(err)
	}
	if err := sqlite.Copy(t.Context(), path, to); err != nil {
		t.Fatal(err)
	}
	if err := put(t, owner, "a", "after"); err != nil {
		t.Fatal(err)
	}
	c := open(t, to, sqlite.Options{})
	if got := get(t, c, "a"); got != "before" {
		t.Errorf("the copy says %q", got)
	}
	if err := put(t, c, "a", "scratch"); err != nil {
		t.Fatal(err)
	}
	if got := get(t, owner, "a"); got != "after" {
		t.Errorf("writing to the copy made the original say %q", got)
	}
	if err := sqlite.Copy(t.Context(), path, to); err == nil {
		t.Error("a copy was written over a file that was there")
	}
	if err := sqlite.Copy(t.Context(), filepath.Join(dir, "none.db"), filepath.Join(dir, "other.db")); err == nil {
		t.Error("nothing was copied without a word")
	}
}
