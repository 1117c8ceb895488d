package record

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// State tells which of the four states a value is in.
type State uint8

// The four states of a value.
const (
	Absent      State = iota // not read: neither changed nor written
	Null                     // read and empty, or cleared
	Placeholder              // written by us only because the system requires something; never read back
	Present                  // a value
)

// Kind is the type of a value.
type Kind uint8

// The kinds of values, with the canonical text each is kept as.
const (
	String    Kind = iota // one line of text
	Text                  // several lines of text
	Integer               // decimal digits with an optional minus sign
	Decimal               // plain decimal notation, no exponent, no trailing zeros
	Money                 // "EUR 350000": ISO 4217 code, a space, minor units
	Boolean               // "true" or "false"
	Date                  // "2026-11-23": a day, not an instant
	Instant               // RFC 3339 in UTC with as many decimals as needed
	Enum                  // one word of a list
	Set                   // several words, sorted, joined by U+001F
	Phone                 // E.164
	Email                 // an address as given; compared in its normal form
	URL                   // an absolute URL
	Country               // ISO 3166-1 alpha-2
	Reference             // the id of another record or entity
)

const setSeparator = "\x1f"

// Value is one immutable value in one of four states. Values are comparable:
// two values are the same exactly if == says so. The zero Value is absent.
type Value struct {
	state State
	kind  Kind
	text  string
}

// NullOf returns the cleared value of a kind.
func NullOf(k Kind) Value { return Value{state: Null, kind: k} }

// PlaceholderOf returns text marked as written only because a system requires
// something there.
func PlaceholderOf(k Kind, text string) Value { return Value{state: Placeholder, kind: k, text: text} }

// Of returns a present value of kind k from its canonical text. It does not
// check the text; use Parse for text from outside. Empty text is a present
// empty string only for String and Text; for every other kind it is null.
func Of(k Kind, text string) Value {
	if text == "" && k != String && k != Text {
		return NullOf(k)
	}
	return Value{state: Present, kind: k, text: text}
}

// OfString returns a present String value.
func OfString(s string) Value { return Value{state: Present, kind: String, text: s} }

// OfInt returns a present Integer value.
func OfInt(n int64) Value {
	return Value{state: Present, kind: Integer, text: strconv.FormatInt(n, 10)}
}

// OfBool returns a present Boolean value.
func OfBool(b bool) Value { return Value{state: Present, kind: Boolean, text: strconv.FormatBool(b)} }

// OfDecimal returns a present Decimal value in canonical form.
func OfDecimal(d decimal.Decimal) Value {
	return Value{state: Present, kind: Decimal, text: d.String()}
}

// OfInstant returns a present Instant value in UTC.
func OfInstant(t time.Time) Value {
	return Value{state: Present, kind: Instant, text: t.UTC().Format(time.RFC3339Nano)}
}

// OfDate returns a present Date value of the day t falls on in its own zone.
func OfDate(t time.Time) Value {
	return Value{state: Present, kind: Date, text: t.Format(time.DateOnly)}
}

// OfMoney returns a present Money value from minor units and an ISO 4217 code.
func OfMoney(minor int64, currency string) Value {
	return Value{state: Present, kind: Money, text: currency + " " + strconv.FormatInt(minor, 10)}
}

// OfSet returns a present Set value: members sorted, repeated ones once, empty
// ones dropped. No members is null.
func OfSet(members ...string) Value {
	kept := make([]string, 0, len(members))
	for _, m := range members {
		if m != "" {
			kept = append(kept, m)
		}
	}
	slices.Sort(kept)
	return Of(Set, strings.Join(slices.Compact(kept), setSeparator))
}

// State tells which of the four states v is in.
func (v Value) State() State { return v.state }

// Kind tells the type of v.
func (v Value) Kind() Kind { return v.kind }

// IsAbsent tells whether v was not read.
func (v Value) IsAbsent() bool { return v.state == Absent }

// IsNull tells whether v is cleared.
func (v Value) IsNull() bool { return v.state == Null }

// IsPresent tells whether v holds a value.
func (v Value) IsPresent() bool { return v.state == Present }

// Text returns the canonical text of a present or placeholder value, else "".
func (v Value) Text() string { return v.text }

// WithKind returns v as a value of another kind, its text untouched.
func (v Value) WithKind(k Kind) Value {
	if v.state == Absent {
		return v
	}
	v.kind = k
	return v
}

// Int returns the value of an Integer, and whether it is one that fits.
func (v Value) Int() (int64, bool) {
	n, err := strconv.ParseInt(v.text, 10, 64)
	return n, err == nil && v.state == Present
}

// Decimal returns the exact number of an Integer or Decimal.
func (v Value) Decimal() (decimal.Decimal, bool) {
	if v.state != Present {
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(v.text)
	return d, err == nil
}

// Bool returns the value of a Boolean, and whether it is one.
func (v Value) Bool() (value, ok bool) {
	return v.text == "true", v.state == Present && (v.text == "true" || v.text == "false")
}

// Time returns the instant of an Instant, or midnight UTC of a Date.
func (v Value) Time() (time.Time, bool) {
	if v.state != Present {
		return time.Time{}, false
	}
	layout := time.RFC3339Nano
	if v.kind == Date {
		layout = time.DateOnly
	}
	t, err := time.Parse(layout, v.text)
	return t, err == nil
}

// Money returns minor units and the ISO 4217 code of a Money value.
func (v Value) Money() (minor int64, currency string, ok bool) {
	code, digits, found := strings.Cut(v.text, " ")
	if !found || v.state != Present || v.kind != Money {
		return 0, "", false
	}
	minor, err := strconv.ParseInt(digits, 10, 64)
	return minor, code, err == nil
}

// Members returns the words of a Set in order; of any other present value,
// its text as the only member.
func (v Value) Members() []string {
	switch {
	case v.state != Present || v.text == "":
		return nil
	case v.kind == Set:
		return strings.Split(v.text, setSeparator)
	default:
		return []string{v.text}
	}
}

// String shows the state, and for a present value its kind only: a value may
// be personal data and must not reach a log by accident. Use Text to print it
// for the person who asked.
func (v Value) String() string {
	switch v.state {
	case Absent:
		return "absent"
	case Null:
		return "null"
	case Placeholder:
		return "placeholder"
	default:
		return "[" + v.kind.String() + "]"
	}
}
