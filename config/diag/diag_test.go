package diag_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tandem-sync/tandem/config/diag"
)

func parse(t *testing.T, src string) diag.Node {
	t.Helper()
	n, problems := diag.Parse("a.yaml", []byte(src))
	if len(problems) > 0 {
		t.Fatalf("Parse: %v", problems)
	}
	return n
}

func get(t *testing.T, n diag.Node, key string) diag.Node {
	t.Helper()
	v, ok := n.Get(key)
	if !ok {
		t.Fatalf("key %q is missing", key)
	}
	return v
}

func rendered(t *testing.T, problems diag.List) string {
	t.Helper()
	var b strings.Builder
	if err := problems.Render(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestParseMistakes(t *testing.T) {
	long := "ok: [1,\n  2]\ntext: \"a\n  b\"\n"
	tests := map[string]struct{ src, place, summary string }{
		"bad indentation":       {"a:\n  b: 1\n  c: 2\n d: 3\ne: 4\n", "a.yaml:4:2", "not valid YAML"},
		"two colons":            {"a: 1\nb: c: d\n", "a.yaml:2:1", "mapping values are not allowed"},
		"after multi-line flow": {long + "b: c: d\nx: 1\n", "a.yaml:5:1", "mapping values"},
		"tab":                   {"a:\n\tb: 1\n", "a.yaml:2:1", "not valid YAML"},
		"open quote":            {"a: 1\nb: \"x\nc: 2\nd: 3\n", "a.yaml:2:1", "not valid YAML"},
		"open bracket":          {long + "b: [1, 2\nc: 3\n" + strings.Repeat("d: e\n", 300), "a.yaml:5:1", "not valid YAML"},
		"unknown anchor":        {"a: 1\nb: *c\n", "a.yaml:2:1", "unknown anchor"},
		"first line":            {"}\n", "a.yaml:1:1", "not valid YAML"},
		"second document":       {"a: 1\n---\nb: 2\n", "a.yaml:2:1", "second document"},
		"duplicate key":         {"a: 1\nb: 2\na: 3\n", "a.yaml:3:1", `key "a" is already set on line 1`},
		"key is a list":         {"? [a, b]\n: 1\n", "a.yaml:1:3", "a key must be a plain word"},
		"merge of a text":       {"a: &x text\nb:\n  <<: *x\n", "a.yaml:3:7", "<< takes a mapping"},
		"anchor in itself":      {"a: &x [*x]\n", "a.yaml:1:4", "contains itself"},
		"too deep":              {strings.Repeat("[", 70) + strings.Repeat("]", 70), "a.yaml:1:66", "nested more than"},
		"not UTF-8":             {"a: 1\nb: \xff\n", "a.yaml:2:1", "not valid UTF-8"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, problems := diag.Parse("a.yaml", []byte(tt.src))
			if len(problems) != 1 {
				t.Fatalf("want one problem, got %d:\n%v", len(problems), problems)
			}
			if got := problems[0].Pos.String(); got != tt.place {
				t.Errorf("place %s, want %s (%s)", got, tt.place, problems[0].Summary)
			}
			if !strings.Contains(problems[0].Summary, tt.summary) {
				t.Errorf("summary %q does not contain %q", problems[0].Summary, tt.summary)
			}
		})
	}
}

func TestParseBoundsAliases(t *testing.T) {
	var b strings.Builder
	b.WriteString("l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 9; i++ {
		ref := fmt.Sprintf("*l%d", i-1)
		fmt.Fprintf(&b, "l%d: &l%d [%s]\n", i, i, strings.Join(strings.Fields(strings.Repeat(ref+" ", 10)), ", "))
	}
	_, problems := diag.Parse("a.yaml", []byte(b.String()))
	if len(problems) != 1 || !strings.Contains(problems[0].Summary, "aliases multiply") {
		t.Fatalf("want one problem about aliases, got %v", problems)
	}
}

func TestAliasesAndMerges(t *testing.T) {
	n := parse(t, `
base: &base {a: 1, b: 2}
more: &more {b: 3, c: 4}
own:
  <<: [*base, *more]
  a: 9
same: *base
`)
	var problems diag.List
	got := map[string]int64{}
	own := get(t, n, "own")
	for _, k := range own.Keys() {
		got[k.Name] = get(t, own, k.Name).Int(&problems)
	}
	if diff := cmp.Diff(map[string]int64{"a": 9, "b": 2, "c": 4}, got); diff != "" || len(problems) > 0 {
		t.Errorf("merged keys: %s %v", diff, problems)
	}
	same := get(t, n, "same")
	if !same.IsMap() || !same.Has("b") {
		t.Error("an alias does not stand for its mapping")
	}
	if got := same.Pos().String(); got != "a.yaml:7:7" {
		t.Errorf("alias at %s, want where it is used", got)
	}
}

func TestKinds(t *testing.T) {
	n := parse(t, "m: {}\nl: []\ns: x\nn:\nb: true\ni: 1\n")
	kinds := map[string]string{"m": "a mapping", "l": "a list", "s": "text", "n": "null", "b": "true or false", "i": "a number"}
	for key, want := range kinds {
		v := get(t, n, key)
		if v.Kind() != want || v.IsZero() || v.IsNull() != (key == "n") || v.IsScalar() != strings.Contains("sbi", key) {
			t.Errorf("%s: kind %q, zero %v, null %v, scalar %v", key, v.Kind(), v.IsZero(), v.IsNull(), v.IsScalar())
		}
	}
	var zero diag.Node
	if !zero.IsZero() || !zero.IsNull() || zero.Has("a") || zero.Items() != nil || zero.String() != "" || zero.Pos().String() != "" {
		t.Error("the zero node is not empty")
	}
	empty := parse(t, "")
	if !empty.IsNull() {
		t.Error("an empty file is not null")
	}
}

func TestScalars(t *testing.T) {
	n := parse(t, `{s: "a b", v: 1.10, i: 1_000, t: True, f: 2.5, d: 1h30m, list: [a, 2], big: 99999999999999999999, oct: 010}`)
	var problems diag.List
	if got := get(t, n, "s").Str(&problems); got != "a b" {
		t.Errorf("s = %q", got)
	}
	if got := get(t, n, "v").Str(&problems); got != "1.10" {
		t.Errorf("v = %q, want the text as written", got)
	}
	if got := get(t, n, "i").Int(&problems); got != 1000 {
		t.Errorf("i = %d", got)
	}
	if !get(t, n, "t").Bool(&problems) {
		t.Error("t is not true")
	}
	if got := get(t, n, "f").Float(&problems); got != 2.5 {
		t.Errorf("f = %v", got)
	}
	if got := get(t, n, "d").Duration(&problems); got != 90*time.Minute {
		t.Errorf("d = %v", got)
	}
	if diff := cmp.Diff([]string{"a", "2"}, get(t, n, "list").Strings(&problems)); diff != "" {
		t.Error(diff)
	}
	if len(problems) > 0 {
		t.Errorf("unexpected problems: %v", problems)
	}
	want := map[string]any{"s": "a b", "v": 1.10, "i": int64(1000), "t": true, "f": 2.5, "d": "1h30m", "list": []any{"a", int64(2)}, "big": "99999999999999999999", "oct": "010"}
	if diff := cmp.Diff(want, n.Value()); diff != "" {
		t.Errorf("Value: %s", diff)
	}
}

func TestParseDuration(t *testing.T) {
	good := map[string]time.Duration{
		"0": 0, "500ms": 500 * time.Millisecond, "30s": 30 * time.Second, "15m": 15 * time.Minute, "36h": 36 * time.Hour,
		"7d": 168 * time.Hour, "1.5h": 90 * time.Minute, "1d12h": 36 * time.Hour, "-5m": -5 * time.Minute,
	}
	for text, want := range good {
		if got, err := diag.ParseDuration(text); err != nil || got != want {
			t.Errorf("%q = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "-", "5", "5 m", "1y", "m", "999999999d", "1h-5m", "30S", "1e3s"} {
		if got, err := diag.ParseDuration(text); err == nil {
			t.Errorf("%q was read as %v", text, got)
		}
	}
}

func TestNearest(t *testing.T) {
	words := []string{"hubspot", "salesforce", "csv", "rate_limit"}
	tests := map[string]string{
		"hubpsot": "hubspot", "HubSpot": "hubspot", "salesfroce": "salesforce", "csb": "csv",
		"rate-limit": "rate_limit", "ratelimits": "rate_limit", "oracle": "", "": "", "x": "",
	}
	for name, want := range tests {
		if got := diag.Nearest(name, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestRender(t *testing.T) {
	n := parse(t, "b: 1\n\nlist:\n  - typ: hubspot\n")
	var problems diag.List
	item := get(t, n, "list").Items()[0]
	problems.Add(item.Keys()[0].Errorf("unknown key %q", "typ").WithNearest("typ", []string{"type"}))
	problems.Errorf(get(t, n, "b"), "must be %d", 2)
	problems.Warnf(get(t, n, "b"), "deprecated")
	problems.Errorf(get(t, n, "b"), "must be %d", 2)
	want := `a.yaml:1:4: error: must be 2
    b: 1
       ^
a.yaml:1:4: warning: deprecated
    b: 1
       ^
a.yaml:4:5: error: unknown key "typ"
      - typ: hubspot
        ^
    did you mean "type"?
`
	if diff := cmp.Diff(want, rendered(t, problems)); diff != "" {
		t.Errorf("Render: %s", diff)
	}
	if want := `a.yaml:4:5: error: unknown key "typ" (did you mean "type"?)`; !strings.HasSuffix(problems.Error(), want) {
		t.Errorf("Error() = %s", problems.Error())
	}
}

func TestRenderLongLinesTabsAndControls(t *testing.T) {
	long := "a: \"" + strings.Repeat("x", 300) + "\x1b\" # \t end"
	out := rendered(t, diag.List{{Pos: diag.Pos{File: "a", Line: 1, Column: 200}, Summary: "s", Source: long}})
	lines := strings.Split(out, "\n")
	if len([]rune(lines[1])) > 130 || !strings.HasPrefix(lines[1], "    …") || len(lines[2]) != 4+1+60+1 {
		t.Errorf("long line: %d runes, caret at %d\n%s", len([]rune(lines[1])), len(lines[2]), out)
	}
	out = rendered(t, diag.List{{Pos: diag.Pos{File: "a", Line: 1, Column: 4}, Summary: "s", Source: "\ta\x1b\tb"}})
	if want := "    \ta·\tb\n    \t  ^\n"; !strings.HasSuffix(out, want) {
		t.Errorf("got %q, want ending %q", out, want)
	}
}

func TestSourceLinesHideSecrets(t *testing.T) {
	tests := map[string]bool{
		"acces_token: hunter2":                false,
		`client-secret: "hunter2"`:            false,
		"auth: {pasword: 1, apikey: hunter2}": false,
		"token: ${env:X} hunter2":             false,
		"token: ${env:HUNTER2}":               true,
		"name: hunter2":                       true,
	}
	for src, shown := range tests {
		n := parse(t, src)
		got := strings.Contains(strings.ToLower(n.Errorf("x").Source), "hunter2")
		if got != shown {
			t.Errorf("%s: shown %v, want %v", src, got, shown)
		}
	}
}

func TestListErr(t *testing.T) {
	n := parse(t, "a: 1")
	if err := (diag.List{n.Warnf("w")}).Err(); err != nil {
		t.Errorf("a warning is an error: %v", err)
	}
	if err := (diag.List{n.Warnf("w"), n.Errorf("e")}).Err(); err == nil {
		t.Error("an error is none")
	}
}
