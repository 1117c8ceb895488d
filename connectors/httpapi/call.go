package httpapi

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
)

const (
	maxAttempts   = 20 // of any kind; waiting is bounded by MaxWait
	maxFailures   = 4  // attempts that failed otherwise than by a rate limit
	maxMalformed  = 2
	firstBackoff  = 500 * time.Millisecond
	lastBackoff   = 30 * time.Second
	lockedBackoff = 2 * time.Second
)

type callKey struct{}

// call is one Do or Stream over all its attempts. Only sent is touched by
// another goroutine: the connection's writer.
type call struct {
	c           *Client
	req         Request
	payload     []byte
	contentType string
	repeatable  bool
	stream      bool

	attempt int
	onWire  time.Duration // spent so far
	waited  time.Duration
	wait    time.Duration // before the next attempt
	sent    atomic.Bool   // the present attempt may have reached the vendor
	fault   *fault.Error
	reply   *Response
	body    *bounded // of a stream
	stop    context.CancelFunc
}

func (c *Client) newCall(r Request) (*call, error) {
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	k := &call{c: c, req: r, repeatable: r.repeatable(c.profile)}
	var err error
	if k.payload, k.contentType, err = r.payload(); err != nil {
		return nil, k.finish(&fault.Error{Class: fault.Invalid, Err: err})
	}
	return k, nil
}

func (k *call) decorate(req *http.Request) {
	version := k.c.env.Version
	if version == "" {
		version = "dev"
	}
	req.Header.Set("User-Agent", "Tandem/"+version)
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	if k.contentType != "" {
		req.Header.Set("Content-Type", k.contentType)
	}
}

// check decides after each attempt. It never lets a call be made twice whose
// first attempt may have taken effect, unless the call is repeatable.
func (k *call) check(ctx context.Context, _ *http.Response, err error) (bool, error) {
	if ctx.Err() != nil {
		k.fault = k.interrupted(ctx.Err())
		return false, nil //nolint:nilerr // the fault is kept in the call; the retrying client only has to stop
	}
	if err != nil && k.fault == nil {
		k.fault = k.c.faultOf(ctx, err)
	}
	if k.fault == nil {
		return false, nil
	}
	k.attempt++
	k.settle()
	again := k.mayRepeat()
	if again {
		k.wait = k.nextWait()
		again = k.affords(k.wait)
	}
	if k.fault.Class == fault.RateLimited || k.fault.Class == fault.Exhausted {
		k.tellBudget(ctx)
	}
	if again {
		k.waited += k.wait
		k.c.metrics.retry(k.req.Op, k.fault.Class)
		k.close()
	}
	return again, nil
}

// settle turns a failure that leaves open what happened into OutcomeUnknown.
func (k *call) settle() {
	if k.repeatable || !k.sent.Load() {
		return
	}
	switch k.fault.Class {
	case fault.Unclassified, fault.Transient, fault.Malformed, fault.Canceled:
		k.fault.Class = fault.OutcomeUnknown
		k.fault.Next = "look the record up before writing it again"
	default:
	}
}

func (k *call) mayRepeat() bool {
	switch k.fault.Class {
	case fault.RateLimited:
		return true
	case fault.Locked, fault.Malformed:
		return k.attempt < maxMalformed
	case fault.Transient, fault.Unclassified:
		return k.attempt < maxFailures
	default:
		return false
	}
}

func (k *call) nextWait() time.Duration {
	now := time.Now()
	grown := min(firstBackoff<<min(k.attempt-1, 10), lastBackoff)
	grown = grown/2 + rand.N(grown/2+1) //nolint:gosec // jitter needs no secrecy
	if k.fault.Class == fault.Locked {
		grown += lockedBackoff
	}
	if until := k.fault.Until; !until.IsZero() {
		// A little jitter after the moment named, so that lanes do not start as one.
		return max(until.Sub(now), 0) + grown/10
	}
	if k.c.profile.Wait != nil {
		if w := k.c.profile.Wait(k.fault, k.attempt); w > 0 {
			grown = w + rand.N(w/10+1) //nolint:gosec // jitter needs no secrecy
		}
	}
	if k.fault.Class == fault.RateLimited {
		k.fault.Until = now.Add(grown)
	}
	return grown
}

// affords tells whether the call may still wait that long and has time left
// on the wire afterwards.
func (k *call) affords(wait time.Duration) bool {
	return k.waited+wait <= k.c.profile.MaxWait && k.onWire < k.timeout()
}

func (k *call) timeout() time.Duration {
	if k.req.Timeout > 0 {
		return k.req.Timeout
	}
	return k.c.profile.Timeout
}

func (k *call) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return k.wait }

func (k *call) interrupted(cause error) *fault.Error {
	f := &fault.Error{Class: fault.Canceled, Err: cause}
	if !k.repeatable && k.sent.Load() && (k.fault == nil || !proves(k.fault.Class)) {
		f.Class, f.Next = fault.OutcomeUnknown, "look the record up before writing it again"
	}
	if !k.sent.Load() {
		f.Err = &notSent{cause}
	}
	return f
}

// proves tells whether a reply of this class shows that nothing was done.
func proves(c fault.Class) bool {
	switch c {
	case fault.Unclassified, fault.Transient, fault.Malformed, fault.Canceled, fault.OutcomeUnknown:
		return false
	default:
		return true
	}
}

func (k *call) finish(f *fault.Error) error {
	if f.Class == fault.Malformed {
		k.settleLate(f)
	}
	return k.c.complete(k.req, f)
}

func (k *call) settleLate(f *fault.Error) {
	if !k.repeatable && k.sent.Load() {
		f.Class, f.Next = fault.OutcomeUnknown, "look the record up before writing it again"
	}
}

func (k *call) close() {
	if k.body != nil {
		_ = k.body.Close() // nothing more is read from it
	}
	if k.stop != nil {
		k.stop()
	}
}

// notSent marks a failure before the request left.
type notSent struct{ cause error }

func (e *notSent) Error() string { return e.cause.Error() }
func (e *notSent) Unwrap() error { return e.cause }

// NotSent tells whether err proves that the last attempt of a call never left
// this machine, so that nothing was done over there: no connection, no token,
// no budget.
func NotSent(err error) bool {
	_, ok := errors.AsType[*notSent](err)
	return ok
}
