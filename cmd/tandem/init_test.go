package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// starterOf writes the starter configuration and points it to the twins of a
// rig.
func starterOf(t *testing.T, r *rig) string {
	t.Helper()
	dir := t.TempDir()
	if out, _, err := tandem(t, "init", "hubspot", "salesforce", "--config", dir); err != nil {
		t.Fatal(err, out)
	}
	t.Setenv("HUBSPOT_SERVICE_KEY", r.box.HubSpot().Credentials().AccessToken)
	sales := r.box.Salesforce()
	key := filepath.Join(r.dir, "secrets", "salesforce.key")
	for name, change := range map[string][]string{
		"connectors/hubspot.yaml": {"role: marketing\n", "role: marketing\nbase_url: " + r.box.HubSpot().URL() + "\n"},
		"connectors/salesforce.yaml": {
			"https://example.my.salesforce.com", sales.URL(), "3MVG9...", sales.ClientID, "tandem@example.com", sales.Username,
			"/run/secrets/salesforce.key", filepath.ToSlash(key),
		},
		"tandem.yaml": {"state:\n", "network: {loopback: true}\nstate:\n", "./state", filepath.ToSlash(filepath.Join(dir, "state"))},
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, strings.NewReplacer(change...).Replace(string(b)))
	}
	return dir
}

func TestTheStarterWorksAndMoreIsProposed(t *testing.T) {
	r := newRig(t)
	dir := starterOf(t, r)
	if out, _, err := tandem(t, "check", "--config", dir); err != nil || strings.Count(out, "credentials work") != 2 {
		t.Errorf("check of the starter: %v\n%s", err, out)
	}
	proposed := filepath.Join(t.TempDir(), "proposed")
	out, _, err := tandem(t, "init", "--propose", "--config", dir, "--out", proposed)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"{field: city, remote: City}", "{field: website, remote: website}", "? {field: amount, remote: Amount}: say the currency", "written "} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not propose %s:\n%s", want, out)
		}
	}
	if again, _, err := tandem(t, "init", "--propose", "--config", dir, "--out", proposed); err != nil || strings.Count(again, "left alone") != 3 {
		t.Errorf("a second time: %v\n%s", err, again)
	}
	if out, _, err := tandem(t, "check", "--config", proposed); err != nil {
		t.Errorf("check of what is proposed: %v\n%s", err, out)
	}
	if out, _, err := tandem(t, "plan", "--config", proposed, "--show", "0"); err != nil || !strings.Contains(out, "Lead") {
		t.Errorf("plan of what is proposed: %v\n%s", err, out)
	}
	if out, _, err := tandem(t, "plan", "--config-diff", dir, proposed); err != nil || !strings.Contains(out, "contacts.city") {
		t.Errorf("what it changes: %v\n%s", err, out)
	}
}

func TestInitWrongUses(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"init", "say which connectors"},
		{"init hubspt", `did you mean "hubspot"?`},
		{"init hubspot --propose", `takes no argument "hubspot"`},
		{"init --propose --config nowhere", "error"},
	} {
		if _, code, err := tandem(t, strings.Fields(c.args)...); err == nil || code != exitConfig || !strings.Contains(err.Error(), c.want) {
			t.Errorf("tandem %s: %d %v", c.args, code, err)
		}
	}
}
