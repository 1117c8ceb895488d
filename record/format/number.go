package format

import (
	"strings"

	"github.com/shopspring/decimal"
)

// Number is a declared way of writing numbers. Make one with ParseNumber.
type Number struct {
	declared string
	forms    []form
}

// ParseNumber learns a format from an example, such as
//
//	1234.56        1.234,56       1 234.56       1'234.56      1.234.567
//	€ 3.500,00     12.50 USD      (12.00)        12.00-        12,5 %
//
// Thousands separators in the example may be used or left out in a text, a
// currency mark likewise, but neither may appear if the example has none.
// Brackets or a trailing minus in the example say how negatives are written (a
// leading minus is always understood). A percentage is read as the fraction it
// stands for: 12,5 % is 0.125. An example such as 1.234 is refused, since the
// point could be either separator.
func ParseNumber(example string) (Number, error) {
	n := Number{declared: example}
	for _, one := range alternatives(example) {
		f, err := learn(one)
		if err != nil {
			return Number{}, err
		}
		n.forms = append(n.forms, f)
	}
	return n, nil
}

// String returns the format as it was declared.
func (n Number) String() string { return n.declared }

// Parse reads a number exactly.
func (n Number) Parse(text string) (decimal.Decimal, error) {
	d, err := pick(n.forms, func(f form) (decimal.Decimal, error) { return f.parse(text) }, decimal.Decimal.Equal)
	if err != nil {
		return decimal.Decimal{}, fault("number", n.declared, err)
	}
	return d, nil
}

// Format prints a number exactly: with as many decimals as the example, or
// more where the number has more. A number with decimals cannot be printed in
// a format that has none.
func (n Number) Format(d decimal.Decimal) (string, error) {
	if len(n.forms) == 0 {
		return d.String(), nil
	}
	text, err := n.forms[0].write(d)
	if err != nil {
		return "", fault("number", n.declared, err)
	}
	return text, nil
}

func (f form) parse(text string) (decimal.Decimal, error) {
	text = plainSpaces(text)
	text, negative := f.cutBrackets(text)
	if f.percent {
		rest, found := strings.CutSuffix(text, "%")
		if !found {
			return decimal.Decimal{}, errWhy("the percent sign is missing")
		}
		text = strings.TrimSpace(rest)
	}
	if !negative {
		text, negative = f.cutSign(text)
	} else {
		text = f.cutMark(text)
	}
	digits, err := f.digits(text)
	if err != nil {
		return decimal.Decimal{}, err
	}
	d, err := decimal.NewFromString(digits)
	if err != nil {
		return decimal.Decimal{}, errWhy("not a number")
	}
	if negative {
		d = d.Neg()
	}
	if f.percent {
		d = d.Shift(-2)
	}
	return d, nil
}

func (f form) cutBrackets(text string) (inner string, negative bool) {
	if f.negative == brackets && strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		return strings.TrimSpace(text[1 : len(text)-1]), true
	}
	// the mark may stand outside the brackets: € (12,00)
	if bare := f.cutMark(text); f.negative == brackets && bare != text && strings.HasPrefix(bare, "(") && strings.HasSuffix(bare, ")") {
		return strings.TrimSpace(bare[1 : len(bare)-1]), true
	}
	return text, false
}

// cutSign removes sign and mark in whatever order they stand.
func (f form) cutSign(text string) (rest string, negative bool) {
	if rest, found := strings.CutSuffix(text, "-"); found && f.negative == trailing {
		return f.cutMark(strings.TrimSpace(rest)), true
	}
	rest = f.cutMark(text)
	signed, negative := strings.CutPrefix(rest, "-")
	if !negative {
		signed = strings.TrimPrefix(rest, "+")
	}
	if rest == text {
		signed = f.cutMark(strings.TrimSpace(signed))
	}
	return strings.TrimSpace(signed), negative
}

func (f form) cutMark(text string) string {
	if f.mark == "" {
		return text
	}
	if rest, found := strings.CutPrefix(text, f.mark); found {
		return strings.TrimSpace(rest)
	}
	if rest, found := strings.CutSuffix(text, f.mark); found {
		return strings.TrimSpace(rest)
	}
	return text
}

const maxDigits = 60 // far beyond any amount, and keeps arithmetic cheap

// ungroup takes out the thousands separators, which may be left out altogether
// but not stand anywhere else.
func (f form) ungroup(whole string) (plain string, inThrees bool) {
	if f.group == "" || !strings.Contains(whole, f.group) {
		return whole, true
	}
	parts := strings.Split(whole, f.group)
	inThrees = parts[0] != "" && len(parts[0]) <= 3
	for _, p := range parts[1:] {
		inThrees = inThrees && len(p) == 3
	}
	return strings.Join(parts, ""), inThrees
}

// digits turns the bare number into plain decimal notation.
func (f form) digits(text string) (string, error) {
	whole, decimals, hasDecimals := text, "", false
	if f.point != "" {
		whole, decimals, hasDecimals = strings.Cut(text, f.point)
	}
	if len(text) > maxDigits {
		return "", errWhy("too long")
	}
	whole, inThrees := f.ungroup(whole)
	if !inThrees {
		return "", errWhy("the thousands are not grouped in threes")
	}
	if !digitsOnly(whole) || !digitsOnly(decimals) || hasDecimals && decimals == "" || whole+decimals == "" {
		return "", errWhy("")
	}
	if !hasDecimals {
		return whole, nil
	}
	return "0" + whole + "." + decimals, nil
}

func (f form) write(d decimal.Decimal) (string, error) {
	if f.percent {
		d = d.Shift(2)
	}
	places := max(f.places, int(-d.Exponent()))
	text := d.Abs().StringFixed(int32(places)) //nolint:gosec // a decimal's exponent is an int32
	whole, decimals, _ := strings.Cut(text, ".")
	decimals = trimTo(decimals, f.places)
	if decimals != "" && f.point == "" {
		return "", errWhy("it has decimals and the format has none")
	}
	out := grouped(whole, f.group)
	if decimals != "" {
		out += f.point + decimals
	}
	if f.percent {
		out += f.gap + "%"
	}
	return f.sign(f.marked(out), d.IsNegative()), nil
}

// trimTo drops trailing zeros beyond the given number of places.
func trimTo(decimals string, places int) string {
	for len(decimals) > places && decimals[len(decimals)-1] == '0' {
		decimals = decimals[:len(decimals)-1]
	}
	return decimals
}

func (f form) marked(number string) string {
	switch {
	case f.mark == "":
		return number
	case f.markLast:
		return number + f.gap + f.mark
	default:
		return f.mark + f.gap + number
	}
}

func (f form) sign(text string, negative bool) string {
	switch {
	case !negative:
		return text
	case f.negative == brackets:
		return "(" + text + ")"
	case f.negative == trailing:
		return text + "-"
	default:
		return "-" + text
	}
}

func grouped(whole, separator string) string {
	if separator == "" || len(whole) <= 3 {
		return whole
	}
	first := len(whole) % 3
	parts := []string{}
	if first > 0 {
		parts = append(parts, whole[:first])
	}
	for i := first; i < len(whole); i += 3 {
		parts = append(parts, whole[i:i+3])
	}
	return strings.Join(parts, separator)
}
