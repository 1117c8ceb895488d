// Package plan derives what to write: desired less what each system holds less
// holds. It is pure and knows no write method.
package plan

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Row is one planned write of one record. References in After are entity ids
// until the row is sent.
type Row struct {
	Entity record.EntityID   `json:"entity"`
	As     record.Object     `json:"as"`
	System string            `json:"system"`
	Object string            `json:"object"`
	Remote string            `json:"remote,omitempty"` // "" for a create
	Kind   connectors.OpKind `json:"kind"`
	// Version is the remote version the row was planned against; a record that
	// has moved on since is left out and planned again.
	Version string         `json:"version,omitempty"`
	Key     connectors.Key `json:"key,omitzero"`
	MapRev  string         `json:"map,omitempty"`
	Before  record.Fields  `json:"before,omitempty"`
	After   record.Fields  `json:"after,omitempty"`
	// Why tells for each remote field the canonical field and the rule by which
	// its value won.
	Why map[string]Why `json:"why,omitempty"`
	// Refs names the remote fields whose value is an entity id, with the remote
	// objects it may be linked as.
	Refs map[string]string `json:"refs,omitempty"`
}

// Why is where a planned value comes from.
type Why struct {
	Field string `json:"f,omitempty"` // canonical field
	Rule  string `json:"r,omitempty"`
	From  string `json:"s,omitempty"` // system whose value it is
}

// ID names the row by what it would do, whatever ledger it was planned in: two
// plans that would do the same to the same record hold rows of the same ID.
func (r Row) ID() string {
	h := sha256.New()
	for _, part := range []string{string(r.Entity), r.System, r.Object, r.Remote, string(r.Kind)} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	h.Write(r.After.Encode())
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// Blocked is a write that is derived but not planned, and why. It becomes a
// hold if it is not one yet.
type Blocked struct {
	ledger.Hold
	New bool // not in the ledger yet
}
