// Package diag reads YAML into nodes that know where they were written, and
// describes mistakes in them the way a compiler does: with the place, the
// source line, a caret and, where one can be guessed, the word that was meant.
//
// Parsers report every problem they find in one List; nobody should have to
// correct a configuration one error at a time. The package does no I/O.
package diag

import (
	"fmt"
	"regexp"
	"strings"
)

// Severity says whether a diagnostic stops the configuration from being used.
type Severity int

// The severities, worst first.
const (
	Error Severity = iota
	Warning
)

// String returns the word printed in front of a summary.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Pos is a place in a file. Line and Column count from 1, columns in
// characters; a zero Line means the file as a whole.
type Pos struct {
	File         string
	Line, Column int
}

// String returns file:line:column, leaving out what is not known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Diagnostic is one problem with its place.
type Diagnostic struct {
	Severity Severity
	Pos      Pos
	Summary  string // what is wrong, without the place
	Hint     string // what to do about it, for example `did you mean "hubspot"?`
	Source   string // the source line as written, secrets masked
}

// String returns the diagnostic on one line.
func (d Diagnostic) String() string {
	var b strings.Builder
	if at := d.Pos.String(); at != "" {
		b.WriteString(at + ": ")
	}
	b.WriteString(d.Severity.String() + ": " + d.Summary)
	if d.Hint != "" {
		b.WriteString(" (" + d.Hint + ")")
	}
	return b.String()
}

// WithHint returns a copy of the diagnostic that carries the hint.
func (d Diagnostic) WithHint(format string, args ...any) Diagnostic {
	d.Hint = fmt.Sprintf(format, args...)
	return d
}

// WithNearest returns a copy whose hint asks whether the candidate nearest to
// name was meant; where none is near, the hint lists what is allowed.
func (d Diagnostic) WithNearest(name string, candidates []string) Diagnostic {
	if best := Nearest(name, candidates); best != "" {
		return d.WithHint("did you mean %q?", best)
	}
	const most = 12 // a longer list hides the message
	if n := len(candidates); n > 0 && n <= most {
		return d.WithHint("allowed: %s", strings.Join(candidates, ", "))
	}
	return d
}

var sensitive = regexp.MustCompile(
	`(?i)([\w-]*(?:secret|token|password|passphrase|passwd|private|credential|api_?key|signing_?key)[\w-]*["']?\s*:\s*)([^\s#].*)$`)

// maskSource hides what stands after a key that sounds like a secret: the line
// is printed exactly when something is wrong with it, for instance when the
// secret was written out under a misspelt key.
func maskSource(line string) string {
	at := sensitive.FindStringSubmatchIndex(line)
	if at == nil {
		return line
	}
	value := strings.Trim(line[at[4]:at[5]], `"' `)
	if strings.HasPrefix(value, "${") && strings.IndexByte(value, '}') == len(value)-1 {
		return line
	}
	return line[:at[4]] + "[redacted]"
}
