package app

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
	"github.com/tandem-sync/tandem/web"
)

// Overview is how an installation stands, as far as its ledger tells.
type Overview struct {
	// Running tells that a process has the ledger; Owner names it, as far as it
	// said.
	Running  bool         `json:"running"`
	Owner    string       `json:"owner,omitempty"`
	Revision string       `json:"applied_revision"` // "" if none was applied
	Systems  []web.System `json:"systems"`
	Holds    []web.Holds  `json:"holds"`
	Runs     []web.Run    `json:"runs"`
}

// Look tells how the installation stands, without a network and beside
// whatever process has its ledger.
func Look(ctx context.Context, o Options) (out Overview, err error) {
	probe, err := OpenLedger(ctx, o, sqlite.Options{ReadOnly: true}) // makes none where there is none
	if err != nil {
		return out, err
	}
	if err := probe.Close(); err != nil {
		return out, err
	}
	a, err := openOwner(ctx, o)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if out.Running = a.heldBy != nil; out.Running {
		out.Owner = lockedBy(filepath.Join(a.Config.State.Dir, ledgerFile) + ".lock")
	}
	l, err := a.look(ctx)
	if err != nil {
		return out, err
	}
	out.Revision, out.Holds = l.applied, holdStatus(l.groups)
	now := time.Now()
	for _, k := range a.Config.Enabled() {
		out.Systems = append(out.Systems, a.systemStatus(k, l, now))
	}
	for _, r := range l.runs {
		out.Runs = append(out.Runs, runStatus(r))
	}
	return out, nil
}

// lockedBy reads what the owner of a ledger wrote into its lock; "" where that
// cannot be read.
func lockedBy(path string) string {
	f, err := os.Open(path) //nolint:gosec // in the state folder
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	s := bufio.NewScanner(f)
	s.Scan()
	return s.Text()
}
