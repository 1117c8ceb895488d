package ledger

import (
	"context"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// Entity is one person, company, deal or other object, with its golden values.
type Entity struct {
	ID      record.EntityID
	Object  record.Object
	Golden  record.Fields
	Origins map[string]Origin // per field: where the golden value came from
	// Into is the entity this one was merged into; "" if it stands for itself.
	Into    record.EntityID
	Created time.Time
	Updated time.Time
	// Dirty marks that something which decides about writes changed since the
	// last plan found nothing to do. It is an index, never the truth: a full
	// plan finds the same differences without it.
	Dirty bool
}

// Origin is where a golden value came from.
type Origin struct {
	record.Source
	Rule string    `json:"rule"`          // the policy or rule that let it win
	Run  string    `json:"run"`           // the run that set it
	Read time.Time `json:"read,omitzero"` // when we saw it
	// After is the earliest moment of the edit: it happened after After and not
	// later than At.
	After time.Time `json:"after,omitzero"`
	// Before is a digest of the value before, and Flips how often the field has
	// gone back and forth since a person last edited it.
	Before string `json:"before,omitzero"`
	Flips  int    `json:"flips,omitzero"`
}

// MatchKey proposes identity: two records with the same key may be the same
// entity. The value is in its normal form.
type MatchKey struct {
	Kind  string // as in "email", "external:hubspot", "phone_name"
	Value string
}

// EntityReader finds entities.
type EntityReader interface {
	// Get returns the entities of these ids that exist, under the id asked
	// for. Merged ones are returned as they are, with Into set.
	Get(ctx context.Context, ids ...record.EntityID) (map[record.EntityID]Entity, error)

	// ByKeys returns for each key the entities (not merged ones) holding it.
	ByKeys(ctx context.Context, object record.Object, keys ...MatchKey) (map[MatchKey][]record.EntityID, error)

	// Scan returns up to limit entities that stand for themselves, in a fixed
	// order: by object, and of one object those first that appeared first. To
	// go on, After is the last id of the page before. Object "" is any.
	Scan(ctx context.Context, s EntityScan) ([]Entity, error)

	// Count tells how many stand for themselves, by object.
	Count(ctx context.Context) (map[record.Object]int, error)
}

// EntityScan says which entities to walk over.
type EntityScan struct {
	Object record.Object
	After  record.EntityID
	Dirty  bool // only those marked
	Limit  int
}

// Entities finds and changes entities.
type Entities interface {
	EntityReader

	// Put stores entities whole, replacing what was there under their id.
	Put(ctx context.Context, entities ...Entity) error

	// PutKeys replaces the match keys of an entity.
	PutKeys(ctx context.Context, id record.EntityID, object record.Object, keys ...MatchKey) error

	// Mark sets or clears the dirty mark of these entities and nothing else.
	Mark(ctx context.Context, m Mark, ids ...record.EntityID) error
}

// Mark is a dirty mark to leave on entities.
type Mark bool

// The marks.
const (
	Clean Mark = false
	Dirty Mark = true
)
