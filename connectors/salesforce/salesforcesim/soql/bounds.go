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
		b := RangeOf(e.Args[0], field, canonical)
		for _, a := range e.Args[1:] {
			b = join(b, RangeOf(a, field, canonical), e.Or)
		}
		return b
	}
	return Bounds{}
}

func join(a, b Bounds, or bool) Bounds {
	if or {
		return Bounds{Low: outer(a.Low, b.Low, a.Low < b.Low), High: outer(a.High, b.High, a.High > b.High)}
	}
	out := Bounds{Low: max(a.Low, b.Low), High: a.High}
	if out.High == "" || (b.High != "" && b.High < out.High) {
		out.High = b.High
	}
	return out
}

func outer(a, b string, first bool) string {
	switch {
	case a == "" || b == "":
		return ""
	case first:
		return a
	}
	return b
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
