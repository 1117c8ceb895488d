package format

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

type negatives int

const (
	leading negatives = iota
	trailing
	brackets
)

// form is one alternative of a number format.
type form struct {
	point, group string // decimal and thousands separator; "" for none
	places       int    // decimals the example shows
	mark         string // currency sign or code
	markLast     bool
	gap          string // what stands between number and mark or percent sign
	percent      bool
	negative     negatives
}

// reason says why a text or example does not fit.
type reason string

// Error returns the reason.
func (r reason) Error() string { return string(r) }

func errWhy(why string) error { return reason(why) }

// fault turns what went wrong with one alternative into the error for callers.
func fault(kind, declared string, err error) error {
	if why, ok := errors.AsType[reason](err); ok {
		return mismatch(kind, declared, string(why))
	}
	return fmt.Errorf("no %s as in %q: %w", kind, declared, err)
}

// learn reads an example of a number.
func learn(example string) (form, error) {
	f := form{}
	bad := func(why string) (form, error) {
		return form{}, fmt.Errorf("the number format %q is not clear: %s", example, why)
	}
	text := plainSpaces(example)
	if strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		f.negative = brackets
		text = strings.TrimSpace(text[1 : len(text)-1])
	}
	if rest, found := strings.CutSuffix(text, "-"); found {
		f.negative = trailing
		text = strings.TrimSpace(rest)
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, "-"))
	from := strings.IndexFunc(text, unicode.IsDigit)
	to := strings.LastIndexFunc(text, unicode.IsDigit)
	if from < 0 {
		return bad("write an example such as 1.234,56")
	}
	before, number, after := text[:from], text[from:to+1], text[to+1:]
	f.readMarks(before, after)
	if strings.TrimSpace(before) != "" && strings.TrimSpace(after) != "" || !properMark(f.mark) {
		return bad("a number has at most one currency mark or percent sign")
	}
	if why := f.readSeparators(number); why != "" {
		return bad(why)
	}
	return f, nil
}

func (f *form) readMarks(before, after string) {
	switch {
	case strings.TrimSpace(after) == "%":
		f.percent = true
		f.gap = strings.TrimSuffix(after, "%")
	case strings.TrimSpace(after) != "":
		f.mark, f.markLast = strings.TrimSpace(after), true
		f.gap = after[:len(after)-len(strings.TrimLeft(after, " "))]
	case strings.TrimSpace(before) != "":
		f.mark = strings.TrimSpace(before)
		f.gap = before[len(strings.TrimRight(before, " ")):]
	}
}

func properMark(mark string) bool {
	for _, r := range mark {
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Sc, r) {
			return false
		}
	}
	return true
}

// readSeparators finds out which separator is which; it returns what is
// unclear, or "".
func (f *form) readSeparators(number string) string {
	var separators []string
	for _, r := range number {
		if r < '0' || r > '9' {
			separators = append(separators, string(r))
		}
	}
	if len(separators) == 0 {
		return ""
	}
	last := separators[len(separators)-1]
	tail := number[strings.LastIndex(number, last)+len(last):]
	switch first := separators[0]; {
	case first != last:
		f.group, f.point, f.places = first, last, len(tail)
	case len(separators) > 1 || !strings.Contains(".,", last):
		f.group = last
	case len(tail) == 3:
		return "the " + last + " could separate thousands or decimals; write 1" + last + "234" + last + "567 or give two decimals"
	default:
		f.point, f.places = last, len(tail)
	}
	if !strings.Contains(".,", f.point) || len(f.group) > 1 || !strings.Contains("., '_", f.group) {
		return "decimals follow a point or comma, thousands a point, comma, space, apostrophe or _"
	}
	if _, err := f.digits(number); err != nil {
		return "thousands are grouped in threes"
	}
	return ""
}
