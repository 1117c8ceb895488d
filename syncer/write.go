package syncer

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

// writeAll sends the rows of a group in calls side by side, as many at a time
// as there are lanes for the whole push.
func (p *push) writeAll(ctx context.Context, b batch, rows []*sent) {
	if p.writeBulk(ctx, b, rows) {
		p.await(ctx, b, rows)
		return
	}
	var calls sync.WaitGroup
	for chunk := range chunks(rows, max(b.object.Schema.Caps.BatchWrite, 1)) {
		p.calls <- struct{}{}
		calls.Go(func() {
			defer func() { <-p.calls }()
			p.write(ctx, b, chunk)
		})
	}
	calls.Wait()
}

// writeBulk hands the rows over as a job where that is what they were grouped
// for. The job's handle is durable before it is waited for. It tells whether
// the rows are on their way.
func (p *push) writeBulk(ctx context.Context, b batch, rows []*sent) bool {
	w, ok := b.system.Conn.(connectors.BulkWriter)
	if !ok || !p.bulk(batchKey{b.system.Name, b.object.Name, b.kind}, b.system) || len(rows) <= w.BulkAbove() {
		return false
	}
	ops := make([]connectors.Op, len(rows))
	for i, s := range rows {
		ops[i] = s.op
	}
	handle, err := w.WriteBulk(ctx, ops)
	if handle == "" {
		p.cycle.engine.Log.Info().Err(err).Str("system", b.system.Name).Str("object", b.object.Name).Msg("no job was made; the rows go in batches")
		return false
	}
	intents := make([]ledger.Intent, len(rows))
	for i, s := range rows {
		s.done = true
		s.result = connectors.Result{Op: s.op.ID, Status: connectors.Accepted, Handle: handle}
		s.intent.State, s.intent.Handle = ledger.IntentAccepted, string(handle)
		intents[i] = s.intent
	}
	err = p.cycle.engine.Ledger.Update(context.WithoutCancel(ctx), func(tx ledger.Tx) error { return tx.Intents.Put(ctx, intents...) })
	if err != nil {
		p.cycle.engine.Log.Error().Err(err).Msg("the handle of a job could not be stored; its rows are found again by their keys")
	}
	return true
}

// write sends rows and notes what became of each. A batch refused as a whole
// is split until the row at fault stands alone.
func (p *push) write(ctx context.Context, b batch, rows []*sent) {
	ops := make([]connectors.Op, len(rows))
	for i, s := range rows {
		ops[i] = s.op
	}
	writer, _ := b.system.Conn.(connectors.Writer)
	results, err := writer.Write(ctx, ops)
	take(rows, results)
	if err != nil && len(rows) > 1 && splits(err) && !anyDone(rows) {
		half := len(rows) / 2
		p.write(ctx, b, rows[:half])
		p.write(ctx, b, rows[half:])
		return
	}
	for _, s := range rows {
		if s.done {
			continue
		}
		s.done = true
		s.result = connectors.Result{Op: s.op.ID, Status: connectors.Unknown, Err: err}
		switch {
		case err == nil:
			s.result.Err = fault.New(fault.OutcomeUnknown, fault.ScopeRow, "the reply did not mention this row")
		case connectors.Untouched(err):
			s.result.Status = connectors.Rejected
		}
	}
	p.await(ctx, b, rows)
}

// splits tells whether a smaller batch may tell which row is at fault.
func splits(err error) bool {
	f := fault.As(err)
	switch f.Class {
	case fault.Invalid, fault.Conflict, fault.Locked, fault.Missing, fault.Stale, fault.Merged:
		return f.Scope >= fault.ScopeBatch || f.Scope == fault.ScopeCall
	case fault.Unclassified, fault.Transient, fault.RateLimited, fault.Exhausted, fault.Auth, fault.Permission,
		fault.Unsupported, fault.Expired, fault.Malformed, fault.Forbidden, fault.Canceled, fault.OutcomeUnknown:
		return false
	}
	return false
}

func anyDone(rows []*sent) bool {
	for _, s := range rows {
		if s.done {
			return true
		}
	}
	return false
}

func take(rows []*sent, results []connectors.Result) {
	byOp := make(map[string]*sent, len(rows))
	for _, s := range rows {
		byOp[s.op.ID] = s
	}
	for _, r := range results {
		if s := byOp[r.Op]; s != nil {
			s.result, s.done, s.echo = r, true, r.Echo
		}
	}
}

// awaitFor is how long a push waits for work that a system does later, before
// it leaves it to the next cycle.
const awaitFor = 10 * time.Minute

// await polls for rows that were accepted for later.
func (p *push) await(ctx context.Context, b batch, rows []*sent) {
	deadline := p.cycle.engine.Now().Add(awaitFor)
	for wait := time.Second; ; wait = min(wait*2, 15*time.Second) {
		handles := map[connectors.Handle][]*sent{}
		for _, s := range rows {
			if s.result.Status == connectors.Accepted {
				handles[s.result.Handle] = append(handles[s.result.Handle], s)
			}
		}
		if len(handles) == 0 || p.cycle.engine.Now().After(deadline) || !pause(ctx, wait) {
			return
		}
		for h, accepted := range handles {
			p.poll(ctx, b, h, accepted)
		}
	}
}

func (p *push) poll(ctx context.Context, b batch, h connectors.Handle, rows []*sent) {
	ops := make([]connectors.Op, len(rows))
	for i, s := range rows {
		ops[i] = s.op
	}
	writer, _ := b.system.Conn.(connectors.Writer)
	results, err := writer.Resume(ctx, h, ops)
	take(rows, results)
	if !fault.Is(err, fault.Expired) {
		return
	}
	for _, s := range rows {
		if s.result.Status == connectors.Accepted {
			s.result.Status, s.result.Err = connectors.Unknown, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// readBack reads what the system made of the rows, where its reply does not
// say: the value stored is the echo of the write. Creates whose fate is not
// known are looked for by our key.
func (p *push) readBack(ctx context.Context, b batch, rows []*sent) {
	finder, ok := b.system.Conn.(connectors.Finder)
	if !ok {
		return
	}
	p.findCreated(ctx, b, finder, rows)
	if !b.object.Schema.Caps.Read || b.kind == connectors.Archive {
		return
	}
	byID, ids := unseen(rows)
	for chunk := range chunks(ids, max(b.object.Schema.Caps.BatchRead, 1)) {
		records, err := finder.Read(ctx, b.object.Name, chunk, b.object.fields())
		if err != nil {
			p.cycle.engine.Log.Warn().Err(err).Str("system", b.system.Name).Str("object", b.object.Name).Msg("what was written could not be read back; the next cycle will")
			return
		}
		for _, r := range records {
			if s := byID[r.ID]; s != nil {
				s.seen(r)
			}
		}
	}
}

// unseen lists the rows whose stored value is not known yet.
func unseen(rows []*sent) (map[string]*sent, []string) {
	byID := map[string]*sent{}
	var ids []string
	for _, s := range rows {
		unsure := s.result.Status == connectors.Unknown && s.op.RemoteID != ""
		if id := s.remote(); id != "" && ((s.result.Status == connectors.Applied && !full(s.echo)) || unsure) {
			byID[id] = s
			ids = append(ids, id)
		}
	}
	return byID, ids
}

func full(echo *connectors.Record) bool {
	return echo != nil && len(echo.Fields) > 0 && echo.Version != ""
}

func (s *sent) remote() string {
	if s.op.RemoteID != "" {
		return s.op.RemoteID
	}
	return s.result.RemoteID
}

// seen takes the record read after the write. An update whose fate was not
// known took effect if the record now holds what was sent.
func (s *sent) seen(r connectors.Record) {
	s.echo = &r
	if s.result.Status != connectors.Unknown {
		return
	}
	for name, v := range s.op.Fields {
		if r.Fields[name] != v {
			return
		}
	}
	s.result.Status, s.result.Err = connectors.Applied, nil
}

// findCreated looks by our key for creates whose fate is not known. The look
// is consistent: what a finished write stored is seen.
func (p *push) findCreated(ctx context.Context, b batch, finder connectors.Finder, rows []*sent) {
	if b.kind != connectors.Create || !b.object.Schema.Caps.Lookup || b.object.Key == "" {
		return
	}
	var unsure []*sent
	var values []string
	for _, s := range rows {
		if s.result.Status == connectors.Unknown && s.op.Key.Value != "" {
			unsure = append(unsure, s)
			values = append(values, s.op.Key.Value)
		}
	}
	if len(unsure) == 0 {
		return
	}
	found, err := finder.Lookup(ctx, b.object.Name, b.object.Key, values, b.object.fields())
	if err != nil && !errors.Is(err, context.Canceled) {
		p.cycle.engine.Log.Warn().Err(err).Str("system", b.system.Name).Str("object", b.object.Name).Msg("creates whose reply was lost are looked for in the next cycle")
	}
	for i, records := range found {
		if i < len(unsure) && len(records) == 1 {
			s := unsure[i]
			s.echo = &records[0]
			s.result = connectors.Result{Op: s.op.ID, Status: connectors.Applied, RemoteID: records[0].ID, Adopted: true}
		}
	}
}

// rewritten lists the fields that the system stored otherwise than they were
// sent and than we know it to rewrite them.
func rewritten(b batch, s *sent) []string {
	if s.echo == nil {
		return nil
	}
	expected := s.op.Fields
	if f, ok := b.system.Conn.(connectors.Former); ok {
		expected = f.Canonical(b.object.Name, expected)
	}
	var names []string
	for name, v := range expected {
		got, read := s.echo.Fields[name]
		if v.State() == record.Placeholder && got.Text() == v.Text() {
			continue
		}
		if read && got != v && got != s.op.Fields[name] && (got.IsPresent() || v.IsPresent()) && v.Kind() != record.Reference {
			names = append(names, name)
		}
	}
	return names
}
