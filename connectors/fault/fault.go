// Package fault classifies what goes wrong when talking to a remote system:
// would the same call work later, and how far does the trouble reach. Every
// connector answers with these; only the core decides what to do about them.
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Class says whether and when the same call could work.
type Class uint8

// The classes of faults.
const (
	Unclassified   Class = iota // treated as Transient, but counted: a connector should know better
	Transient                   // the system or the way to it failed; again after a wait
	RateLimited                 // again at Until, or after a growing wait
	Exhausted                   // a quota for the day or period is used up; again at Until
	Locked                      // the row or its parent is being written by others; again soon, in a smaller batch
	Auth                        // the credentials are refused; a person must act
	Permission                  // the credentials lack a scope or right; a person must act
	Invalid                     // the system refuses this content; the same content never works
	Conflict                    // another record holds the unique value; Existing names it where the system tells
	Stale                       // the record changed since it was read; read again
	Missing                     // no such record, or none we may see
	Merged                      // the record was merged or converted into Existing
	Unsupported                 // the system or the connector cannot do this
	Expired                     // the cursor, locator or job is no longer known; begin again from the last durable one
	Malformed                   // the reply cannot be understood, or breaks a limit
	Forbidden                   // our own rules stop it: a foreign origin, a private address, a foreign account
	Canceled                    // we were told to stop
	OutcomeUnknown              // the call may or may not have taken effect
)

func classNames() []string {
	return []string{
		"unclassified", "transient", "rate_limited", "exhausted", "locked", "auth", "permission", "invalid", "conflict",
		"stale", "missing", "merged", "unsupported", "expired", "malformed", "forbidden", "canceled", "outcome_unknown",
	}
}

// String returns the name of c as metrics and documents spell it.
func (c Class) String() string {
	if names := classNames(); int(c) < len(names) {
		return names[c]
	}
	return "unclassified"
}

// Later tells whether the same call may work later without a person acting.
func (c Class) Later() bool {
	switch c {
	case Unclassified, Transient, RateLimited, Exhausted, Locked, Stale, Expired, Malformed, Canceled, OutcomeUnknown:
		return true
	case Auth, Permission, Invalid, Conflict, Missing, Merged, Unsupported, Forbidden:
		return false
	}
	return false
}

// Scope says how far a fault reaches.
type Scope uint8

// The scopes of faults, from the smallest.
const (
	ScopeCall   Scope = iota // this call only
	ScopeField               // one field of one row
	ScopeRow                 // one row
	ScopeBatch               // the rows sent together; splitting may find the culprit
	ScopeObject              // every call for this object
	ScopeSystem              // every call to this system
)

// Error is a classified fault. Its texts are made by us or cleaned by httpapi:
// they never hold personal data, secrets or a URL's query.
type Error struct {
	Class  Class
	Scope  Scope
	System string // connector name
	Object string // remote object, if one is concerned
	Op     string // what was being done, as in "search contacts"
	Status int    // HTTP status, if one came
	Code   string // the vendor's own code or category
	Field  string // the remote field at fault, if the system tells

	// Detail is the vendor's message, cleaned; "" if it may hold personal data.
	Detail string
	// Existing is the remote id of the record in the way (Conflict) or of the
	// survivor (Merged), if the system tells.
	Existing string
	// Correlation is the vendor's id of this exchange, for their support.
	Correlation string
	// Until is when the call may be made again, for RateLimited and Exhausted.
	Until time.Time
	// Next tells a person what to do.
	Next string

	Err error // the cause
}

// Error says what, where and what to do next.
func (e *Error) Error() string {
	var b strings.Builder
	for _, part := range []string{e.System, e.Op} {
		if part != "" {
			b.WriteString(part + ": ")
		}
	}
	b.WriteString(strings.ReplaceAll(e.Class.String(), "_", " "))
	if e.Status != 0 {
		fmt.Fprintf(&b, " (HTTP %d)", e.Status)
	}
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	if e.Field != "" {
		b.WriteString(" on field " + e.Field)
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	if !e.Until.IsZero() {
		b.WriteString("; again at " + e.Until.UTC().Format(time.RFC3339))
	}
	if e.Next != "" {
		b.WriteString("; " + e.Next)
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// New returns a fault of a class with a message of ours.
func New(c Class, s Scope, format string, args ...any) *Error {
	return &Error{Class: c, Scope: s, Err: fmt.Errorf(format, args...)}
}

// As returns the fault in err's chain. An error that has none is given the
// class Unclassified and the scope of one call.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	if f, ok := errors.AsType[*Error](err); ok {
		return f
	}
	return &Error{Class: Unclassified, Err: err}
}

// ClassOf returns the class of err's fault.
func ClassOf(err error) Class {
	if err == nil {
		return Unclassified
	}
	return As(err).Class
}

// Is tells whether err is a fault of class c.
func Is(err error, c Class) bool { return err != nil && As(err).Class == c }

// ErrUnsupported is what a connector answers for what it did not declare.
func ErrUnsupported(system, object, what string) error {
	return &Error{
		Class: Unsupported, Scope: ScopeObject, System: system, Object: object,
		Op: what, Err: errors.New("not supported for " + object),
	}
}
