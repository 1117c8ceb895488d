package httpapi

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/time/rate"
)

// smoothest is the longest period that is smoothed in process; longer limits
// are quotas, which only the budget counts.
const smoothest = time.Minute

// pace waits until every limit lets the attempt pass. Waiting counts towards
// the call's MaxWait.
func (k *call) pace(req *http.Request) error {
	start := time.Now()
	defer func() { k.waited += time.Since(start) }()
	ctx, cancel := context.WithTimeout(req.Context(), max(k.c.profile.MaxWait-k.waited, 0))
	defer cancel()
	for _, l := range k.c.profile.Limits {
		if l.Match != nil && !l.Match(req) {
			continue
		}
		if err := k.c.take(ctx, l); err != nil {
			if req.Context().Err() != nil {
				return req.Context().Err()
			}
			return asWait(err, l)
		}
	}
	return nil
}

func (c *Client) take(ctx context.Context, l Limit) error {
	if b := c.bucket(l); b != nil {
		if err := b.Wait(ctx); err != nil {
			return err
		}
	}
	return c.env.Budget.Take(ctx, c.name+"/"+l.Name, l.N, l.Period)
}

// bucket smooths calls within this process, so that a period's calls are not
// all made in its first moment.
func (c *Client) bucket(l Limit) *rate.Limiter {
	if l.N <= 0 || l.Period <= 0 || l.Period > smoothest {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.buckets[l.Name]
	if !ok {
		b = rate.NewLimiter(rate.Limit(float64(l.N)/l.Period.Seconds()), max(l.N/2, 1))
		c.buckets[l.Name] = b
	}
	return b
}

// learn passes on what a reply's headers tell.
func (k *call) learn(ctx context.Context, h http.Header) {
	if k.c.profile.Observe == nil {
		return
	}
	ctx = context.WithoutCancel(ctx) // what was told holds for all callers
	for _, s := range k.c.profile.Observe(h) {
		reset := s.Reset
		if reset.IsZero() {
			reset = time.Now().Add(k.c.period(s.Limit))
		}
		k.c.env.Budget.Learn(ctx, k.c.name+"/"+s.Limit, s.Remaining, reset)
		k.c.metrics.budget(s.Limit, s.Remaining)
	}
}

func (c *Client) period(limit string) time.Duration {
	for _, l := range c.profile.Limits {
		if l.Name == limit && l.Period > 0 {
			return l.Period
		}
	}
	return time.Second
}

// tellBudget lets the other callers know of a refusal: of the limit that the
// fault's code names, else of none.
func (k *call) tellBudget(ctx context.Context) {
	if k.fault.Until.IsZero() || !k.fault.Until.After(time.Now()) {
		return
	}
	for _, l := range k.c.profile.Limits {
		if l.Name == k.fault.Code {
			k.c.env.Budget.Learn(ctx, k.c.name+"/"+l.Name, 0, k.fault.Until)
			k.c.metrics.budget(l.Name, 0)
		}
	}
}
