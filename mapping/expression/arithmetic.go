package expression

import "math"

// operation computes with whole numbers where both are, else with floats; ok
// is false where a whole number would overflow.
type operation func(x, y float64, m, n int) (f float64, i int, ok bool)

func sub(x, y float64, m, n int) (float64, int, bool) {
	d := m - n
	return x - y, d, (d < m) == (n > 0)
}

func mul(x, y float64, m, n int) (float64, int, bool) {
	if m == 0 || n == 0 {
		return x * y, 0, true
	}
	p := m * n
	return x * y, p, p/n == m && (m != -1 || n != math.MinInt) && (n != -1 || m != math.MinInt)
}

func sum(x, y float64, m, n int) (float64, int, bool) {
	s := m + n
	return x + y, s, (s > m) == (n > 0)
}

// arithmetic makes an operator of numbers; null makes the result null.
func arithmetic(op operation) call {
	return func(b *budget, args []any) (any, error) {
		if args[0] == nil || args[1] == nil {
			return nil, b.spend(0)
		}
		x, first := numeric(args[0])
		y, second := numeric(args[1])
		if !first || !second {
			return nil, fail("a number is needed")
		}
		m, firstWhole := args[0].(int)
		n, secondWhole := args[1].(int)
		whole := firstWhole && secondWhole
		f, i, ok := op(x, y, m, n)
		if !whole {
			return f, b.spend(0)
		}
		if !ok {
			return nil, fail("a whole number becomes too large")
		}
		return i, b.spend(0)
	}
}

// add adds numbers and joins texts.
func add(b *budget, args []any) (any, error) {
	s, first := args[0].(string)
	t, second := args[1].(string)
	if first && second {
		if err := b.grow(len(s) + len(t)); err != nil {
			return nil, err
		}
		return s + t, nil
	}
	return arithmetic(sum)(b, args)
}

func divide(b *budget, args []any) (any, error) {
	x, first := numeric(args[0])
	y, second := numeric(args[1])
	switch {
	case args[0] == nil || args[1] == nil:
		return nil, b.spend(0)
	case !first || !second:
		return nil, fail("a number is needed")
	case y == 0:
		return nil, fail("division by zero")
	default:
		return x / y, b.spend(0)
	}
}

func modulo(b *budget, args []any) (any, error) {
	m, first := args[0].(int)
	n, second := args[1].(int)
	switch {
	case args[0] == nil || args[1] == nil:
		return nil, b.spend(0)
	case !first || !second:
		return nil, fail("% needs whole numbers")
	case n == 0:
		return nil, fail("division by zero")
	case n == -1: // the one case that overflows
		return 0, b.spend(0)
	default:
		return m % n, b.spend(0)
	}
}

func power(b *budget, args []any) (any, error) {
	x, first := numeric(args[0])
	y, second := numeric(args[1])
	switch {
	case args[0] == nil || args[1] == nil:
		return nil, b.spend(0)
	case !first || !second:
		return nil, fail("a number is needed")
	default:
		return math.Pow(x, y), b.spend(0)
	}
}

func negate(b *budget, args []any) (any, error) {
	return arithmetic(sub)(b, []any{zero(args[0]), args[0]})
}

func zero(like any) any {
	if _, ok := like.(int); ok {
		return 0
	}
	return 0.0
}

func same(b *budget, args []any) (any, error) { return args[0], b.spend(0) }
