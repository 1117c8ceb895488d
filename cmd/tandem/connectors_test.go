package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/mautic/mauticsim"
)

// tandem runs a command line and returns what it prints and how it ends.
func tandem(t *testing.T, args ...string) (out string, code int, err error) {
	t.Helper()
	var b bytes.Buffer
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(&b)
	root.SetErr(&b)
	err = root.ExecuteContext(t.Context())
	return b.String(), exitCode(err), err
}

func TestConnectorsWrongUses(t *testing.T) {
	dir := t.TempDir()
	salesforce := filepath.Join(dir, "salesforce.yaml")
	write(t, salesforce, "type: salesforce\n")
	mistake := filepath.Join(dir, "mistake.yaml")
	write(t, mistake, "titel: Acme\n")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"mautik"}, `did you mean "mautic"?`},
		{[]string{"descrbe"}, `did you mean "describe"?`},
		{[]string{"zzzzzz"}, "there is no connector of type"},
		{[]string{"mautic", "hubspot"}, `takes no argument "hubspot"`},
		{[]string{"list", "mautic"}, `takes no argument "mautic"`},
		{[]string{"describe"}, "say which connector"},
		{[]string{"describe", "hubspt"}, `did you mean "hubspot"?`},
		{[]string{"check"}, "say which manifest"},
		{[]string{"check", "nowhere.yaml"}, "cannot be read"},
		{[]string{"check", salesforce}, "`tandem check` checks the others"},
		{[]string{"check", mistake, "--auth", "token"}, "--auth takes NAME=VALUE"},
		{[]string{"check", mistake, "--baseurl", "x"}, "unknown flag"},
		{[]string{"new"}, "say how the connector is called"},
		{[]string{"new", "My-CRM"}, "small letters and digits"},
		{[]string{"new", "type"}, "means something else"},
		{[]string{"new", "acmesim"}, "means something else"},
		{[]string{"new", "hubspot"}, "there is a connector \"hubspot\" already"},
		{[]string{"new", "acme", "--dir", dir}, "there is no go.mod"},
	} {
		_, code, err := tandem(t, append([]string{"connectors"}, c.args...)...)
		if code != exitConfig || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("connectors %s: exit %d, %v; want %q", strings.Join(c.args, " "), code, err, c.want)
		}
	}
	_, code, err := tandem(t, "connectors", "check", mistake, "--base-url", "https://a.example", "--auth", "token=${env:X}")
	if code != exitConfig || !strings.Contains(err.Error(), `mistake.yaml:1:1: error: unknown key "titel" (did you mean "title"?)`) {
		t.Errorf("a mistake in a manifest: exit %d, %v", code, err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestConnectorsList(t *testing.T) {
	short, _, _ := tandem(t, "connectors")
	long, code, _ := tandem(t, "connectors", "list")
	if code != exitOK || short != long || !strings.Contains(long, "mautic") || !strings.Contains(long, "writes contacts, companies; tells deletions") {
		t.Errorf("exit %d:\n%s", code, long)
	}
	out, _, _ := tandem(t, "connectors", "--json")
	var rows []listed
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) == 0 || rows[0].Type == "" || len(rows[0].Can) == 0 {
		t.Errorf("%v: %s", err, out)
	}
	page, code, _ := tandem(t, "connectors", "describe", "mautic")
	for _, want := range []string{"# Mautic", "## Set-up", "contacts ", "create, update, archive", "`auth.username`", "type: mautic", "traps"} {
		if code != exitOK || !strings.Contains(page, want) {
			t.Errorf("the page of mautic lacks %q", want)
		}
	}
	if again, _, _ := tandem(t, "connectors", "mautic"); again != page {
		t.Error("`connectors mautic` is not short for `connectors describe mautic`")
	}
	out, _, _ = tandem(t, "connectors", "describe", "mautic", "--json")
	var one listed
	if err := json.Unmarshal([]byte(out), &one); err != nil || len(one.Objects) == 0 || len(one.Objects[0].Fields) == 0 {
		t.Errorf("%v: %s", err, out)
	}
}

// TestConnectorsCheck tries the manifest of Mautic against its twin: as a
// connector's file, alone, with a wrong key, and spoiled.
func TestConnectorsCheck(t *testing.T) {
	const manifest = "../../docs/manifests/mautic.yaml"
	twin := mauticsim.New(mauticsim.Options{})
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = twin.Close() }()
	twin.Seed("contacts", 5, time.Now().Add(-time.Hour), func(i int) map[string]string {
		return map[string]string{"email": "ann" + string(rune('a'+i)) + "@example.com", "lastname": "Confidential"}
	})
	ids := twin.Seed("contacts", 300, time.Now().Add(-2*time.Hour), func(int) map[string]string { return map[string]string{"city": "Graz"} })
	twin.Edit("contacts", ids[0], map[string]string{"lastname": "Confidential"})
	cred := twin.Credentials()
	t.Setenv("MAUTIC_SECRET", cred.ClientSecret)
	alone := []string{"connectors", "check", manifest, "--loopback", "--base-url", twin.URL(), "--auth", "client_id=" + cred.ClientID, "--auth", "client_secret=${env:MAUTIC_SECRET}"}
	out, code, err := tandem(t, alone...)
	for _, want := range []string{"ok  credentials", "contacts\n", "ok  changes", "ok  get", "ok  lookup by email", "ok  gone"} {
		if code != exitOK || !strings.Contains(out, want) {
			t.Errorf("exit %d, %v, lacks %q:\n%s", code, err, want, out)
			break
		}
	}
	if strings.Contains(out, "Confidential") || strings.Contains(out, "@example") || strings.Contains(out, cred.ClientSecret) {
		t.Errorf("it shows what records hold, or the secret:\n%s", out)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "connectors", "mautic.yaml")
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "tandem.yaml"), "network: {loopback: true}\n")
	write(t, filepath.Join(dir, "manifests", "mautic.yaml"), string(text))
	write(t, file, "type: rest\nobjects: {}\nmanifest: manifests/mautic.yaml\nbase_url: "+twin.URL()+"\nauth: {client_id: \""+cred.ClientID+"\", client_secret: \"${env:MAUTIC_SECRET}\"}\n")
	out, code, err = tandem(t, "connectors", "check", file, "--json")
	if code != exitOK || !strings.HasPrefix(out, `[{"what":"credentials","verdict":"ok"`) {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
	write(t, filepath.Join(dir, "manifests", "mautic.yaml"), strings.Replace(string(text), "records: contacts", "records: kontakte", 1))
	if out, code, err = tandem(t, "connectors", "check", file); code != exitFailed || !strings.Contains(out, "no rows at kontakte") {
		t.Errorf("a spoiled manifest: exit %d, %v\n%s", code, err, out)
	}
	t.Setenv("MAUTIC_SECRET", "wrong-0123456789")
	if out, code, err = tandem(t, alone...); code != exitEnvironment || !strings.Contains(out, "no  credentials") {
		t.Errorf("a wrong key: exit %d, %v\n%s", code, err, out)
	}
}
