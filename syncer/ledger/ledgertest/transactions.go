package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

func transactionCases() map[string]func(*kit) {
	return map[string]func(*kit){
		"that fail leave nothing":             txFails,
		"that panic leave nothing":            txPanics,
		"that are cancelled leave nothing":    txCancelled,
		"see what they wrote":                 txSeesItself,
		"reading sees one state":              txSnapshot,
		"of many goroutines come one by one":  txConcurrent,
		"wait for the end, then are refused":  txClose,
		"go on after one failed":              txAfterFailure,
		"pass the error of their function on": txError,
	}
}

// everything writes one of each kind.
func everything(k *kit, tx ledger.Tx) error {
	ctx := k.Context()
	return errors.Join(
		tx.Entities.Put(ctx, entity(1)), tx.Entities.PutKeys(ctx, id(1), "person", email("a")), tx.Links.Put(ctx, link(1)),
		tx.History.Append(ctx, change(1, "r1")), tx.Holds.Put(ctx, hold(1, "crm", "*")), tx.Intents.Put(ctx, intent(1)),
		tx.Meta.PutCursors(ctx, cursor("contacts", "changes", "x")), tx.Meta.PutRun(ctx, ledger.Run{ID: "r1"}),
		tx.Meta.Set(ctx, "a", []byte("b")), tx.Meta.Fence(ctx, "lease", 7),
	)
}

// kinds counts what there is of each kind everything writes.
func kinds(k *kit, r ledger.Reader) (n int, err error) {
	ctx := k.Context()
	count := func(found bool, err2 error) {
		err = errors.Join(err, err2)
		if found {
			n++
		}
	}
	entities, err1 := r.Entities.Get(ctx, id(1))
	count(len(entities) == 1, err1)
	keys, err1 := r.Entities.ByKeys(ctx, "person", email("a"))
	count(len(keys) == 1, err1)
	links, err1 := r.Links.ByEntity(ctx, id(1))
	count(len(links) == 1, err1)
	changes, err1 := r.History.ByRun(ctx, "r1", 0, 5)
	count(len(changes) == 1, err1)
	held, err1 := r.Holds.Of(ctx, id(1))
	count(len(held) == 1, err1)
	open, err1 := r.Intents.Unended(ctx, "", "", 5)
	count(len(open) == 1, err1)
	cursors, err1 := r.Meta.Cursors(ctx, "hubspot")
	count(len(cursors) == 1, err1)
	runs, err1 := r.Meta.Runs(ctx, 5)
	count(len(runs) == 1, err1)
	fact, err1 := r.Meta.Get(ctx, "a")
	count(len(fact) == 1, err1)
	return n, err
}

const allKinds = 9

func (k *kit) wantKinds(want int) {
	k.Helper()
	k.view(func(r ledger.Reader) error { return same("kinds", want)(kinds(k, r)) })
}

func txFails(k *kit) {
	err := k.l.Update(k.Context(), func(tx ledger.Tx) error {
		if err := everything(k, tx); err != nil {
			return err
		}
		if n, err := kinds(k, tx.Reader()); n != allKinds || err != nil { // and so all of it was written
			return fmt.Errorf("%d kinds: %w", n, err)
		}
		return errIntended
	})
	if !errors.Is(err, errIntended) {
		k.Fatalf("got %v", err)
	}
	k.wantKinds(0)
	k.l = k.reopen()
	k.wantKinds(0)
	k.update(func(tx ledger.Tx) error { return tx.Meta.Fence(k.Context(), "lease", 1) })
}

func txPanics(k *kit) {
	func() {
		defer func() {
			if recover() == nil {
				k.Error("the panic did not come through")
			}
		}()
		_ = k.l.Update(k.Context(), func(tx ledger.Tx) error {
			_ = everything(k, tx)
			panic("intended")
		})
	}()
	k.wantKinds(0)
	k.update(func(tx ledger.Tx) error { return everything(k, tx) })
	k.wantKinds(allKinds)
}

func txCancelled(k *kit) {
	ctx, cancel := context.WithCancel(k.Context())
	err := k.l.Update(ctx, func(tx ledger.Tx) error {
		if err := everything(k, tx); err != nil {
			return err
		}
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		k.Fatalf("got %v", err)
	}
	if err := k.l.View(ctx, func(ledger.Reader) error { return nil }); !errors.Is(err, context.Canceled) {
		k.Fatalf("got %v", err)
	}
	k.wantKinds(0)
}

func txSeesItself(k *kit) {
	k.everywhere(func(tx ledger.Tx) error { return everything(k, tx) }, func(r ledger.Reader) error {
		return same("kinds", allKinds)(kinds(k, r))
	})
}

func txSnapshot(k *kit) {
	k.update(func(tx ledger.Tx) error { return tx.Meta.Set(k.Context(), "n", []byte("1")) })
	k.view(func(r ledger.Reader) error {
		k.update(func(tx ledger.Tx) error {
			return errors.Join(everything(k, tx), tx.Meta.Set(k.Context(), "n", []byte("2")))
		})
		if err := same("Get", []byte("1"))(r.Meta.Get(k.Context(), "n")); err != nil {
			return err
		}
		return same("kinds", 0)(kinds(k, r))
	})
	k.wantKinds(allKinds)
}

// txConcurrent moves one unit back and forth between two facts: every reader
// must see their sum unchanged, and no step may be lost.
func txConcurrent(k *kit) {
	const writers, steps, readers = 4, 25, 6
	get := func(r ledger.Reader, key string) (n int) {
		b, err := r.Meta.Get(k.Context(), key)
		if err != nil {
			k.Error(err)
		}
		_, _ = fmt.Sscan(string(b), &n)
		return n
	}
	var wg, reading sync.WaitGroup
	stop := make(chan struct{})
	for range writers {
		wg.Go(func() {
			for range steps {
				err := k.l.Update(k.Context(), func(tx ledger.Tx) error {
					a, b := get(tx.Reader(), "a"), get(tx.Reader(), "b")
					return errors.Join(tx.Meta.Set(k.Context(), "a", fmt.Append(nil, a+1)), tx.Meta.Set(k.Context(), "b", fmt.Append(nil, b-1)))
				})
				if err != nil {
					k.Error(err)
				}
			}
		})
	}
	for range readers {
		reading.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := k.l.View(k.Context(), func(r ledger.Reader) error {
					if a, b := get(r, "a"), get(r, "b"); a+b != 0 {
						return fmt.Errorf("%d and %d", a, b)
					}
					return nil
				})
				if err != nil {
					k.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	reading.Wait()
	k.l = k.reopen()
	k.view(func(r ledger.Reader) error { return same("steps", writers*steps)(get(r, "a"), nil) })
}

func txClose(k *kit) {
	started, finish, closed := make(chan struct{}), make(chan struct{}), make(chan error)
	done := make(chan error)
	go func() {
		done <- k.l.Update(k.Context(), func(tx ledger.Tx) error {
			close(started)
			<-finish
			return everything(k, tx)
		})
	}()
	<-started
	go func() { closed <- k.l.Close() }()
	select {
	case err := <-closed:
		k.Fatalf("Close did not wait: %v", err)
	default:
	}
	close(finish)
	if err := errors.Join(<-done, <-closed); err != nil {
		k.Fatal(err)
	}
	if err := k.l.Close(); err != nil {
		k.Errorf("closing again: %v", err)
	}
	if k.l.Update(k.Context(), func(ledger.Tx) error { return nil }) == nil || k.l.View(k.Context(), func(ledger.Reader) error { return nil }) == nil {
		k.Error("a closed ledger was used")
	}
	k.l = k.reopen()
	k.wantKinds(allKinds)
}

func txAfterFailure(k *kit) {
	for range 3 {
		txFails(k)
	}
	k.update(func(tx ledger.Tx) error { return everything(k, tx) })
	k.wantKinds(allKinds)
}

func txError(k *kit) {
	if err := k.l.View(k.Context(), func(ledger.Reader) error { return errIntended }); !errors.Is(err, errIntended) {
		k.Errorf("View: %v", err)
	}
}
