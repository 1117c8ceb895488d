package expression_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/tandem-sync/tandem/mapping/expression"
	"github.com/tandem-sync/tandem/record"
)

func scope() expression.Scope {
	return expression.Scope{
		Fields: map[string]expression.Type{
			"email": expression.Text, "phone": expression.Text, "country": expression.Text, "company": expression.Text,
			"employees": expression.Whole, "score": expression.Number, "amount": expression.Number, "optin": expression.Bool,
			"tags": expression.List, "First Name": expression.Text, "created": expression.Text, "later": expression.Text, "day": expression.Text,
		},
		Picklists: map[string]map[string]string{"status": {"NEW": "new", "OPEN": "working"}},
		Labels:    map[string]map[string]string{"stage": {"7": "Won"}},
	}
}

func fields() record.Fields {
	return record.Fields{
		"email": record.Of(record.Email, " Ada@Example.COM"), "phone": record.Of(record.Phone, "030 901820"),
		"country": record.OfString("Deutschland"), "company": record.OfString("ACME  gmbh"), "employees": record.OfInt(250),
		"score": record.OfDecimal(decimal.RequireFromString("0.1")), "amount": record.OfMoney(123450, "EUR"), "optin": record.OfBool(true),
		"tags": record.OfSet("vip", "press"), "First Name": record.OfString("Ada"), "created": record.Of(record.Instant, "2026-11-23T23:30:00Z"),
		"later": record.Of(record.Instant, "2026-11-23T23:30:00.5Z"), "day": record.Of(record.Date, "2026-11-23"),
	}
}

// valued are expressions with what they give on the record above, and on one
// whose fields are all null.
func valued() []struct {
	source     string
	want, null any
} {
	return []struct {
		source     string
		want, null any
	}{
		{`lower(trim(email))`, "ada@example.com", nil},
		{`email | trim() | upper()`, "ADA@EXAMPLE.COM", nil},
		{`email(email)`, "ada@example.com", nil},
		{`phone(phone, "DE")`, "+4930901820", nil},
		{`phone(phone, country(country))`, "+4930901820", nil},
		{`phone(phone)`, nil, nil},
		{`country(country)`, "DE", nil},
		{`country(country, "name")`, "Germany", nil},
		{`domain(email)`, "example.com", nil},
		{`local_part(trim(email))`, "Ada", nil},
		{`title(squeeze(company))`, "ACME gmbh", nil},
		{`title(lower(company))`, "Acme  Gmbh", nil},
		{`fold("José")`, "jose", "jose"},
		{`$env["First Name"] + "!"`, "Ada!", nil},
		{`concat($env["First Name"], " ", nil)`, "Ada ", " "},
		{`coalesce(nil, "", "  ", company, "x")`, "ACME  gmbh", "x"},
		{`default(employees, 0)`, 250, 0},
		{`employees > 200`, true, false},
		{`employees > 200 ? "big" : "small"`, "big", "small"},
		{`employees > 200 and score < 1`, true, false},
		{`not optin`, false, nil},
		{`optin ? "yes" : "no"`, "yes", "no"},
		{`!optin && true`, false, false},
		{`score + 0.2 == 0.3`, false, false},
		{`round(score + 0.2, 2) == 0.3`, true, false},
		{`amount * 2`, 2469.0, nil},
		{`employees + 1`, 251, nil},
		{`-employees`, -250, nil},
		{`employees / 4`, 62.5, nil},
		{`employees % 7`, 5, nil},
		{`employees ** 2`, 62500.0, nil},
		{`int("12.7")`, 12, 12},
		{`number("1.234,56", "1.234,56")`, 1234.56, 1234.56},
		{`number(company)`, nil, nil},
		{`format_number(amount, "1.234,56")`, "1.234,50", nil},
		{`max(employees, 7, score)`, 250.0, 7.0},
		{`abs(-3)`, 3.0, 3.0},
		{`text(employees)`, "250", nil},
		{`tags`, []string{"press", "vip"}, nil},
		{`"vip" in tags`, true, false},
		{`has(tags, "vi")`, false, false},
		{`country in ["Deutschland", "Austria"]`, true, false},
		{`not (country in ["Austria"])`, true, true},
		{`country not in ["Austria"]`, true, true},
		{`any(tags, # startsWith "v")`, true, false},
		{`all(tags, length(#) > 2)`, true, true},
		{`count(tags, # == "vip")`, 1, 0},
		{`map(tags, upper(#))`, []string{"PRESS", "VIP"}, []string{}},
		{`filter(tags, # != "vip")`, []string{"press"}, []string{}},
		{`join(map(tags, upper(#)), ";")`, "PRESS;VIP", nil},
		{`tags[0]`, "press", nil},
		{`tags[7]`, nil, nil},
		{`first(tags)`, "press", nil},
		{`last(split("a, b,,c", ","))`, "c", "c"},
		{`unique(["b", "a", "b"])`, []string{"a", "b"}, []string{"a", "b"}},
		{`company[0:4]`, "ACME", nil},
		{`substring(company, -4)`, "gmbh", nil},
		{`substring(company, 2, 2)`, "ME", nil},
		{`before(company, " ")`, "ACME", nil},
		{`after(company, "  ")`, "gmbh", nil},
		{`replace(company, "  ", " ")`, "ACME gmbh", nil},
		{`length(company)`, 10, 0},
		{`len(tags)`, 2, 0},
		{`blank(company)`, false, true},
		{`email matches "(?i)@example\\.com$"`, true, false},
		{`company startsWith "AC" and company endsWith "bh"`, true, false},
		{`picklist("status", "OPEN")`, "working", "working"},
		{`picklist("status", company)`, nil, nil},
		{`label("stage", "7")`, "Won", "Won"},
		{`hash("abc")`, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{`hash("a", "b") == hash("ab")`, false, false},
		{`date("24.12.2026", "dd.mm.yyyy")`, "2026-12-24", "2026-12-24"},
		{`date(day)`, "2026-11-23", nil},
		{`date(created)`, nil, nil},
		{`date(created, "iso", "Europe/Berlin")`, "2026-11-24", nil},
		{`instant("24.12.2026 10:00", "dd.mm.yyyy hh:mm", "Europe/Berlin")`, "2026-12-24T09:00:00Z", "2026-12-24T09:00:00Z"},
		{`format_date(day, "dd.mm.yyyy")`, "23.11.2026", nil},
		{`format_date(created, "dd.mm.yyyy hh:mm", "Europe/Berlin")`, "24.11.2026 00:30", nil},
		{`days_between(day, "2026-12-24")`, 31, nil},
		{`created < later`, true, false},
		{`company == nil`, false, true},
		{`company ?? "none"`, "ACME  gmbh", "none"},
		{`let c = lower(company); c + c`, "acme  gmbhacme  gmbh", nil},
		{`truth("Yes")`, true, true},
		{`["a", nil, "b"]`, []string{"a", "b"}, []string{"a", "b"}},
	}
}

func TestEval(t *testing.T) {
	for _, tt := range valued() {
		p, mistakes := expression.Compile(tt.source, scope())
		if len(mistakes) > 0 {
			t.Errorf("%s: %v", tt.source, mistakes)
			continue
		}
		for name, c := range map[string]struct {
			in   record.Fields
			want any
		}{"full": {fields(), tt.want}, "null": {nil, tt.null}} {
			got, err := p.Eval(c.in)
			if err != nil || !cmp.Equal(got, c.want) {
				t.Errorf("%s on a %s record: got %#v, %v; want %#v", tt.source, name, got, err, c.want)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	for source, want := range map[string]string{
		`reduce(tags, #acc + #, "x")`:    `0: the function "reduce" is not available`,
		`1..9`:                           `ranges are not available`,
		`any(tags, any(tags, # == "x"))`: `any may not stand inside another loop`,
		`map(tags, count(tags, true))`:   `may not stand inside another loop`,
		`sortBy(tags, #)`:                `"sortBy" is not available`,
		`now()`:                          `"now" is not available`,
		`toJSON($env)`:                   `"toJSON" is not available`,
		`repeat("x", 1000000)`:           `"repeat" is not available`,
		`$env`:                           `unknown field "$env"`,
		`{"a": 1}`:                       `this construct is not available`,
		`company.Foo()`:                  `only the functions`,
		`company.foo`:                    `values have no members`,
		`emial`:                          `0: unknown field "emial"`,
		`lower(emial)`:                   `6: unknown field "emial"`,
		`lowr(email)`:                    `0: unknown function "lowr"`,
		`lower`:                          `lower is a function: write lower(text)`,
		`lower(`:                         `unexpected token EOF`,
		`lower(employees)`:               `cannot use int as argument`,
		`email + employees`:              `mismatched types string and int`,
		`email matches company`:          `must be written out`,
		`email matches "["`:              `not a regular expression`,
		`email matches "(a{100}){9}"`:    `too large`,
		`email matches "` + strings.Repeat("a", 300) + `"`: `200 characters`,
		`date(company, "bogus layout")`:                    `14: `,
		`date(company, email)`:                             `must be written out`,
		`date(company, "iso", "Mars/Olympus")`:             `14: `,
		`number(company, "abc")`:                           `16: `,
		`picklist("statsu", company)`:                      `unknown picklist "statsu"`,
		`country(country, "long")`:                         `unknown form`,
		strings.Repeat("a", 1<<20):                         `may be 4000 characters long`,
		strings.Repeat("(", 200) + "1" + strings.Repeat(")", 200) + strings.Repeat("+1", 700): ``,
		strings.Repeat("!", 100) + "optin": `nested too deeply`,
		`let x = 1; y`:                     `unknown field "y"`,
		``:                                 `unexpected token EOF`,
	} {
		_, mistakes := expression.Compile(source, scope())
		var all []string
		for _, m := range mistakes {
			all = append(all, fmt.Sprintf("%d: %s", m.At, m.Summary))
		}
		if got := strings.Join(all, "\n"); len(all) == 0 || !strings.Contains(got, want) {
			t.Errorf("%.60s: got %q, want %q", source, got, want)
		}
	}
}

func TestResultAndLineage(t *testing.T) {
	for source, want := range map[string]string{
		`lower(email)`:      "text [email]",
		`employees + 1`:     "a whole number [employees]",
		`score * employees`: "a number [employees score]",
		`employees > 1 ? email : $env["company"]`: "text [company email employees]",
		`optin and true`:                           "true or false [optin]",
		`split(email, "@")`:                        "a list [email]",
		`coalesce(email, company)`:                 "text [company email]",
		`coalesce(email, 1)`:                       "anything [email]",
		`let email2 = trim(email); email2 + email`: "text [email]",
		`any(tags, # == company)`:                  "true or false [company tags]",
	} {
		p, mistakes := expression.Compile(source, scope())
		if len(mistakes) > 0 {
			t.Errorf("%s: %v", source, mistakes)
			continue
		}
		if got := fmt.Sprint(p.Result(), " ", p.Reads()); got != want {
			t.Errorf("%s: got %q, want %q", source, got, want)
		}
	}
}

func TestErrorsCarryNoValues(t *testing.T) {
	open := expression.Scope{Open: true}
	in := record.Fields{"a": record.OfString("canary@example.com"), "b": record.OfInt(1), "c": record.OfSet("canary")}
	for _, source := range []string{`a + b`, `a > b`, `a ? 1 : 2`, `-a`, `any(a, true)`, `any(c, #)`, `c + c`, `a % b`, `a ** b`, `substring(a, a)`, `round(b, 99)`} {
		p, mistakes := expression.Compile(source, open)
		if len(mistakes) > 0 {
			t.Fatalf("%s: %v", source, mistakes)
		}
		if v, err := p.Eval(in); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v, %v", source, v, err)
		}
	}
}

func TestExactness(t *testing.T) {
	p, _ := expression.Compile(`score`, scope())
	if _, err := p.Eval(record.Fields{"score": record.Of(record.Decimal, "12345678901234.567")}); err == nil {
		t.Error("a number of 17 digits was rounded without a word")
	}
	if d, ok := expression.Decimal(0.1 + 0.2); !ok || d.String() != "0.3" {
		t.Errorf("0.1 + 0.2 is %s", d)
	}
}

func TestConcurrent(t *testing.T) {
	p, _ := expression.Compile(`lower(trim(email)) + "x"`, scope())
	done := make(chan string)
	for i := range 8 {
		go func() {
			got := ""
			for range 200 {
				v, err := p.Eval(record.Fields{"email": record.OfString(fmt.Sprint("A", i))})
				if err != nil || v != fmt.Sprintf("a%dx", i) {
					got = fmt.Sprint(v, err)
				}
			}
			done <- got
		}()
	}
	for range 8 {
		if got := <-done; got != "" {
			t.Error(got)
		}
	}
}

func TestFunctionsAreDocumented(t *testing.T) {
	for _, f := range expression.Functions() {
		if f.Doc == "" || !strings.HasPrefix(f.Form, f.Name+"(") {
			t.Errorf("%s is not documented: %q %q", f.Name, f.Form, f.Doc)
		}
	}
}

func BenchmarkLowerTrim(b *testing.B) {
	p, _ := expression.Compile(`lower(trim(email))`, scope())
	in := fields()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = p.Eval(in)
	}
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		expression.Compile(`employees > 200 ? "big" : lower(trim(email))`, scope())
	}
}
