package app

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
)

// borrowed lends the log-ins of the process that owns the ledger to one that
// runs beside it. Renewing may use a refresh token up, and only the owner can
// make the next one durable: so a token that has a refresh token is used as it
// is, or waited for. Other tokens are renewed at will and kept in memory.
type borrowed struct {
	*tokens

	heldBy error
	wait   time.Duration // for the owner to renew a token
	mu     sync.Mutex
	own    map[string][]byte
	lent   map[string]string // access tokens, to know one that comes back as refused
}

const (
	borrowWait = 3 * time.Second
	borrowPoll = 250 * time.Millisecond
	// borrowSpare is how long a token must still be good to be lent.
	borrowSpare = time.Minute
)

func newBorrowed(t *tokens, heldBy error) *borrowed {
	return &borrowed{tokens: t, heldBy: heldBy, wait: borrowWait, own: map[string][]byte{}, lent: map[string]string{}}
}

// Load returns a token that need not be renewed with a refresh token, or an
// error.
func (b *borrowed) Load(ctx context.Context, key string) ([]byte, error) {
	if own := b.kept(key); own != nil {
		return own, nil
	}
	tick := time.NewTicker(borrowPoll)
	defer tick.Stop()
	end := time.After(b.wait)
	for {
		token, err := b.tokens.Load(ctx, key)
		if err != nil || (token != nil && b.lend(key, token)) {
			return token, err
		}
		select {
		case <-tick.C:
			continue
		case <-end:
		case <-ctx.Done():
		}
		return nil, b.refusal(token)
	}
}

// refusal is a fault that is not worth another try at once.
func (b *borrowed) refusal(token []byte) error {
	f := &fault.Error{Class: fault.Forbidden, Scope: fault.ScopeSystem, Err: b.heldBy}
	f.Detail, f.Next = "the process that has the ledger has not logged in yet", "let it log in first, or stop it"
	if token != nil {
		f.Detail, f.Next = "the access token is used up, and only the process that has the ledger may renew it", "try again after its next cycle, or stop it"
	}
	return f
}

// lend tells whether a token may be used here.
func (b *borrowed) lend(key string, token []byte) bool {
	var t struct {
		Access  string    `json:"access"`
		Refresh string    `json:"refresh"`
		Expires time.Time `json:"expires"`
	}
	if err := json.Unmarshal(token, &t); err != nil || t.Refresh == "" {
		return true // what is damaged is reported by whoever uses it
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if t.Access == b.lent[key] || (!t.Expires.IsZero() && time.Until(t.Expires) < borrowSpare) {
		return false
	}
	b.lent[key] = t.Access
	return true
}

func (b *borrowed) kept(key string) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.own[key]
}

// Save keeps a token in memory.
func (b *borrowed) Save(_ context.Context, key string, token []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.own[key] = token
	return nil
}
