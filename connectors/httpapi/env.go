package httpapi

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// Env is what whoever runs the connectors gives them to call with.
type Env struct {
	Tokens  TokenStore // nil for one in memory
	Budget  Budget     // nil for one of this process alone
	Log     zerolog.Logger
	Metrics prometheus.Registerer // nil for none
	// Transport makes the connections; nil for the default, which refuses
	// private and link-local addresses unless AllowLoopback is set.
	Transport http.RoundTripper
	// AllowLoopback lets base URLs be http and point to this machine, for
	// twins and tests.
	AllowLoopback bool
	// AllowPrivate lists private networks that may be called all the same, for
	// systems that run in the customer's own network.
	AllowPrivate []netip.Prefix
	// Version goes into the User-Agent; "" is "dev".
	Version string
}

// TokenStore keeps OAuth tokens across restarts and replicas. The key names
// the connector; what is stored is opaque and encrypted by the implementation.
type TokenStore interface {
	// Load returns the newest token, or nil if there is none.
	Load(ctx context.Context, key string) ([]byte, error)
	// Save makes a token durable before it returns.
	Save(ctx context.Context, key string, token []byte) error
	// Lock takes the refresh lease of a key across processes, waiting as long
	// as ctx allows; unlock lets it go. A lease not let go ends by itself.
	Lock(ctx context.Context, key string) (unlock func(), err error)
}

// Budget shares the rate limits of an account between all who call it.
type Budget interface {
	// Take waits until one call under the named limit may be made: at most n
	// in each period. It returns ctx's error if that comes first, or at once a
	// *WaitError if it already knows that ctx ends before.
	Take(ctx context.Context, limit string, n int, period time.Duration) error
	// Learn tells what the vendor says is left of a limit until reset.
	Learn(ctx context.Context, limit string, remaining int, reset time.Time)
}
