package syncer

import (
	"context"
	"fmt"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/plan"
)

// settle writes down what became of a batch in one transaction.
func (p *push) settle(ctx context.Context, b batch, rows []*sent) error {
	err := p.cycle.engine.Ledger.Update(ctx, func(tx ledger.Tx) error {
		var ids []record.EntityID
		for _, s := range rows {
			ids = append(ids, s.row.Entity)
		}
		holds, err := tx.Holds.Of(ctx, ids...)
		if err != nil {
			return err
		}
		out := settled{push: p, batch: b, holds: holds}
		for _, s := range rows {
			out.row(s)
		}
		return out.store(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("%s %s: what became of %d writes could not be stored; the next cycle finds out: %w", b.system.Name, b.object.Name, len(rows), err)
	}
	p.report(b, rows)
	return nil
}

type settled struct {
	push    *push
	batch   batch
	holds   map[record.EntityID][]ledger.Hold
	links   []ledger.Link
	intents []ledger.Intent
	put     []ledger.Hold
	release []ledger.HoldKey
}

func (o *settled) row(s *sent) {
	i := s.intent
	now := o.push.cycle.engine.Now()
	switch s.result.Status {
	case connectors.Applied:
		i.State, i.EndedAt = ledger.IntentApplied, now
		i.ID = s.remote()
		l := o.shadow(s, now)
		o.links = append(o.links, l)
		o.moveHolds(s, l.Shadow.Version)
	case connectors.Accepted:
		i.State, i.Handle = ledger.IntentAccepted, string(s.result.Handle)
	case connectors.Unknown:
		i.State = ledger.IntentUnknown
		o.rejected(s, &i, now)
	case connectors.Rejected:
		i.State, i.EndedAt = ledger.IntentRejected, now
		o.rejected(s, &i, now)
	}
	o.intents = append(o.intents, i)
}

// rejected holds the row. An unknown update ends too: whether it took effect
// is seen by the next read, and sending it again does no harm. An unknown
// create stays open, so that it is never made twice.
func (o *settled) rejected(s *sent, i *ledger.Intent, now time.Time) {
	f := fault.As(s.result.Err)
	if f != nil {
		i.Code, i.Corr = f.Code, f.Correlation
	}
	if s.result.Status == connectors.Unknown && s.op.Kind != connectors.Create {
		i.State, i.EndedAt = ledger.IntentRejected, now
	}
	tries := 0
	for _, h := range o.holds[s.row.Entity] {
		if h.System == s.row.System && h.Field == "*" {
			tries = h.Tries
		}
	}
	o.put = append(o.put, o.push.failure(s.row, f, tries))
}

// moveHolds ends the hold on the row and moves those that our own write does
// not end to the new version.
func (o *settled) moveHolds(s *sent, version string) {
	for _, h := range o.holds[s.row.Entity] {
		if h.System != s.row.System {
			continue
		}
		switch {
		case h.Field == "*" && (h.Reason == ledger.Pending || h.Reason == ledger.Dead):
			o.release = append(o.release, h.HoldKey)
		case h.Reason == ledger.Left || h.Reason == ledger.Excluded || h.Reason == ledger.Manual:
			if version != "" {
				h.Version = version
				o.put = append(o.put, h)
			}
		case h.Reason == ledger.Pending, h.Reason == ledger.Dead, h.Reason == ledger.Quarantined,
			h.Reason == ledger.Undone, h.Reason == ledger.Fights, h.Reason == ledger.Consent:
		}
	}
}

// shadow is the link after a write. The echo sets what is held, for the fields
// written only: a difference in any other field is somebody's edit, and the
// version is then left behind so that the next read finds it.
func (o *settled) shadow(s *sent, now time.Time) ledger.Link {
	l := s.link
	if l.ID == "" {
		l = ledger.Link{
			Ref: ledger.Ref{System: s.row.System, Object: s.row.Object, ID: s.remote()}, Entity: s.row.Entity, As: s.row.As,
			Primary: true, State: ledger.Live, Rule: "created", Made: now,
		}
	}
	if s.op.Kind == connectors.Archive {
		l.State, l.Primary = ledger.GoneState, false
		return l
	}
	sh := &l.Shadow
	sh.Sent = sh.Sent.Merge(s.op.Fields)
	sh.MapRev = s.row.MapRev
	if !full(s.echo) {
		sh.Held = sh.Held.Merge(s.op.Fields)
		sh.Confirmed = false
		return l
	}
	echo := pick(s.echo.Fields, s.op.Fields)
	sh.Echo = sh.Echo.Merge(echo)
	others := o.editedByOthers(s, l)
	if len(sh.Held) == 0 {
		sh.Held = s.echo.Fields
	} else {
		sh.Held = sh.Held.Merge(echo)
	}
	sh.Confirmed = true
	if !others {
		sh.Version, sh.Modified, sh.Read = s.echo.Version, s.echo.Modified, now
		sh.ReadRun = o.push.cycle.ID
	}
	if !s.echo.Created.IsZero() {
		sh.Created = s.echo.Created
	}
	return l
}

func (o *settled) editedByOthers(s *sent, l ledger.Link) bool {
	if len(l.Shadow.Held) == 0 {
		return false
	}
	for name, v := range s.echo.Fields {
		if _, ours := s.op.Fields[name]; ours {
			continue
		}
		if f, ok := o.batch.object.Schema.Field(name); ok && (f.ReadOnly || f.Volatile) {
			continue
		}
		if held, known := l.Shadow.Held[name]; known && held != v {
			return true
		}
	}
	return false
}

func pick(from, names record.Fields) record.Fields {
	out := make(record.Fields, len(names))
	for name := range names {
		if v, ok := from[name]; ok {
			out[name] = v
		}
	}
	return out
}

func (o *settled) store(ctx context.Context, tx ledger.Tx) error {
	if err := tx.Intents.Put(ctx, o.intents...); err != nil {
		return err
	}
	if err := tx.Links.Put(ctx, o.links...); err != nil {
		return err
	}
	if err := tx.Holds.Release(ctx, o.release...); err != nil {
		return err
	}
	return tx.Holds.Put(ctx, o.put...)
}

// retryAfter grows from a minute to six hours.
func retryAfter(tries int) time.Duration {
	return min(time.Minute<<min(tries, 9), 6*time.Hour)
}

// failure is the hold of a row that was not applied.
func (p *push) failure(r plan.Row, f *fault.Error, tries int) ledger.Hold {
	now := p.cycle.engine.Now()
	h := ledger.Hold{
		HoldKey: ledger.HoldKey{Entity: r.Entity, System: r.System, Field: "*"}, Reason: ledger.Dead,
		Cause: cause(f), Detail: f.Error(), Desired: r.After.Hash(), MapRev: r.MapRev, Version: r.Version,
		Since: now, Tries: tries + 1,
	}
	if f.Class.Later() || f.Class == fault.Auth || f.Class == fault.Permission {
		h.Reason, h.Until = ledger.Pending, now.Add(retryAfter(tries))
		if f.Until.After(h.Until) {
			h.Until = f.Until
		}
	}
	return h
}

func cause(f *fault.Error) string {
	text := f.Class.String()
	if f.Code != "" {
		text = f.Code
	}
	if f.Field != "" {
		text += " on " + f.Field
	}
	return text
}

// report counts and tells what a batch came to.
func (p *push) report(b batch, rows []*sent) {
	results := map[string]int{}
	p.count(func(sum *PushSummary) {
		for _, s := range rows {
			p.tally(sum, b, s, results)
		}
	})
	for result, n := range results {
		p.cycle.engine.observe(Event{Kind: BatchPushed, Run: p.cycle.ID, System: b.system.Name, Object: b.object.Name, N: n, Result: result})
	}
}

func (p *push) tally(sum *PushSummary, b batch, s *sent, results map[string]int) {
	results[string(s.result.Status)]++
	switch s.result.Status {
	case connectors.Unknown, connectors.Accepted:
		sum.Unknown++
		return
	case connectors.Rejected:
		if fault.ClassOf(s.result.Err).Later() {
			sum.Pending++
		} else {
			sum.Rejected++
		}
		return
	case connectors.Applied:
	}
	sum.Applied++
	sum.BySystem[b.system.Name]++
	sum.ByObject[key(b.system.Name, b.object.Name, string(b.kind))]++
	switch s.op.Kind {
	case connectors.Create:
		sum.Created++
		sum.Counts[key("creates", b.system.Name, b.object.Name, "")]++
	case connectors.Archive:
		sum.Archived++
		sum.Counts[key("archives", b.system.Name, b.object.Name, "")]++
	case connectors.Update:
		sum.Updated++
		for name := range s.op.Fields {
			sum.Counts[key("updates", b.system.Name, b.object.Name, name)]++
		}
	}
	n := p.cycle.rowCounts(s.row)
	for rule, n := range map[string]int{"clears": n.clears, "opt_outs": n.optOuts, "billable": n.billable} {
		if n > 0 {
			sum.Counts[key(rule, b.system.Name, b.object.Name, "")] += n
		}
	}
	if names := rewritten(b, s); len(names) > 0 {
		sum.Rewritten++
		results["rewritten"]++
		p.cycle.engine.Log.Info().Str("system", b.system.Name).Str("object", b.object.Name).Strs("fields", names).Msg("rewritten by target")
	}
}
