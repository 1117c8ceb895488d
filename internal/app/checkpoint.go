package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/tandem-sync/tandem/syncer/checkpoint"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

const (
	writerLease    = "writer"
	writerLeaseTTL = time.Minute
)

// shareCheckpoint takes the lease under which this process writes and brings
// the ledger's positions and the store's together. Without a store the lock on
// the ledger is the lease.
func (a *App) shareCheckpoint(ctx context.Context) error {
	if a.Checkpoint == nil {
		return nil
	}
	warnings, err := a.Checkpoint.Health(ctx)
	if err != nil {
		return fmt.Errorf("the checkpoint store does not work: %w", err)
	}
	for _, w := range warnings {
		a.options.Log.Warn().Msg(w)
	}
	epoch, err := a.takeLease(ctx)
	if err != nil {
		return err
	}
	if err := a.lowerPositions(ctx); err != nil {
		return err
	}
	a.Engine.Fence = func(ctx context.Context, tx ledger.Tx) error { return tx.Meta.Fence(ctx, writerLease, epoch) }
	a.Engine.Checkpoint = func(ctx context.Context, cur ledger.Cursor) error {
		return a.Checkpoint.Save(ctx, positionKey(cur.CursorKey), checkpoint.Position{Value: cur.Value, Seq: cur.Seq, Epoch: epoch})
	}
	return nil
}

func positionKey(k ledger.CursorKey) string { return k.System + "/" + k.Object + "/" + k.Lane }

// takeLease takes the right to write. The epoch is above whatever the ledger
// and the store have seen, so that losing either cannot bring an old one back.
func (a *App) takeLease(ctx context.Context) (int64, error) {
	host, _ := os.Hostname()
	owner := fmt.Sprintf("%s-%d", host, os.Getpid())
	var floor int64
	err := a.Ledger.View(ctx, func(r ledger.Reader) error {
		b, err := r.Meta.Get(ctx, "epoch")
		if err == nil && b != nil {
			_, err = fmt.Sscan(string(b), &floor)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	lease, err := a.Checkpoint.Acquire(ctx, writerLease, owner, writerLeaseTTL, floor)
	if errors.Is(err, checkpoint.ErrHeld) {
		return 0, fmt.Errorf("another Tandem works on this installation: stop it, or give this one another state.redis_prefix: %w", err)
	}
	if err != nil {
		return 0, err
	}
	renew, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.keepLease(renew, owner, floor)
	}()
	a.closers = append(a.closers, func() error {
		stop()
		<-done
		return a.Checkpoint.Release(context.WithoutCancel(ctx), lease)
	})
	return lease.Epoch, a.Ledger.Update(ctx, func(tx ledger.Tx) error {
		return tx.Meta.Set(ctx, "epoch", fmt.Append(nil, lease.Epoch))
	})
}

// keepLease prolongs the lease until ctx ends. Should it be lost all the same,
// the fence in the ledger refuses the next write.
func (a *App) keepLease(ctx context.Context, owner string, floor int64) {
	tick := time.NewTicker(writerLeaseTTL / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if _, err := a.Checkpoint.Acquire(ctx, writerLease, owner, writerLeaseTTL, floor); err != nil && ctx.Err() == nil {
				a.options.Log.Warn().Err(err).Msg("the writer's lease could not be prolonged")
			}
		}
	}
}

// lowerPositions believes the lower of two reading positions: that costs calls
// and loses nothing.
func (a *App) lowerPositions(ctx context.Context) error {
	stored, err := a.Checkpoint.Positions(ctx, "")
	if err != nil {
		return err
	}
	return a.Ledger.Update(ctx, func(tx ledger.Tx) error {
		for _, s := range a.Engine.Systems {
			cursors, err := tx.Meta.Cursors(ctx, s.Name)
			if err != nil {
				return err
			}
			for _, cur := range cursors {
				if p, ok := stored[positionKey(cur.CursorKey)]; ok && p.Seq < cur.Seq {
					cur.Value, cur.Seq = p.Value, p.Seq
					if err := tx.Meta.PutCursors(ctx, cur); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}
