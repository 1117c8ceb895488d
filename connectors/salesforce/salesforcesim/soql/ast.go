package soql

// Query is one parsed SELECT.
type Query struct {
	// Select are the columns, in order.
	Select []Item
	// From is the object, or of a child query the relationship.
	From Name
	// Alias is the name given to From, or empty.
	Alias string
	// Where is the filter, or nil.
	Where Expr
	// GroupBy are the grouping fields.
	GroupBy []Name
	// OrderBy are the sort keys.
	OrderBy []Order
	// Limit and Offset are -1 and 0 when not given.
	Limit, Offset int
	// Text is the query as it was written.
	Text string
}

// Name is a field path or object name with its place in the text.
type Name struct {
	Path string
	Pos  int
}

// Item is one column: a field, an aggregate, a child query or a TYPEOF.
type Item struct {
	// Field is the field selected, the argument of Func, or what TYPEOF names.
	Field Name
	// Func is the upper-case function, or empty.
	Func string
	// Alias names an aggregate column.
	Alias string
	// Child is the child query, or nil.
	Child *Query
	// Cases are the branches of a TYPEOF; Else its fields otherwise.
	Cases []TypeCase
	// Else are the fields of a TYPEOF for every other type.
	Else []Name
	// TypeOf says that this is a TYPEOF.
	TypeOf bool
}

// TypeCase is one WHEN of a TYPEOF.
type TypeCase struct {
	Object string
	Fields []Name
}

// Order is one sort key.
type Order struct {
	Field Name
	Desc  bool
	// NullsLast puts empty values last; first is the vendor's default.
	NullsLast bool
}

// Expr is a filter: *Logic, *Not or *Compare.
type Expr interface{ expr() }

// Logic joins filters, all of which or one of which must hold.
type Logic struct {
	Or   bool
	Args []Expr
}

// Not turns a filter round.
type Not struct{ Arg Expr }

// Compare tests one field.
type Compare struct {
	Field Name
	// Op is one of = != < <= > >= LIKE IN NOT IN INCLUDES EXCLUDES.
	Op string
	// Values is one value, or a list for IN, INCLUDES and EXCLUDES.
	Values []Value
	// Sub is the query of a semi-join, or nil.
	Sub *Query
}

func (*Logic) expr()   {}
func (*Not) expr()     {}
func (*Compare) expr() {}

// Kind is the kind of a literal or of a column.
type Kind int

// The kinds of literal and column.
const (
	Null Kind = iota
	String
	Number
	Boolean
	Date
	DateTime
	DateLiteral
	ID
	Multi
)

// Value is a literal.
type Value struct {
	Kind Kind
	// Text is the value: unescaped string, number, canonical date or instant,
	// or the upper-case name of a date literal.
	Text string
	// N is the number of a date literal such as LAST_N_DAYS:n.
	N   int
	Pos int
}

// HasAggregate reports whether any column is an aggregate.
func (q *Query) HasAggregate() bool {
	for _, it := range q.Select {
		if it.IsAggregate() {
			return true
		}
	}
	return false
}

// IsAggregate reports whether the column counts or sums rows.
func (it Item) IsAggregate() bool {
	switch it.Func {
	case "COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX":
		return true
	}
	return false
}
