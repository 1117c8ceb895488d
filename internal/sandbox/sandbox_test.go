package sandbox_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/internal/sandbox"
	"github.com/tandem-sync/tandem/mapping"
)

func start(t *testing.T, opt sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.Start(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestWorld checks the shares of the generated people.
func TestWorld(t *testing.T) {
	s := start(t, sandbox.Options{People: 400, Seed: 7})
	hub, sales := mails(s)
	both := 0
	for m := range hub {
		if _, ok := sales[m]; ok {
			both++
		}
	}
	if len(hub) != 360 || len(sales) != 200 || both != 160 {
		t.Errorf("%d people in HubSpot, %d in Salesforce, %d in both; want 360, 200, 160", len(hub), len(sales), both)
	}
	if s.Seeded().Touches == 0 || s.Salesforce().Len("Opportunity") == 0 || s.Salesforce().Len("Task") == 0 || s.Salesforce().Len("CampaignMember") == 0 {
		t.Error("touches, deals, calls or campaign members are missing")
	}
	for m := range hub {
		if !strings.HasSuffix(m, ".example") {
			t.Fatal("an address is not at a reserved domain")
		}
	}
}

// mails are the addresses of each side with the names they stand for.
func mails(s *sandbox.Sandbox) (hub, sales map[string]string) {
	hub, sales = map[string]string{}, map[string]string{}
	s.HubSpot().Each("contacts", func(o hubspotsim.Object) bool {
		hub[o.Properties["email"]] = o.Properties["firstname"] + " " + o.Properties["lastname"]
		return true
	})
	for _, object := range []string{"Lead", "Contact"} {
		s.Salesforce().Each(object, func(r salesforcesim.Record) bool {
			sales[r.Fields["Email"]] = r.Fields["Name"]
			return true
		})
	}
	return hub, sales
}

func TestSeedDecides(t *testing.T) {
	one, again, other := start(t, sandbox.Options{People: 50, Seed: 1}), start(t, sandbox.Options{People: 50, Seed: 1}), start(t, sandbox.Options{People: 50, Seed: 2})
	a, _ := mails(one)
	b, _ := mails(again)
	c, _ := mails(other)
	if d := cmp.Diff(a, b); d != "" {
		t.Errorf("the same seed gives other people:\n%s", d)
	}
	if cmp.Equal(a, c) {
		t.Error("another seed gives the same people")
	}
}

func TestEmptyAndCredentials(t *testing.T) {
	s, err := sandbox.Start(t.Context(), sandbox.Options{Empty: true})
	if err != nil {
		t.Fatal(err)
	}
	if n := s.HubSpot().Count("contacts") + s.Salesforce().Len("Lead"); n != 0 {
		t.Errorf("%d records in empty twins", n)
	}
	line, err := json.Marshal(s.Credentials())
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]map[string]string
	if err := json.Unmarshal(line, &keys); err != nil {
		t.Fatal(err)
	}
	for system, want := range map[string][]string{
		"hubspot":    {"access_token", "client_id", "client_secret", "refresh_token", "url"},
		"salesforce": {"client_id", "client_secret", "password", "private_key_file", "refresh_token", "url", "username"},
	} {
		var got []string
		for k, v := range keys[system] {
			if v == "" {
				t.Errorf("%s.%s is empty", system, k)
			}
			got = append(got, k)
		}
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", system, d)
		}
	}
	key := s.Credentials().Salesforce.PrivateKeyFile
	info, err := os.Stat(key)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key file: %v, mode %v; want 0600", err, info.Mode())
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(key); !os.IsNotExist(err) {
		t.Error("Close leaves the key behind")
	}
}

// TestConfig compiles the demo's configuration against what the twins describe.
func TestConfig(t *testing.T) {
	for _, opt := range []sandbox.Options{{People: 20}, {Data: writeExports(t), RateLimits: true}} {
		s := start(t, opt)
		dir := t.TempDir()
		if err := s.WriteConfig(dir); err != nil {
			t.Fatal(err)
		}
		var types []config.Type
		for _, f := range all.Registry() {
			types = append(types, config.Type{Name: f.Type, Role: f.Role, Own: f.Config})
		}
		cfg, problems := config.Load(dir, os.DirFS(dir), types...)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		for _, k := range cfg.Connectors {
			compile(t, cfg, k)
		}
	}
}

func compile(t *testing.T, cfg *config.Config, k *config.Connector) {
	t.Helper()
	f, _ := all.Registry().Lookup(k.Type)
	env := httpapi.Env{Log: zerolog.Nop(), Budget: httpapi.NewLocalBudget(), Tokens: httpapi.NewMemoryTokens(), AllowLoopback: true}
	conn, problems := f.New(connectors.Env{Name: k.Name, Secrets: secret.Resolver{ReadFile: os.ReadFile}, HTTP: env}, k.Rest)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	catalog, err := conn.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range k.Objects {
		remote, ok := catalog.Object(o.Name)
		if !ok {
			t.Errorf("%s has no object %s", k.Name, o.Name)
			continue
		}
		canonical, _ := cfg.Canonical().Object(string(o.As))
		_, problems := mapping.Compile(o.Fields, canonical, remote, mapping.Options{Create: o.Create.Allowed, Picklists: o.Picklists})
		for _, p := range problems {
			t.Errorf("%s %s: %s", k.Name, o.Name, p)
		}
		if f, ok := remote.Field(o.Key); o.Key != "" && (!ok || !f.Unique) {
			t.Errorf("%s %s: the key %s is missing or not unique", k.Name, o.Name, o.Key)
		}
	}
}

// TestLive makes a few hundred changes and ends with its context.
func TestLive(t *testing.T) {
	said := make([][]string, 2)
	for i := range said {
		s := start(t, sandbox.Options{People: 60, Seed: 3})
		ctx, cancel := context.WithCancel(t.Context())
		s.Live(ctx, time.Millisecond, func(text string) {
			said[i] = append(said[i], text)
			if len(said[i]) == 300 {
				cancel()
			}
		})
		cancel()
	}
	if d := cmp.Diff(said[0], said[1]); d != "" {
		t.Errorf("the same seed makes other changes:\n%s", d)
	}
	all := strings.Join(said[0], "\n")
	for _, want := range []string{"sent a form", "entered by hand", "job title", "phone number", "worked", "moved to", "was won", "was lost", "unsubscribed", "call"} {
		if !strings.Contains(all, want) {
			t.Errorf("no change says %q", want)
		}
	}
	if strings.Contains(all, "refused") {
		t.Errorf("the twins refuse changes:\n%s", all)
	}
	if strings.Contains(all, "@") {
		t.Error("a report holds personal data")
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
