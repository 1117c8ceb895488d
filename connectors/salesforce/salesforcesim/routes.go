package salesforcesim

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// usage counts REST calls against the daily allowance.
type usage struct {
	calls int
	since time.Time
}

const shownLimit = 100000

func (t *Twin) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/services/oauth2/token", t.serveToken)
	mux.HandleFunc("/services/oauth2/revoke", t.serveRevoke)
	mux.HandleFunc("/services/oauth2/introspect", t.serveIntrospect)
	mux.HandleFunc("/services/oauth2/userinfo", t.serveUserinfo)
	mux.HandleFunc("/id/", t.serveUserinfo)
	mux.HandleFunc("/services/data", t.serveVersions)
	mux.HandleFunc("/services/data/{$}", t.serveVersions)
	mux.HandleFunc("/services/data/", t.serveData)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { send(w, notFound()) })
	return mux
}

func send(w http.ResponseWriter, r reply) {
	kind := r.kind
	if kind == "" {
		kind = "application/json;charset=UTF-8"
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private")
	for k, v := range r.header {
		h[k] = []string{v} // as spelt, since the vendor's clients read Sforce-Locator so
	}
	if r.status != http.StatusNoContent && r.status != http.StatusNotModified {
		h.Set("Content-Type", kind)
		h.Set("Content-Length", strconv.Itoa(len(r.body)))
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // a lost caller is its own affair
}

func (t *Twin) serveVersions(w http.ResponseWriter, _ *http.Request) {
	var list []map[string]string
	season := []string{"Spring", "Summer", "Winter"}
	for v := oldestVersion; v <= newestVersion; v++ {
		// v58 is Summer '23, and a release follows every four months
		n := v - oldestVersion + 1
		year := 23 + n/3
		if season[n%3] == "Winter" {
			year++
		}
		list = append(list, map[string]string{"label": fmt.Sprintf("%s '%d", season[n%3], year), "url": fmt.Sprintf("/services/data/v%d.0", v), "version": fmt.Sprintf("%d.0", v)})
	}
	send(w, jsonReply(http.StatusOK, list))
}

// serveData answers every call below a version.
func (t *Twin) serveData(w http.ResponseWriter, r *http.Request) {
	user, ok := t.tokens.Valid(bearer(r))
	if !ok {
		send(w, failure(http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid"))
		return
	}
	w.Header().Set("Date", t.Clock.Now().Format(http.TimeFormat))
	used, limit, spent := t.spend()
	w.Header().Set("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/%d", used, limit))
	if rep, hit := t.limited(w, r, limit, spent); hit {
		send(w, rep)
		return
	}
	c, ok := newCall(r.Method, r.URL.RequestURI())
	if !ok {
		send(w, notFound())
		return
	}
	body, err := readAll(r)
	if err != nil {
		send(w, failure(http.StatusBadRequest, jsonError, "The body could not be read"))
		return
	}
	if f, ok := t.Faults.Take(r.Method, r.URL.Path, "merge"); ok {
		t.mu.Lock()
		err := t.mergeFault(f.Rows)
		t.mu.Unlock()
		if err != nil {
			send(w, failure(http.StatusInternalServerError, "UNKNOWN_EXCEPTION", err.Error()))
			return
		}
	}
	c.header, c.body, c.user, c.base = r.Header, body, user, origin(r)
	send(w, t.serve(c))
}

func bearer(r *http.Request) string {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") && !strings.EqualFold(kind, "OAuth") {
		return ""
	}
	return token
}

func (t *Twin) spend() (used, limit int, spent bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.Clock.Now()
	if now.Sub(t.usage.since) >= 24*time.Hour {
		t.usage = usage{since: now}
	}
	limit = shownLimit
	if t.opt.DailyLimit > 0 {
		limit = t.opt.DailyLimit
	}
	if t.opt.DailyLimit > 0 && t.usage.calls >= limit {
		return limit, limit, true
	}
	t.usage.calls++
	return t.usage.calls, limit, false
}

// limited plays the vendor's limits, real and by fault.
func (t *Twin) limited(w http.ResponseWriter, r *http.Request, limit int, spent bool) (reply, bool) {
	f, ok := t.Faults.Take(r.Method, r.URL.Path, "rate_limit", "rate_limit_daily", "rate_limit_secondly")
	switch {
	case spent, ok && f.Kind == "rate_limit_daily":
		w.Header().Set("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/%d", limit, limit))
		return failure(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), true
	case ok && f.Kind == "rate_limit":
		return failure(http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), true
	case ok:
		return failure(http.StatusServiceUnavailable, "SERVER_UNAVAILABLE", "ConcurrentRequests limit exceeded. Too many requests are being processed; try again later."), true
	}
	return reply{}, false
}

func serverError(w http.ResponseWriter, status int) {
	switch status {
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		send(w, reply{status: status, kind: "text/html", body: []byte("<html><head><title>Error</title></head><body><h1>" + http.StatusText(status) + "</h1></body></html>")})
	case http.StatusServiceUnavailable:
		send(w, failure(status, "SERVER_UNAVAILABLE", "The server is temporarily unavailable. Try again later."))
	default:
		send(w, failure(status, "UNKNOWN_EXCEPTION", "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (1234567890)"))
	}
}

var versionPart = regexp.MustCompile(`^/services/data/v[0-9.]+`)

// unversioned spells a path the same whatever the version.
func unversioned(path string) string { return versionPart.ReplaceAllString(path, "/services/data/v") }

var idPart = regexp.MustCompile(`/[0-9a-zA-Z]{15}([0-9a-zA-Z]{3})?(-\d+)?(/|$)`)

// classify says what a call does, and its route without version and ids.
func classify(r *http.Request) (simkit.Class, string) {
	route := idPart.ReplaceAllString(unversioned(r.URL.Path), "/{id}$3")
	route = strings.TrimSuffix(strings.Replace(route, "/services/data/v", "", 1), "/")
	if strings.HasPrefix(r.URL.Path, "/services/oauth2/") || strings.HasPrefix(r.URL.Path, "/id/") {
		return simkit.Auth, route
	}
	isRetrieve := r.Method == http.MethodPost && strings.HasPrefix(route, "/composite/sobjects/")
	if r.Method == http.MethodGet || r.Method == http.MethodHead || isRetrieve || strings.HasPrefix(route, "/jobs/query") {
		return simkit.Read, upsertRoute(route)
	}
	return simkit.Write, upsertRoute(route)
}

// upsertRoute hides the value of /sobjects/X/Field/value.
func upsertRoute(route string) string {
	parts := strings.Split(route, "/")
	if len(parts) == 5 && parts[1] == "sobjects" && parts[3] != "{id}" && parts[3] != "describe" {
		parts[4] = "{value}"
	}
	return strings.Join(parts, "/")
}
