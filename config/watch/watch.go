// Package watch notices that the files of a configuration changed.
package watch

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// quiet is how long nothing may have changed before a change is told: editors
// and deployments replace files in several steps.
const quiet = 500 * time.Millisecond

// Dir calls changed after files of the configuration in dir changed and then
// rested. It blocks until ctx ends, and nothing of it is left then; calls never
// overlap. Directories are watched, not files, so that files replaced by
// renaming and volumes that swap a symbolic link are noticed. A dir that is
// itself a link to another place is not: tell the daemon by a signal there.
//
// An error means that nothing is watched, or no longer.
func Dir(ctx context.Context, dir string, changed func()) (err error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("watch the configuration: %w", err)
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if err := w.Add(dir); err != nil {
		return fmt.Errorf("watch the configuration in %s: %w", dir, err)
	}
	f := follower{watcher: w, timer: time.NewTimer(quiet)}
	f.timer.Stop()
	defer f.timer.Stop()
	for _, name := range []string{"connectors", "manifests"} {
		folder := filepath.Join(dir, name)
		f.folders = append(f.folders, folder)
		_ = w.Add(folder) // may not be there yet; its creation is seen in dir
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-f.timer.C:
			changed()
		case event, open := <-w.Events:
			if !open {
				return errEnded
			}
			f.event(event)
		case failed := <-w.Errors: // nil if the watcher ended, which Events tells too
			if err := f.failed(failed); err != nil {
				return err
			}
		}
	}
}

var errEnded = errors.New("watch the configuration: the watcher ended")

// follower waits until what it is told of has come to rest.
type follower struct {
	watcher *fsnotify.Watcher
	folders []string // of dir, that hold configuration too
	timer   *time.Timer
}

func (f follower) event(event fsnotify.Event) {
	folder := slices.Contains(f.folders, event.Name)
	if folder && event.Has(fsnotify.Create) {
		_ = f.watcher.Add(event.Name) // may be gone again; then there is nothing to watch
	}
	if event.Op != fsnotify.Chmod && (folder || matters(event.Name)) {
		f.timer.Reset(quiet)
	}
}

func (f follower) failed(err error) error {
	switch {
	case err == nil:
		return errEnded
	case errors.Is(err, fsnotify.ErrEventOverflow):
		f.timer.Reset(quiet) // events were lost: look
		return nil
	default:
		return fmt.Errorf("watch the configuration: %w", err)
	}
}

// matters tells files of the configuration from whatever else lies beside
// them, such as the state of the daemon.
func matters(path string) bool {
	name := filepath.Base(path)
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".csv":
		return !strings.HasPrefix(name, ".")
	}
	return name == "..data" // the link that a mounted ConfigMap swaps
}
