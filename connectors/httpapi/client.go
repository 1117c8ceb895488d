package httpapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"golang.org/x/time/rate"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Client calls one account of one vendor. It is safe for concurrent use.
type Client struct {
	env     Env
	profile Profile
	name    string
	base    atomic.Pointer[url.URL]
	first   *url.URL // the base as configured; nil if the token tells it
	auth    authorizer
	http    *http.Client
	wire    http.RoundTripper
	metrics *metrics

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

// New returns a client for the account at base. The base may be empty where
// OAuth.OnToken tells it. New does no I/O.
func New(env Env, profile Profile, name, base string, auth Auth) (*Client, error) {
	c := &Client{env: env, profile: profile.withDefaults(), name: name, buckets: map[string]*rate.Limiter{}}
	if env.Budget == nil {
		c.env.Budget = NewLocalBudget()
	}
	if env.Tokens == nil {
		c.env.Tokens = NewMemoryTokens()
	}
	if c.wire = env.Transport; c.wire == nil {
		c.wire = NewTransport(env)
	}
	if base != "" {
		u, err := checkBase(env, base)
		if err != nil {
			return nil, err
		}
		c.first = u
		c.base.Store(u)
	}
	c.metrics = newMetrics(env.Metrics, name)
	c.http = &http.Client{Transport: attempts{c}, CheckRedirect: checkRedirect}
	opened, err := auth.open(c)
	if err != nil {
		return nil, err
	}
	c.auth = opened
	return c, nil
}

// Do makes a call and reads the reply to its end. The error is a
// *fault.Error; where a reply came with it, it is returned too.
func (c *Client) Do(ctx context.Context, r Request) (*Response, error) {
	k, err := c.newCall(r)
	if err != nil {
		return nil, err
	}
	if err := k.run(ctx); err != nil {
		return k.reply, err
	}
	if r.Into == nil || len(k.reply.Body) == 0 {
		return k.reply, nil
	}
	if err := Decode(k.reply.Body, r.Into); err != nil {
		return k.reply, k.finish(&fault.Error{Class: fault.Malformed, Status: k.reply.Status, Err: err})
	}
	return k.reply, nil
}

// Stream makes a call and hands the body of a good reply to read, which must
// not keep it. At most MaxBytes are read; more is an error. Only the way to
// the first byte is retried; what breaks later is the caller's to repeat. The
// Response has no Body.
func (c *Client) Stream(ctx context.Context, r Request, read func(io.Reader) error) (*Response, error) {
	k, err := c.newCall(r)
	if err != nil {
		return nil, err
	}
	k.stream = true
	if err := k.run(ctx); err != nil {
		return k.reply, err
	}
	defer k.close()
	if err := read(k.body); err != nil {
		if f := k.body.fault(err); f != nil {
			return k.reply, k.finish(f)
		}
		return k.reply, err
	}
	return k.reply, nil
}

// Base returns the address called now, which a token reply may have changed;
// nil as long as it is not known.
func (c *Client) Base() *url.URL {
	u := c.base.Load()
	if u == nil {
		return nil
	}
	dup := *u
	return &dup
}

// Connect makes sure there is an access token and a base address.
func (c *Client) Connect(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://token.invalid/", nil)
	if err != nil {
		return err
	}
	if _, err := c.auth.authorize(ctx, req, ""); err != nil {
		return c.complete(Request{Op: "get an access token"}, c.faultOf(ctx, err))
	}
	if c.base.Load() == nil {
		return c.complete(Request{Op: "get an access token"}, &fault.Error{
			Class: fault.Malformed, Scope: fault.ScopeSystem, Err: errors.New("the token reply names no address to call"),
			Next: "set the base address in the connector's file",
		})
	}
	return nil
}

// Close lets go of idle connections.
func (c *Client) Close() {
	if t, ok := c.wire.(interface{ CloseIdleConnections() }); ok && c.env.Transport == nil {
		t.CloseIdleConnections()
	}
}

// Redact cleans a text of the credentials in use.
func (c *Client) Redact(text string) string {
	if c.auth == nil {
		return text
	}
	return secret.Redact(text, c.auth.secrets()...)
}

// connect finds out the address to call, where the token tells it. The
// attempts proper cannot retry this: they need an address to begin with.
func (k *call) connect(ctx context.Context) error {
	for k.c.base.Load() == nil {
		err := k.c.Connect(ctx)
		if err == nil {
			return nil
		}
		k.fault = fault.As(err)
		k.attempt++
		if k.fault.Class != fault.Transient && k.fault.Class != fault.RateLimited || k.attempt >= maxFailures {
			return err
		}
		wait := k.nextWait()
		if !k.affords(wait) {
			return err
		}
		k.waited += wait
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return k.finish(k.interrupted(ctx.Err()))
		}
	}
	k.attempt, k.fault = 0, nil
	return nil
}

// run makes the attempts. It returns the fault that remains.
func (k *call) run(ctx context.Context) error {
	c := k.c
	if err := k.connect(ctx); err != nil {
		return err
	}
	u, err := k.req.resolve(c.base.Load())
	if err != nil {
		return k.finish(&fault.Error{Class: fault.Invalid, Err: err})
	}
	ctx = context.WithValue(ctx, callKey{}, k)
	req, err := retryablehttp.NewRequestWithContext(ctx, k.req.Method, u.String(), nil)
	if err != nil {
		return k.finish(&fault.Error{Class: fault.Invalid, Err: errors.New("the request cannot be built")})
	}
	for name, values := range k.req.Header {
		req.Header[http.CanonicalHeaderKey(name)] = append([]string(nil), values...)
	}
	k.decorate(req.Request)
	// One retrying client per call costs nothing and lets its hooks know the
	// call; connections are shared through c.http.
	rc := &retryablehttp.Client{
		HTTPClient: c.http, RetryMax: maxAttempts, CheckRetry: k.check, Backoff: k.backoff,
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
	}
	res, err := rc.Do(req)
	if res != nil && !k.stream {
		_ = res.Body.Close() // a buffer by now
	}
	if ctx.Err() != nil && (err != nil || k.fault != nil) {
		k.fault = k.interrupted(ctx.Err())
	} else if err != nil && k.fault == nil {
		k.fault = c.faultOf(ctx, err)
	}
	if k.fault == nil {
		return nil
	}
	k.close()
	return k.finish(k.fault)
}
