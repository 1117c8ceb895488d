package simkit

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"time"
)

// Middleware wraps a twin's handler: it counts each call, waits the default
// latency and plays the faults of transport, which are the same for every
// vendor:
//
//	latency       waits LatencyMS (or Value, a duration), then answers
//	reset         cuts the connection by RST before the call is looked at
//	reply_lost    does what was asked, then cuts the connection by RST
//	truncate      sends the full length in the header and half the body
//	html          an HTML page, status Value (200)
//	oversize      a JSON body of Value megabytes (64), valid but for its end
//	slow_body     sends the answer a byte at a time, LatencyMS (100) apart
//	hang          sends nothing until the caller gives up
//	gzip_bomb     a small compressed body of Value megabytes (256) of JSON
//	redirect      302 to Value
//	server_error  status Value (503) in the vendor's words
func Middleware(cfg Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		class, route := cfg.Classify(r)
		cfg.Counter.Count(class, r.Method, route)
		if !wait(r.Context(), cfg.Latency) {
			return
		}
		fault, ok := cfg.Faults.Take(r.Method, r.URL.Path, "latency")
		if ok && !waitFor(r, fault.Duration(time.Second)) {
			return
		}
		fault, ok = cfg.Faults.Take(r.Method, r.URL.Path,
			"reset", "reply_lost", "truncate", "html", "oversize", "slow_body", "hang", "gzip_bomb", "redirect", "server_error")
		if !ok {
			cfg.Handler.ServeHTTP(w, r)
			return
		}
		misbehave(cfg, w, r, fault)
	})
}

func misbehave(cfg Config, w http.ResponseWriter, r *http.Request, fault Fault) {
	switch fault.Kind {
	case "reset":
		cut(w)
	case "reply_lost":
		record(cfg.Handler, r)
		cut(w)
	case "truncate":
		truncate(w, record(cfg.Handler, r))
	case "html":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(number(fault.Value, http.StatusOK))
		_, _ = io.WriteString(w, "<!doctype html><html><head><title>One moment</title></head><body><h1>We will be right back</h1></body></html>")
	case "oversize":
		oversize(w, r, number(fault.Value, 64))
	case "slow_body":
		drip(w, r, record(cfg.Handler, r), fault)
	case "hang":
		waitFor(r, 24*time.Hour)
	case "gzip_bomb":
		gzipBomb(w, r, number(fault.Value, 256))
	case "redirect":
		w.Header().Set("Location", fault.Value)
		w.WriteHeader(http.StatusFound)
	case "server_error":
		cfg.ServerError(w, number(fault.Value, http.StatusServiceUnavailable))
	}
}

// waitFor drains the request first: only then does net/http notice that the
// caller has gone and ends the context.
func waitFor(r *http.Request, d time.Duration) bool {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return false
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return wait(r.Context(), d)
}

func number(s string, fallback int) int {
	if n, err := strconv.Atoi(s); err == nil {
		return n
	}
	return fallback
}
