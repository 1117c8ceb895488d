package salesforce

import (
	"context"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

const (
	bulkPage   = 10_000 // rows a call; handed on in pages of pageSize
	firstPoll  = 250 * time.Millisecond
	lastPoll   = 10 * time.Second
	maxPolls   = 90 // a quarter of an hour; then the range is read the ordinary way
	keptPages  = 4
	pollGrowth = 6
)

// bulkPages keeps the pages of bulk results that are being handed on. One that
// is lost is fetched again: results do not change.
type bulkPages struct {
	mu   sync.Mutex
	held map[string]heldPage
}

type heldPage struct {
	rows []csvRow
	next string
}

func (b *bulkPages) get(key string) (heldPage, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.held[key]
	return p, ok
}

func (b *bulkPages) put(key string, p heldPage) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held == nil || len(b.held) >= keptPages {
		b.held = map[string]heldPage{}
	}
	b.held[key] = p
}

func (b *bulkPages) drop(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.held, key)
}

// openBulk starts a bulk query of the whole range.
func (t *pass) openBulk(ctx context.Context) (connectors.Page, error) {
	s := selection{object: t.r.object.name, fields: t.r.columns(), where: t.span.where()}
	if t.r.object.filter != "" {
		s.where = append(s.where, t.r.object.filter)
	}
	j, err := t.c.api.createJob(ctx, queryJobs, map[string]string{"operation": t.resource(), "query": s.String()})
	switch {
	case fault.Is(err, fault.Unsupported), fault.Is(err, fault.Permission), fault.Is(err, fault.Invalid):
		return t.ordinary(), nil
	case err != nil:
		return connectors.Page{}, err
	}
	t.p = position{Mode: modeBulk, Until: t.p.Until, Job: j.ID}
	return connectors.Page{Next: t.p.cursor(), More: true}, nil
}

// ordinary goes on with plain queries, from the beginning of the range: the
// rows of a bulk query come in no order that could be taken up.
func (t *pass) ordinary() connectors.Page {
	p := position{Mode: modeFull, Until: t.p.Until}
	return connectors.Page{Next: p.cursor(), More: true}
}

func (t *pass) bulk(ctx context.Context) (connectors.Page, error) {
	key := t.p.Job + "/" + t.p.Locator
	held, ok := t.c.bulkPages.get(key)
	if !ok {
		ready, err := t.poll(ctx)
		switch {
		case fault.Is(err, fault.Missing), fault.Is(err, fault.Expired):
			return t.ordinary(), nil
		case err != nil:
			return connectors.Page{}, err
		case ready == jobFailed || ready == jobAborted:
			return t.ordinary(), nil
		case ready != jobComplete:
			t.p.Polls++
			return connectors.Page{Next: t.p.cursor(), More: true}, nil
		}
		if held, err = t.load(ctx); err != nil {
			if fault.Is(err, fault.Missing) || fault.Is(err, fault.Expired) {
				return t.ordinary(), nil
			}
			return connectors.Page{}, err
		}
		t.c.bulkPages.put(key, held)
	}
	return t.slice(key, held)
}

// poll asks for the job's state and waits a little if it is not done.
func (t *pass) poll(ctx context.Context) (string, error) {
	if t.p.Locator != "" {
		return jobComplete, nil
	}
	j, err := t.c.api.job(ctx, queryJobs, t.p.Job)
	if err != nil || j.ended() {
		return j.State, err
	}
	if t.p.Polls >= maxPolls {
		_ = t.c.api.setState(ctx, queryJobs, t.p.Job, jobAborted) // it ends by itself otherwise
		return jobAborted, nil
	}
	wait := min(firstPoll<<min(t.p.Polls, pollGrowth), lastPoll)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return "", fault.New(fault.Canceled, fault.ScopeCall, "waiting for a bulk query: %w", ctx.Err())
	case <-timer.C:
		return j.State, nil
	}
}

func (t *pass) load(ctx context.Context) (heldPage, error) {
	var held heldPage
	next, err := t.c.api.results(ctx, t.c.api.path("jobs", queryJobs, t.p.Job, "results"), maxRecords(bulkPage, t.p.Locator),
		func(r csvRow) { held.rows = append(held.rows, r) })
	held.next = next
	return held, err
}

// slice hands on the next rows of a page of results.
func (t *pass) slice(key string, held heldPage) (connectors.Page, error) {
	from := min(t.p.Skip, len(held.rows))
	to := min(from+pageSize, len(held.rows))
	page := connectors.Page{Records: make([]connectors.Record, 0, to-from)}
	for _, row := range held.rows[from:to] {
		t.r.into(&page, row)
	}
	switch {
	case to < len(held.rows):
		t.p.Skip = to
	case held.next == "" || held.next == t.p.Locator:
		t.c.bulkPages.drop(key)
		page.CompleteTo = t.complete()
		page.Next = position{Mode: modeDelta, From: page.CompleteTo}.cursor()
		return page, nil
	default:
		t.c.bulkPages.drop(key)
		t.p.Skip, t.p.Locator = 0, held.next
	}
	page.Next, page.More = t.p.cursor(), true
	return page, nil
}
