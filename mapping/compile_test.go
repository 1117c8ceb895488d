package mapping_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// TestMistakes lists what is wrong with each map, one problem a line.
func TestMistakes(t *testing.T) {
	for name, tt := range map[string]struct{ yaml, want string }{
		"unknown canonical field": {"- {field: emial, remote: email}", `1:11: error: person has no field "emial" (did you mean "email"?)`},
		"unknown remote field":    {"- {field: email, remote: emial}", `1:26: error: contacts has no field "emial" (did you mean "email"?)`},
		"wrong case":              {"- {field: last_name, remote: lastname}", `1:30: error: contacts has no field "lastname" (did you mean "LastName"?)`},
		"unknown currency field":  {"- {field: deal_amount, remote: amount, currency_from: cod}", `1:55: error: contacts has no field "cod" (did you mean "code"?)`},
		"unknown key":             {"- {field: email, remot: email}", `1:18: error: unknown key "remot" (did you mean "remote"?)`},
		"unknown direction":       {"- {field: email, remote: email, direction: inn}", `1:44: error: "inn" is not one of: in, out, both (did you mean "in"?)`},
		"no field at all":         {"- {direction: in}", "1:3: error: an entry needs a canonical `field`, a `remote` field, or both"},
		"nothing to read":         {"- {field: email}", "1:3: error: field \"email\" needs a `remote` field or an `in` expression"},
		"nothing to write":        {"- {remote: email}", "1:3: error: remote field \"email\" needs a `field` or an `out` expression"},
		"side does not exist":     {"- {field: email, remote: email, in: 'lower(email)', direction: out}", "1:37: error: `in` is written, but the entry has no in side (it needs a `field` and a direction other than out)"},
		"not a list":              {"{field: email}", "1:1: error: expected a list of entries, found a mapping"},
		"read-only":               {"- {field: owner, remote: owner_id}", `1:26: error: contacts.owner_id is read-only (set direction: in)`},
		"kinds do not meet":       {"- {field: won_at, remote: optout, direction: in}", "1:3: error: optout cannot be mapped to won_at: a boolean cannot become a date"},
		"date is no instant":      {"- {field: won_at, remote: closed_at, direction: in}", "1:3: error: closed_at cannot be mapped to won_at: a date is not an instant: declare the `zone` whose midnight is meant"},
		"number is no instant":    {"- {field: created_at, remote: created_ms, direction: in}", "1:3: error: created_ms cannot be mapped to created_at: declare the `format` of the number: unix or unix_ms"},
		"no currency":             {"- {field: deal_amount, remote: amount, direction: in}", "1:3: error: amount cannot be mapped to deal_amount: declare the `currency` of the amount, or `currency_from` the field that holds it"},
		"wrong currency":          {"- {field: deal_amount, remote: amount, currency: Euro}", "1:50: error: \"Euro\" is not an ISO 4217 currency code (write a code such as EUR, or use currency_from: FIELD)"},
		"wrong zone":              {"- {field: won_at, remote: closed_on, zone: Mars/Olympus}", "1:44: error: unknown time zone \"Mars/Olympus\" (write an IANA name such as Europe/Berlin)"},
		"wrong region":            {"- {field: phone, remote: phone, format: {region: Mars}}", "1:50: error: \"Mars\" is not a country whose phone numbers can be read (write an ISO 3166 code such as DE)"},
		"wrong format key":        {"- {field: phone, remote: phone, format: {regio: DE}}", `1:42: error: unknown key "regio" (did you mean "region"?)`},
		"format of a text":        {"- {field: company_name, remote: company, format: x}", "1:50: error: a string has no format that is one text (write a mapping such as {number: \"1.234,56\"})"},
		"words for one only":      {"- {field: email_opt_out, remote: optout_text, format: {true: Ja}}", "1:55: error: write the words for both true and false"},
		"picklist value":          {"- {field: lead_status, remote: status, values: {NWE: new}}", `1:49: error: remote field status does not offer "NWE" (did you mean "NEW"?)`},
		"open picklist value":     {"- {field: deal_stage, remote: stage, values: {300: x}}", `1:47: warning: remote field stage does not offer "300" (did you mean "100"?)`},
		"same value twice":        {"- {field: lead_status, remote: status, values: {OPEN: new, Open: working}}", `1:60: error: "Open" is the same remote value as another one above, with another meaning`},
		"ambiguous reverse":       {"- {field: lead_status, remote: status, values: {NEW: new, OPEN: new}}", `1:59: warning: several remote values mean "new"; "NEW" is written back (say which with out_values: {new: ...})`},
		"ambiguous, but in only":  {"- {field: lead_status, remote: status, direction: in, values: {NEW: new, OPEN: new}}", ""},
		"ambiguous, but said":     {"- {field: lead_status, remote: status, values: {NEW: new, OPEN: new}, out_values: {new: OPEN}}", ""},
		"unknown picklist":        {"- {field: lead_status, remote: status, values: lists}", `1:48: error: unknown picklist "lists" (did you mean "list"?)`},
		"value of another kind":   {"- {field: email_opt_out, remote: status, values: {NEW: perhaps}}", "1:56: error: \"perhaps\" does not fit field email_opt_out: not a valid boolean: want true or false"},
		"unmapped alone":          {"- {field: lead_status, remote: status, unmapped: drop}", "1:3: error: `out_values` and `unmapped` need `values`"},
		"labels of nothing":       {"- {field: company_name, remote: company, labels: true}", "1:50: error: remote field company has no picklist, so its values have no labels"},
		"labels and values":       {"- {field: lead_status, remote: status, labels: true, values: {NEW: new}}", "1:48: error: `labels` and `values` exclude each other"},
		"two to one canonical":    {"- {field: email, remote: email}\n- {field: email, in: 'mobile'}", "2:11: error: field email is already given by the entry on line 1 (keep one of them, or limit one with direction)"},
		"two to one remote":       {"- {field: email, remote: company, direction: out}\n- {field: company_name, remote: company}", "2:33: error: remote field company is already given by the entry on line 1 (keep one of them, or limit one with direction)"},
		"two in two directions":   {"- {field: email, remote: email, direction: in}\n- {field: email, remote: company, direction: out}", ""},
		"longer than accepted":    {"- {field: description, remote: short_notes}", "1:32: warning: description may be longer than the 20 characters short_notes accepts; longer texts are held (set truncate: true to cut them)"},
		"longer, but cut":         {"- {field: description, remote: short_notes, truncate: true}", ""},
		"placeholder too long":    {"- {field: first_name, remote: firstname, placeholder: not known to us}", "1:55: error: the placeholder has 15 characters, firstname accepts 10"},
		"placeholder inward":      {"- {field: first_name, remote: firstname, placeholder: x, direction: in}", "1:55: error: a placeholder needs an out side"},
		"expression field":        {"- {field: email, in: 'lower(emial)'}", `1:29: error: unknown field "emial" (did you mean "email"?)`},
		"expression function":     {"- field: email\n  in: lowr(email)", `2:7: error: unknown function "lowr" (did you mean "lower"?)`},
		"expression syntax":       {"- {field: email, in: 'lower(email'}", `1:33: error: unexpected token EOF`},
		"expression in a block":   {"- field: email\n  in: |\n    lower(email) +\n    emial", `2:7: error: unknown field "emial" (at line 2, character 1 of the expression) (did you mean "email"?)`},
		"expression picklist":     {"- {field: lead_status, in: 'picklist(\"lst\", status)'}", `1:38: error: unknown picklist "lst" (did you mean "list"?)`},
		"expression reduce":       {"- {field: email, in: 'reduce(mails, #acc, \"\")'}", `1:23: error: the function "reduce" is not available in expressions`},
		"result kind":             {"- {field: company_name, in: 'score * 2'}", "1:29: error: the expression gives a number, but company_name is a string: write text(...) or join(...) around it"},
		"result no condition":     {"- {field: email_opt_out, in: 'company'}", "1:30: error: the expression gives text, but email_opt_out is a boolean: write a condition, or truth(...)"},
		"result no date":          {"- {field: won_at, in: 'score > 1'}", "1:23: error: the expression gives true or false, but won_at is a date: a boolean cannot become a date"},
		"result no amount":        {"- {field: deal_amount, in: 'score * 2'}", "1:28: error: the expression gives a number, but deal_amount is an amount of money: declare the `currency` of the amount, or `currency_from` the field that holds it"},
		"several at once":         {"- {field: emial, remote: email}\n- {field: phone, remote: phnoe}", "1:11: error: person has no field \"emial\" (did you mean \"email\"?)\n2:26: error: contacts has no field \"phnoe\" (did you mean \"phone\"?)"},
	} {
		t.Run(name, func(t *testing.T) {
			opts := mapping.Options{Picklists: node(t, "list: {NEW: new}")}
			_, problems := mapping.Compile(node(t, tt.yaml), person(), remote(), opts)
			got := strings.ReplaceAll(problems.Error(), "map.yaml:", "")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCrossedNames(t *testing.T) {
	object := schema.Object{Name: "leads", Fields: []schema.Field{{Name: "first_name"}, {Name: "last_name"}}}
	_, problems := mapping.Compile(node(t, "- {field: first_name, remote: last_name}\n- {field: last_name, remote: first_name}"), person(), object, mapping.Options{})
	if got, want := problems.Error(), "map.yaml:1:11: warning: first_name and last_name are mapped crosswise"; got != want {
		t.Error(got)
	}
}

func TestRequiredFields(t *testing.T) {
	for yaml, want := range map[string]string{
		"- {field: email, remote: email}":                                           "map.yaml:1:1: error: contacts requires LastName, which no entry writes (add {remote: LastName, out: ..., placeholder: ...}, or do not create records there)",
		"- {field: last_name, remote: LastName}":                                    "map.yaml:1:30: warning: contacts requires LastName: records without it cannot be created (add a placeholder)",
		"- {field: last_name, remote: LastName, direction: in}":                     "map.yaml:1:1: error: contacts requires LastName, which no entry writes (add {remote: LastName, out: ..., placeholder: ...}, or do not create records there)",
		"- {field: last_name, remote: LastName, placeholder: '?'}":                  "",
		"- {remote: LastName, out: 'coalesce(last_name, \"?\")', placeholder: '?'}": "",
	} {
		if _, problems := mapping.Compile(node(t, yaml), person(), remote(), mapping.Options{Create: true}); problems.Error() != want {
			t.Errorf("%s:\n got %s\nwant %s", yaml, problems.Error(), want)
		}
	}
}

func TestDegrade(t *testing.T) {
	text := "- {field: email, remote: email}\n- {field: phone, remote: gone_field}"
	m, problems := mapping.Compile(node(t, text), person(), remote(), mapping.Options{Degrade: true})
	if problems.HasErrors() || len(problems) != 1 || problems[0].Severity != diag.Warning {
		t.Fatal(problems)
	}
	if got := m.RemoteFields(); !cmp.Equal(got, []string{"email"}) {
		t.Error("asks for a field that is gone:", got)
	}
	full, _ := mapping.CompileOffline(node(t, text), person(), mapping.Options{})
	if m.Revision() != full.Revision() {
		t.Error("a field that is gone makes another revision")
	}
}

func TestOffline(t *testing.T) {
	m, problems := mapping.CompileOffline(node(t, `
- {field: email, remote: any_email}
- {field: deal_amount, remote: any_amount, currency: EUR}
- {field: won_at, remote: closedate, format: dd.mm.yyyy}
- {field: company_name, in: 'trim(any_company)'}
`), person(), mapping.Options{})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	raw := record.Fields{
		"any_email": record.OfString("a@b.de"), "any_amount": record.OfString("12.50"), "closedate": record.OfString("31.12.2026"),
		"any_company": record.OfString(" ACME "),
	}
	got, failed := m.In(raw)
	if want := "company_name=string:ACME deal_amount=money:EUR 1250 email=email:a@b.de won_at=date:2026-12-31"; told(got) != want {
		t.Errorf("got %s %v", told(got), failed)
	}
	_, problems = mapping.CompileOffline(node(t, "- {field: emial, remote: x}"), person(), mapping.Options{})
	if !problems.HasErrors() {
		t.Error("the canonical side is not checked")
	}
}

func TestPicklists(t *testing.T) {
	opts := mapping.Options{Picklists: node(t, "list: {NEW: new, OPEN: working}")}
	m, problems := mapping.Compile(node(t, "- {field: lead_status, remote: status, values: list}\n- {field: job_title, in: 'picklist(\"list\", status) + \"/\" + label(\"status\", status)'}"),
		person(), remote(), opts)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	got, _ := m.In(record.Fields{"status": text(record.Enum, "NEW")})
	if told(got) != "job_title=string:new/New lead lead_status=enum:new" {
		t.Error(told(got))
	}
}
