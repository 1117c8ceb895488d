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

func TestFilter(t *testing.T) {
	f, problems := mapping.CompileFilter(node(t, `status != "OLD" and score > 10`), remote())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got := f.RemoteFields(); !cmp.Equal(got, []string{"score", "status"}) {
		t.Error(got)
	}
	null := record.NullOf(record.Decimal)
	for name, tt := range map[string]struct {
		raw  record.Fields
		want bool
		err  bool
	}{
		"in":            {record.Fields{"status": text(record.Enum, "NEW"), "score": text(record.Decimal, "11")}, true, false},
		"out":           {record.Fields{"status": text(record.Enum, "OLD"), "score": text(record.Decimal, "11")}, false, false},
		"null":          {record.Fields{"status": text(record.Enum, "NEW"), "score": null}, false, false},
		"means null":    {record.Fields{"status": text(record.Enum, "NEW"), "score": text(record.Decimal, "0")}, false, false},
		"not read":      {record.Fields{"status": text(record.Enum, "NEW")}, false, true},
		"cannot be had": {record.Fields{"status": text(record.Enum, "NEW"), "score": text(record.Decimal, "1234567890.1234567")}, false, true},
	} {
		got, err := f.Includes(tt.raw)
		if got != tt.want || (err != nil) != tt.err {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
}

func TestFilterMistakes(t *testing.T) {
	for source, want := range map[string]string{
		`scor > 1`:  `map.yaml:1:1: error: unknown field "scor" (did you mean "score"?)`,
		`score + 1`: `map.yaml:1:1: error: a filter must be true or false, this one gives a number`,
	} {
		if _, problems := mapping.CompileFilter(node(t, source), remote()); problems.Error() != want {
			t.Errorf("%s: %s", source, problems.Error())
		}
	}
	f, problems := mapping.CompileFilter(diag.Node{}, remote())
	if in, err := f.Includes(nil); f != nil || len(problems) > 0 || !in || err != nil || f.RemoteFields() != nil {
		t.Error("no filter does not include everything")
	}
	f, problems = mapping.CompileFilter(node(t, `anything == "x"`), schema.Object{})
	if in, err := f.Includes(record.Fields{"anything": record.OfString("x")}); len(problems) > 0 || !in || err != nil {
		t.Error("a filter on an unknown schema", problems, in, err)
	}
	f, _ = mapping.CompileFilter(node(t, `anything`), schema.Object{})
	if _, err := f.Includes(record.Fields{"anything": record.OfString("canary")}); err == nil || strings.Contains(err.Error(), "canary") {
		t.Error("a filter that gives text:", err)
	}
}

const tested = `
- {field: email, remote: email}
- {field: phone, remote: phone, format: {region: DE}}
- {field: deal_amount, remote: amount, currency: EUR}
- {field: other_emails, remote: mails}
- {remote: LastName, out: 'coalesce(last_name, "?")', placeholder: "?"}
`

func TestRunTests(t *testing.T) {
	for name, tt := range map[string]struct{ yaml, want string }{
		"passes": {`
- name: all of it
  given: {email: a@b.de, phone: 030 901820, amount: 12.5, mails: b;a}
  expect: {email: a@b.de, phone: "+4930901820", deal_amount: EUR 12.50, other_emails: [b, a], won_at: null}
  expect_out: {LastName: "?", phone: "+4930901820", amount: 12.50, mails: a;b}
- {name: golden, given: {email: a@b.de}, golden: {last_name: Smith, email: c@d.de}, expect_out: {LastName: Smith, email: c@d.de}}
- {name: a clear, given: {email: null}, expect: {email: null}, expect_out: {email: null}}
- {name: fails as it should, given: {phone: abc}, expect: {phone: null}, problems: [phone]}
`, ""},
		"difference":     {"- {name: x, given: {phone: 030 901820}, expect: {phone: '+49'}}", `map.yaml:1:57: error: phone: want "+49", got "+4930901820"`},
		"failure":        {"- {name: x, given: {phone: abc}, expect: {phone: '+49'}}", "map.yaml:1:3: error: test \"x\": field phone: the value is not a valid phone: want a number that exists, with its country code or a declared region\nmap.yaml:1:50: error: phone: want \"+49\", got absent (the value is not a valid phone: want a number that exists, with its country code or a declared region)"},
		"did not fail":   {"- {name: x, given: {email: a@b.de}, problems: [phone]}", `map.yaml:1:47: error: test "x": phone was expected to fail, but it did not`},
		"amount":         {"- {name: x, given: {amount: 1}, expect: {deal_amount: EUR 2}}", `map.yaml:1:55: error: deal_amount: want "EUR 2.00", got "EUR 1.00"`},
		"out":            {"- {name: x, given: {}, expect_out: {LastName: Smith}}", `map.yaml:1:47: error: LastName: want "Smith", got "?"`},
		"unknown given":  {"- {name: x, given: {emial: a}, expect: {email: null}}", `map.yaml:1:21: error: unknown field "emial" (did you mean "email"?)`},
		"unknown expect": {"- {name: x, given: {}, expect: {emial: null}}", `map.yaml:1:33: error: unknown field "emial" (did you mean "email"?)`},
		"expects none":   {"- {name: x, given: {}}", `map.yaml:1:3: error: the test expects nothing (add expect, expect_out or problems)`},
		"no name":        {"- {given: {}, expect: {}}", `map.yaml:1:3: error: the key "name" is required`},
		"not a mapping":  {"- {name: x, given: [a], expect: {}}", `map.yaml:1:20: error: expected a mapping of fields to values, found a list`},
	} {
		t.Run(name, func(t *testing.T) {
			results, problems := mapping.RunTests(node(t, tt.yaml), compiled(t, tested))
			if diff := cmp.Diff(tt.want, problems.Error()); diff != "" {
				t.Error(diff)
			}
			for _, r := range results {
				if r.Passed != (tt.want == "") {
					t.Errorf("%q passed: %v", r.Name, r.Passed)
				}
			}
		})
	}
}

func TestRunTestsOffline(t *testing.T) {
	m, _ := mapping.CompileOffline(node(t, tested), person(), mapping.Options{})
	yaml := "- {name: x, given: {email: a@b.de, amount: 12.5, unused: 1}, expect: {deal_amount: EUR 12.50}, expect_out: {amount: 12.5}}"
	if results, problems := mapping.RunTests(node(t, yaml), m); len(problems) > 0 || len(results) != 1 || !results[0].Passed {
		t.Error(problems)
	}
}

func TestExplain(t *testing.T) {
	m := compiled(t, `
- {field: lead_status, in: 'lower(trim(company))', values: {new: fresh}}
- {field: phone, remote: phone}
- {remote: LastName, out: 'coalesce(last_name, domain(email), "?")', placeholder: "?"}
`)
	raw := record.Fields{"company": record.OfString(" NEW "), "phone": text(record.Phone, "030")}
	golden := record.Fields{"email": text(record.Email, "a@acme.de"), "phone": text(record.Phone, "+4930901820")}
	var got []string
	for _, l := range m.Explain(raw, golden) {
		line := l.Field + ">" + l.Remote + " " + l.Step + " = " + l.Value.Text()
		if l.Err != nil {
			line += " failed"
		}
		got = append(got, line)
	}
	want := []string{
		"lead_status> read company =  NEW ", "lead_status> trim(company) = NEW", "lead_status> lower(trim(company)) = new",
		"lead_status> values = fresh", "lead_status> result = fresh",
		"phone>phone read phone = 030", "phone>phone result =  failed",
		"phone>phone read phone = +4930901820", "phone>phone result = +4930901820",
		">LastName read email = a@acme.de", ">LastName read last_name = ", ">LastName domain(email) = acme.de",
		`>LastName coalesce(last_name, domain(email), "?") = acme.de`, ">LastName result = acme.de",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
