package soql

import "strings"

// Bounds is the least and greatest text a filter lets a field have; an empty
// end is open. It may be wider than the filter, never narrower.
type Bounds struct {
	Low, High string
}

// RangeOf returns the bounds a filter sets to a field, for the caller to find
// candidates by an index. canonical writes a literal as the field holds it and
// refuses those it cannot bound by.
func RangeOf(e Expr, field string, canonical func(Value) (string, bool)) Bounds {
	switch e := e.(type) {
	case *Compare:
		return compareRange(e, field, canonical)
	case *Logic:
		if len(e.Args) == 0 {
			return Bounds{}
		}
		join := both
		if e.Or {
			join = either
		}
		b := RangeOf(e.Args[0], field, canonical)
		for _, a := range e.Args[1:] {
			b = join(b, RangeOf(a, field, canonical))
		}
		return b
	}
	return Bounds{}
}

// either bounds what one of two filters lets pass.
func either(a, b Bounds) Bounds {
	if a.Low == "" || b.Low == "" {
		a.Low, b.Low = "", ""
	}
	if a.High == "" || b.High == "" {
		a.High, b.High = "", ""
	}
	return Bounds{Low: min(a.Low, b.Low), High: max(a.High, b.High)}
}

// both bounds what two filters let pass together.
func both(a, b Bounds) Bounds {
	out := Bounds{Low: max(a.Low, b.Low), High: a.High}
	if out.High == "" || (b.High != "" && b.High < out.High) {
		out.High = b.High
	}
	return out
}

func compareRange(c *Compare, field string, canonical func(Value) (string, bool)) Bounds {
	if !strings.EqualFold(c.Field.Path, field) || c.Sub != nil || len(c.Values) != 1 {
		return Bounds{}
	}
	s, ok := canonical(c.Values[0])
	if !ok {
		return Bounds{}
	}
	switch c.Op {
	case "=", "IN":
		return Bounds{Low: s, High: s}
	case ">", ">=":
		return Bounds{Low: s}
	case "<", "<=":
		return Bounds{High: s}
	}
	return Bounds{}
}

// Equals returns the literals a filter demands a field to be one of: the
// top-level = or IN on it. ok is false when there is none.
func Equals(e Expr, field string) (values []Value, ok bool) {
	switch e := e.(type) {
	case *Compare:
		if strings.EqualFold(e.Field.Path, field) && e.Sub == nil && (e.Op == "=" || e.Op == "IN") {
			return e.Values, true
		}
	case *Logic:
		if e.Or {
			return nil, false
		}
		for _, a := range e.Args {
			if values, ok = Equals(a, field); ok {
				return values, true
			}
		}
	}
	return nil, false
}
