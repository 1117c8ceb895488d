//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/tandem-sync/tandem/web"
)

func TestRunReloadsOnHangup(t *testing.T) {
	link := filepath.Join(t.TempDir(), "config") // a link that is swapped is not noticed by itself
	r := start(t, link)
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "tandem.yaml"), []byte("nonsense: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	next := link + ".next"
	if err := os.Symlink(other, next); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, link); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	r.until("the hangup is heard", func(s web.Status) bool { return len(s.Refused) > 0 })
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}
