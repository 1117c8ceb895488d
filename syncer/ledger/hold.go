package ledger

import (
	"context"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// Reason is why something is not written or not taken over.
type Reason string

// The reasons for a hold.
const (
	Pending     Reason = "pending"     // tried, and will be tried again; or waits for another row
	Dead        Reason = "dead"        // tried, and refused for good
	Quarantined Reason = "quarantined" // in doubt; a person or a change at the source decides
	Left        Reason = "left"        // a difference that policy leaves as it is
	Excluded    Reason = "excluded"    // outside the inclusion filter or gone over there
	Undone      Reason = "undone"      // taken back by a person; ends when golden changes
	Fights      Reason = "fights"      // flips without a person's edit; ends only by a person
	Consent     Reason = "consent"     // an opt-out stands against it
	Manual      Reason = "manual"      // both sides differ and the policy is to ask
)

// HoldKey is what is held: one field of an entity in a system, or all ("*").
// A row that never became an entity is held under its remote reference.
type HoldKey struct {
	Entity record.EntityID // "" if there is none
	System string
	Field  string // canonical field, or "*"
	Object string // remote object; set when Entity is ""
	Remote string // remote id or "file:row"; set when Entity is ""
}

// Hold is the ledger's note that something waits, and for what.
type Hold struct {
	HoldKey
	Reason Reason
	// Cause groups holds that one decision can end, as in
	// "INVALID_EMAIL_ADDRESS on Email". It holds no personal data.
	Cause  string
	Detail string // for people; no personal data
	// What ended or would end the hold.
	Desired string    // hash of the value that was to be written
	MapRev  string    // map revision then
	Version string    // remote version then
	Until   time.Time // when to try again; zero for never by itself
	Tries   int
	Since   time.Time
	// WaitsFor names the entity whose row must go first.
	WaitsFor record.EntityID
	// Decision is what a person decided: "", "release", "drop", "retry".
	Decision string
}

// HoldGroup is a number of holds with one cause.
type HoldGroup struct {
	Reason  Reason
	System  string
	Object  string
	Cause   string
	Detail  string
	N       int
	Example HoldKey
	Oldest  time.Time
}

// HoldScan says which holds to walk over; empty parts are any.
type HoldScan struct {
	Reason Reason
	System string
	Cause  string
	Due    time.Time // only holds with Until at or before this instant
	After  HoldKey
	Limit  int
}

// HoldReader finds holds.
type HoldReader interface {
	// Of returns the holds of these entities.
	Of(ctx context.Context, ids ...record.EntityID) (map[record.EntityID][]Hold, error)
	// Scan walks over holds in the order of their keys.
	Scan(ctx context.Context, s HoldScan) ([]Hold, error)
	// Groups counts holds by reason, system, object and cause, largest first.
	Groups(ctx context.Context) ([]HoldGroup, error)
}

// Holds finds and changes holds.
type Holds interface {
	HoldReader
	// Put stores holds; an older hold on the same key is replaced, its Since
	// and Tries are the caller's business.
	Put(ctx context.Context, holds ...Hold) error
	// Release ends holds; keys that are not held are ignored.
	Release(ctx context.Context, keys ...HoldKey) error
}
