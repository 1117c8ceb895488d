// Package watch notices that the files of a configuration changed.
package watch

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
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
	connectors := filepath.Join(dir, "connectors")
	_ = w.Add(connectors) // may not be there yet; its creation is seen in dir
	timer := time.NewTimer(quiet)
	timer.Stop()
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
			changed()
		case event, open := <-w.Events:
			if !open {
				return errors.New("watch the configuration: the watcher ended")
			}
			if event.Name == connectors && event.Has(fsnotify.Create) {
				_ = w.Add(connectors) // gone again already; then there is nothing to watch
			}
			if matters(event, connectors) {
				timer.Reset(quiet)
			}
		case failed, open := <-w.Errors:
			if !open {
				return errors.New("watch the configuration: the watcher ended")
			}
			if !errors.Is(failed, fsnotify.ErrEventOverflow) {
				return fmt.Errorf("watch the configuration: %w", failed)
			}
			timer.Reset(quiet) // events were lost: look
		}
	}
}

// matters tells changes of the configuration from those of whatever else lies
// beside it, such as the state of the daemon.
func matters(event fsnotify.Event, connectors string) bool {
	if event.Op == fsnotify.Chmod {
		return false
	}
	name := filepath.Base(event.Name)
	switch filepath.Ext(name) {
	case ".yaml", ".yml", ".csv":
		return !strings.HasPrefix(name, ".")
	}
	return event.Name == connectors || name == "..data" // the link that a mounted ConfigMap swaps
}
