package ledger

import (
	"context"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// IntentState is how far a write has come.
type IntentState string

// The states of an intent.
const (
	IntentOpen     IntentState = "open"     // durable, may have been sent
	IntentAccepted IntentState = "accepted" // queued over there under Handle
	IntentUnknown  IntentState = "unknown"  // sent, its fate not known
	IntentApplied  IntentState = "applied"
	IntentRejected IntentState = "rejected" // certainly not applied
)

// Ended tells whether nothing more will be learned about the write.
func (s IntentState) Ended() bool { return s == IntentApplied || s == IntentRejected }

// Intent is one write, durable before it is sent.
type Intent struct {
	Op      string // unique id of the write
	Run     string
	Plan    string // hash of the plan it carries out
	Ref            // ID "" for a create until its result
	Entity  record.EntityID
	Kind    string            // create, update, archive
	Before  record.Fields     // raw, what the shadow held
	After   record.Fields     // raw, what is sent
	Rules   map[string]string // per field, the rule that won
	State   IntentState
	Handle  string
	Code    string // the vendor's code of a rejection
	Corr    string // the vendor's correlation id
	At      time.Time
	EndedAt time.Time
}

// IntentReader finds intents.
type IntentReader interface {
	// Unended returns up to limit intents of a system that have not ended, in
	// the order they were first stored, after the given op. System "" is any.
	Unended(ctx context.Context, system, after string, limit int) ([]Intent, error)
	// UnendedOf returns those of these entities.
	UnendedOf(ctx context.Context, ids ...record.EntityID) (map[record.EntityID][]Intent, error)
	// Of returns all intents of an entity, oldest first.
	Of(ctx context.Context, id record.EntityID) ([]Intent, error)
	// ByRun returns up to limit intents of a run, in the order they were first
	// stored, after the given op.
	ByRun(ctx context.Context, run, after string, limit int) ([]Intent, error)
}

// Intents finds and changes intents.
type Intents interface {
	IntentReader
	// Put stores intents whole, by op. The run and the entity of an op never
	// change.
	Put(ctx context.Context, intents ...Intent) error
}
