package expression_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/mapping/expression"
	"github.com/tandem-sync/tandem/record"
)

// TestBounds runs what is known to exhaust an unguarded machine.
func TestBounds(t *testing.T) {
	doubling := func(unit string) string {
		var b strings.Builder
		b.WriteString(`let v0 = "` + unit + `"; `)
		for i := 1; i <= 40; i++ {
			fmt.Fprintf(&b, "let v%d = v%d + v%d; ", i, i-1, i-1)
		}
		return b.String() + "v40"
	}
	var arrays strings.Builder
	arrays.WriteString(`let a0 = ["x"]; `)
	for i := 1; i <= 15; i++ {
		fmt.Fprintf(&arrays, "let a%d = [a%d, a%d]; ", i, i-1, i-1)
	}
	members := make([]string, 900)
	for i := range members {
		members[i] = fmt.Sprintf("%04d%s", i, strings.Repeat("y", 200))
	}
	big := record.Fields{"email": record.OfString(strings.Repeat("ab ", 400_000)), "tags": record.OfSet(members...), "company": record.OfString(strings.Repeat("a", 100_000))}
	for source, want := range map[string]string{
		doubling("xxxxxxxx"):                    "too long a text",
		arrays.String() + "a15 == a15":          "other than texts",
		arrays.String() + `join(a15, "x")`:      "other than texts",
		arrays.String() + "a15":                 "other than texts",
		`replace(company, "a", company)`:        "too long a text",
		`company matches "(a?){60}(a*)*$"`:      "too much text",
		`any(tags, company matches "(x+x+)+y")`: "too much text",
		`map(tags, # + # + company)`:            "too much text",
		`count(tags, phone(#, "DE") == nil)`:    "too much text",
		`split(email, " ")`:                     "too many parts",
		`lower(email) + upper(email)`:           "too",
		`1 / 0`:                                 "division by zero",
		`employees / 0`:                         "",
		`2 ** 5000`:                             "not a finite number",
		`9223372036854775807 + 1`:               "too large",
		`4611686018427387904 * 4`:               "too large",
	} {
		p, mistakes := expression.Compile(source, scope())
		if len(mistakes) > 0 {
			t.Errorf("%.60s: %v", source, mistakes)
			continue
		}
		start := time.Now()
		_, err := p.Eval(big)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%.60s: got %v, want %q", source, err, want)
		}
		if took := time.Since(start); took > slowdown*500*time.Millisecond {
			t.Errorf("%.60s took %v", source, took)
		}
	}
}

func FuzzCompileAndEval(f *testing.F) {
	for _, tt := range valued() {
		f.Add(tt.source, "text")
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		for _, s := range []expression.Scope{scope(), {Open: true}} {
			p, _ := expression.Compile(source, s)
			if p == nil {
				continue
			}
			in := record.Fields{}
			for _, name := range p.Reads() {
				in[name] = record.OfString(value)
			}
			for _, rec := range []record.Fields{nil, in, fields()} {
				v, err := p.Eval(rec)
				if s, ok := v.(string); err == nil && ok && len(s) > 1<<20 {
					t.Fatalf("%d bytes", len(s))
				}
			}
		}
	})
}
