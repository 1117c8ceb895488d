// Package acmesim is a simulated Acme: its contacts behind /v1 by API key.
// Write down here what it imitates and which of the vendor's traps it knows:
//
//   - an e-mail address is unique, whatever its case: 409 names the contact
//     that has it;
//   - lists are sorted by id and take at most 100 rows;
//   - times have milliseconds; an update that changes nothing moves nothing;
//   - deletions are remembered for 30 days.
//
// Besides simkit's faults it plays rate_limit and row_error.
package acmesim

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Options say what kind of Acme it is. The zero value is a new one.
type Options struct {
	Clock *simkit.Clock
}

// Twin is one simulated Acme.
type Twin struct {
	clock  *simkit.Clock
	server *simkit.Server
	mux    *http.ServeMux
	key    string

	faults  simkit.Faults
	counter simkit.Counter
	autos   simkit.Automations

	mu        sync.Mutex
	next      int64
	order     []*contact // by id
	byID      map[string]*contact
	byEmail   map[string]*contact
	deletions []deletion
}

// New builds an Acme with nothing in it.
func New(o Options) *Twin {
	if o.Clock == nil {
		o.Clock = simkit.NewClock(nil)
	}
	t := &Twin{clock: o.Clock, mux: http.NewServeMux(), key: rand.Text(), byID: map[string]*contact{}, byEmail: map[string]*contact{}}
	t.routes()
	t.server = simkit.NewServer(simkit.Config{
		Handler: http.HandlerFunc(t.serve), Faults: &t.faults, Counter: &t.counter, Automations: &t.autos, Classify: t.classify,
		ServerError: func(w http.ResponseWriter, status int) { refuse(w, status, refusal{Code: "internal"}) },
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

// Key returns what lets a client in.
func (t *Twin) Key() string { return t.key }

// Clock returns Acme's clock.
func (t *Twin) Clock() *simkit.Clock { return t.clock }

// Counts returns the calls answered so far.
func (t *Twin) Counts() simkit.Counts { return t.counter.Counts() }

// AddFault makes Acme misbehave, as POST /__sim/fault does.
func (t *Twin) AddFault(f simkit.Fault) { t.faults.Add(f) }

// ResetFaults forgets every fault.
func (t *Twin) ResetFaults() { t.faults.Reset() }

func (t *Twin) now() time.Time { return t.clock.Now().Truncate(time.Millisecond) }

func (t *Twin) routes() {
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /v1/account": t.account, "GET /v1/contacts": t.list, "GET /v1/deletions": t.deleted, "POST /v1/contacts": t.create,
		"PATCH /v1/contacts/{id}": t.update, "DELETE /v1/contacts/{id}": t.remove,
	} {
		t.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			t.mu.Lock()
			defer t.mu.Unlock()
			h(w, r)
		})
	}
	t.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusNotFound, refusal{Code: "not_found"})
	})
}

// serve lets a call in or not.
func (t *Twin) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", t.clock.Now().Format(http.TimeFormat))
	if r.Header.Get("Authorization") != "Bearer "+t.key {
		refuse(w, http.StatusUnauthorized, refusal{Code: "bad_key"})
		return
	}
	if _, limited := t.faults.Take(r.Method, r.URL.Path, "rate_limit"); limited {
		w.Header().Set("Retry-After", "2")
		refuse(w, http.StatusTooManyRequests, refusal{Code: "slow_down"})
		return
	}
	t.mux.ServeHTTP(w, r)
}

func (t *Twin) classify(r *http.Request) (simkit.Class, string) {
	_, pattern := t.mux.Handler(r)
	method, route, _ := strings.Cut(pattern, " ")
	if method == http.MethodGet || route == "" {
		return simkit.Read, route
	}
	return simkit.Write, route
}

func send(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"code": "internal"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a lost client is its own affair
}

// refusal is how Acme says no.
type refusal struct {
	Code     string `json:"code"`
	Message  string `json:"message,omitempty"`
	Field    string `json:"field,omitempty"`
	Existing string `json:"existing,omitempty"`
}

func refuse(w http.ResponseWriter, status int, why refusal) { send(w, status, why) }
