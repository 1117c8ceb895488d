// Package expression compiles and runs the small expressions of a
// configuration: `lower(trim(email))`, `score > 50 ? "hot" : "cold"`.
//
// The language is expr-lang/expr with guards around it. Every field may be
// null: operators and functions give null, or false where a condition is asked
// for, and never panic. Only an allow-list of the syntax tree passes; loops
// cannot nest; source, nodes, steps and bytes are bounded, so that no
// expression can hold up or exhaust the process. It is pure: no clock, no
// environment, no host code.
package expression

// Bounds. What is refused at compile time is far beyond any sensible
// expression; what is refused at run time is an error of that one record.
const (
	maxSource  = 4000      // characters of an expression
	maxNodes   = 500       // nodes of its syntax tree
	maxDepth   = 60        // nesting of it
	maxPattern = 200       // characters of a regular expression
	maxProgram = 400       // instructions of a compiled regular expression
	maxList    = 1000      // members of a list
	maxText    = 256 << 10 // bytes of one text made
	maxBytes   = 2 << 20   // bytes touched in one evaluation
	maxCalls   = 50_000    // operators and functions run in one evaluation
	maxMemory  = 10_000    // elements the machine itself may allocate
)
