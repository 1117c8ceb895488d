// Package checks holds the judgements continuous integration makes that a shell
// makes badly.
package checks

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// event is a line of `go test -json`.
type event struct {
	Action     string  `json:"Action"`
	Package    string  `json:"Package"`
	ImportPath string  `json:"ImportPath"` // of what is built, in place of Package
	Test       string  `json:"Test"`
	Output     string  `json:"Output"`
	Elapsed    float64 `json:"Elapsed"`
}

// testLog follows one run of go test.
type testLog struct {
	out, skipped io.Writer
	output       map[string][]string // by package and test
	failures     int
	tests        int
}

// Tests reads the output of `go test -json`. It writes a line for each package
// and the output of what failed, and to skipped a line for each skipped test
// with its reason. The error says how much failed; lines that are no JSON, such
// as a package that does not compile, are passed on and count as failures if
// nothing else does.
func Tests(in io.Reader, out, skipped io.Writer) error {
	l := testLog{out: out, skipped: skipped, output: map[string][]string{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	events := 0
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Action == "" {
			l.printf("%s\n", lines.Text())
			continue
		}
		events++
		l.take(e)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading the test log: %w", err)
	}
	l.printf("%d tests\n", l.tests)
	switch {
	case events == 0:
		return errors.New("no tests ran")
	case l.failures > 0:
		return fmt.Errorf("%d tests or packages failed", l.failures)
	}
	return nil
}

// printf writes a line for people; a terminal that is gone changes no verdict.
func (l *testLog) printf(format string, args ...any) { _, _ = fmt.Fprintf(l.out, format, args...) }

func (l *testLog) take(e event) {
	key := e.Package + e.ImportPath + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		l.output[key] = append(l.output[key], e.Output)
	case "build-fail":
		l.failures++
		l.printf("%s", strings.Join(l.output[key], ""))
	case "fail":
		l.failures++
		l.printf("FAIL %s (%.1f s)\n%s", strings.TrimSpace(key), e.Elapsed, strings.Join(l.output[key], ""))
	case "skip":
		l.skip(e, key)
	case "pass":
		if e.Test == "" {
			l.printf("ok   %s (%.1f s)\n", e.Package, e.Elapsed)
		}
	}
	if e.Test != "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip") {
		l.tests++
		delete(l.output, key)
	}
}

func (l *testLog) skip(e event, key string) {
	if e.Test == "" {
		return // a package without tests
	}
	reason := "no reason given"
	for _, line := range l.output[key] {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "=== ") && !strings.HasPrefix(line, "--- ") {
			reason = line
		}
	}
	_, _ = fmt.Fprintf(l.skipped, "%s %s: %s\n", e.Package, e.Test, reason)
}
