package record

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

func kindNames() []string {
	return []string{
		"string", "text", "integer", "decimal", "money", "boolean", "date", "instant",
		"enum", "set", "phone", "email", "url", "country", "reference",
	}
}

// String returns the name of k as configuration files spell it.
func (k Kind) String() string {
	if names := kindNames(); int(k) < len(names) {
		return names[k]
	}
	return "kind(" + strconv.Itoa(int(k)) + ")"
}

// KindNames lists the names ParseKind knows.
func KindNames() []string { return kindNames() }

// ParseKind returns the kind of that name.
func ParseKind(name string) (Kind, bool) {
	for i, n := range kindNames() {
		if n == name {
			return Kind(i), true
		}
	}
	return String, false
}

// ParseError says that a text is no value of a kind. It never carries the
// text, which may be personal data.
type ParseError struct {
	Kind Kind
	Want string
}

// Error tells the kind and the form wanted.
func (e *ParseError) Error() string { return fmt.Sprintf("not a valid %s: want %s", e.Kind, e.Want) }

// Parse checks text from outside and returns it as a canonical value of kind
// k. Empty text is null. It accepts the canonical form and, for numbers and
// instants, any spelling of the same value in Go's syntax or RFC 3339; other
// formats are the business of package format and of mapping.
func Parse(k Kind, text string) (Value, error) {
	if text == "" {
		return NullOf(k), nil
	}
	switch k {
	case Integer:
		return parseInteger(text)
	case Decimal:
		return parseDecimal(text)
	case Money:
		return parseMoney(text)
	case Boolean:
		return parseBoolean(text)
	case Date:
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			return Value{}, &ParseError{k, "YYYY-MM-DD"}
		}
	case Instant:
		return parseInstant(text)
	case Set:
		return OfSet(strings.Split(text, setSeparator)...), nil
	case Email:
		if at := strings.LastIndexByte(text, '@'); at < 1 || at == len(text)-1 || strings.ContainsAny(text, " \t\r\n") {
			return Value{}, &ParseError{k, "name@domain"}
		}
	case URL:
		if u, err := url.Parse(text); err != nil || u.Scheme == "" {
			return Value{}, &ParseError{k, "an absolute URL"}
		}
	case Phone:
		return parsePhone(text)
	case Country:
		if len(text) != 2 || !capitals(text) {
			return Value{}, &ParseError{k, "a two-letter ISO 3166-1 code"}
		}
	case String, Text, Enum, Reference:
	}
	return Of(k, text), nil
}

func parseInteger(text string) (Value, error) {
	d, err := decimal.NewFromString(text)
	if err != nil || len(text) > 64 || d.Exponent() > 64 || d.Exponent() < -64 || !d.IsInteger() {
		return Value{}, &ParseError{Integer, "a whole number"}
	}
	return Of(Integer, d.StringFixed(0)), nil
}

func parseDecimal(text string) (Value, error) {
	d, err := decimal.NewFromString(text)
	if err != nil || len(text) > 64 || d.Exponent() > 64 || d.Exponent() < -64 {
		return Value{}, &ParseError{Decimal, "a number"}
	}
	return OfDecimal(d), nil
}

func parseMoney(text string) (Value, error) {
	v := Value{state: Present, kind: Money, text: text}
	minor, code, ok := v.Money()
	if !ok || len(code) != 3 || !capitals(code) {
		return Value{}, &ParseError{Money, "an ISO 4217 code and minor units"}
	}
	return OfMoney(minor, code), nil
}

func capitals(s string) bool { return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" }

func parseBoolean(text string) (Value, error) {
	switch strings.ToLower(text) {
	case "true", "1", "yes":
		return OfBool(true), nil
	case "false", "0", "no":
		return OfBool(false), nil
	default:
		return Value{}, &ParseError{Boolean, "true or false"}
	}
}

func parseInstant(text string) (Value, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700"} {
		if t, err := time.Parse(layout, text); err == nil && t.UTC().Year() >= 0 && t.UTC().Year() <= 9999 {
			return OfInstant(t), nil
		}
	}
	return Value{}, &ParseError{Instant, "RFC 3339, such as 2026-11-23T08:30:00Z"}
}

func parsePhone(text string) (Value, error) {
	digits := strings.TrimPrefix(text, "+")
	if digits == text || len(digits) < 3 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return Value{}, &ParseError{Phone, "E.164, such as +4930123456"}
	}
	return Of(Phone, text), nil
}
