package suitecrmsim

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Options say what kind of SuiteCRM it is. The zero value is a fresh 7.15.0.
type Options struct {
	Clock   *simkit.Clock
	Latency time.Duration
	// Mended is a later version: times have their seconds, and email1 in a
	// PATCH renames the address, on every record that has it.
	Mended bool
	// Comma lets the API's user write numbers as in 1.234,5.
	Comma bool
}

// Credentials are what lets a client in, who acts as a user.
type Credentials struct {
	ClientID, ClientSecret, UserID string
}

// Twin is one simulated SuiteCRM.
type Twin struct {
	opt    Options
	clock  *simkit.Clock
	server *simkit.Server
	tokens *simkit.Tokens
	mux    *http.ServeMux

	faults  simkit.Faults
	counter simkit.Counter
	autos   simkit.Automations

	mu      sync.Mutex
	clients map[string]Credentials
	modules map[string]*module
	caps    map[string]string // ids of addresses by what they are in capitals
	user    string            // whose call is being answered
}

// New builds a SuiteCRM with its standard fields and nothing in it.
func New(opt Options) *Twin {
	if opt.Clock == nil {
		opt.Clock = simkit.NewClock(nil)
	}
	t := &Twin{opt: opt, clock: opt.Clock, mux: http.NewServeMux(), clients: map[string]Credentials{}, modules: newModules(), caps: map[string]string{}}
	t.tokens = simkit.NewTokens(simkit.TokenOptions{TTL: time.Hour, Clock: opt.Clock})
	t.routes()
	t.server = simkit.NewServer(simkit.Config{
		Handler: http.HandlerFunc(t.serve), Faults: &t.faults, Counter: &t.counter, Automations: &t.autos,
		Classify: t.classify, ServerError: func(w http.ResponseWriter, status int) { refuse(w, status, "") },
		ExpireTokens: t.tokens.ExpireAll, Latency: opt.Latency,
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

// Clock returns the SuiteCRM's clock.
func (t *Twin) Clock() *simkit.Clock { return t.clock }

// Counts returns the calls answered so far.
func (t *Twin) Counts() simkit.Counts { return t.counter.Counts() }

// ResetCounts sets the counts to nought.
func (t *Twin) ResetCounts() { t.counter.Reset() }

// AddFault makes the SuiteCRM misbehave, as POST /__sim/fault does.
func (t *Twin) AddFault(f simkit.Fault) { t.faults.Add(f) }

// ResetFaults forgets every fault.
func (t *Twin) ResetFaults() { t.faults.Reset() }

// ExpireTokens makes every access token stale.
func (t *Twin) ExpireTokens() { t.tokens.ExpireAll() }

// AddClient makes an OAuth 2 client and the user it acts as.
func (t *Twin) AddClient(name string) Credentials {
	t.mu.Lock()
	defer t.mu.Unlock()
	u := t.add(t.modules["Users"], "", t.now(), map[string]string{"user_name": name, "last_name": name, "status": "Active"})
	c := Credentials{ClientID: newID(), ClientSecret: rand.Text(), UserID: u.id}
	t.clients[c.ClientID] = c
	return c
}

// column writes a moment as the database holds it: UTC, no fractions.
func column(at time.Time) string { return at.UTC().Format(time.DateTime) }

func (t *Twin) now() string { return column(t.clock.Now()) }

func (t *Twin) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", t.clock.Now().UTC().Format(http.TimeFormat))
	t.mu.Lock()
	defer t.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, "/Api/V8/") {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		subject, ok := t.tokens.Valid(token)
		if !ok {
			send(w, http.StatusUnauthorized, map[string]string{
				"error": "access_denied", "message": "The resource owner or authorization server denied the request.", "hint": "Access token has been revoked",
			})
			return
		}
		t.user = subject
	}
	t.mux.ServeHTTP(w, r)
}

func (t *Twin) classify(r *http.Request) (simkit.Class, string) {
	_, pattern := t.mux.Handler(r)
	method, route, _ := strings.Cut(pattern, " ")
	switch {
	case pattern == "" || pattern == "/":
		return simkit.Read, "unknown"
	case strings.HasSuffix(route, "/access_token"):
		return simkit.Auth, route
	case method == http.MethodGet:
		return simkit.Read, route
	}
	return simkit.Write, route
}

func (t *Twin) routes() {
	t.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "") })
	t.mux.HandleFunc("POST /Api/access_token", t.token)
	t.mux.HandleFunc("GET /Api/V8/current-user", func(w http.ResponseWriter, _ *http.Request) {
		users := t.modules["Users"]
		send(w, http.StatusOK, map[string]any{"data": t.render(users, users.records[t.user], nil)})
	})
	t.mux.HandleFunc("GET /Api/V8/meta/fields/{module}", t.meta)
	t.mux.HandleFunc("GET /Api/V8/module/{module}", t.list)
	t.mux.HandleFunc("GET /Api/V8/module/{module}/{id}", t.read)
	t.mux.HandleFunc("DELETE /Api/V8/module/{module}/{id}", t.remove)
	t.mux.HandleFunc("POST /Api/V8/module", t.create)
	t.mux.HandleFunc("PATCH /Api/V8/module", t.update)
}

func (t *Twin) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	form := map[string]string{} // a form, or the same as JSON
	if strings.Contains(r.Header.Get("Content-Type"), "json") {
		_ = json.NewDecoder(r.Body).Decode(&form) // what is none is refused below
	} else if r.ParseForm() == nil {
		for key := range r.PostForm {
			form[key] = r.PostForm.Get(key)
		}
	}
	if form["grant_type"] != "client_credentials" {
		send(w, http.StatusBadRequest, map[string]string{"error": "unsupported_grant_type", "message": "The authorization grant type is not supported."})
		return
	}
	c, known := t.clients[form["client_id"]]
	switch {
	case !known:
		send(w, http.StatusInternalServerError, map[string]string{"error": "unknown_error", "message": "OAuth2Clients module with id is not found"})
		return
	case c.ClientSecret != form["client_secret"]:
		send(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client", "message": "Client authentication failed"})
		return
	}
	grant := t.tokens.Issue(c.UserID)
	send(w, http.StatusOK, map[string]any{"token_type": "Bearer", "expires_in": int(grant.ExpiresIn.Seconds()), "access_token": grant.AccessToken})
}

// refuse answers as SuiteCRM does: one object under `errors`.
func refuse(w http.ResponseWriter, status int, detail string) {
	send(w, status, map[string]any{"errors": map[string]any{"status": status, "title": nil, "detail": detail}})
}

func send(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/vnd.api+json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a lost client is its own affair
}
