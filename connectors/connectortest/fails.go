package connectortest

import (
	"context"
	"errors"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

func failCases() []Case {
	list := []Case{
		{Name: "rate limit of the day", About: "A used-up daily quota is told with the time it ends, not waited for.", needs: need{
			transport: HTTP, faults: []string{"rate_limit_daily"},
		}, run: dailyLimit},
		{Name: "cancellation", About: "A cancelled call ends at once and says so.", needs: need{transport: HTTP, faults: []string{"hang"}}, run: canceled},
		{Name: "cancelled write", About: "A write cancelled on its way is not said to be refused.", needs: need{
			transport: HTTP, faults: []string{"hang"}, caps: []string{"update"},
		}, run: canceledWrite},
	}
	for _, kind := range []string{"rate_limit", "rate_limit_secondly"} {
		list = append(list, Case{
			Name: words(kind), About: "A rate limit that ends soon costs time, not records.",
			needs: need{transport: HTTP, faults: []string{kind}}, run: passes(kind),
		})
	}
	for _, kind := range []string{"server_error", "reset", "truncate", "html", "oversize", "gzip_bomb", "slow_body", "hang"} {
		list = append(list, Case{
			Name: words(kind), About: "Passing trouble of transport (" + words(kind) + ") loses nothing, lasting trouble ends in a clear error in bounded time.",
			needs: need{transport: HTTP, faults: []string{kind}}, run: survives(kind),
		})
	}
	return list
}

func words(kind string) string {
	b := []byte(kind)
	for i := range b {
		if b[i] == '_' {
			b[i] = ' '
		}
	}
	return string(b)
}

func passes(kind string) func(*kit) {
	return func(k *kit) {
		ids := k.Bench.Seed(2*k.page()+1, time.Now())
		k.advance(time.Hour)
		k.inject(after(1, kind), Reading)
		k.holdsAll(k.pullFor(k.query(), 3), ids)
		k.inject(once(kind), Reading)
		k.holdsAll(k.pullFor(k.query(), 3), ids)
	}
}

func dailyLimit(k *kit) {
	ids := k.Bench.Seed(2, time.Now())
	k.advance(time.Hour)
	bench := k.inject(always("rate_limit_daily"), Reading)
	start := time.Now()
	_, err := k.try(k.query())
	k.class(err, fault.Exhausted, fault.RateLimited)
	if waited := time.Since(start); waited > 5*time.Minute {
		k.t.Errorf("waited %s inside the call", waited)
	}
	until := fault.As(err).Until
	if !until.After(time.Now()) || time.Until(until) > 25*time.Hour {
		k.t.Errorf("the end of the quota is told as %s from now", time.Until(until))
	}
	bench.Reset()
	k.advance(time.Until(until) + time.Second)
	k.holdsAll(k.pull(k.query()), ids)
}

// survives plays the trouble once in the middle of a read, then for good.
func survives(kind string) func(*kit) {
	return func(k *kit) {
		ids := k.Bench.Seed(2*k.page()+1, time.Now())
		k.advance(time.Hour)
		f := after(1, kind)
		f.LatencyMS = 100
		bench := k.inject(f, Reading)
		k.holdsAll(k.pullFor(k.query(), 4), ids)
		bench.Reset()
		k.advance(time.Hour)

		f = always(kind)
		f.LatencyMS = 10_000
		bench.Inject(f, Reading)
		start := time.Now()
		_, err := k.try(k.query())
		k.class(err, fault.Transient, fault.Malformed)
		if took := time.Since(start); took > 10*time.Minute {
			k.t.Errorf("the call took %s to fail", took)
		}
		bench.Reset()
		k.advance(time.Hour)
		k.holdsAll(k.pullFor(k.query(), 2), ids)
	}
}

func canceled(k *kit) {
	k.Bench.Seed(1, time.Now())
	k.advance(time.Hour)
	k.inject(always("hang"), Reading)
	ctx, cancel := context.WithTimeout(k.ctx(), 3*time.Second)
	defer cancel()
	start := time.Now()
	_, err := k.Connector.Changes(ctx, k.query())
	k.class(err, fault.Canceled)
	if !errors.Is(err, context.DeadlineExceeded) {
		k.t.Errorf("the error does not wrap the context's: %v", err)
	}
	if took := time.Since(start); took > 4*time.Second {
		k.t.Errorf("the call ended %s after it began, its context after 3s", took)
	}
}

func canceledWrite(k *kit) {
	ids := k.Bench.Seed(1, time.Now())
	k.advance(time.Hour)
	k.inject(always("hang"), Writing)
	ctx, cancel := context.WithTimeout(k.ctx(), 3*time.Second)
	defer cancel()
	results, err := k.writer().Write(ctx, []connectors.Op{k.update("op-1", ids[0], canaryName)})
	_ = k.note(err)
	for _, r := range results {
		_ = k.note(r.Err)
		if r.Status == connectors.Applied || r.Status == connectors.Rejected && !connectors.Untouched(r.Err) {
			k.t.Errorf("a write that was cut is %q", r.Status)
		}
	}
	if len(results) == 0 && (err == nil || connectors.Untouched(err)) {
		k.t.Errorf("a write that was cut answers %v", err)
	}
}
