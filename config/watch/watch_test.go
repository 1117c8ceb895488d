package watch_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tandem-sync/tandem/config/watch"
)

const patience = 20 * time.Second

// start watches dir and returns the calls and a way to end it.
func start(t *testing.T, dir string) (calls chan struct{}, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	calls = make(chan struct{}, 100)
	done := make(chan error, 1)
	go func() { done <- watch.Dir(ctx, dir, func() { calls <- struct{}{} }) }()
	stop = func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Dir: %v", err)
			}
		case <-time.After(patience):
			t.Error("Dir did not return after its context ended")
		}
	}
	return calls, stop
}

// until repeats change, which may come before the watch stands, until a call.
func until(t *testing.T, calls chan struct{}, change func()) {
	t.Helper()
	end := time.After(patience)
	for {
		change()
		select {
		case <-calls:
			return
		case <-time.After(2 * time.Second):
		case <-end:
			t.Fatal("no change was told")
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDirTellsChangesAndEnds(t *testing.T) {
	defer goleak.VerifyNone(t)
	dir := t.TempDir()
	calls, stop := start(t, dir)
	defer stop()

	until(t, calls, func() { write(t, filepath.Join(dir, "tandem.yaml"), "log: {level: info}") })

	// Several changes at once are one, also in a directory that is new.
	write(t, filepath.Join(dir, "connectors", "a.yaml"), "type: csv")
	write(t, filepath.Join(dir, "tandem.yaml"), "log: {level: warn}")
	write(t, filepath.Join(dir, "tandem.yaml"), "log: {level: error}")
	until(t, calls, func() {})
	until(t, calls, func() { write(t, filepath.Join(dir, "connectors", "a.yaml"), "type: hubspot") })
	until(t, calls, func() { write(t, filepath.Join(dir, "manifests", "crm.yaml"), "version: 1") })
}

func TestDirSeesSwappedLinks(t *testing.T) {
	dir := t.TempDir()
	for _, version := range []string{"1", "2"} {
		write(t, filepath.Join(dir, "..v"+version, "tandem.yaml"), "first_run: plan # "+version)
	}
	link := func(to string) {
		next := filepath.Join(dir, "..data_tmp")
		if err := os.Symlink(to, next); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(next, filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	link("..v1")
	if err := os.Symlink(filepath.Join("..data", "tandem.yaml"), filepath.Join(dir, "tandem.yaml")); err != nil {
		t.Fatal(err)
	}
	calls, stop := start(t, dir)
	defer stop()
	to := "..v2"
	until(t, calls, func() {
		link(to)
		to = map[string]string{"..v1": "..v2", "..v2": "..v1"}[to]
	})
}

func TestDirIgnoresWhatIsNotConfiguration(t *testing.T) {
	dir := t.TempDir()
	calls, stop := start(t, dir)
	defer stop()
	until(t, calls, func() { write(t, filepath.Join(dir, "tandem.yaml"), "") })
	write(t, filepath.Join(dir, "ledger.db"), "x")
	write(t, filepath.Join(dir, ".tandem.yaml.swp"), "x")
	select {
	case <-calls:
		t.Fatal("a file that is no configuration was told as a change")
	case <-time.After(1500 * time.Millisecond):
	}
}

func TestDirNeedsADirectory(t *testing.T) {
	if err := watch.Dir(t.Context(), filepath.Join(t.TempDir(), "none"), func() {}); err == nil {
		t.Fatal("a directory that is not there was watched")
	}
}
