package syncer

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/plan"
)

// sent is one row on its way, with what the ledger knows.
type sent struct {
	row    plan.Row
	op     connectors.Op
	intent ledger.Intent
	link   ledger.Link // of an update
	result connectors.Result
	done   bool
	echo   *connectors.Record
}

// batch carries out rows of one object and kind: those that moved on are left
// out, the intents are made durable, the rows are sent, and what became of
// them is made durable. A crash between any two of these is found by the open
// intents of the next cycle.
func (p *push) batch(ctx context.Context, b batch) error {
	rows, err := p.ready(ctx, b)
	if err != nil || len(rows) == 0 {
		return err
	}
	if err := p.intend(ctx, rows); err != nil {
		return err
	}
	p.writeAll(ctx, b, rows)
	// What was sent must be written down even when we are told to stop.
	settle := context.WithoutCancel(ctx)
	p.readBack(settle, b, rows)
	return p.settle(settle, b, rows)
}

// ready leaves out rows whose record changed since the plan, reads again those
// whose read is too old to write upon, and puts remote ids for entity ids.
func (p *push) ready(ctx context.Context, b batch) ([]*sent, error) {
	links, err := p.freshLinks(ctx, b)
	if err != nil {
		return p.postpone(ctx, b, err)
	}
	refs, err := p.targets(ctx, b)
	if err != nil {
		return nil, err
	}
	var rows []*sent
	var waiting []ledger.Hold
	for i, r := range b.rows {
		link, known := links[r.Remote]
		if r.Kind != connectors.Create && (!known || link.State != ledger.Live || link.Shadow.Version != r.Version) {
			p.count(func(s *PushSummary) { s.Stale++ })
			continue
		}
		fields, missing := resolve(r, refs)
		if missing != "" {
			waiting = append(waiting, p.waits(r, missing))
			if r.Kind == connectors.Create || len(fields) == 0 {
				continue
			}
		}
		rows = append(rows, p.prepare(r, fields, link, i))
	}
	return rows, p.hold(ctx, b, waiting)
}

// freshLinks returns the links of the batch, read again where the last read is
// too old to write upon.
func (p *push) freshLinks(ctx context.Context, b batch) (map[string]ledger.Link, error) {
	links, err := p.links(ctx, b)
	if err != nil {
		return nil, err
	}
	old := p.tooOld(b, links)
	if len(old) == 0 {
		return links, nil
	}
	if err := p.cycle.reread(ctx, b.system, b.object, old); err != nil {
		return nil, err
	}
	return p.links(ctx, b)
}

func (p *push) links(ctx context.Context, b batch) (map[string]ledger.Link, error) {
	if b.kind == connectors.Create {
		return nil, nil
	}
	ids := make([]string, len(b.rows))
	for i, r := range b.rows {
		ids[i] = r.Remote
	}
	var links map[string]ledger.Link
	err := p.cycle.engine.Ledger.View(ctx, func(r ledger.Reader) error {
		var err error
		links, err = r.Links.ByRemote(ctx, b.system.Name, b.object.Name, ids...)
		return err
	})
	return links, err
}

func (p *push) tooOld(b batch, links map[string]ledger.Link) []string {
	var old []string
	limit := p.cycle.engine.Now().Add(-p.tuning.MaxAge)
	for _, r := range b.rows {
		if l, ok := links[r.Remote]; ok && !p.cycle.readSince(l, limit) {
			old = append(old, r.Remote)
		}
	}
	return old
}

// readSince tells whether the record's state was confirmed after an instant:
// it was read then, or a pull that would have shown a change began then.
func (c *Cycle) readSince(l ledger.Link, limit time.Time) bool {
	if l.Shadow.Read.After(limit) {
		return true
	}
	for _, p := range c.pulled {
		if p.System == l.System && p.Object == l.Object && p.Err == nil {
			return p.Began.After(limit)
		}
	}
	return false
}

// targets looks up the records that referenced entities are written as.
func (p *push) targets(ctx context.Context, b batch) (map[record.EntityID]ledger.Ref, error) {
	var ids []record.EntityID
	for _, r := range b.rows {
		for name := range r.Refs {
			ids = append(ids, record.EntityID(r.After[name].Text()))
		}
	}
	out := map[record.EntityID]ledger.Ref{}
	if len(ids) == 0 {
		return out, nil
	}
	err := p.cycle.engine.Ledger.View(ctx, func(r ledger.Reader) error {
		links, err := r.Links.ByEntity(ctx, ids...)
		for id, all := range links {
			for _, l := range all {
				if l.System == b.system.Name && l.Primary && l.State == ledger.Live {
					out[id] = l.Ref
				}
			}
		}
		return err
	})
	return out, err
}

// resolve puts remote ids for entity ids. A reference whose record does not
// exist there yet is left out and named.
func resolve(r plan.Row, targets map[record.EntityID]ledger.Ref) (record.Fields, record.EntityID) {
	if len(r.Refs) == 0 {
		return r.After, ""
	}
	fields := r.After.Clone()
	var missing record.EntityID
	for name, objects := range r.Refs {
		id := record.EntityID(r.After[name].Text())
		to, ok := targets[id]
		if !ok {
			missing = id
			delete(fields, name)
			continue
		}
		text := to.ID
		if strings.Contains(objects, ",") {
			text = to.Object + "/" + to.ID
		}
		fields[name] = record.Of(record.Reference, text)
	}
	return fields, missing
}

func (p *push) prepare(r plan.Row, fields record.Fields, link ledger.Link, i int) *sent {
	op := connectors.Op{
		ID: p.cycle.opID(r, i), Kind: r.Kind, Object: r.Object, RemoteID: r.Remote, Key: r.Key, Fields: fields, Version: r.Version,
	}
	rules := make(map[string]string, len(r.Why))
	for name, why := range r.Why {
		rules[name] = why.Rule
	}
	return &sent{row: r, op: op, link: link, intent: ledger.Intent{
		Op: op.ID, Run: p.cycle.ID, Plan: p.plan, Entity: r.Entity, Kind: string(r.Kind),
		Ref:    ledger.Ref{System: r.System, Object: r.Object, ID: r.Remote},
		Before: r.Before, After: fields, Rules: rules, State: ledger.IntentOpen, At: p.cycle.engine.Now(),
	}}
}

// opID names a write for ever: the run, the entity and the system.
func (c *Cycle) opID(r plan.Row, i int) string {
	return fmt.Sprintf("%s-%s-%s-%s", c.ID, r.System, r.Entity, strconv.FormatInt(int64(i), 36))
}

func (p *push) intend(ctx context.Context, rows []*sent) error {
	intents := make([]ledger.Intent, len(rows))
	for i, s := range rows {
		intents[i] = s.intent
	}
	err := p.cycle.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		if err := p.cycle.fence(ctx, tx); err != nil {
			return err
		}
		return tx.Intents.Put(ctx, intents...)
	})
	if err != nil {
		return fmt.Errorf("nothing was sent: the intents cannot be made durable: %w", err)
	}
	return nil
}

// postpone holds every row of a batch that cannot be sent now.
func (p *push) postpone(ctx context.Context, b batch, err error) ([]*sent, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	holds := make([]ledger.Hold, len(b.rows))
	for i, r := range b.rows {
		holds[i] = p.failure(r, fault.As(err), 0)
	}
	return nil, p.hold(ctx, b, holds)
}

func (p *push) hold(ctx context.Context, b batch, holds []ledger.Hold) error {
	if len(holds) == 0 {
		return nil
	}
	p.count(func(s *PushSummary) { s.Pending += len(holds) })
	p.cycle.engine.observe(Event{Kind: BatchPushed, Run: p.cycle.ID, System: b.system.Name, Object: b.object.Name, N: len(holds), Result: "held"})
	return p.cycle.engine.Ledger.Update(ctx, func(tx ledger.Tx) error { return tx.Holds.Put(ctx, holds...) })
}

func (p *push) waits(r plan.Row, id record.EntityID) ledger.Hold {
	now := p.cycle.engine.Now()
	return ledger.Hold{
		HoldKey: ledger.HoldKey{Entity: r.Entity, System: r.System, Field: "*"}, Reason: ledger.Pending,
		Cause: "waits for another record", Detail: "a record it refers to does not exist there yet",
		WaitsFor: id, Since: now, Until: now.Add(time.Minute),
	}
}
