package httpapi

import (
	"bytes"
	"context"
	"sync"
)

// MemoryTokens is a token store of this process alone, for tests and for
// credentials that need no keeping.
type MemoryTokens struct {
	mu     sync.Mutex
	tokens map[string][]byte
	locks  map[string]chan struct{}
}

// NewMemoryTokens returns an empty store.
func NewMemoryTokens() *MemoryTokens {
	return &MemoryTokens{tokens: map[string][]byte{}, locks: map[string]chan struct{}{}}
}

// Load returns the token of a key, nil if there is none.
func (m *MemoryTokens) Load(_ context.Context, key string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return bytes.Clone(m.tokens[key]), nil
}

// Save keeps a token.
func (m *MemoryTokens) Save(_ context.Context, key string, token []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens[key] = bytes.Clone(token)
	return nil
}

// Lock takes the lease of a key.
func (m *MemoryTokens) Lock(ctx context.Context, key string) (func(), error) {
	m.mu.Lock()
	lock, ok := m.locks[key]
	if !ok {
		lock = make(chan struct{}, 1)
		m.locks[key] = lock
	}
	m.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return sync.OnceFunc(func() { <-lock }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
