// Package format reads and prints numbers, amounts of money, dates and
// instants in formats that are declared, never guessed.
//
// A number's format is an example of it, `1.234,56`; a date's is a pattern,
// `dd.mm.yyyy`. Alternatives are separated by ` | `: a text is read by every
// one of them, and where two read it differently it is refused. The first
// alternative is the one printed. The package is pure, and no error repeats the
// text that was read: it may be personal data.
package format

import (
	"errors"
	"fmt"
	"strings"
)

// ErrAmbiguous is wrapped by the error for a text that two alternatives of a
// format read differently.
var ErrAmbiguous = errors.New("the alternatives of the format read it differently")

// ErrNoMatch is wrapped by the error for a text that is not written in the
// declared format.
var ErrNoMatch = errors.New("not written in the declared format")

func mismatch(kind, declared, why string) error {
	if why == "" {
		return fmt.Errorf("no %s as in %q: %w", kind, declared, ErrNoMatch)
	}
	return fmt.Errorf("no %s as in %q: %s: %w", kind, declared, why, ErrNoMatch)
}

func alternatives(declared string) []string {
	var out []string
	for alternative := range strings.SplitSeq(declared, " | ") {
		out = append(out, strings.TrimSpace(alternative))
	}
	return out
}

// pick reads a text by every alternative and returns what they agree on.
func pick[F, T any](forms []F, read func(F) (T, error), same func(a, b T) bool) (T, error) {
	var found T
	var first error
	matched := false
	for _, f := range forms {
		v, err := read(f)
		switch {
		case err != nil:
			if first == nil {
				first = err
			}
		case matched && !same(found, v):
			var zero T
			return zero, ErrAmbiguous
		case !matched:
			found, matched = v, true
		}
	}
	if matched {
		return found, nil
	}
	return found, first
}

// plainSpaces replaces the spaces, apostrophes and minus signs typographers
// use by the ones a keyboard has.
func plainSpaces(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f', '\u2009', '\u2007':
			return ' '
		case '\u2019', '\u02bc':
			return '\''
		case '\u2212':
			return '-'
		}
		return r
	}, text))
}

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
