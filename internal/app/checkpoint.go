package app

import (
	"context"
	"crypto/rand"
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
	if a.lease != 0 { // a reload goes on under the lease it has
		a.writeUnder(a.lease)
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
	a.lease = epoch
	a.writeUnder(epoch)
	return nil
}

// writeUnder makes the engine prove the lease with every write.
func (a *App) writeUnder(epoch int64) {
	a.Engine.Fence = func(ctx context.Context, tx ledger.Tx) error { return tx.Meta.Fence(ctx, writerLease, epoch) }
	a.Engine.Checkpoint = func(ctx context.Context, cur ledger.Cursor) error {
		return a.Checkpoint.Save(ctx, positionKey(cur.CursorKey), checkpoint.Position{Value: cur.Value, Seq: cur.Seq, Epoch: epoch})
	}
}

func positionKey(k ledger.CursorKey) string { return k.System + "/" + k.Object + "/" + k.Lane }

// takeLease takes the right to write. The epoch is above whatever the ledger
// and the store have seen, so that losing either cannot bring an old one back.
func (a *App) takeLease(ctx context.Context) (int64, error) {
	host, _ := os.Hostname()
	owner := host + "-" + rand.Text()
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
	lease, err := a.acquire(ctx, owner, floor)
	if errors.Is(err, checkpoint.ErrHeld) {
		return 0, fmt.Errorf("another Tandem works on this installation: stop it, or give this one another state.redis_prefix: %w", err)
	}
	if err != nil {
		return 0, err
	}
	renew, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	held := lease
	go func() {
		defer close(done)
		held = a.keepLease(renew, lease, floor)
	}()
	a.closers = append(a.closers, func() error {
		stop()
		<-done
		return a.Checkpoint.Release(context.WithoutCancel(ctx), held)
	})
	return lease.Epoch, a.Ledger.Update(ctx, func(tx ledger.Tx) error {
		return tx.Meta.Set(ctx, "epoch", fmt.Append(nil, lease.Epoch))
	})
}

// acquire waits for a lease that a crashed process left behind: it ends by
// itself within its time.
func (a *App) acquire(ctx context.Context, owner string, floor int64) (checkpoint.Lease, error) {
	deadline := time.Now().Add(writerLeaseTTL + time.Second)
	for told := false; ; told = true {
		lease, err := a.Checkpoint.Acquire(ctx, writerLease, owner, writerLeaseTTL, floor)
		if !errors.Is(err, checkpoint.ErrHeld) || time.Now().After(deadline) {
			return lease, err
		}
		if !told {
			a.options.Log.Warn().Dur("up_to", writerLeaseTTL).Msg("another Tandem holds the writer's lease, or did until it crashed: waiting for it")
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return lease, ctx.Err()
		}
	}
}

// keepLease prolongs the lease until ctx ends and returns it as it then
// stands. Should it be lost all the same, the fence in the ledger refuses the
// next write.
func (a *App) keepLease(ctx context.Context, lease checkpoint.Lease, floor int64) checkpoint.Lease {
	tick := time.NewTicker(writerLeaseTTL / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return lease
		case <-tick.C:
			next, err := a.Checkpoint.Acquire(ctx, writerLease, lease.Owner, writerLeaseTTL, floor)
			switch {
			case err == nil:
				lease = next
			case ctx.Err() == nil:
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
			if err := tx.Meta.PutCursors(ctx, lower(cursors, stored)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// lower lists the cursors that stand further on than the store knows, moved
// back to where it does.
func lower(cursors []ledger.Cursor, stored map[string]checkpoint.Position) []ledger.Cursor {
	var out []ledger.Cursor
	for _, cur := range cursors {
		if p, ok := stored[positionKey(cur.CursorKey)]; ok && p.Seq < cur.Seq {
			cur.Value, cur.Seq = p.Value, p.Seq
			out = append(out, cur)
		}
	}
	return out
}
