package app

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/syncer/checkpoint"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// environment is what connectors are given to call with.
func (a *App) environment(ctx context.Context) (httpapi.Env, error) {
	store, err := a.tokens()
	if err != nil {
		return httpapi.Env{}, &EnvironmentError{err}
	}
	private, err := a.Config.Network.Prefixes()
	if err != nil {
		return httpapi.Env{}, &EnvironmentError{err} // checked when it was loaded
	}
	env := httpapi.Env{
		Tokens: store,
		Budget: httpapi.NewLocalBudget(), Log: a.options.Log, Metrics: a.options.Metrics,
		AllowLoopback: a.Config.Network.Loopback, AllowPrivate: private,
	}
	if a.Config.State.Redis.IsZero() {
		return env, nil
	}
	if a.Checkpoint == nil { // a reload has it already
		if err := a.openCheckpoint(ctx); err != nil {
			return env, &EnvironmentError{err}
		}
	}
	env.Budget = sharedBudget{LocalBudget: httpapi.NewLocalBudget(), store: a.Checkpoint}
	return env, nil
}

// tokens is where log-ins are kept: in the ledger of the installation, also
// for who works with a scratch one.
func (a *App) tokens() (httpapi.TokenStore, error) {
	home := a.home()
	key, err := tokenKey(filepath.Join(home.Config.State.Dir, "token.key"))
	if err != nil {
		return nil, err
	}
	store := &tokens{ledger: home.Ledger, aead: key, locks: map[string]chan struct{}{}}
	if home.heldBy == nil {
		return store, nil
	}
	return newBorrowed(store, home.heldBy), nil
}

// tokenKey reads the key that encrypts tokens at rest, or makes it. It lies
// beside the ledger, not in it: a copy of the ledger alone opens no account.
func tokenKey(path string) (cipher.AEAD, error) {
	key, err := os.ReadFile(path) //nolint:gosec // the path is in the state folder
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, 32)
		_, _ = rand.Read(key)
		err = os.WriteFile(path, key, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("the key of the token store: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("the key of the token store in %s is damaged: %w; remove it and run `tandem auth login` again", path, err)
	}
	return cipher.NewGCM(block)
}

// tokens keeps OAuth tokens in the ledger, encrypted and bound to their name.
type tokens struct {
	ledger ledger.Ledger
	aead   cipher.AEAD
	mu     sync.Mutex
	locks  map[string]chan struct{}
}

const tokenFact = "token/"

// Load returns the newest token.
func (t *tokens) Load(ctx context.Context, key string) ([]byte, error) {
	var sealed []byte
	err := t.ledger.View(ctx, func(r ledger.Reader) error {
		var err error
		sealed, err = r.Meta.Get(ctx, tokenFact+key)
		return err
	})
	if err != nil || sealed == nil {
		return nil, err
	}
	n := t.aead.NonceSize()
	if len(sealed) < n {
		return nil, fmt.Errorf("the stored token of %s is damaged: run `tandem auth login %s`", key, key)
	}
	plain, err := t.aead.Open(nil, sealed[:n], sealed[n:], []byte(key))
	if err != nil {
		return nil, fmt.Errorf("the stored token of %s was encrypted with another key: run `tandem auth login %s`", key, key)
	}
	return plain, nil
}

// Save encrypts and stores a token.
func (t *tokens) Save(ctx context.Context, key string, token []byte) error {
	nonce := make([]byte, t.aead.NonceSize())
	_, _ = rand.Read(nonce)
	sealed := t.aead.Seal(nonce, nonce, token, []byte(key))
	return t.ledger.Update(ctx, func(tx ledger.Tx) error { return tx.Meta.Set(ctx, tokenFact+key, sealed) })
}

// Lock is held by one goroutine of this process; the ledger's own lock keeps
// other processes out.
func (t *tokens) Lock(ctx context.Context, key string) (func(), error) {
	t.mu.Lock()
	lock, ok := t.locks[key]
	if !ok {
		lock = make(chan struct{}, 1)
		t.locks[key] = lock
	}
	t.mu.Unlock()
	select {
	case lock <- struct{}{}:
		return sync.OnceFunc(func() { <-lock }), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// sharedBudget asks the checkpoint store, and paces by itself as well should
// that fail.
type sharedBudget struct {
	*httpapi.LocalBudget
	store checkpoint.Store
}

// Take waits for both the process's own pace and the shared one.
func (b sharedBudget) Take(ctx context.Context, limit string, n int, period time.Duration) error {
	if err := b.LocalBudget.Take(ctx, limit, n, period); err != nil {
		return err
	}
	for {
		wait, err := b.store.Take(ctx, limit, n, period)
		if err != nil || wait <= 0 {
			return ctx.Err() // a store that is down must not stop the calls: the process paces itself
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
