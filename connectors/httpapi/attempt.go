package httpapi

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
)

// attempts is the transport under the retrying client: each attempt pays its
// rate limits, carries a token and is read, bounded and classified here.
type attempts struct{ c *Client }

// RoundTrip makes one attempt. What is wrong is kept in the call.
func (t attempts) RoundTrip(req *http.Request) (*http.Response, error) {
	k, ok := req.Context().Value(callKey{}).(*call)
	if !ok {
		return nil, errNoCall
	}
	k.sent.Store(false)
	if err := k.pace(req); err != nil {
		return nil, k.unsent(req.Context(), err)
	}
	res, token, err := t.once(k, req, "")
	if err == nil && k.expired(res) && t.c.auth.renewable() {
		// Exactly one forced refresh; what comes then is the answer.
		drop(res)
		res, _, err = t.once(k, req, token)
	}
	if err != nil {
		return nil, err
	}
	return res, nil
}

// once sends the request with a token other than rejected.
func (t attempts) once(k *call, req *http.Request, rejected string) (*http.Response, string, error) {
	ctx := req.Context()
	k.fault, k.reply = nil, nil
	out := req.Clone(ctx)
	if k.payload != nil && out.Method == k.req.Method {
		out.Body = io.NopCloser(bytes.NewReader(k.payload))
		out.ContentLength = int64(len(k.payload))
		out.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(k.payload)), nil }
	}
	token, err := t.c.auth.authorize(ctx, out, rejected)
	if err != nil {
		return nil, "", k.unsent(ctx, err)
	}
	if base := t.c.base.Load(); rejected != "" && req.Response == nil {
		out.URL.Scheme, out.URL.Host, out.Host = base.Scheme, base.Host, ""
	} else if base == nil || origin(base) != origin(out.URL) {
		return nil, "", k.unsent(ctx, foreign("a request"))
	}
	start := time.Now()
	res, err := k.send(out)
	if err == nil {
		k.judge(res)
	}
	k.observe(start, k.fault)
	return res, token, err
}

// send makes the exchange within what is left of the call's time.
func (k *call) send(req *http.Request) (*http.Response, error) {
	start := time.Now()
	defer func() { k.onWire += time.Since(start) }()
	left := k.timeout() - k.onWire
	ctx, cancel := context.WithTimeoutCause(req.Context(), left, errTooSlow)
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { k.sent.Store(true) },
	})
	k.stop = cancel
	if _, traces := k.c.wire.(*http.Transport); !traces {
		k.sent.Store(true) // a transport of another's making need not tell
	}
	res, err := k.c.wire.RoundTrip(req.WithContext(ctx))
	if err != nil {
		k.fault = k.c.faultOf(ctx, err) // before ctx is ended by us
		cancel()
		if !k.sent.Load() || refused(err) {
			k.sent.Store(false)
			k.fault.Err = &notSent{k.fault.Err}
		}
		return nil, k.fault
	}
	k.learn(ctx, res.Header)
	body := newBounded(res.Body, k.maxBytes())
	if k.stream && res.StatusCode < http.StatusMultipleChoices {
		k.body = body
		k.reply = responseOf(res, nil)
		return res, nil
	}
	defer cancel()
	return res, k.read(ctx, res, body)
}

// read takes the whole body in, so that a cut or oversized one is part of the
// attempt and can be retried.
func (k *call) read(ctx context.Context, res *http.Response, body *bounded) error {
	raw, err := io.ReadAll(body)
	_ = body.Close() // read to the end or given up
	k.reply = responseOf(res, raw)
	if err == nil {
		res.Body = io.NopCloser(bytes.NewReader(raw))
		return nil
	}
	if k.fault = body.fault(err); k.fault == nil || ctx.Err() != nil {
		k.fault = k.c.faultOf(ctx, err)
	}
	k.fault.Status = res.StatusCode
	return k.fault
}

func (k *call) expired(res *http.Response) bool {
	return k.reply != nil && k.body == nil && k.c.profile.TokenExpired(res.StatusCode, res.Header, k.reply.Body)
}

// judge asks the profile about a reply, then looks at its form.
func (k *call) judge(res *http.Response) {
	if k.body != nil || isRedirect(res) {
		return
	}
	f := k.c.profile.Classify(res.StatusCode, res.Header, k.reply.Body)
	if f == nil && res.StatusCode >= http.StatusBadRequest {
		f = ClassifyStatus(res.StatusCode, res.Header, k.reply.Body)
	}
	if f == nil && res.StatusCode < http.StatusMultipleChoices {
		f = checkForm(k, res)
	}
	if f == nil {
		return
	}
	f.Status = res.StatusCode
	if f.Correlation == "" && k.c.profile.Correlation != "" {
		f.Correlation = res.Header.Get(k.c.profile.Correlation)
	}
	if f.Until.IsZero() && f.Class.Later() {
		f.Until = retryAfter(res.Header, time.Now())
	}
	k.fault = f
}

func (k *call) unsent(ctx context.Context, err error) error {
	k.fault = k.c.faultOf(ctx, err)
	if k.fault.Err == nil {
		// Never err itself: it may be this fault, and a chain must not be a ring.
		k.fault.Err = errNotMade
	}
	k.fault.Err = &notSent{k.fault.Err}
	return k.fault
}

func (k *call) maxBytes() int64 {
	if k.req.MaxBytes > 0 {
		return k.req.MaxBytes
	}
	return k.c.profile.MaxBytes
}

func (k *call) observe(start time.Time, f *fault.Error) {
	k.c.metrics.call(k.req.Op, f, time.Since(start))
	e := k.c.env.Log.Debug().Str("system", k.c.name).Str("op", k.req.Op).Dur("took", time.Since(start))
	if k.reply != nil {
		e = e.Int("status", k.reply.Status)
	}
	e.Msg("called the API")
}

func drop(res *http.Response) {
	if res.Body != nil {
		_ = res.Body.Close() // read already
	}
}
