package expression

import (
	"math"

	"github.com/shopspring/decimal"
)

func numberFunctions() []function {
	return []function{
		{
			"number",
			[]any{new(func(any, string) float64), new(func(any) float64)},
			toNumber,
			"number(text[, example])", `The number in a text, null if there is none; the example shows how it is written: "1.234,56".`,
		},
		{"int", []any{new(func(any) int)}, toInt, "int(value)", "A whole number, cut towards zero; null if there is none."},
		{
			"round",
			[]any{new(func(any, int) float64), new(func(any) float64)},
			round,
			"round(number[, decimals])", "Rounded, halves away from zero.",
		},
		{"abs", []any{new(func(any) float64)}, onNumber(math.Abs), "abs(number)", "Without its sign."},
		{"floor", []any{new(func(any) float64)}, onNumber(math.Floor), "floor(number)", "The next whole number below."},
		{"ceil", []any{new(func(any) float64)}, onNumber(math.Ceil), "ceil(number)", "The next whole number above."},
		{"min", []any{new(func(...any) float64)}, extreme(math.Min), "min(a, b, ...)", "The smallest; null ones are left out."},
		{"max", []any{new(func(...any) float64)}, extreme(math.Max), "max(a, b, ...)", "The largest; null ones are left out."},
		{
			"format_number",
			[]any{new(func(any, string) string)},
			formatNumber,
			"format_number(number, example)", `The number written like the example: "1.234,56".`,
		},
	}
}

// numeric returns a number; ok is false for everything else.
func numeric(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	default:
		return 0, false
	}
}

func onNumber(f func(float64) float64) call {
	return func(b *budget, args []any) (any, error) {
		n, ok := numeric(args[0])
		if !ok {
			return nil, b.spend(0)
		}
		return f(n), b.spend(0)
	}
}

func extreme(pick func(x, y float64) float64) call {
	return func(b *budget, args []any) (any, error) {
		var best any
		for _, v := range args {
			n, ok := numeric(v)
			if !ok {
				continue
			}
			if sofar, ok := best.(float64); ok {
				n = pick(sofar, n)
			}
			best = n
		}
		return best, b.spend(len(args))
	}
}

func toNumber(b *budget, args []any) (any, error) {
	if n, ok := numeric(args[0]); ok {
		return n, b.spend(0)
	}
	s, ok := argument(args, 0)
	if err := b.spend(len(s)); err != nil || !ok || len(s) > 100 {
		return nil, err
	}
	d, err := decimal.NewFromString(s)
	if example, given := argument(args, 1); given {
		d, err = b.numbers[example].Parse(s)
	}
	if err != nil || d.Exponent() > exactDigits || d.Exponent() < -100 {
		return nil, nil //nolint:nilerr // a text that is no number gives null, as documented
	}
	return float(d)
}

func toInt(b *budget, args []any) (any, error) {
	v, err := toNumber(b, args[:1])
	n, ok := v.(float64)
	if err != nil || !ok {
		return nil, err
	}
	if i, exact := args[0].(int); exact {
		return i, nil
	}
	if math.Abs(n) >= 1<<53 {
		return nil, fail("a number is too large for int")
	}
	return int(n), nil
}

func round(b *budget, args []any) (any, error) {
	n, ok := numeric(args[0])
	places, err := whole(args, 1, 0)
	if err != nil || !ok {
		return nil, err
	}
	if places < -exactDigits || places > exactDigits {
		return nil, fail("round takes -15 to 15 decimals")
	}
	d, ok := Decimal(n)
	if !ok {
		return nil, fail("a number is not finite")
	}
	return d.Round(int32(places)).InexactFloat64(), b.spend(0)
}

func formatNumber(b *budget, args []any) (any, error) {
	n, ok := numeric(args[0])
	if !ok {
		return nil, b.spend(0)
	}
	d, ok := Decimal(n)
	if !ok {
		return nil, fail("a number is not finite")
	}
	s, err := b.numbers[or(args, 1, "")].Format(d)
	if err != nil {
		return nil, fail("format_number: the number cannot be written like the example")
	}
	return s, b.grow(len(s))
}
