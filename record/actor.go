package record

import "time"

// ActorKind says what kind of hand made a change in a remote system.
type ActorKind string

// The kinds of actors, as far as systems tell.
const (
	ActorUnknown     ActorKind = ""
	ActorUser        ActorKind = "user"
	ActorWorkflow    ActorKind = "workflow"
	ActorImport      ActorKind = "import"
	ActorIntegration ActorKind = "integration"
	ActorTandem      ActorKind = "tandem" // our own write, where the vendor names us
)

// Actor is who changed something in a remote system: a kind and the system's
// own id for it. It never holds a name or an address.
type Actor struct {
	Kind ActorKind `json:"kind,omitempty"`
	ID   string    `json:"id,omitempty"`
}

// Source says where a value came from.
type Source struct {
	System string    `json:"system"`           // connector name, or "tandem"
	Object string    `json:"object,omitempty"` // the remote object there
	Remote string    `json:"remote,omitempty"` // the remote id there
	Actor  Actor     `json:"actor,omitzero"`
	At     time.Time `json:"at,omitzero"` // when it changed there
}
