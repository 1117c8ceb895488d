package mapping

import (
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
)

// Options say how a map is compiled.
type Options struct {
	// Create says that records may be created in the system, so that each field
	// it requires needs an out side.
	Create bool
	// Degrade turns a field that the system no longer has into a warning: its
	// entries are left out and the others go on.
	Degrade bool
	// Picklists are named value maps that entries and expressions refer to:
	// picklists: {status: {NEW: new, OPEN: working}}.
	Picklists diag.Node
}

// Reason says in one word why a field could not be mapped; problems of one
// field with one reason share their cause and its remedy.
type Reason string

// The reasons.
const (
	Invalid    Reason = "invalid"     // the value is none of the kind, or not in the declared format
	Unmapped   Reason = "unmapped"    // the value map has no entry for it
	NotOffered Reason = "not_offered" // the system's picklist does not offer it
	TooLong    Reason = "too_long"    // longer than the other side accepts
	Currency   Reason = "currency"    // no currency, or another one than declared
	Failed     Reason = "failed"      // the expression failed on this record
)

// Problem is one field of one record that could not be mapped. It holds no
// value, so it may be logged.
type Problem struct {
	Field  string // the canonical field, "" if the entry has none
	Remote string // the remote field, "" if the entry has none
	Reason Reason
	Err    error
}

// Error says which field and why.
func (p Problem) Error() string {
	return p.where() + ": " + p.Err.Error()
}

// Unwrap returns the cause.
func (p Problem) Unwrap() error { return p.Err }

func (p Problem) where() string {
	switch {
	case p.Field == "":
		return "remote field " + p.Remote
	case p.Remote == "" || p.Remote == p.Field:
		return "field " + p.Field
	default:
		return "field " + p.Field + " (remote " + p.Remote + ")"
	}
}

// Entry describes one entry of a map, for plans, checks and documentation.
type Entry struct {
	Field       string   // the canonical field, "" if only remote
	Remote      string   // the remote field, "" if only canonical
	In, Out     bool     // the directions it works in
	InReads     []string // remote fields the in side reads
	OutReads    []string // canonical fields the out side reads
	RewriteForm bool     // the remote form is to be rewritten even if the meaning is the same
	Placeholder bool     // the out side may write a placeholder
	InRule      string   // how, in a few words: "mirror", "decimal to money", "values", or the expression
	OutRule     string
}

// Line is one step of the explanation of one record.
type Line struct {
	Field  string
	Remote string
	Out    bool   // false: remote to canonical; true: canonical to remote
	Step   string // "raw", a function call as written, "values", "convert", "result"
	Value  record.Value
	Err    error // why the step gave nothing
}
