package app

import (
	"context"
	"errors"
	"time"

	"github.com/tandem-sync/tandem/config"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// inbox lets connectors keep posts in the ledger.
type inbox struct{ ledger ledger.Ledger }

// Append keeps a post, durably when it returns.
func (b inbox) Append(ctx context.Context, connector, key string, at time.Time, body []byte) error {
	return b.ledger.Update(ctx, func(tx ledger.Tx) error {
		_, err := tx.Inbox.Append(ctx, connector, ledger.Delivery{Key: key, At: at, Body: body})
		return err
	})
}

// After reads posts.
func (b inbox) After(ctx context.Context, connector string, seq int64, limit int) ([]connectors.Delivered, error) {
	var out []connectors.Delivered
	err := b.ledger.View(ctx, func(r ledger.Reader) error {
		got, err := r.Inbox.After(ctx, connector, seq, limit)
		for _, d := range got {
			out = append(out, connectors.Delivered{Seq: d.Seq, Key: d.Key, At: d.At, Body: d.Body})
		}
		return err
	})
	return out, err
}

// receiver is a connector whose source is what is posted to it.
type receiver interface {
	MaxBody() int64
	Receive(ctx context.Context, d connectors.Delivery) error
	// Consumed tells up to which post a cursor has read.
	Consumed(c connectors.Cursor) int64
	// Retention is how long posts that were read are kept.
	Retention() time.Duration
}

// MaxBody is the longest body that a connector takes, if it takes posts.
func (d *Daemon) MaxBody(connector string) (int64, bool) {
	switch c := d.App().Systems[connector].(type) {
	case receiver:
		return c.MaxBody(), true
	case connectors.Notifier:
		return mostNotice, true
	}
	return 0, false
}

// Receive hands a post to its connector, which keeps it for the next cycle or
// takes it as a notice to begin one.
func (d *Daemon) Receive(ctx context.Context, connector string, post connectors.Delivery) error {
	switch c := d.App().Systems[connector].(type) {
	case receiver:
		return c.Receive(ctx, post)
	case connectors.Notifier:
		return d.notified(c, connector, post)
	}
	return &fault.Error{Class: fault.Missing, System: connector, Op: "receive a post", Err: errors.New("the connector takes no posts")}
}

// prune forgets posts that every object has read and whose time is over. A post
// is read when the cursor behind it is durable.
func (a *App) prune(ctx context.Context) error {
	for _, k := range a.Config.Enabled() {
		r, ok := a.Systems[k.Name].(receiver)
		if !ok {
			continue
		}
		err := a.Ledger.Update(ctx, func(tx ledger.Tx) error {
			upTo, err := consumed(ctx, tx, k, r)
			if err != nil || upTo == 0 {
				return err
			}
			_, err = tx.Inbox.Prune(ctx, k.Name, upTo, a.options.Now().Add(-r.Retention()))
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// consumed is the post up to which all objects have read.
func consumed(ctx context.Context, tx ledger.Tx, k *config.Connector, r receiver) (int64, error) {
	cursors, err := tx.Meta.Cursors(ctx, k.Name)
	if err != nil {
		return 0, err
	}
	var lowest int64
	for i, o := range k.Objects {
		var read int64
		for _, cur := range cursors {
			if cur.Object == o.Name && cur.Lane == "changes" {
				read = r.Consumed(connectors.Cursor(cur.Value))
			}
		}
		if i == 0 || read < lowest {
			lowest = read
		}
	}
	return lowest, nil
}
