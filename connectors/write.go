package connectors

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
)

// OpKind is what a write does.
type OpKind string

// The kinds of writes.
const (
	Create  OpKind = "create"
	Update  OpKind = "update"
	Archive OpKind = "archive"
)

// Op is one write of one record.
type Op struct {
	ID       string // unique and never used twice; travels with the row where the API allows
	Kind     OpKind
	Object   string
	RemoteID string        // what to update or archive
	Key      Key           // for a create: our unique external id, where the object has one
	Fields   record.Fields // raw, as Map.Out made them; null clears
	Version  string        // for Conditional objects: the version that must still stand
}

// Key is a unique field and its value.
type Key struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// Status is the fate of an op.
type Status string

// The fates of an op.
const (
	Applied  Status = "applied"
	Rejected Status = "rejected" // certainly not applied; Err says why
	Accepted Status = "accepted" // queued over there; poll Handle
	Unknown  Status = "unknown"  // may or may not have been applied
)

// Handle names work that a system does later, such as a bulk job.
type Handle string

// Result is the fate of one op.
type Result struct {
	Op       string
	Status   Status
	RemoteID string
	Handle   Handle
	// Echo is the record as stored, where the reply carries it (Capabilities.
	// Echo); its Version may be all that is set.
	Echo *Record
	Err  error // a fault; set if Rejected, may be if Unknown
	// Adopted tells that a create found the record already there by its Key.
	Adopted bool
}

// BulkWriter is a Writer that can also hand many ops over as one job, which the
// system works off later. A job costs seven to ten calls however many rows it
// has, and seconds to minutes, so it pays only above BulkAbove.
type BulkWriter interface {
	// BulkAbove is the number of ops of one object and kind above which a job
	// costs less than Write; 0 means that jobs are not to be used.
	BulkAbove() int

	// WriteBulk hands over ops of one object and kind, in any number, and
	// returns the handle of their job; their fate is told by Writer.Resume,
	// asked with the same ops. All ops are Accepted then. A handle that comes
	// with an error is of a job that exists but may not have its rows yet: it is
	// kept like any other, and Resume sends them, for which the ops must carry
	// their fields. An error without a handle says that nothing will be done,
	// fault.Unsupported that these ops must go through Write.
	WriteBulk(ctx context.Context, ops []Op) (Handle, error)
}

// FieldWriter tells how often an actor was the last to write a field, over a
// sample of records.
type FieldWriter struct {
	Actor record.Actor
	Count int
}

// WriterTeller is a connector that can tell who writes which field, so that
// another tool writing the same fields is noticed before there is a fight.
type WriterTeller interface {
	// FieldWriters tells, for each field, who wrote it last in the records
	// changed most recently, most frequent first. A field whose authors the
	// system does not tell is not in the answer.
	FieldWriters(ctx context.Context, object string, fields []string) (map[string][]FieldWriter, error)
}

// Untouched tells whether err proves that a write did not take effect: it was
// refused before anything was stored, or never left this machine.
func Untouched(err error) bool {
	if httpapi.NotSent(err) {
		return true
	}
	switch fault.ClassOf(err) {
	case fault.RateLimited, fault.Exhausted, fault.Locked, fault.Auth, fault.Permission, fault.Invalid, fault.Conflict,
		fault.Stale, fault.Missing, fault.Merged, fault.Unsupported, fault.Forbidden:
		return true
	case fault.Unclassified, fault.Transient, fault.Expired, fault.Malformed, fault.Canceled, fault.OutcomeUnknown:
		return false
	}
	return false
}

// Delivery is one request a system made to us.
type Delivery struct {
	Method   string
	URL      string // as the sender addressed it
	Header   http.Header
	Body     []byte
	Received time.Time
}

// Notice is what a verified delivery means.
type Notice struct {
	Hints []Hint
	Reply []byte // sent once the hints are durable
}

// Hint names a record to read again before anything is written.
type Hint struct {
	Object string
	ID     string
}

// ErrNoInbox is returned by connectors that need an inbox and were given none.
var ErrNoInbox = errors.New("this connector needs the ledger's inbox")

// Inbox keeps verified deliveries that are themselves the source (form tools).
type Inbox interface {
	// Append stores a delivery once; a key seen before is not stored again.
	Append(ctx context.Context, connector, key string, at time.Time, body []byte) error
	// After returns up to limit deliveries after a sequence number, in order.
	After(ctx context.Context, connector string, seq int64, limit int) ([]Delivered, error)
}

// Delivered is one stored delivery.
type Delivered struct {
	Seq  int64
	Key  string
	At   time.Time
	Body []byte
}
