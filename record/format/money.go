package format

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"
)

// Amount is an amount of money: whole minor units (cents, or what the currency
// has) and the ISO 4217 code.
type Amount struct {
	Minor    int64
	Currency string
}

// String returns the amount in major units, such as "EUR 3500.00".
func (a Amount) String() string {
	d, err := FromMinor(a.Minor, a.Currency)
	if err != nil {
		return fmt.Sprintf("%s %d minor units", a.Currency, a.Minor)
	}
	exponent, _ := MinorUnits(a.Currency)
	return a.Currency + " " + d.StringFixed(int32(exponent)) //nolint:gosec // at most 4
}

// Money is a declared way of writing amounts. Make one with ParseMoney.
type Money struct {
	number   Number
	currency string // "" when every text names its own
}

// ParseMoney learns a format from an example, as ParseNumber does, and the
// currency amounts are in. The currency may be left out where the example
// names one by its code or a sign that only one currency uses (€, £). With the
// code XXX in the example (`XXX 1,234.56`) every text names its own.
func ParseMoney(example, currency string) (Money, error) {
	number, err := ParseNumber(example)
	if err != nil {
		return Money{}, err
	}
	m := Money{number: number, currency: currency}
	for _, f := range number.forms {
		if f.percent {
			return Money{}, fmt.Errorf("the money format %q is a percentage", example)
		}
		if m.currency == "" && f.mark != "" {
			m.currency = currencyOf(f.mark)
		}
	}
	if m.currency == anyCurrency {
		m.currency = ""
		return m, nil
	}
	if m.currency == "" {
		return Money{}, fmt.Errorf("the money format %q does not say which currency: name it by its ISO 4217 code", example)
	}
	if _, known := MinorUnits(m.currency); !known {
		return Money{}, fmt.Errorf("%q is not an ISO 4217 currency code", m.currency)
	}
	for _, f := range number.forms {
		if f.mark != "" && !marks(f.mark, m.currency) {
			return Money{}, fmt.Errorf("the money format %q shows another currency than %s", example, m.currency)
		}
	}
	return m, nil
}

// String returns the format as it was declared.
func (m Money) String() string { return m.number.declared }

// Parse reads an amount exactly. A text may name its currency by code or sign,
// before or after the number; another currency than the declared one, more
// decimals than it has, and an amount beyond 64 bits are errors.
func (m Money) Parse(text string) (Amount, error) {
	read := func(f form) (Amount, error) { return m.read(f, plainSpaces(text)) }
	a, err := pick(m.number.forms, read, func(a, b Amount) bool { return a == b })
	if err != nil {
		return Amount{}, fault("amount", m.number.declared, err)
	}
	return a, nil
}

func (m Money) read(f form, text string) (Amount, error) {
	mark, bare := splitMark(text)
	currency := m.currency
	switch {
	case mark == "" && currency == "":
		return Amount{}, errWhy("the currency is missing")
	case mark != "" && currency == "":
		if currency = currencyOf(mark); currency == "" {
			return Amount{}, errWhy("the currency is not clear; use its ISO 4217 code")
		}
	case mark != "" && f.mark == "":
		return Amount{}, errWhy("")
	case mark != "" && !marks(mark, currency):
		return Amount{}, errWhy("it is in another currency than " + currency)
	}
	f.mark = ""
	d, err := f.parse(bare)
	if err != nil {
		return Amount{}, err
	}
	minor, err := ToMinor(d, currency)
	return Amount{Minor: minor, Currency: currency}, err
}

// Format prints an amount so that Parse reads it back. An amount in another
// currency than the declared one is an error.
func (m Money) Format(a Amount) (string, error) {
	if len(m.number.forms) == 0 || m.currency != "" && a.Currency != m.currency {
		return "", mismatch("amount", m.number.declared, "it is in another currency")
	}
	d, err := FromMinor(a.Minor, a.Currency)
	if err != nil {
		return "", err
	}
	f := m.number.forms[0]
	if m.currency == "" {
		f.mark = a.Currency
	}
	text, err := f.write(d)
	if err != nil {
		return "", fault("amount", m.number.declared, err)
	}
	return text, nil
}

// splitMark takes the currency mark off either end of a text, inside or
// outside sign and brackets.
func splitMark(text string) (mark, bare string) {
	isMark := func(r rune) bool { return unicode.IsLetter(r) || unicode.Is(unicode.Sc, r) }
	from := strings.IndexFunc(text, isMark)
	if from < 0 {
		return "", text
	}
	to := from + len(text[from:])
	if n := strings.IndexFunc(text[from:], func(r rune) bool { return !isMark(r) }); n >= 0 {
		to = from + n
	}
	before, after := text[:from], text[to:]
	if strings.IndexFunc(before, unicode.IsDigit) >= 0 && strings.IndexFunc(after, unicode.IsDigit) >= 0 {
		return "", text
	}
	return text[from:to], joined(before, after)
}

// joined puts the rest together; the space that separated the mark goes.
func joined(before, after string) string {
	return plainSpaces(strings.TrimRight(before, " ") + strings.TrimLeft(after, " "))
}

// ToMinor converts an exact number of major units to minor units. It never
// rounds: more decimals than the currency has are an error.
func ToMinor(d decimal.Decimal, currency string) (int64, error) {
	exponent, known := MinorUnits(currency)
	if !known {
		return 0, fmt.Errorf("%q is not an ISO 4217 currency code", currency)
	}
	minor := d.Shift(int32(exponent)) //nolint:gosec // at most 4
	if !minor.IsInteger() {
		return 0, fmt.Errorf("the amount has more than the %d decimals of %s", exponent, currency)
	}
	if !minor.BigInt().IsInt64() {
		return 0, fmt.Errorf("the amount is too large: %s amounts are kept in 64 bits of minor units", currency)
	}
	return minor.IntPart(), nil
}

// FromMinor converts minor units to an exact number of major units.
func FromMinor(minor int64, currency string) (decimal.Decimal, error) {
	exponent, known := MinorUnits(currency)
	if !known {
		return decimal.Decimal{}, fmt.Errorf("%q is not an ISO 4217 currency code", currency)
	}
	return decimal.New(minor, int32(-exponent)), nil //nolint:gosec // at most 4
}
