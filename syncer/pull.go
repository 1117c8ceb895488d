package syncer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

const changesLane = "changes"

// fetched is one page on its way from a reader to the committer.
type fetched struct {
	system *System
	object *Object
	cursor ledger.Cursor // where the read stands after the page
	page   connectors.Page
	mapped []mapped
	// last is set with the last page of all ranges of a first read: they become
	// one position.
	last []ledger.CursorKey
}

// Pulled is how one object's read went.
type Pulled struct {
	System, Object string
	As             record.Object
	Rows           int
	First          bool // everything was read, not only what changed
	Began          time.Time
	CompleteTo     time.Time
	Err            error
}

// pull reads every object of every system to its end. Reading runs ahead of
// reconciling: readers fetch and map side by side, one committer stores page
// after page. An object that cannot be read does not stop the others.
func (c *Cycle) pull(ctx context.Context) ([]Pulled, error) {
	pages := make(chan fetched, 4)
	readers, rctx := errgroup.WithContext(ctx)
	outcomes := make([][]Pulled, len(c.engine.Systems))
	for i, s := range c.engine.Systems {
		readers.Go(func() error {
			outcomes[i] = c.pullSystem(rctx, s, pages)
			return rctx.Err()
		})
	}
	done := make(chan error, 1)
	go func() {
		done <- readers.Wait()
		close(pages)
	}()
	var failed error
	for p := range pages {
		if failed != nil {
			continue // drain, so that no reader is left waiting
		}
		if failed = c.intake(ctx, p); failed != nil {
			c.stop(failed)
		}
	}
	if err := errors.Join(failed, <-done); failed != nil || ctx.Err() != nil {
		return nil, err
	}
	var all []Pulled
	for _, o := range outcomes {
		all = append(all, o...)
	}
	return all, nil
}

func (c *Cycle) pullSystem(ctx context.Context, s *System, pages chan<- fetched) []Pulled {
	var out []Pulled
	for _, o := range s.inOrder() {
		if !o.Schema.Caps.Changes || !c.wants(s, o) {
			continue
		}
		p := Pulled{System: s.Name, Object: o.Name, As: o.As, Began: c.engine.Now()}
		began := c.engine.Now()
		p.First = c.completeTo[ledger.CursorKey{System: s.Name, Object: o.Name, Lane: changesLane}].IsZero()
		p.Rows, p.CompleteTo, p.Err = c.pullObject(ctx, s, o, pages)
		ev := Event{Kind: ObjectPulled, Run: c.ID, System: s.Name, Object: o.Name, N: p.Rows, Took: c.engine.Now().Sub(began)}
		if p.Err != nil {
			ev.Kind, ev.Result = PullFailed, fault.ClassOf(p.Err).String()
			c.engine.Log.Error().Err(p.Err).Str("system", s.Name).Str("object", o.Name).Msg("cannot read; nothing is written there in this cycle")
		} else if !p.CompleteTo.IsZero() {
			ev.Lag = c.engine.Now().Sub(p.CompleteTo)
		}
		c.engine.observe(ev)
		out = append(out, p)
		if f := fault.As(p.Err); f != nil && f.Scope == fault.ScopeSystem {
			break
		}
	}
	return out
}

// pullObject reads one object from where its cursors stand. A cursor that the
// system no longer knows makes it read everything again: that costs calls and
// loses nothing.
func (c *Cycle) pullObject(ctx context.Context, s *System, o *Object, pages chan<- fetched) (int, time.Time, error) {
	lanes, err := c.lanes(ctx, s, o)
	if err != nil {
		return 0, time.Time{}, err
	}
	rows, to, err := c.readLanes(ctx, s, o, lanes, pages)
	if !fault.Is(err, fault.Expired) || ctx.Err() != nil {
		return rows, to, err
	}
	c.engine.Log.Warn().Str("system", s.Name).Str("object", o.Name).Msg("the reading position is no longer known there: reading everything again")
	if err := c.forget(ctx, lanes); err != nil {
		return rows, to, err
	}
	if lanes, err = c.lanes(ctx, s, o); err != nil {
		return rows, to, err
	}
	again, to, err := c.readLanes(ctx, s, o, lanes, pages)
	return rows + again, to, err
}

func (c *Cycle) forget(ctx context.Context, lanes []ledger.Cursor) error {
	keys := make([]ledger.CursorKey, len(lanes))
	for i, l := range lanes {
		keys[i] = l.CursorKey
	}
	return c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error { return tx.Meta.DeleteCursors(ctx, keys...) })
}

// lanes returns the reading positions of an object. On the first read the
// ranges are made durable before any of them is read, so that a restart goes
// on with the same ones.
func (c *Cycle) lanes(ctx context.Context, s *System, o *Object) ([]ledger.Cursor, error) {
	var lanes []ledger.Cursor
	err := c.engine.Ledger.View(ctx, func(r ledger.Reader) error {
		all, err := r.Meta.Cursors(ctx, s.Name)
		for _, cur := range all {
			if cur.Object == o.Name && cur.Lane != goneLane {
				lanes = append(lanes, cur)
			}
		}
		return err
	})
	if err != nil || len(lanes) > 0 {
		return lanes, err
	}
	queries, err := s.Conn.Split(ctx, connectors.Query{Object: o.Name, Fields: o.fields()})
	if err != nil {
		return nil, fmt.Errorf("dividing the first read: %w", err)
	}
	for _, q := range queries {
		lane := changesLane
		if q.Range != "" || len(queries) > 1 {
			lane = "range:" + q.Range
		}
		lanes = append(lanes, ledger.Cursor{
			CursorKey: ledger.CursorKey{System: s.Name, Object: o.Name, Lane: lane},
			Value:     string(q.Cursor), Updated: c.engine.Now(),
		})
	}
	return lanes, c.engine.Ledger.Update(ctx, func(tx ledger.Tx) error { return tx.Meta.PutCursors(ctx, lanes...) })
}

func (c *Cycle) readLanes(ctx context.Context, s *System, o *Object, lanes []ledger.Cursor, pages chan<- fetched) (int, time.Time, error) {
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(c.engine.Tuning.withDefaults().Ranges)
	readers := make([]*lane, len(lanes))
	for i, cur := range lanes {
		readers[i] = &lane{cycle: c, system: s, object: o, cursor: cur, pages: pages}
		if cur.Done {
			readers[i].end = connectors.Cursor(cur.Value)
			continue
		}
		group.Go(func() error { return readers[i].read(gctx) })
	}
	if err := group.Wait(); err != nil {
		return total(readers), time.Time{}, err
	}
	if len(lanes) > 1 || lanes[0].Lane != changesLane {
		if err := c.join(ctx, s, o, readers, pages); err != nil {
			return total(readers), time.Time{}, err
		}
	}
	return total(readers), readers[0].cursor.CompleteTo, nil
}

func total(readers []*lane) int {
	n := 0
	for _, r := range readers {
		n += r.rows
	}
	return n
}

// join replaces the finished ranges of a first read by one position, after
// the pages before it in the channel.
func (c *Cycle) join(ctx context.Context, s *System, o *Object, readers []*lane, pages chan<- fetched) error {
	f := fetched{system: s, object: o, cursor: ledger.Cursor{
		CursorKey: ledger.CursorKey{System: s.Name, Object: o.Name, Lane: changesLane},
		Updated:   c.engine.Now(), CompleteTo: readers[0].cursor.CompleteTo,
	}}
	for _, r := range readers {
		if f.cursor.Value != "" && f.cursor.Value != string(r.end) {
			return fault.New(fault.Malformed, fault.ScopeObject, "the ranges of %s %s do not end at one position: this is a fault of the connector", s.Name, o.Name)
		}
		f.cursor.Value = string(r.end)
		f.cursor.Seq = max(f.cursor.Seq, r.cursor.Seq)
		f.last = append(f.last, r.cursor.CursorKey)
	}
	return send(ctx, pages, f)
}

func send(ctx context.Context, pages chan<- fetched, f fetched) error {
	select {
	case pages <- f:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lane reads one range to its end.
type lane struct {
	cycle  *Cycle
	system *System
	object *Object
	cursor ledger.Cursor
	pages  chan<- fetched
	rows   int
	end    connectors.Cursor
}

func (l *lane) read(ctx context.Context) error {
	rangeName := ""
	if l.cursor.Lane != changesLane {
		rangeName = l.cursor.Lane[len("range:"):]
	}
	for {
		q := connectors.Query{Object: l.object.Name, Fields: l.object.fields(), Cursor: connectors.Cursor(l.cursor.Value), Range: rangeName}
		page, err := l.system.Conn.Changes(ctx, q)
		if err != nil {
			return err
		}
		if page.More && page.Next == q.Cursor {
			return fault.New(fault.Malformed, fault.ScopeObject, "the page after %s %s is the same page again: reading stops here", l.system.Name, l.object.Name)
		}
		l.rows += len(page.Records)
		l.cursor.Value, l.cursor.Seq, l.cursor.Updated = string(page.Next), l.cursor.Seq+1, l.cycle.engine.Now()
		l.cursor.Done = !page.More && l.cursor.Lane != changesLane
		if !page.CompleteTo.IsZero() {
			l.cursor.CompleteTo = page.CompleteTo
		}
		f := fetched{system: l.system, object: l.object, cursor: l.cursor, page: page, mapped: mapPage(l.object, page)}
		if err := send(ctx, l.pages, f); err != nil {
			return err
		}
		if !page.More {
			l.end = page.Next
			return nil
		}
	}
}
