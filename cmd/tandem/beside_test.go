package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/web"
)

func TestLookingWorksBesideTheDaemon(t *testing.T) {
	t.Setenv("WEB_TOKEN", testToken)
	r := start(t, "")
	r.until("the first run ends well", func(s web.Status) bool { return runs(s) > 0 })
	email := r.somebody()
	planned := filepath.Join(t.TempDir(), "plan.jsonl")
	for _, test := range []struct{ command, want string }{
		{"plan", "rite"},
		{"plan --out " + planned, "rite"},
		{"plan --json", `"revision"`},
		{"check", "credentials work"},
		{"status", "Running: process "},
		{"status --json", `"running":true`},
		{"quarantine", ""},
		{"explain " + email, "person "},
		{"audit", "people were read"},
	} {
		out, _, err := tandem(t, append(strings.Fields(test.command), "--config", r.dir)...)
		if err != nil || !strings.Contains(out, test.want) {
			t.Errorf("tandem %s beside the daemon: %v\n%s", test.command, err, out)
		}
	}
	for _, command := range []string{"sync --once", "apply " + planned, "quarantine decide retry --reason pending"} {
		_, _, err := tandem(t, append(strings.Fields(command), "--config", r.dir)...)
		if err == nil || !strings.Contains(err.Error(), "process ") || !strings.Contains(err.Error(), "stop it") {
			t.Errorf("tandem %s beside the daemon says %v", command, err)
		}
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	left, err := filepath.Glob(filepath.Join(r.dir, "state", "scratch-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %q %v", left, err)
	}
	if out, _, err := tandem(t, "status", "--config", r.dir); err != nil || !strings.Contains(out, "Not running") {
		t.Errorf("status after the end: %v\n%s", err, out)
	}
}

// somebody returns the address of one of the people.
func (r *rig) somebody() string {
	r.t.Helper()
	email := ""
	r.box.HubSpot().Each("contacts", func(o hubspotsim.Object) bool {
		email = o.Properties["email"]
		return email == ""
	})
	if email == "" {
		r.t.Fatal("there is nobody")
	}
	return email
}

func TestStatusBeforeTheFirstRun(t *testing.T) {
	r := newRig(t)
	t.Setenv("WEB_TOKEN", testToken)
	r.write("tandem.yaml", r.settings())
	if _, _, err := tandem(t, "status", "--config", r.dir); err == nil || !strings.Contains(err.Error(), "run a sync or a plan first") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(r.dir, "state", "ledger.db")); err == nil {
		t.Error("asking for the status made a ledger")
	}
}
