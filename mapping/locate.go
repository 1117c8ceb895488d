package mapping

import (
	"fmt"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/mapping/expression"
)

// located puts a mistake in an expression at its place in the file. Where the
// text is not written there as it is read (folded, escaped), the message says
// where in the expression it is.
func located(n diag.Node, m expression.Mistake) diag.Diagnostic {
	d := n.Errorf("%s", m.Summary)
	if m.Name != "" {
		d = d.WithNearest(m.Name, m.Known)
	}
	source := n.String()
	line := []rune(d.Source)
	start := d.Pos.Column - 1
	if start >= 0 && start < len(line) && strings.ContainsRune(`"'`, line[start]) {
		start++
	}
	if start >= 0 && start <= len(line) && strings.HasPrefix(string(line[start:]), source) {
		d.Pos.Column = start + 1 + m.At
		return d
	}
	if m.At > 0 {
		d.Summary = fmt.Sprintf("%s (%s)", d.Summary, within(source, m.At))
	}
	return d
}

// within names a place in a text.
func within(source string, at int) string {
	runes := []rune(source)
	head := string(runes[:min(at, len(runes))])
	line := strings.Count(head, "\n")
	column := len([]rune(head[strings.LastIndexByte(head, '\n')+1:]))
	if line == 0 {
		return fmt.Sprintf("at character %d of the expression", column+1)
	}
	return fmt.Sprintf("at line %d, character %d of the expression", line+1, column+1)
}
