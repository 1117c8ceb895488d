package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tandem-sync/tandem/config"
)

// variant loads the good example with one text replaced by another.
func variant(t *testing.T, name, before, after string) *config.Config {
	t.Helper()
	files := fstest.MapFS{}
	err := filepath.WalkDir("testdata/good", func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		rel, _ := filepath.Rel("testdata/good", path)
		files[filepath.ToSlash(rel)] = &fstest.MapFile{Data: content}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if name != "" {
		text := string(files[name].Data)
		if !strings.Contains(text, before) {
			t.Fatalf("%s does not contain %q", name, before)
		}
		files[name] = file(strings.Replace(text, before, after, 1))
	}
	cfg, problems := config.Load("", files, types()...)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	return cfg
}

const (
	settingsFile   = "tandem.yaml"
	hubspotFile    = "connectors/hubspot.yaml"
	salesforceFile = "connectors/salesforce.yaml"
)

func TestRevisionStays(t *testing.T) {
	want := variant(t, "", "", "").Revision("part")
	cases := []struct{ what, file, before, after string }{
		{"comment", settingsFile, "# A complete", "# Another"},
		{"schedule", settingsFile, `"*/5 * * * *"`, `"*/7 * * * *"`},
		{"zone", settingsFile, "Europe/Berlin", "UTC"},
		{"limits", settingsFile, "lanes: 8", "lanes: 2"},
		{"server", settingsFile, ":8484", ":9999"},
		{"logging", settingsFile, "level: info", "level: debug"},
		{"guard", settingsFile, "count: 2000", "count: 10"},
		{"first run", settingsFile, "first_run: plan", "first_run: apply"},
		{"state", settingsFile, "dir: ./state", "dir: /var/lib/tandem"},
		{"redis", settingsFile, `"${env:REDIS_URL}"`, `"${env:OTHER}"`},
		{"label of a field", settingsFile, "label: Webinar score", "label: Score"},
		{"order of keys", settingsFile, "{share: 20%, count: 2000}", "{count: 2000, share: 20%}"},
		{"short rule written long", settingsFile, "email: never_clear", "email: {rule: never_clear}"},
		{"default written out", settingsFile, "owners: [sales], others: revert", "owners: [sales]"},
		{"connector's schedule", hubspotFile, "*/10 * * * *", "*/20 * * * *"},
		{"credentials", hubspotFile, "${env:HUBSPOT_SERVICE_KEY}", "${env:OTHER}"},
		{"default role written out", salesforceFile, "type: salesforce", "role: sales\ntype: salesforce"},
		{"address", salesforceFile, "https://example.my", "https://other.my"},
		{"overlap", salesforceFile, "overlap: 5m", "overlap: 9m"},
		{"formatting", hubspotFile, "{field: email, remote: email}", `{"remote": 'email', field:    email}`},
		{"order of field maps", hubspotFile, "      - {field: email, remote: email}\n      - {field: webinar_score, remote: webinar_score}\n", "      - {field: webinar_score, remote: webinar_score}\n      - {field: email, remote: email}\n"},
		{"tests", hubspotFile, "tests: [{name: one}]", "tests: []"},
		{"a connector that is off", "connectors/old.yaml", "remote: mail", "remote: mail2"},
	}
	for _, c := range cases {
		if got := variant(t, c.file, c.before, c.after).Revision("part"); got != want {
			t.Errorf("%s changed the revision", c.what)
		}
	}
}

func TestRevisionChanges(t *testing.T) {
	seen := map[string]string{variant(t, "", "", "").Revision("part"): "nothing", variant(t, "", "", "").Revision(): "no part"}
	cases := []struct{ what, file, before, after string }{
		{"custom field", settingsFile, "kind: integer", "kind: decimal"},
		{"options", settingsFile, "[smb, enterprise]", "[smb]"},
		{"identity", settingsFile, "[external_id, email]", "[email, external_id]"},
		{"rule", settingsFile, "email: never_clear", "email: newest"},
		{"owners", settingsFile, "owners: [sales]", "owners: [marketing]"},
		{"others", settingsFile, "others: revert", "others: leave"},
		{"order of stages", settingsFile, "subscriber, lead, mql", "lead, subscriber, mql"},
		{"back", settingsFile, "back: [lead]", "back: [mql]"},
		{"tie", settingsFile, "tie: [salesforce]", "tie: [hubspot]"},
		{"first", settingsFile, "first: [newest, hold]", "first: [hold]"},
		{"keep", settingsFile, "keep: true", "keep: false"},
		{"stages", "smarketing.yaml", "working", "won"},
		{"pairs", "pairs.csv", "101,x,00Q1", "101,x,00Q9"},
		{"role", hubspotFile, "role: marketing", "role: both"},
		{"read only", hubspotFile, "role: marketing", "role: marketing\nread_only: true"},
		{"create", hubspotFile, "create: 'email != nil'", "create: true"},
		{"create expression", hubspotFile, "create: 'email != nil'", "create: 'phone != nil'"},
		{"filter", hubspotFile, "filter: 'email != nil'", "filter: 'true'"},
		{"key", hubspotFile, "key: tandem_id", "key: other_id"},
		{"adopt", hubspotFile, "salesforceleadid", "sf_id"},
		{"observe", hubspotFile, "observe: [hs_lead_status]", "observe: []"},
		{"map", hubspotFile, "{field: email, remote: email}", "{field: email, remote: work_email}"},
		{"picklists", hubspotFile, "NEW: new", "NEW: open"},
		{"on_delete", salesforceFile, "on_delete: archive", "on_delete: unlink"},
		{"own key", salesforceFile, "overlap: 5m", "assignment_rules: true"},
		{"preferred object", salesforceFile, "  Contact:\n    as: person\n    fields: [{field: email, remote: Email}]", "  Another:\n    as: person\n    fields: [{field: email, remote: Email}]"},
		{"a connector switched on", "connectors/old.yaml", "enabled: false", "enabled: true"},
	}
	for _, c := range cases {
		got := variant(t, c.file, c.before, c.after).Revision("part")
		if other, taken := seen[got]; taken {
			t.Errorf("%s gives the revision of %s", c.what, other)
		}
		seen[got] = c.what
	}
}

func TestRevisionKnowsTheFirstObject(t *testing.T) {
	objects := func(list string) string {
		cfg, problems := config.Load("", fstest.MapFS{
			settingsFile:        file(""),
			"connectors/a.yaml": file("type: csv\nobjects:\n" + list),
		})
		if problems.HasErrors() {
			t.Fatal(problems)
		}
		return cfg.Revision()
	}
	lead, contact := "  Lead: {as: person, fields: [x]}\n", "  Contact: {as: person, fields: [x]}\n"
	company := "  Account: {as: company, fields: [x]}\n"
	if objects(lead+contact) == objects(contact+lead) {
		t.Error("which object is written by preference is not part of the revision")
	}
	if objects(lead+company) != objects(company+lead) {
		t.Error("the order of unrelated objects is part of the revision")
	}
}
