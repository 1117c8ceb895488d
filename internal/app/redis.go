package app

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/tandem-sync/tandem/syncer/checkpoint/redis"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// openCheckpoint opens the store in Redis, for this ledger's instance only.
func (a *App) openCheckpoint(ctx context.Context) error {
	id, err := a.instance(ctx)
	if err != nil {
		return err
	}
	store, err := redis.Open(ctx, a.Config.State.Redis.Reveal(), a.Config.State.RedisPrefix, id)
	if err != nil {
		return err
	}
	a.Checkpoint = store
	a.closers = append(a.closers, store.Close)
	return nil
}

// instance returns the id of this installation, made once and kept in the
// ledger.
func (a *App) instance(ctx context.Context) (string, error) {
	const fact = "instance"
	home, id := a.home(), []byte(nil)
	err := home.Ledger.View(ctx, func(r ledger.Reader) error {
		var err error
		id, err = r.Meta.Get(ctx, fact)
		return err
	})
	if err == nil && id != nil {
		return string(id), nil
	}
	err = home.Ledger.Update(ctx, func(tx ledger.Tx) error {
		id = []byte(rand.Text())
		return tx.Meta.Set(ctx, fact, id)
	})
	if err != nil {
		return "", fmt.Errorf("the id of this installation: %w", err)
	}
	return string(id), nil
}
