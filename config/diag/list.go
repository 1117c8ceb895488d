package diag

import (
	"cmp"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// List collects diagnostics. It is an error once it holds one of severity
// Error; hand it on with Err, so that a list of warnings is not mistaken for a
// failure.
type List []Diagnostic

// Add appends diagnostics.
func (l *List) Add(problems ...Diagnostic) { *l = append(*l, problems...) }

// Errorf appends an error located at the node.
func (l *List) Errorf(at Node, format string, args ...any) { l.Add(at.Errorf(format, args...)) }

// Warnf appends a warning located at the node.
func (l *List) Warnf(at Node, format string, args ...any) { l.Add(at.Warnf(format, args...)) }

// HasErrors reports whether at least one diagnostic is an error.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Err returns the list as an error, or nil when it holds warnings at most.
func (l List) Err() error {
	if !l.HasErrors() {
		return nil
	}
	return l
}

// Error returns all diagnostics, one a line, sorted by place.
func (l List) Error() string {
	lines := make([]string, 0, len(l))
	for _, d := range l.Sorted() {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}

// Sorted returns a copy ordered by file, line, column, severity and text,
// without exact repetitions (an alias is visited wherever it is used).
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Summary, b.Summary),
		)
	})
	return slices.Compact(out)
}

// Render writes every diagnostic for people: place and summary, the source
// line, a caret under the column, and the hint.
func (l List) Render(w io.Writer) error {
	var b strings.Builder
	for _, d := range l.Sorted() {
		render(&b, d)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func render(b *strings.Builder, d Diagnostic) {
	hint := d.Hint
	d.Hint = ""
	b.WriteString(d.String() + "\n")
	if strings.TrimSpace(d.Source) != "" {
		line, caret := window(d.Source, d.Pos.Column)
		b.WriteString("    " + line + "\n")
		if d.Pos.Column > 0 {
			b.WriteString("    " + caret + "^\n")
		}
	}
	if hint != "" {
		b.WriteString("    " + hint + "\n")
	}
}

const shownColumns = 120

// window cuts a long line around the column and returns it with the padding
// that puts a caret under that column; tabs stay tabs, so that both line up.
func window(source string, column int) (line, padding string) {
	runes := []rune(strings.TrimRight(source, "\r\n\t "))
	at := min(max(column-1, 0), len(runes))
	from := 0
	if at > shownColumns-20 {
		from = at - shownColumns/2
	}
	to := min(from+shownColumns, len(runes))
	line = printable(string(runes[from:to]))
	padding = strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, string(runes[from:at]))
	if from > 0 {
		line, padding = "…"+line, " "+padding
	}
	if to < len(runes) {
		line += "…"
	}
	return line, padding
}

// printable drops control characters, which could otherwise drive the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0)) || r == utf8.RuneError {
			return '·'
		}
		return r
	}, s)
}
