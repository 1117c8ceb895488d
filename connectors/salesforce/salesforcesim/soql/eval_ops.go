package soql

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

func ordered[R any](c *Compare, col Column[R], now time.Time) (func(R) bool, error) {
	v := c.Values[0]
	if v.Kind == DateLiteral {
		return inSpan(c.Op, col, v, now), nil
	}
	if col.Millis != nil && v.Kind == DateTime {
		t, _ := ReadInstant(v.Text)
		want := t.UnixMilli()
		return func(r R) bool { return holds(c.Op, cmp.Compare(col.Millis(r), want)) }, nil
	}
	want, err := literal(c, col.Kind, v)
	if err != nil {
		return nil, err
	}
	if c.Op == "=" || c.Op == "!=" {
		return func(r R) bool {
			return (col.folded(r) == want) == (c.Op == "=")
		}, nil
	}
	return func(r R) bool {
		s, ok := col.Get(r)
		return ok && want != nothing && holds(c.Op, Order2(col.Kind, s, want))
	}, nil
}

// Order2 compares two canonical texts of a kind.
func Order2(k Kind, a, b string) int {
	switch k {
	case Number:
		x, _ := strconv.ParseFloat(a, 64)
		y, _ := strconv.ParseFloat(b, 64)
		return cmp.Compare(x, y)
	case String, Multi:
		return strings.Compare(strings.ToLower(a), strings.ToLower(b))
	default:
		return strings.Compare(a, b)
	}
}

func holds(op string, c int) bool {
	switch op {
	case "=":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

func inSpan[R any](op string, col Column[R], v Value, now time.Time) func(R) bool {
	from, to := span(v, now)
	lo, hi := Canonical(from), Canonical(to)
	if col.Kind == Date {
		lo, hi = from.Format(DateLayout), to.Format(DateLayout)
	}
	return func(r R) bool {
		s, ok := col.Get(r)
		switch {
		case !ok:
			return op == "!="
		case op == "=":
			return s >= lo && s < hi
		case op == "!=":
			return s < lo || s >= hi
		case op == "<":
			return s < lo
		case op == "<=":
			return s < hi
		case op == ">":
			return s >= hi
		}
		return s >= lo
	}
}

func like[R any](c *Compare, col Column[R]) func(R) bool {
	pattern := []rune(strings.ToLower(c.Values[0].Text))
	return func(r R) bool {
		s, ok := col.Get(r)
		return ok && matchLike(pattern, []rune(strings.ToLower(s)))
	}
}

// matchLike is linear in the text for each %: it goes back to the last % only.
func matchLike(p, s []rune) bool {
	i, j, star, mark := 0, 0, -1, 0
	for j < len(s) {
		if n := matchOne(p[i:], s[j]); n > 0 {
			i, j = i+n, j+1
			continue
		}
		if i < len(p) && p[i] == '%' {
			star, mark = i, j
			i++
			continue
		}
		if star < 0 {
			return false
		}
		mark++
		i, j = star+1, mark
	}
	for i < len(p) && p[i] == '%' {
		i++
	}
	return i == len(p)
}

// matchOne returns how many pattern runes match this one rune; 0 is none.
func matchOne(p []rune, r rune) int {
	switch {
	case len(p) == 0 || p[0] == '%':
		return 0
	case p[0] == 0 && len(p) > 1:
		if p[1] == r {
			return 2
		}
		return 0
	case p[0] == '_' || p[0] == r:
		return 1
	}
	return 0
}

// includes tests a set of picked values: 'a;b' asks for both, a list for any.
func includes[R any](c *Compare, col Column[R]) func(R) bool {
	return func(r R) bool {
		s, _ := col.Get(r)
		held := strings.Split(strings.ToLower(s), ";")
		for _, v := range c.Values {
			if hasAll(held, strings.Split(strings.ToLower(v.Text), ";")) {
				return c.Op == "INCLUDES"
			}
		}
		return c.Op == "EXCLUDES"
	}
}

func hasAll(held, wanted []string) bool {
	for _, w := range wanted {
		found := false
		for _, h := range held {
			found = found || h == w
		}
		if !found {
			return false
		}
	}
	return true
}
