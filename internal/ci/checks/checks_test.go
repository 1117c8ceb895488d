package checks_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/tandem-sync/tandem/internal/ci/checks"
)

func TestTests(t *testing.T) {
	pass := `{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"pass","Package":"p","Test":"TestA","Elapsed":0.1}
`
	skip := `{"Action":"output","Package":"p","Test":"TestB","Output":"=== RUN   TestB\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: set TANDEM_X\n"}
{"Action":"output","Package":"p","Test":"TestB","Output":"--- SKIP: TestB (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestB","Elapsed":0}
{"Action":"skip","Package":"q","Elapsed":0}
`
	fail := `{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:7: wrong\n"}
{"Action":"fail","Package":"p","Test":"TestC","Elapsed":0}
{"Action":"fail","Package":"p","Elapsed":0.2}
`
	broken := `{"Action":"build-output","ImportPath":"p","Output":"x.go:1: undefined\n"}
{"Action":"build-fail","ImportPath":"p"}
`
	tests := map[string]struct{ log, out, skipped, err string }{
		"pass":    {pass + `{"Action":"pass","Package":"p","Elapsed":0.2}`, "ok   p (0.2 s)\n1 tests", "", ""},
		"skip":    {pass + skip, "2 tests", "p TestB: b_test.go:7: set TANDEM_X\n", ""},
		"fail":    {pass + fail, "c_test.go:7: wrong", "", "2 tests or packages failed"},
		"broken":  {broken, "x.go:1: undefined", "", "1 tests or packages failed"},
		"nothing": {"go: no module\n", "go: no module", "", "no tests ran"},
	}
	for name, tt := range tests {
		var out, skipped strings.Builder
		err := checks.Tests(strings.NewReader(tt.log), &out, &skipped)
		if (err == nil) != (tt.err == "") || err != nil && err.Error() != tt.err {
			t.Errorf("%s: error %v, want %q", name, err, tt.err)
		}
		if !strings.Contains(out.String(), tt.out) || skipped.String() != tt.skipped {
			t.Errorf("%s: output %q, skipped %q", name, out.String(), skipped.String())
		}
	}
}

func TestRacePackages(t *testing.T) {
	file := func(src string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(src)} }
	module := fstest.MapFS{
		"go.mod":               file("module m"),
		"go/a.go":              file("package a\nfunc f() { go f() }\n"),
		"go/a_test.go":         file("package a\n"),
		"mutex/a.go":           file("package a\nimport \"sync\"\nvar m sync.Mutex\n"),
		"mutex/b.go":           file("package a\n"),
		"mutex/b_test.go":      file("package a\n"),
		"untested/a.go":        file("package a\nimport \"sync\"\nvar m sync.Mutex\n"),
		"plain/a.go":           file("package a // go f()\n"),
		"plain/a_test.go":      file("package a\nfunc f() { go f() }\n"),
		"tools/go.mod":         file("module t"),
		"tools/a.go":           file("package a\nfunc f() { go f() }\n"),
		"tools/a_test.go":      file("package a\n"),
		"go/testdata/x.go":     file("not go"),
		".hidden/x_test.go":    file("not go"),
		"mutex/testdata/y.txt": file(""),
	}
	var out strings.Builder
	if err := checks.RacePackages(module, &out); err != nil {
		t.Fatal(err)
	}
	if want := "./go\n./mutex\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if err := checks.RacePackages(fstest.MapFS{"a.go": file("no go")}, &out); err == nil {
		t.Error("a broken file was accepted")
	}
}

func TestDemo(t *testing.T) {
	systems := `,"systems":{"hubspot":{"reads":3,"writes":2},"salesforce":{"reads":3,"writes":1}}}`
	good := `{"people":10,"in_sync":7,"excluded":2,"quarantined":1,"pending":0,"dead":0,"second_cycle_writes":0` + systems
	tests := map[string]struct{ output, err string }{
		"good":         {"planning\n" + good + "\n", ""},
		"text":         {"done\n", "not a JSON object"},
		"empty":        {"", "not a JSON object"},
		"other object": {"{}", "missing"},
		"sum":          {strings.Replace(good, `"in_sync":7`, `"in_sync":6`, 1), "add up to 9 of 10"},
		"fewer people": {strings.NewReplacer(`"people":10`, `"people":9`, `"in_sync":7`, `"in_sync":6`).Replace(good), "10 people were asked for"},
		"dead":         {strings.NewReplacer(`"dead":0`, `"dead":1`, `"in_sync":7`, `"in_sync":6`).Replace(good), "1 dead"},
		"not at rest":  {strings.Replace(good, `"second_cycle_writes":0`, `"second_cycle_writes":4`, 1), "wrote 4 times"},
		"one-sided":    {strings.Replace(good, `"writes":1`, `"writes":0`, 1), "salesforce: 3 reads, 0 writes"},
	}
	for name, tt := range tests {
		var out strings.Builder
		err := checks.Demo(strings.NewReader(tt.output), "10", &out)
		if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error %v, want %q", name, err, tt.err)
		}
	}
	if err := checks.Demo(strings.NewReader(good), "many", &strings.Builder{}); err == nil {
		t.Error("a wrong number was accepted")
	}
}
