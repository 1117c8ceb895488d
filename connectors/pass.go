package connectors

import (
	"encoding/json"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// Pass is what the cursors of systems without a change log have in common, and
// embed: such a system is read in passes, each over all that changed since a
// moment a little before the begin of the one before.
type Pass struct {
	// From is the moment that a pass reaches back to, Start that of its begin;
	// both by the system's clock, in seconds since 1970.
	From  int64 `json:"f,omitempty"`
	Start int64 `json:"s,omitempty"`
}

// Begin notes when a pass began, by the clock of the system where its first
// reply tells it. What changes from then on belongs to the next pass.
func (p *Pass) Begin(res *httpapi.Response) {
	if p.Start != 0 {
		return
	}
	now := res.ServerTime
	if now.IsZero() {
		now = time.Now()
	}
	p.Start = now.Unix()
}

// After is the pass after this one. It reaches back before this one's begin by
// how late a change may become visible.
func (p Pass) After(overlap time.Duration) Pass {
	return Pass{From: time.Unix(p.Start, 0).Add(-overlap).Unix()}
}

// Since is the moment that the pass reaches back to.
func (p Pass) Since() time.Time { return time.Unix(p.From, 0).UTC() }

// EncodeCursor writes a connector's own cursor, a struct of plain fields.
func EncodeCursor(own any) Cursor {
	b, err := json.Marshal(own)
	if err != nil {
		return "" // no plain field fails
	}
	return Cursor(b)
}

// DecodeCursor reads what EncodeCursor wrote; an empty cursor leaves own as it
// is. Anything else is fault.Expired.
func DecodeCursor(c Cursor, own any) error {
	if c == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(c), own); err != nil {
		return fault.New(fault.Expired, fault.ScopeObject, "the stored cursor is not one of this connector; read from the beginning")
	}
	return nil
}
