// Package connectors holds the contract between Tandem and the systems it
// connects, and the registry of built-in connectors as a value.
//
// A connector speaks one system's API and nothing else: it does not retry
// (httpapi does), keeps no state between calls but caches of metadata, starts
// no goroutine that outlives a call, and decides nothing about identity,
// policy or order. Errors are fault.Errors. Every method may be called from
// several goroutines at once and obeys its context.
package connectors

import (
	"context"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Connector is the reading half, which every system has. Planning is given
// only this, so planning cannot write.
type Connector interface {
	// Check proves the credentials and tells whose account they open. It
	// changes nothing. A missing scope is not an error here but a Gap in the
	// catalog; refused credentials are fault.Auth.
	Check(ctx context.Context) (Account, error)

	// Describe returns the objects, fields and capabilities as the account has
	// them now. It may be called often; it caches at most a few minutes.
	Describe(ctx context.Context) (schema.Catalog, error)

	// Split divides the query into ranges that may be read side by side, or
	// returns it alone. Only a query with an empty cursor is divided. The
	// moment of Split is the moment the ranges are complete up to: a record
	// changed later may or may not be in them, and is in the changes after.
	// All ranges of one Split end with the same Next cursor.
	Split(ctx context.Context, q Query) ([]Query, error)

	// Changes returns one page after q.Cursor. With an empty cursor it reads
	// every record there is; when More is false, Next is where a later call
	// goes on with what changed since. Next is never empty then.
	//
	// Asking again with the same cursor returns the same records or newer
	// versions of them. Records may be delivered more than once (the overlap
	// for late rows sees to that), never less than once. A page may be empty
	// with More true. Every record carries exactly the fields asked for, as far
	// as the record has them: one that is not there is absent, one that is
	// empty is null. A row that cannot be decoded is an Issue, not an error.
	// A cursor no longer accepted is fault.Expired.
	Changes(ctx context.Context, q Query) (Page, error)

	// Gone returns one page of records that disappeared: deleted, archived,
	// merged or converted. The rules of Changes apply. fault.Unsupported if
	// the system tells none.
	Gone(ctx context.Context, q Query) (Page, error)
}

// Finder reads records by id or unique key, consistently: what a finished
// write stored is seen. Never answered from a search index.
type Finder interface {
	// Read returns the records of these ids that exist, in any order, at most
	// Capabilities.BatchRead ids a call. An id that is merged or converted
	// yields its survivor under the survivor's id, with Asked set. A missing id
	// is simply not there.
	Read(ctx context.Context, object string, ids, fields []string) ([]Record, error)

	// Lookup returns, for each value of the key field, the records that hold
	// it; the outer slice is as long as values. More than one is possible.
	Lookup(ctx context.Context, object, key string, values, fields []string) ([][]Record, error)
}

// Former knows how a system rewrites what it stores. It is pure, does no I/O,
// and is all of the writing half that planning may see.
type Former interface {
	// Canonical returns the fields as the system will hold them after storing
	// f: trimmed, cut, lower-cased, re-ordered. It returns f where it cannot
	// know better.
	Canonical(object string, f record.Fields) record.Fields
}

// Writer is the writing half. Only push is given it.
type Writer interface {
	// Write carries out the ops of one object and kind, at most
	// Capabilities.BatchWrite of them. It returns one result for each op it
	// knows the fate of, in any order; an op without a result, or any op when
	// only an error is returned, is OutcomeUnknown unless the error's class
	// says the call cannot have taken effect (see Untouched). A create
	// carrying a Key must not make a second record with that key.
	Write(ctx context.Context, ops []Op) ([]Result, error)

	// Resume asks for the fate of ops that were Accepted under a handle, also
	// after a restart. Ops still running have no result. fault.Expired if the
	// handle is forgotten.
	Resume(ctx context.Context, h Handle, ops []Op) ([]Result, error)
}

// FieldCreator is a connector that can make the fields Tandem needs.
type FieldCreator interface {
	// CreateFields makes those of the fields that do not exist. It is called
	// only on a person's explicit order.
	CreateFields(ctx context.Context, object string, fields []schema.Field) error
}

// Definer is a connector of whose configuration a part lies in a file of its
// own, as a manifest does.
type Definer interface {
	// Definition is a digest of what that part says about the data. Another one
	// makes another revision of the configuration.
	Definition() string
}

// Notifier verifies what a system posts to us.
type Notifier interface {
	// Verify checks a delivery's signature and freshness and returns the ids
	// to read again. Nothing in a delivery is ever written anywhere.
	Verify(d Delivery) (Notice, error)
}

// Account is whose data the credentials open.
type Account struct {
	ID       string // the system's own id of the account, as it never changes
	Name     string
	Zone     string // IANA time zone, if the system tells
	Currency string // ISO 4217 code, if the system tells
	Actor    string // the user id our writes carry there, if the system tells
	Sandbox  bool
}

// Cursor is where a read goes on. Only the connector that made it understands
// it; it holds no personal data and survives restarts and upgrades.
type Cursor string

// Query asks for the records of one object.
type Query struct {
	Object string   // the system's name of the object
	Fields []string // what to ask for; nothing else is fetched or held
	Cursor Cursor
	Range  string // set by Split; "" is everything
}

// Page is one page of an object.
type Page struct {
	Records []Record
	Gone    []Gone
	Issues  []Issue
	Next    Cursor
	More    bool
	// CompleteTo is the source's time up to which every change has been
	// delivered once this page and those before it are; zero if not known.
	CompleteTo time.Time
}

// Record is one record as the system holds it. Its fields are raw: in the
// system's own words, decoded to the kinds that Describe declares.
type Record struct {
	Object   string
	ID       string
	Asked    string    // the id asked for, where it differs (merged, converted, short id)
	Version  string    // changes whenever the content does; compared for equality only
	Modified time.Time // the source's time of that version; orders versions
	Created  time.Time
	Actor    record.Actor // who made the last change
	Archived bool
	Fields   record.Fields
	// FieldActors tells who last set single fields, where the system tells;
	// FieldTimes when.
	FieldActors map[string]record.Actor
	FieldTimes  map[string]time.Time
}

// GoneKind says how a record disappeared.
type GoneKind string

// The ways to disappear.
const (
	GoneDeleted   GoneKind = "deleted"   // removed; a restore may still be possible
	GoneErased    GoneKind = "erased"    // removed for good for privacy
	GoneMerged    GoneKind = "merged"    // lives on in IntoID
	GoneConverted GoneKind = "converted" // lives on as IntoObject IntoID
)

// Gone tells that a record disappeared.
type Gone struct {
	Object     string
	ID         string
	Kind       GoneKind
	IntoObject string
	IntoID     string
	At         time.Time
}

// Issue is a row that could not be read as a whole or in one field. It is
// quarantined and does not stop the page.
type Issue struct {
	Object string
	Ref    string // the remote id, or "file:row"
	Field  string // "" if the whole row is in doubt
	Err    error  // a fault; no personal data
}
