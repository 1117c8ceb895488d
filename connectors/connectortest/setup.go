package connectortest

import (
	"net/http"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Transport is how a connector reaches its system.
type Transport string

// The transports there are.
const (
	HTTP Transport = "http"
	File Transport = "file"
)

// Setup says how to test one connector.
type Setup struct {
	Transport Transport
	// Catalog is what the connector declares, as on its page.
	Catalog schema.Catalog
	// Object is the main object: the one that can do most.
	Object string
	// Field is a text field of it that can be read, written and cleared.
	Field string
	// OneByOne tells that the API writes one row a call.
	OneByOne bool
	// Faults lists the kinds of faults the twin plays, besides those of
	// simkit's middleware.
	Faults []string
	// Except names cases that cannot apply, with the reason.
	Except map[string]string
	// New builds a fresh system and a connector against it.
	New func(t *testing.T, o Options) Instance
	// Create returns the fields of a record that can be created; number n
	// differs from all others. Needed where Create is declared.
	Create func(n int) record.Fields
}

// Options is what the suite gives to New.
type Options struct {
	// Env is for the connector. Its transport knows only served handlers.
	Env connectors.Env
	// Refused asks for credentials that the system refuses.
	Refused bool

	net *network
}

// Serve gives a handler an address of its own, until the case ends.
func (o Options) Serve(h http.Handler) string { return o.net.serve(h) }

// Instance is a connector and the system it is connected to.
type Instance struct {
	Connector connectors.Connector
	Bench     Bench
	// Secrets must never be seen in a log, an error or a metric.
	Secrets []string
}

// Bench drives the system behind the connector past its API. Its clock is
// package time's, which is virtual here. Implement
// Faulter, Remover and Expirer where the twin can do so.
type Bench interface {
	// Seed makes n records of the main object, all last modified at the same
	// moment, and returns their ids.
	Seed(n int, at time.Time) []string
	// Edit lets a person set the field of a record, now; "" clears it.
	Edit(id, value string)
	// Value returns what the system holds in the field of a live record.
	Value(id string) (value string, found bool)
	// Count returns how many live records of the main object there are.
	Count() int
}

// Call is a sort of call that a fault is aimed at.
type Call string

// The sorts of calls of the main object.
const (
	Reading Call = "reading" // pages of Changes, first read and deltas
	Writing Call = "writing" // what Write sends
	Any     Call = "any"     // every call but those for tokens
)

// Faulter is a bench whose twin misbehaves on demand.
type Faulter interface {
	// Inject adds a fault aimed at calls of this sort; the bench sets the path
	// and the method.
	Inject(f simkit.Fault, on Call)
	// Reset forgets all faults.
	Reset()
	// Counts tells the calls so far.
	Counts() simkit.Counts
}

// Remover is a bench that can take records away.
type Remover interface {
	// Delete removes a record as a person would.
	Delete(id string)
	// Merge merges one record into another and tells the survivor's id; "" if
	// the system has no merging.
	Merge(loser, winner string) (survivor string)
}

// Expirer is a bench that can make the access tokens in use stale.
type Expirer interface {
	// Expire does so.
	Expire()
}
