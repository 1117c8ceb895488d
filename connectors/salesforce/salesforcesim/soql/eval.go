package soql

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Column is a field the caller found: what it is and how a row's value of it
// is read.
type Column[R any] struct {
	Kind Kind
	// TypeName is the vendor's name of the type, for refusals.
	TypeName string
	// Get returns the canonical text; false means empty.
	Get func(R) (string, bool)
	// Millis, when set, reads an instant without writing it as text first.
	Millis func(R) int64
}

// Env is what a filter is compiled against.
type Env[R any] struct {
	// Text is the query, for refusals.
	Text string
	// Now decides what the date literals mean.
	Now time.Time
	// Resolve finds a field.
	Resolve func(Name) (Column[R], error)
	// Sub runs the query of a semi-join and returns its values in lower case.
	Sub func(*Query) (map[string]bool, error)
}

// Compile turns a filter into a test of rows. A nil filter lets all pass.
func Compile[R any](e Expr, env Env[R]) (func(R) bool, error) {
	switch e := e.(type) {
	case nil:
		return func(R) bool { return true }, nil
	case *Not:
		arg, err := Compile(e.Arg, env)
		return func(r R) bool { return !arg(r) }, err
	case *Logic:
		return compileLogic(e, env)
	case *Compare:
		return compileCompare(e, env)
	}
	return nil, fmt.Errorf("filter of unknown type %T", e)
}

func compileLogic[R any](e *Logic, env Env[R]) (func(R) bool, error) {
	args := make([]func(R) bool, len(e.Args))
	for i, a := range e.Args {
		arg, err := Compile(a, env)
		if err != nil {
			return nil, err
		}
		args[i] = arg
	}
	return func(r R) bool {
		for _, arg := range args {
			if arg(r) == e.Or {
				return e.Or
			}
		}
		return !e.Or
	}, nil
}

func compileCompare[R any](c *Compare, env Env[R]) (func(R) bool, error) {
	col, err := env.Resolve(c.Field)
	if err != nil {
		return nil, err
	}
	if c.Sub != nil {
		set, err := env.Sub(c.Sub)
		return inSet(col, set, c.Op == "NOT IN"), err
	}
	for _, v := range c.Values {
		if err := checkType(c, col.Kind, col.TypeName, v, env.Text); err != nil {
			return nil, err
		}
	}
	switch c.Op {
	case "IN", "NOT IN":
		set, err := literals(c, col.Kind)
		return inSet(col, set, c.Op == "NOT IN"), err
	case "INCLUDES", "EXCLUDES":
		return includes(c, col), nil
	case "LIKE":
		return like(c, col), nil
	}
	return ordered(c, col, env.Now)
}

func inSet[R any](col Column[R], set map[string]bool, not bool) func(R) bool {
	return func(r R) bool {
		return set[col.folded(r)] != not
	}
}

// nothing stands for an empty value in a set; no text can be equal to it.
const nothing = "\x00"

// folded returns a row's value as sets and equality take it.
func (c Column[R]) folded(r R) string {
	s, ok := c.Get(r)
	if !ok {
		return nothing
	}
	return fold(c.Kind, s)
}

func fold(k Kind, s string) string {
	switch k {
	case String, Multi:
		return strings.ToLower(s)
	case Number:
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
	default: // the others are compared as they stand
	}
	return s
}

func literals(c *Compare, k Kind) (map[string]bool, error) {
	set := make(map[string]bool, len(c.Values))
	for _, v := range c.Values {
		text, err := literal(c, k, v)
		if err != nil {
			return nil, err
		}
		set[text] = true
	}
	return set, nil
}

func literal(c *Compare, k Kind, v Value) (string, error) {
	if v.Kind == Null || v.Text == "" {
		return nothing, nil
	}
	if k == ID {
		id, ok := ID18(v.Text)
		if !ok {
			return "", &Error{Code: "INVALID_QUERY_FILTER_OPERATOR", Message: "invalid ID field: " + v.Text}
		}
		return fold(k, id), nil
	}
	return fold(k, v.Text), nil
}

func checkType(c *Compare, k Kind, typeName string, v Value, text string) error {
	ok := v.Kind == Null || v.Kind == k ||
		(v.Kind == String && (k == ID || k == Multi)) ||
		(v.Kind == DateLiteral && (k == Date || k == DateTime))
	if ok {
		return nil
	}
	quotes := "should not be enclosed in quotes"
	if k == String || k == ID || k == Multi {
		quotes = "should be enclosed in quotes"
	}
	return ErrorAt("INVALID_FIELD", text, c.Field.Pos, fmt.Sprintf("value of filter criterion for field '%s' must be of type %s and %s", c.Field.Path, typeName, quotes))
}
