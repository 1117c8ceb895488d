package ledger

import (
	"context"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// LinkState says what became of the remote record behind a link.
type LinkState string

// The states of a link.
const (
	Live       LinkState = "live"
	GoneState  LinkState = "gone"   // a tombstone or a complete sweep proved it
	Merged     LinkState = "merged" // lives on in Survivor
	LeftFilter LinkState = "left"   // alive, but outside the inclusion filter
	Lost       LinkState = "lost"   // not found, without proof of deletion
)

// Ref names one remote record.
type Ref struct {
	System string // connector name
	Object string // the system's name of the object
	ID     string
}

// Link ties a remote record to an entity and keeps the shadow: what we sent,
// what the system holds and the version read. Links are the identity.
type Link struct {
	Ref
	Entity record.EntityID
	As     record.Object
	// Primary marks the one link per system and entity that is written.
	Primary  bool
	State    LinkState
	Survivor Ref // for Merged
	// Rule tells how the link was made: "created", "match:email", "adopted:...".
	Rule string
	Made time.Time

	Shadow Shadow
}

// Shadow is what we know of the remote record. Values are raw: in the
// system's words.
type Shadow struct {
	Held     record.Fields // what the system holds, as last read or echoed
	Sent     record.Fields // what we last sent, per field
	Echo     record.Fields // what the system answered to what was sent, per field
	Version  string
	Modified time.Time // the source's time of that version; orders versions
	Created  time.Time // the source's creation time
	Read     time.Time // when that version was read, by our clock
	Actor    record.Actor
	MapRev   string // the map revision under which it was last reconciled
	// Confirmed is false after a write whose reply carried no version, until a
	// consistent read by id: such a shadow is never the base of a conflict.
	Confirmed bool
	// ReadRun is the run that last read it; a plan only writes what its own
	// cycle has read.
	ReadRun string
}

// LinkReader finds links.
type LinkReader interface {
	// ByRemote returns the links of these remote ids, by id.
	ByRemote(ctx context.Context, system, object string, ids ...string) (map[string]Link, error)

	// ByEntity returns all links of these entities, by entity.
	ByEntity(ctx context.Context, ids ...record.EntityID) (map[record.EntityID][]Link, error)

	// Scan returns up to limit links of one remote object with an id after the
	// given one, in order of id.
	Scan(ctx context.Context, system, object, after string, limit int) ([]Link, error)

	// Count tells how many links there are, by system, object and state.
	Count(ctx context.Context) ([]LinkCount, error)
}

// LinkCount is a number of links.
type LinkCount struct {
	System, Object string
	State          LinkState
	N              int
}

// Links finds and changes links.
type Links interface {
	LinkReader

	// Put stores links with their shadows whole.
	Put(ctx context.Context, links ...Link) error

	// Delete removes links that were made in a draft or by mistake.
	Delete(ctx context.Context, refs ...Ref) error
}
