package ledger

import (
	"context"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// Change is one step in the history of an entity: the fields that changed
// together, from one source, in one run.
type Change struct {
	Entity record.EntityID
	Seq    int64 // given by the ledger; orders the history of all entities
	At     time.Time
	Run    string
	Source record.Source
	Fields []FieldChange
}

// FieldChange is one field's step, with the value that lost.
type FieldChange struct {
	Field  string       `json:"f"`
	From   record.Value `json:"from,omitzero"`
	To     record.Value `json:"to,omitzero"`
	Rule   string       `json:"rule"`
	Lost   record.Value `json:"lost,omitzero"`   // what did not win, if anything
	LostBy string       `json:"lostby,omitzero"` // whose value that was
}

// HistoryReader reads the history.
type HistoryReader interface {
	// Of returns the history of an entity, oldest first.
	Of(ctx context.Context, id record.EntityID) ([]Change, error)
	// ByRun returns up to limit changes of a run after a sequence number.
	ByRun(ctx context.Context, run string, after int64, limit int) ([]Change, error)
}

// History reads and extends the history.
type History interface {
	HistoryReader
	// Append adds changes; their Seq is ignored.
	Append(ctx context.Context, changes ...Change) error
}
