package config_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors/hubspot"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/reconcile"
)

func compiled(t *testing.T, source []byte, err error) *jsonschema.Schema {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instance reads YAML as a validator of JSON would see it.
func instance(t *testing.T, text string) any {
	t.Helper()
	n, problems := diag.Parse("x.yaml", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	encoded, err := json.Marshal(n.Value())
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSchemas(t *testing.T) {
	source, err := config.Schema()
	settings := compiled(t, source, err)
	source, err = config.ConnectorSchema(types()[0])
	hub := compiled(t, source, err)
	read := func(name string) string {
		content, err := os.ReadFile("testdata/good/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	objects := "\nobjects: {contacts: {as: person, fields: [{}]}}"
	cases := []struct {
		what   string
		schema *jsonschema.Schema
		text   string
		valid  bool
	}{
		{"complete settings", settings, read("tandem.yaml"), true},
		{"empty settings", settings, "{}", true},
		{"unknown key", settings, "serv: {}", false},
		{"unknown key below", settings, "server: {listn: x}", false},
		{"word", settings, "first_run: aply", false},
		{"number", settings, "limits: {ranges: many}", false},
		{"duration", settings, "limits: {max_age: soon}", false},
		{"breaker off", settings, "guard: {creates: off}", true},
		{"breaker", settings, "guard: {creates: on}", false},
		{"rule", settings, "policies: {person: {email: newst}}", false},
		{"long rule", settings, "policies: {person: {email: {rule: newest, ordr: [a]}}}", false},
		{"object", settings, "policies: {persn: {email: newest}}", false},
		{"kind", settings, "fields: {person: [{name: a, kind: interger}]}", false},
		{"complete connector", hub, read(hubspotFile), true},
		{"own key missing", hub, "type: hubspot" + objects, false},
		{"other type", hub, "type: salesforce\nauth: {}" + objects, false},
		{"secret written out", hub, "type: hubspot\nauth: {service_key: abc}" + objects, false},
		{"own unknown key", hub, "type: hubspot\nauth: {}\nrange: 3" + objects, false},
		{"object without map", hub, "type: hubspot\nauth: {}\nobjects: {contacts: {as: person}}", false},
	}
	for _, c := range cases {
		if err := c.schema.Validate(instance(t, c.text)); (err == nil) != c.valid {
			t.Errorf("%s: valid is %v, want %v: %v", c.what, err == nil, c.valid, err)
		}
	}
}

func TestReference(t *testing.T) {
	var b bytes.Buffer
	if err := config.Reference(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| `state.dir` | text | `./state` |",
		"| `schedule.zone` | time zone | `UTC` |",
		"| `schedule.default` | cron expression or off | `*/5 * * * *` |",
		"| `limits.max_age` | duration | `1m` |",
		"| `guard.creates.share` | share | `20%` |",
		"| `guard.creates.count` | whole number | `2000` |",
		"| `fields.<object>[].kind` | kind | required |",
		"| `identity.person` | list of text | `[email, other_emails]` |",
		"| `policies.<object>.<name>.rule` |",
		"| `objects.<name>.on_delete` | `unlink`, `archive`, `recreate` | `unlink` |",
		"| `objects.<name>.adopt.<name>.connector` | text | required |",
		"| `enabled` | true or false | `true` |",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the reference has no line %s", want)
		}
	}
	for line := range strings.Lines(b.String()) {
		if strings.HasSuffix(line, "|  |\n") {
			t.Errorf("a key without a meaning: %s", line)
		}
	}
	b.Reset()
	if err := config.ConnectorReference(&b, types()[0].Own); err != nil {
		t.Fatal(err)
	}
	if want := "| `auth.service_key` | reference to a secret | — |"; !strings.Contains(b.String(), want) || !strings.Contains(b.String(), "| `ranges` | whole number | `4` |") {
		t.Errorf("a connector's own keys:\n%s", b.String())
	}
}

// The defaults here are those of the engine, which this package cannot import.
func TestDefaultsAreTheEngines(t *testing.T) {
	mine, want := config.Default(), syncer.DefaultGuard()
	for what, pair := range map[string][2]any{
		"creates":  {syncer.Limit{Share: float64(mine.Guard.Creates.Share), Count: mine.Guard.Creates.Count}, want.Creates},
		"updates":  {syncer.Limit{Share: float64(mine.Guard.Updates.Share), Count: mine.Guard.Updates.Count}, want.Updates},
		"clears":   {syncer.Limit{Share: float64(mine.Guard.Clears.Share), Count: mine.Guard.Clears.Count}, want.Clears},
		"opt-outs": {syncer.Limit{Share: float64(mine.Guard.OptOuts.Share), Count: mine.Guard.OptOuts.Count}, want.OptOuts},
		"billable": {syncer.Limit{Share: float64(mine.Guard.Billable.Share), Count: mine.Guard.Billable.Count}, want.Billable},
		"archives": {syncer.Limit{Share: float64(mine.Guard.Archives.Share), Count: mine.Guard.Archives.Count}, want.Archives},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %v here, %v in the engine", what, pair[0], pair[1])
		}
	}
	var rules []string
	for _, r := range reconcile.Rules() {
		rules = append(rules, string(r))
	}
	if got := strings.Join(config.Rules(), " "); got != strings.Join(rules, " ") {
		t.Errorf("rules here are %s, in the engine %v", got, rules)
	}
	if config.FirstHold != reconcile.FirstHold {
		t.Error("hold is spelt differently in the engine")
	}
}

// What the configuration takes for granted is itself a valid configuration.
func TestDefaultPoliciesFitTheModel(t *testing.T) {
	for as, p := range config.DefaultPolicies() {
		object, ok := config.Default().Canonical().Object(string(as))
		if !ok || p.Default.Rule == "" {
			t.Errorf("%s has no default policy", as)
		}
		for field := range p.Fields {
			if _, ok := object.Field(field); !ok {
				t.Errorf("%s has no field %s", as, field)
			}
		}
	}
	person := config.DefaultPolicies()[record.Person].Fields
	if person["email_opt_out"].Rule != config.RuleConsent || len(person["lifecycle_stage"].Order) != 8 {
		t.Error("opt-outs and the lifecycle stage have lost their policies")
	}
}

func TestLoadReadsAConnectorsExample(t *testing.T) {
	f := hubspot.Factory()
	example := strings.ReplaceAll(f.Example, "\t", "  ")
	cfg, problems := config.Load("", exampleFiles(example), config.Type{Name: f.Type, Role: f.Role, Own: f.Config})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if len(cfg.Connectors) != 1 || len(cfg.Connectors[0].Objects) == 0 {
		t.Error("the example has no objects")
	}
}
