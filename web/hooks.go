package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Hooks takes what systems post to us.
type Hooks interface {
	// MaxBody is the longest body a connector takes; false if there is no such
	// connector or it takes no posts.
	MaxBody(connector string) (int64, bool)
	// Receive verifies a delivery and makes it durable. What it refuses is a
	// fault: Auth or Forbidden, Invalid, Unsupported (its type), RateLimited,
	// and anything else for later.
	Receive(ctx context.Context, connector string, d connectors.Delivery) error
}

const (
	// mostPosts is how many posts are taken at a time; each may hold its body
	// in memory.
	mostPosts = 16
	// storeWithin bounds the wait for the ledger: senders give up after about
	// ten seconds themselves.
	storeWithin = 8 * time.Second
	laterAfter  = 5 * time.Second
)

// hooks adds the address that systems post to. Unlike the rest it is meant to
// be reached from outside, so that it tells nothing but what became of a post.
func hooks(mux *http.ServeMux, o Options) {
	if o.Hooks == nil {
		return
	}
	o.Log = o.Log.Sample(&zerolog.BurstSampler{Burst: 10, Period: time.Minute})
	places := make(chan struct{}, mostPosts)
	mux.HandleFunc("POST /hooks/{connector}", func(w http.ResponseWriter, r *http.Request) {
		select {
		case places <- struct{}{}:
			defer func() { <-places }()
			hook(w, r, o)
		default:
			later(w, http.StatusServiceUnavailable, laterAfter, "too many posts at once; send it again later")
		}
	})
}

func hook(w http.ResponseWriter, r *http.Request, o Options) {
	name := r.PathValue("connector")
	most, ok := o.Hooks.MaxBody(name)
	if !ok {
		answer(w, http.StatusNotFound, problem{"no connector of this name takes posts"})
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if _, tooLong := errors.AsType[*http.MaxBytesError](err); tooLong {
		answer(w, http.StatusRequestEntityTooLarge, problem{"the body is longer than " + strconv.FormatInt(most, 10) + " bytes, which max_body allows"})
		return
	}
	if err != nil {
		answer(w, http.StatusBadRequest, problem{"the body ended early"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), storeWithin)
	defer cancel()
	err = o.Hooks.Receive(ctx, name, connectors.Delivery{
		Method: r.Method, URL: r.Host + r.URL.RequestURI(), Header: r.Header, Body: body, Received: time.Now(),
	})
	if err == nil {
		answer(w, http.StatusOK, map[string]string{"status": "kept"})
		return
	}
	o.Log.Warn().Err(err).Str("connector", name).Msg("a post is refused")
	refuse(w, fault.As(err))
}

// refuse answers by class. The cause of a refused proof stays in the log.
func refuse(w http.ResponseWriter, f *fault.Error) {
	switch f.Class {
	case fault.Auth, fault.Forbidden:
		answer(w, http.StatusUnauthorized, problem{"the signature, the secret or the time of the post is missing or wrong"})
	case fault.Invalid:
		answer(w, http.StatusBadRequest, problem{"the body cannot be read: send JSON or an encoded form"})
	case fault.Unsupported:
		answer(w, http.StatusUnsupportedMediaType, problem{"send application/json or application/x-www-form-urlencoded, uncompressed"})
	case fault.Missing:
		answer(w, http.StatusNotFound, problem{"no connector of this name takes posts"})
	case fault.RateLimited:
		later(w, http.StatusTooManyRequests, time.Until(f.Until), "too many posts at once; send it again later")
	default:
		later(w, http.StatusServiceUnavailable, laterAfter, "the post cannot be kept now; send it again later")
	}
}

func later(w http.ResponseWriter, code int, wait time.Duration, why string) {
	seconds := max(1, int((wait+time.Second-1)/time.Second))
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	answer(w, code, problem{why})
}
