package mauticsim

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Options say what kind of Mautic it is. The zero value is a fresh one.
type Options struct {
	Clock *simkit.Clock
	// BatchMax is api_batch_max_limit; 200 unless set.
	BatchMax int
	// IgnoreBatchOptOut leaves doNotContact in batches unheeded, as some
	// versions do.
	IgnoreBatchOptOut bool
	Latency           time.Duration
}

// Credentials are what lets a client in: a user's, or an app's.
type Credentials struct {
	User, Password         string
	ClientID, ClientSecret string
}

// Twin is one simulated Mautic.
type Twin struct {
	opt    Options
	clock  *simkit.Clock
	server *simkit.Server
	tokens *simkit.Tokens
	mux    *http.ServeMux
	cred   Credentials

	faults  simkit.Faults
	counter simkit.Counter
	autos   simkit.Automations

	mu     sync.Mutex
	kinds  map[string]*kind
	tables map[string]*table
	lists  map[string][]Listed
	merged map[int64]int64  // a loser's id to its winner's
	totals map[string]total // remembered counts by query
	last   []byte           // the latest page, for repeated_page
}

type total struct {
	n  int
	at time.Time
}

// New builds a Mautic with its standard fields and nothing in it.
func New(opt Options) *Twin {
	opt.BatchMax = cmp.Or(opt.BatchMax, 200)
	if opt.Clock == nil {
		opt.Clock = simkit.NewClock(nil)
	}
	t := &Twin{
		opt: opt, clock: opt.Clock, mux: http.NewServeMux(), kinds: newKinds(), tables: newTables(),
		lists: map[string][]Listed{}, merged: map[int64]int64{}, totals: map[string]total{},
		cred: Credentials{User: "api", Password: rand.Text(), ClientID: "1_" + rand.Text(), ClientSecret: rand.Text()},
	}
	t.tokens = simkit.NewTokens(simkit.TokenOptions{
		ClientID: t.cred.ClientID, ClientSecret: t.cred.ClientSecret, TTL: time.Hour, Clock: opt.Clock,
	})
	t.routes()
	t.server = simkit.NewServer(simkit.Config{
		Handler: http.HandlerFunc(t.serve), Faults: &t.faults, Counter: &t.counter, Automations: &t.autos,
		Classify: t.classify, ServerError: serverError, ExpireTokens: t.tokens.ExpireAll, Latency: opt.Latency,
	})
	return t
}

// Start listens on a loopback address; "" takes a free port.
func (t *Twin) Start(addr string) error { return t.server.Start(addr) }

// URL returns the base address once started.
func (t *Twin) URL() string { return t.server.URL() }

// Handler returns the whole server without a listener.
func (t *Twin) Handler() http.Handler { return t.server.Handler() }

// Close ends the server and every call under way.
func (t *Twin) Close() error { return t.server.Close() }

// Credentials returns what lets a client in.
func (t *Twin) Credentials() Credentials { return t.cred }

// Clock returns the Mautic's clock.
func (t *Twin) Clock() *simkit.Clock { return t.clock }

// Counts returns the calls answered so far.
func (t *Twin) Counts() simkit.Counts { return t.counter.Counts() }

// ResetCounts sets the counts to nought.
func (t *Twin) ResetCounts() { t.counter.Reset() }

// AddFault makes the Mautic misbehave, as POST /__sim/fault does.
func (t *Twin) AddFault(f simkit.Fault) { t.faults.Add(f) }

// ResetFaults forgets every fault.
func (t *Twin) ResetFaults() { t.faults.Reset() }

// ExpireTokens makes every access token stale.
func (t *Twin) ExpireTokens() { t.tokens.ExpireAll() }

func (t *Twin) now() string { return column(t.clock.Now()) }

// column writes a moment as the database holds it: UTC, no fractions.
func column(at time.Time) string { return at.UTC().Format(time.DateTime) }

func (t *Twin) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", t.clock.Now().UTC().Format(http.TimeFormat))
	w.Header().Set("Mautic-Version", "5.2.1")
	if strings.HasPrefix(r.URL.Path, "/api/") && !t.allowed(w, r) {
		return
	}
	if _, limited := t.faults.Take(r.Method, r.URL.Path, "rate_limit"); limited {
		refuse(w, http.StatusTooManyRequests, "rate_limit", "API Rate Limit exceeded.")
		return
	}
	t.mux.ServeHTTP(w, r)
}

func (t *Twin) allowed(w http.ResponseWriter, r *http.Request) bool {
	if f, off := t.faults.Take(r.Method, r.URL.Path, "api_disabled", "basic_disabled"); off {
		kind := map[string]string{"api_disabled": "api_disabled", "basic_disabled": "access_denied"}[f.Kind]
		refuse(w, http.StatusForbidden, kind, "You need to enable it in the Configuration.")
		return false
	}
	token, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if bearer {
		if _, ok := t.tokens.Valid(token); ok {
			return true
		}
		refuse(w, http.StatusUnauthorized, "invalid_grant", "The access token provided has expired.")
		return false
	}
	user, password, _ := r.BasicAuth()
	if user == t.cred.User && password == t.cred.Password {
		return true
	}
	refuse(w, http.StatusUnauthorized, "access_denied", "API authorization denied.")
	return false
}

func (t *Twin) classify(r *http.Request) (simkit.Class, string) {
	_, pattern := t.mux.Handler(r)
	method, route, _ := strings.Cut(pattern, " ")
	switch {
	case pattern == "" || pattern == "/":
		return simkit.Read, "unknown"
	case strings.HasPrefix(route, "/oauth/"):
		return simkit.Auth, route
	case method == http.MethodGet:
		return simkit.Read, route
	}
	return simkit.Write, route
}

func (t *Twin) routes() {
	t.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, "", "Looks like I encountered an error (error #404).")
	})
	t.mux.HandleFunc("POST /oauth/v2/token", t.token)
	for _, k := range t.kinds {
		t.kindRoutes(k)
	}
	t.mux.HandleFunc("POST /api/contacts/{id}/dnc/{channel}/{verb}", t.locked(t.doNotContact))
	t.mux.HandleFunc("GET /api/fields/{object}", t.locked(t.describe))
	t.mux.HandleFunc("POST /api/fields/{object}/new", t.locked(t.newField))
	for _, name := range []string{"segments", "campaigns", "emails", "stages", "users"} {
		t.mux.HandleFunc("GET /api/"+name, t.locked(func(w http.ResponseWriter, r *http.Request) { t.listed(w, r, name) }))
	}
	t.mux.HandleFunc("GET /api/stats", t.locked(t.statTables))
	t.mux.HandleFunc("GET /api/stats/{table}", t.locked(t.stats))
}

func (t *Twin) locked(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t.mu.Lock()
		defer t.mu.Unlock()
		h(w, r)
	}
}

func (t *Twin) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if r.ParseForm() != nil || t.tokens.CheckClient(r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")) != nil {
		send(w, http.StatusBadRequest, map[string]string{"error": "invalid_client", "error_description": "The client credentials are invalid"})
		return
	}
	if r.PostForm.Get("grant_type") != "client_credentials" {
		send(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type"})
		return
	}
	grant := t.tokens.Issue("app")
	send(w, http.StatusOK, map[string]any{"access_token": grant.AccessToken, "expires_in": int(grant.ExpiresIn.Seconds()), "token_type": "bearer", "scope": nil})
}

func idOf(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
