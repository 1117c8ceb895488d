package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/tandem-sync/tandem/syncer/ledger"
)

// Ledger is a ledger in one SQLite file.
type Ledger struct {
	path    string
	writer  chan *conn // nil when opened for reading only
	readers chan *conn
	locked  *os.File

	closing sync.Once
	done    chan struct{} // closed when no new transaction may begin
	err     error
}

var _ ledger.Ledger = (*Ledger)(nil)

// View runs f on one consistent state: the one when it was called.
func (l *Ledger) View(ctx context.Context, f func(ledger.Reader) error) error {
	c, err := l.take(ctx, l.readers)
	if err != nil {
		return err
	}
	defer func() { l.readers <- l.rested(ctx, c) }()
	if err := c.exec("BEGIN"); err != nil {
		return err
	}
	defer func() { _ = c.exec("ROLLBACK") }() // nothing was written
	// A snapshot begins with the first read.
	if _, err := c.one("SELECT version FROM schema"); err != nil {
		return err
	}
	return f(newReader(newTxn(ctx, c, false)))
}

// Update runs f in one transaction.
func (l *Ledger) Update(ctx context.Context, f func(ledger.Tx) error) error {
	if l.writer == nil {
		return errReadOnly
	}
	c, err := l.take(ctx, l.writer)
	if err != nil {
		return err
	}
	defer func() { l.writer <- c }()
	if err := c.exec("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			_ = c.exec("ROLLBACK") // SQLite may have rolled back by itself
		}
	}()
	t := newTxn(ctx, c, true)
	if err := f(newTx(t)); err != nil {
		return err
	}
	if err := t.flush(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.exec("COMMIT"); err != nil {
		return fmt.Errorf("committing to the ledger: %w", err)
	}
	committed = true
	return nil
}

func (l *Ledger) take(ctx context.Context, pool chan *conn) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case <-l.done:
		return nil, errClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case c := <-pool:
		select {
		case <-l.done: // Close waits for this one
			pool <- c
			return nil, errClosed
		default:
			return c, nil
		}
	}
}

// Close waits for running transactions and closes the ledger.
func (l *Ledger) Close() error {
	l.closing.Do(func() {
		close(l.done)
		l.err = l.closeAll(cap(l.readers))
	})
	return l.err
}

// rested returns the reader, or a new one in its place if its cache has grown.
func (l *Ledger) rested(ctx context.Context, c *conn) *conn {
	if c.cached() <= readerKeepBytes {
		return c
	}
	fresh, err := dialReader(context.WithoutCancel(ctx), l.path)
	if err != nil {
		return c // it still works
	}
	_ = c.close() // it only read
	return fresh
}

// closeAll closes the readers first: the last connection to close copies the
// log into the file, and that is the writer's work.
func (l *Ledger) closeAll(readers int) error {
	var errs []error
	for range readers {
		errs = append(errs, (<-l.readers).close())
	}
	if l.writer != nil {
		errs = append(errs, (<-l.writer).close())
	}
	if l.locked != nil {
		errs = append(errs, l.locked.Close())
	}
	return errors.Join(errs...)
}
