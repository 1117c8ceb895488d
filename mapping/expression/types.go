package expression

import (
	"github.com/expr-lang/expr/types"

	"github.com/tandem-sync/tandem/record"
)

// Type is the static type of a field or a result. Every type includes null.
type Type uint8

// The types.
const (
	Any    Type = iota // known only when it runs
	Text               // string
	Whole              // int
	Number             // float64, exact to 15 digits
	Bool               // bool
	List               // list of texts
)

// String names the type in words fit for a message.
func (t Type) String() string {
	switch t {
	case Text:
		return "text"
	case Whole:
		return "a whole number"
	case Number:
		return "a number"
	case Bool:
		return "true or false"
	case List:
		return "a list"
	default:
		return "anything"
	}
}

func (t Type) checked() types.Type {
	switch t {
	case Text:
		return types.String
	case Whole:
		return types.Int
	case Number:
		return types.Float64
	case Bool:
		return types.Bool
	case List:
		return types.TypeOf([]string(nil))
	default:
		return types.Any
	}
}

// TypeOf returns the type that values of a kind have in an expression: dates
// and instants are ISO 8601 texts, money is a number of major units.
func TypeOf(k record.Kind) Type {
	switch k {
	case record.Integer:
		return Whole
	case record.Decimal, record.Money:
		return Number
	case record.Boolean:
		return Bool
	case record.Set:
		return List
	default:
		return Text
	}
}

// Scope is what an expression may use.
type Scope struct {
	// Fields are the fields it may read, with their types.
	Fields map[string]Type
	// Open allows fields that are not listed; their type is Any.
	Open bool
	// Picklists are the value maps of picklist(name, value).
	Picklists map[string]map[string]string
	// Labels give label(field, value): the label of each picklist value.
	Labels map[string]map[string]string
}

// Mistake is something wrong in the source.
type Mistake struct {
	At      int    // where, in characters from the start
	Summary string // what is wrong
	Name    string // the unknown name, if that is it
	Known   []string
}

// Error is a failure on one record. It never carries a value.
type Error struct {
	At   int // where in the source, in characters from its start; -1 if not known
	What string
}

// Error says what failed.
func (e *Error) Error() string { return "the expression failed: " + e.What }

func fail(what string) error { return &Error{At: -1, What: what} }
