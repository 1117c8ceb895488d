package expression

import (
	"cmp"
	"math"
	"strings"
	"time"
)

// operators are the functions that stand for operators: null in, null out;
// where true or false is asked for, null is false.
func operators() map[string]call {
	return map[string]call{
		"true": isTrue, "list": toList, "at": at, "slice": slice,
		"unary !": not, "unary not": not, "unary -": negate, "unary +": same,
		"+": add, "-": arithmetic(sub), "*": arithmetic(mul), "/": divide, "%": modulo, "**": power, "^": power,
		"==": equal, "!=": unequal,
		"<":          compare(func(c int) bool { return c < 0 }),
		"<=":         compare(func(c int) bool { return c <= 0 }),
		">":          compare(func(c int) bool { return c > 0 }),
		">=":         compare(func(c int) bool { return c >= 0 }),
		"in":         func(b *budget, args []any) (any, error) { return member(b, args[0], args[1]) },
		"contains":   func(b *budget, args []any) (any, error) { return has(b, args) },
		"startsWith": onTexts(strings.HasPrefix), "endsWith": onTexts(strings.HasSuffix), "matches": matches,
	}
}

func isTrue(b *budget, args []any) (any, error) {
	switch v := args[0].(type) {
	case bool:
		return v, b.spend(0)
	case nil:
		return false, b.spend(0)
	default:
		return nil, fail("a condition is neither true nor false")
	}
}

func toList(b *budget, args []any) (any, error) {
	if _, ok := args[0].(string); ok {
		return nil, fail("a list is needed, not a text")
	}
	members, err := list(args[0])
	if err != nil {
		return nil, err
	}
	if len(members) > maxList {
		return nil, fail("a list is too long")
	}
	return members, b.spend(len(members))
}

func slice(b *budget, args []any) (any, error) {
	from, err := whole(args, 1, 0)
	if err != nil {
		return nil, err
	}
	to, err := whole(args, 2, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	if args[0] == nil {
		return nil, nil
	}
	if s, ok := args[0].(string); ok {
		runes := []rune(s)
		from, to = bounds(from, to, len(runes))
		return string(runes[from:to]), b.spend(len(s))
	}
	members, err := list(args[0])
	if err != nil {
		return nil, err
	}
	from, to = bounds(from, to, len(members))
	return members[from:to], b.spend(len(members))
}

// bounds brings a slice's ends inside 0 to size; negative ones count from the
// end.
func bounds(from, to, size int) (low, high int) {
	if from < 0 {
		from += size
	}
	if to < 0 {
		to += size
	}
	low = min(max(from, 0), size)
	return low, max(low, min(max(to, 0), size))
}

func not(b *budget, args []any) (any, error) {
	switch v := args[0].(type) {
	case bool:
		return !v, b.spend(0)
	case nil:
		return nil, b.spend(0)
	default:
		return nil, fail("not needs true or false")
	}
}

func equal(b *budget, args []any) (any, error) {
	x, y := args[0], args[1]
	if x == nil || y == nil {
		return x == nil && y == nil, b.spend(0)
	}
	if _, ok := x.(bool); ok {
		return x == y, b.spend(0)
	}
	c, ok, err := order(b, x, y)
	if err != nil {
		return nil, err
	}
	if ok {
		return c == 0, nil
	}
	return sameMembers(b, x, y)
}

func sameMembers(b *budget, x, y any) (any, error) {
	left, err := list(x)
	if err != nil {
		return nil, err
	}
	right, err := list(y)
	if err != nil || len(left) != len(right) {
		return false, err
	}
	for i := range left {
		if err := b.spend(len(left[i])); err != nil {
			return nil, err
		}
		if left[i] != right[i] {
			return false, nil
		}
	}
	return true, nil
}

func unequal(b *budget, args []any) (any, error) {
	v, err := equal(b, args)
	return v == false, err
}

func compare(holds func(int) bool) call {
	return func(b *budget, args []any) (any, error) {
		if args[0] == nil || args[1] == nil {
			return false, b.spend(0)
		}
		c, ok, err := order(b, args[0], args[1])
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fail("values of different types cannot be ordered")
		}
		return holds(c), nil
	}
}

// order compares two numbers or two texts; instants compare by time.
func order(b *budget, x, y any) (c int, ok bool, err error) {
	if m, isInt := x.(int); isInt {
		if n, both := y.(int); both {
			return cmp.Compare(m, n), true, b.spend(0)
		}
	}
	if m, isNumber := numeric(x); isNumber {
		n, both := numeric(y)
		return cmp.Compare(m, n), both, b.spend(0)
	}
	s, first := x.(string)
	t, second := y.(string)
	if !first || !second {
		return 0, false, b.spend(0)
	}
	if looksInstant(s) && looksInstant(t) {
		from, err1 := time.Parse(time.RFC3339Nano, s)
		to, err2 := time.Parse(time.RFC3339Nano, t)
		if err1 == nil && err2 == nil {
			return from.Compare(to), true, b.spend(len(s))
		}
	}
	return strings.Compare(s, t), true, b.spend(min(len(s), len(t)))
}

func looksInstant(s string) bool {
	return len(s) >= len("2006-01-02T15:04:05Z") && len(s) <= len(time.RFC3339Nano) && s[10] == 'T'
}

func onTexts(holds func(s, part string) bool) call {
	return func(b *budget, args []any) (any, error) {
		s, first := argument(args, 0)
		part, second := argument(args, 1)
		return first && second && holds(s, part), b.spend(len(part))
	}
}

func matches(b *budget, args []any) (any, error) {
	s, ok := argument(args, 0)
	source, _ := argument(args, 1)
	p, compiled := b.patterns[source]
	if !ok || !compiled {
		return false, b.spend(0)
	}
	if err := b.spend(len(s) * p.cost); err != nil {
		return nil, err
	}
	return p.re.MatchString(s), nil
}
