package config_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/record"
)

var update = flag.Bool("update", false, "write the golden files anew")

type hubspotKeys struct {
	Auth struct {
		ServiceKey secret.Secret `yaml:"service_key"`
	} `yaml:"auth,required" doc:"How to log in."`
	Ranges int `yaml:"ranges" doc:"Ranges of ids."`
}

func types() []config.Type {
	return []config.Type{
		{Name: "hubspot", Role: "marketing", Own: hubspotKeys{Ranges: 4}},
		{Name: "salesforce", Role: "sales"},
		{Name: "csv", Role: "both"},
	}
}

func load(t *testing.T, dir string) (*config.Config, diag.List) {
	t.Helper()
	return config.Load("", os.DirFS(dir), types()...)
}

func good(t *testing.T) *config.Config {
	t.Helper()
	cfg, problems := load(t, "testdata/good")
	if len(problems) > 0 {
		t.Fatalf("the good example has problems:\n%v", problems)
	}
	return cfg
}

func TestLoadReadsEverything(t *testing.T) {
	cfg := good(t)
	hubspot, _ := cfg.Connector("hubspot")
	salesforce, _ := cfg.Connector("salesforce")
	contacts, _ := hubspot.Object("contacts")
	lead, _ := salesforce.Object("Lead")
	person := cfg.Policies[record.Person]
	custom, _ := cfg.Canonical().Object("person")
	score, _ := custom.Field("webinar_score")
	checks := []struct {
		what      string
		got, want any
	}{
		{"names", names(cfg.Connectors), "hubspot old salesforce"},
		{"enabled", names(cfg.Enabled()), "hubspot salesforce"},
		{"role of the type", salesforce.Role, "sales"},
		{"own schedule", cfg.ScheduleOf(hubspot).String(), "*/10 * * * *"},
		{"default schedule", cfg.ScheduleOf(salesforce).String(), "*/5 * * * *"},
		{"zone", cfg.Schedule.Zone.String(), "Europe/Berlin"},
		{"max age", cfg.Limits.MaxAge, time.Minute},
		{"guard off", cfg.Guard.Archives, config.Limit{}},
		{"guard share keeps count", cfg.Guard.Clears, config.Limit{Share: 0.05, Count: 500}},
		{"guard count keeps share", cfg.Guard.OptOuts, config.Limit{Share: 0.05, Count: 400}},
		{"create expression", contacts.Create.When.String(), "email != nil"},
		{"create", lead.Create, config.Create{Allowed: true}},
		{"create unless said", hubspot.Objects[1].Create, config.Create{}},
		{"order of objects", salesforce.Objects[0].Name + salesforce.Objects[1].Name, "LeadContact"},
		{"on_delete", lead.OnDelete + " " + contacts.OnDelete, "archive unlink"},
		{"adopt", contacts.Adopt["salesforceleadid"], config.Adopt{Connector: "salesforce", Object: "Lead"}},
		{"rest has its own keys", keys(salesforce.Rest), "base_url overlap auth"},
		{"identity written wins", strings.Join(cfg.Match()[record.Person], " "), "external_id email"},
		{"identity default", strings.Join(cfg.Match()[record.Company], " "), "domain"},
		{"custom kind", score.Kind, record.Integer},
		{"short policy takes tie", strings.Join(person.Fields["email"].Tie, " "), "salesforce"},
		{"own first", strings.Join(person.Fields["interests"].First, " "), "marketing hold"},
		{"built-in policy takes tie", strings.Join(person.Fields["phone_opt_out"].Tie, " "), "salesforce"},
		{"built-in policy stays", person.Fields["phone_opt_out"].Rule, config.RuleConsent},
		{"other objects keep theirs", strings.Join(cfg.Policies[record.Company].Default.Tie, " "), "sales"},
		{"pairs", len(cfg.Identity.Pairs[0].Rows), 2},
		{"pair", cfg.Identity.Pairs[0].Rows[1], config.Pair{Left: "102", Right: "00Q2"}},
		{"smarketing", keys(cfg.Smarketing), "stages"},
		{"retention", keys(cfg.Retention), "history"},
	}
	for _, c := range checks {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
}

func TestMatchFallsBackToObjects(t *testing.T) {
	cfg, problems := config.Load("", fstest.MapFS{
		"tandem.yaml":       file(""),
		"connectors/a.yaml": file("type: csv\nobjects: {p: {as: person, match: [phone, email], fields: [x]}}"),
		"connectors/b.yaml": file("type: csv\nobjects: {p: {as: person, match: [external_id, email], fields: [x]}}"),
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := strings.Join(cfg.Match()[record.Person], " "); got != "phone email external_id" {
		t.Errorf("match by %s", got)
	}
}

func names(list []*config.Connector) string {
	var out []string
	for _, k := range list {
		out = append(out, k.Name)
	}
	return strings.Join(out, " ")
}

func keys(n diag.Node) string {
	var out []string
	for _, k := range n.Keys() {
		out = append(out, k.Name)
	}
	return strings.Join(out, " ")
}

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }

// Each archive in testdata/bad is a configuration with one kind of mistake; its
// section "want" is what a user sees.
func TestLoadShowsEveryMistake(t *testing.T) {
	archives, err := filepath.Glob("testdata/bad/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { mistake(t, name) })
	}
}

func mistake(t *testing.T, name string) {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	files, want := fstest.MapFS{}, ""
	var kept []txtar.File
	for _, f := range archive.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		kept = append(kept, f)
		files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	if files["tandem.yaml"] == nil && !strings.Contains(string(archive.Comment), "bare") {
		files["tandem.yaml"] = file("")
	}
	if !strings.Contains(string(archive.Comment), "bare") {
		files["connectors/crm.yaml"] = file("type: salesforce\nobjects: {Lead: {as: person, fields: [x]}}\n")
	}
	cfg, problems := config.Load("conf", files, types()...)
	if cfg == nil {
		t.Fatal("no configuration to go on with")
	}
	var shown bytes.Buffer
	if err := problems.Render(&shown); err != nil {
		t.Fatal(err)
	}
	if *update {
		archive.Files = append(kept, txtar.File{Name: "want", Data: shown.Bytes()})
		if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown.Len() == 0 {
		t.Error("the mistake went unnoticed")
	}
	if got := shown.String(); got != want {
		t.Errorf("shown:\n%s\nwant:\n%s", got, want)
	}
}

func TestResolve(t *testing.T) {
	env := func(values map[string]string) secret.Resolver {
		return secret.Resolver{Env: func(name string) (string, bool) { v, ok := values[name]; return v, ok }}
	}
	cfg := good(t)
	if cfg.State.Redis.Reveal() != "" {
		t.Error("the address is known before it is resolved")
	}
	if problems := cfg.Resolve(env(nil)); !problems.HasErrors() || problems[0].Pos.Line != 4 {
		t.Errorf("a variable that is not set: %v", problems)
	}
	problems := cfg.Resolve(env(map[string]string{"REDIS_URL": "http://user:hunter2hunter2@host"}))
	if !problems.HasErrors() || strings.Contains(problems.Error(), "hunter2") {
		t.Errorf("an address of something else: %v", problems)
	}
	if problems := cfg.Resolve(env(map[string]string{"REDIS_URL": "rediss://:pw@host:6379/2"})); len(problems) > 0 {
		t.Error(problems)
	}
	if cfg.State.Redis.Reveal() != "rediss://:pw@host:6379/2" || strings.Contains(cfg.State.Redis.String(), "pw") {
		t.Error("the address is not kept, or shown")
	}
	if problems := config.Default().Resolve(env(nil)); len(problems) > 0 {
		t.Errorf("without Redis there is nothing to resolve: %v", problems)
	}
}

func TestPrivateNetworks(t *testing.T) {
	for text, mistakes := range map[string]int{"[10.1.0.0/16, 'fd00::/8']": 0, "[10.1.0.0]": 1, "[intranet]": 1} {
		files := fstest.MapFS{"tandem.yaml": {Data: []byte("network: {private: " + text + "}\n")}}
		cfg, problems := config.Load("", files, types()...)
		said := 0
		for _, p := range problems {
			if strings.Contains(p.Summary, "is not a network") {
				said++
			}
		}
		if prefixes, err := cfg.Network.Prefixes(); said != mistakes || (err == nil) != (mistakes == 0) || mistakes == 0 && len(prefixes) != 2 {
			t.Errorf("%s: %v, %v, %v", text, prefixes, err, problems)
		}
	}
}
