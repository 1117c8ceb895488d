package web_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/web"
)

// taker is a daemon with one connector that takes posts.
type taker struct {
	err   error
	got   []connectors.Delivery
	block chan struct{}
}

func (*taker) MaxBody(connector string) (int64, bool) { return 100, connector == "forms" }

func (f *taker) Receive(_ context.Context, _ string, d connectors.Delivery) error {
	if f.block != nil {
		<-f.block
	}
	f.got = append(f.got, d)
	return f.err
}

func withHooks(f *taker) http.Handler {
	return handler(busy(), func(o *web.Options) { o.Hooks = f })
}

func TestPostsAreAnsweredByWhatBecameOfThem(t *testing.T) {
	refused := func(c fault.Class) error {
		return &fault.Error{Class: c, Until: time.Now().Add(1500 * time.Millisecond), Err: errors.New("detail for the log")}
	}
	tests := map[string]struct {
		path, body string
		err        error
		code       int
		says       string
	}{
		"kept":          {"/hooks/forms", "{}", nil, http.StatusOK, "kept"},
		"no connector":  {"/hooks/none", "{}", nil, http.StatusNotFound, "takes posts"},
		"no name":       {"/hooks/", "{}", nil, http.StatusNotFound, ""},
		"too long":      {"/hooks/forms", strings.Repeat("x", 101), nil, http.StatusRequestEntityTooLarge, "max_body"},
		"just not":      {"/hooks/forms", strings.Repeat("x", 100), nil, http.StatusOK, "kept"},
		"not proven":    {"/hooks/forms", "{}", refused(fault.Auth), http.StatusUnauthorized, "signature"},
		"not allowed":   {"/hooks/forms", "{}", refused(fault.Forbidden), http.StatusUnauthorized, "signature"},
		"not readable":  {"/hooks/forms", "{}", refused(fault.Invalid), http.StatusBadRequest, "JSON"},
		"another type":  {"/hooks/forms", "{}", refused(fault.Unsupported), http.StatusUnsupportedMediaType, "application/json"},
		"gone meantime": {"/hooks/forms", "{}", refused(fault.Missing), http.StatusNotFound, "takes posts"},
		"too many":      {"/hooks/forms", "{}", refused(fault.RateLimited), http.StatusTooManyRequests, "later"},
		"not kept":      {"/hooks/forms", "{}", refused(fault.Transient), http.StatusServiceUnavailable, "later"},
		"no fault":      {"/hooks/forms", "{}", errors.New("detail for the log"), http.StatusServiceUnavailable, "later"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := &taker{err: test.err}
			w := post(t, withHooks(f), test.path, test.body, map[string]string{"X-Signature": "s"})
			if w.Code != test.code || !strings.Contains(w.Body.String(), test.says) || strings.Contains(w.Body.String(), "detail") {
				t.Errorf("answered %d %s", w.Code, w.Body)
			}
			if wait := w.Header().Get("Retry-After"); (wait != "") != (w.Code == http.StatusTooManyRequests || w.Code == http.StatusServiceUnavailable) {
				t.Errorf("%d: Retry-After is %q", w.Code, wait)
			}
			if test.code == http.StatusOK && (len(f.got) != 1 || string(f.got[0].Body) != test.body || f.got[0].Header.Get("X-Signature") != "s" || f.got[0].Received.IsZero()) {
				t.Errorf("handed on: %+v", f.got)
			}
		})
	}
}

func TestOnlyPostsAreTaken(t *testing.T) {
	if w := get(t, withHooks(&taker{}), "/hooks/forms"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("a GET is answered %d", w.Code)
	}
	if w := post(t, handler(busy()), "/hooks/forms", "{}", nil); w.Code != http.StatusNotFound && w.Code != http.StatusMethodNotAllowed {
		t.Errorf("without anybody who takes posts: %d", w.Code)
	}
}

func TestPostsAtOnceAreBounded(t *testing.T) {
	f := &taker{block: make(chan struct{})}
	h := withHooks(f)
	done := make(chan int)
	const n = 40
	for range n {
		go func() {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hooks/forms", strings.NewReader("{}")))
			done <- w.Code
		}()
	}
	refused := 0
	for range n - 16 {
		if code := <-done; code == http.StatusServiceUnavailable {
			refused++
		}
	}
	if refused != n-16 {
		t.Errorf("%d of %d were put off", refused, n)
	}
	for range 16 { // one by one: the taker counts
		f.block <- struct{}{}
		if code := <-done; code != http.StatusOK {
			t.Errorf("one that was taken is answered %d", code)
		}
	}
}

func TestNothingOfAPostIsLogged(t *testing.T) {
	var log bytes.Buffer
	f := &taker{err: &fault.Error{Class: fault.Auth, Err: errors.New("the signature is missing or wrong")}}
	h := handler(busy(), func(o *web.Options) { o.Hooks, o.Log = f, zerolog.New(&log) })
	for range 50 {
		post(t, h, "/hooks/forms?q=canary", `{"email":"canary@x.example"}`, map[string]string{"X-Signature": "canary"})
		post(t, h, "/hooks/canary", "{}", nil)
	}
	if strings.Contains(log.String(), "canary") {
		t.Errorf("the log shows what was posted: %s", log.String())
	}
	if n := strings.Count(log.String(), "\n"); n == 0 || n > 20 {
		t.Errorf("%d lines for 100 posts", n)
	}
}
