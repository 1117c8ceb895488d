package expression

import (
	"math"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/format"
)

const exactDigits = 15 // what a float64 holds of any decimal number

// enter gives the value that stands for v in an expression. Anything but a
// present value is nil.
func enter(v record.Value) (any, error) {
	if !v.IsPresent() {
		return nil, nil
	}
	switch v.Kind() {
	case record.Integer:
		n, err := strconv.Atoi(v.Text())
		if err != nil {
			return nil, fail("a whole number is too large for an expression; map the field without one")
		}
		return n, nil
	case record.Decimal:
		d, ok := v.Decimal()
		if !ok {
			return nil, fail("a number is damaged")
		}
		return float(d)
	case record.Money:
		minor, code, ok := v.Money()
		if !ok {
			return nil, fail("an amount is damaged")
		}
		d, err := format.FromMinor(minor, code)
		if err != nil {
			return nil, fail("an amount has an unknown currency")
		}
		return float(d)
	case record.Boolean:
		return v.Text() == "true", nil
	case record.Set:
		members := v.Members()
		if len(members) > maxList {
			return nil, fail("a set has too many members")
		}
		return members, nil
	default:
		return v.Text(), nil
	}
}

func float(d decimal.Decimal) (any, error) {
	if d.NumDigits() > exactDigits {
		return nil, fail("a number has more than 15 digits, which an expression would round; map the field without one")
	}
	return d.InexactFloat64(), nil
}

// Decimal returns the number that an expression's float stands for: the
// nearest one of 15 digits, so that 0.1 + 0.2 is 0.3.
func Decimal(f float64) (decimal.Decimal, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return decimal.Zero, false
	}
	d, err := decimal.NewFromString(strconv.FormatFloat(f, 'g', exactDigits, 64))
	return d, err == nil
}

// leave checks a result: nil, string, int, float64, bool or []string.
func leave(v any) (any, error) {
	switch v := v.(type) {
	case nil, string, int, bool, []string:
		return v, nil
	case float64:
		if _, ok := Decimal(v); !ok {
			return nil, fail("the result is not a finite number")
		}
		return v, nil
	case []any:
		return texts(v)
	default:
		return nil, fail("the result is no value")
	}
}

// texts turns a list into texts; null members are dropped.
func texts(list []any) ([]string, error) {
	out := make([]string, 0, len(list))
	for _, item := range list {
		if item == nil {
			continue
		}
		s, ok := text(item)
		if !ok {
			return nil, fail("a list holds something other than texts")
		}
		out = append(out, s)
	}
	return out, nil
}

// text spells a scalar; ok is false for null and for lists.
func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case int:
		return strconv.Itoa(v), true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		d, ok := Decimal(v)
		return d.String(), ok
	default:
		return "", false
	}
}

// list spells a value as members: a list as it is, a scalar as its only one.
func list(v any) ([]string, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []string:
		return v, nil
	case []any:
		return texts(v)
	default:
		s, _ := text(v)
		return []string{s}, nil
	}
}
