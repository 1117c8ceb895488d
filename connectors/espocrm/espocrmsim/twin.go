package espocrmsim

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Options say what kind of EspoCRM it is. The zero value is a fresh one.
type Options struct {
	Clock   *simkit.Clock
	Latency time.Duration
	// NoCampaigns takes the right to read campaigns from the API users.
	NoCampaigns bool
}

// Credentials are what lets an API user in.
type Credentials struct {
	ID     string // of the user
	Key    string
	Secret string // of one who signs by HMAC; "" for one with a key alone
}

// Twin is one simulated EspoCRM.
type Twin struct {
	opt    Options
	clock  *simkit.Clock
	server *simkit.Server
	mux    *http.ServeMux

	faults  simkit.Faults
	counter simkit.Counter
	autos   simkit.Automations

	mu        sync.Mutex
	users     map[string]Credentials // by key
	entities  map[string]*entity
	addresses map[string]*address // by their lower-case form
	next      int
	user      string // whose call is being answered
}

// New builds an EspoCRM with its standard fields and nothing in it but users.
func New(opt Options) *Twin {
	if opt.Clock == nil {
		opt.Clock = simkit.NewClock(nil)
	}
	t := &Twin{
		opt: opt, clock: opt.Clock, mux: http.NewServeMux(), users: map[string]Credentials{}, entities: newEntities(), addresses: map[string]*address{},
	}
	t.routes()
	t.server = simkit.NewServer(simkit.Config{
		Handler: http.HandlerFunc(t.serve), Faults: &t.faults, Counter: &t.counter, Automations: &t.autos,
		Classify: t.classify, ServerError: func(w http.ResponseWriter, status int) { refuse(w, status, "") }, Latency: opt.Latency,
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

// Clock returns the EspoCRM's clock.
func (t *Twin) Clock() *simkit.Clock { return t.clock }

// Counts returns the calls answered so far.
func (t *Twin) Counts() simkit.Counts { return t.counter.Counts() }

// ResetCounts sets the counts to nought.
func (t *Twin) ResetCounts() { t.counter.Reset() }

// AddFault makes the EspoCRM misbehave, as POST /__sim/fault does.
func (t *Twin) AddFault(f simkit.Fault) { t.faults.Add(f) }

// ResetFaults forgets every fault.
func (t *Twin) ResetFaults() { t.faults.Reset() }

// AddUser makes an API user who shows a key.
func (t *Twin) AddUser(name string) Credentials {
	return t.addUser(name, "")
}

// AddSigner makes an API user who signs by HMAC.
func (t *Twin) AddSigner(name string) Credentials {
	return t.addUser(name, strings.ToLower(rand.Text()))
}

func (t *Twin) addUser(name, secret string) Credentials {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.add(t.entities["User"], t.now(), map[string]any{"userName": name, "lastName": name, "isActive": true})
	cred := Credentials{ID: r.id, Key: strings.ToLower(rand.Text()), Secret: secret}
	t.users[cred.Key] = cred
	return cred
}

// column writes a moment as the database holds it: UTC, no fractions.
func column(at time.Time) string { return at.UTC().Format(time.DateTime) }

func (t *Twin) now() string { return column(t.clock.Now()) }

func (t *Twin) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", t.clock.Now().UTC().Format(http.TimeFormat))
	t.mu.Lock()
	defer t.mu.Unlock()
	var known bool
	if t.user, known = t.who(r); !known {
		refuse(w, http.StatusUnauthorized, "")
		return
	}
	if _, down := t.faults.Take(r.Method, r.URL.Path, "maintenance"); down {
		refuse(w, http.StatusServiceUnavailable, "Application is in maintenance mode.")
		return
	}
	t.mux.ServeHTTP(w, r)
}

// who tells the user of a call.
func (t *Twin) who(r *http.Request) (id string, known bool) {
	if key := r.Header.Get("X-Api-Key"); key != "" {
		c, ok := t.users[key]
		return c.ID, ok && c.Secret == ""
	}
	text, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Hmac-Authorization"))
	key, hash, found := strings.Cut(string(text), ":")
	c, ok := t.users[key]
	if err != nil || !found || !ok || c.Secret == "" {
		return "", false
	}
	mac := hmac.New(sha256.New, []byte(c.Secret))
	_, _ = mac.Write([]byte(r.Method + " " + strings.TrimPrefix(r.URL.Path, "/api/v1"))) // never fails
	sum := mac.Sum(nil)
	return c.ID, hash == hex.EncodeToString(sum) || hash == string(sum)
}

func (t *Twin) classify(r *http.Request) (simkit.Class, string) {
	_, pattern := t.mux.Handler(r)
	method, route, _ := strings.Cut(pattern, " ")
	switch {
	case pattern == "" || pattern == "/":
		return simkit.Read, "unknown"
	case method == http.MethodGet:
		return simkit.Read, route
	}
	return simkit.Write, route
}

func (t *Twin) routes() {
	t.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "") })
	t.mux.HandleFunc("GET /api/v1/App/user", t.appUser)
	t.mux.HandleFunc("GET /api/v1/Metadata", t.metadata)
	t.mux.HandleFunc("POST /api/v1/Lead/action/convert", t.convert)
	for name, e := range t.entities {
		base := "/api/v1/" + name
		for pattern, h := range map[string]func(http.ResponseWriter, *http.Request, *entity){
			"GET " + base:              t.list,
			"POST " + base:             t.create,
			"GET " + base + "/{id}":    t.read,
			"PUT " + base + "/{id}":    t.update,
			"PATCH " + base + "/{id}":  t.update,
			"DELETE " + base + "/{id}": t.remove,
		} {
			t.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
				if t.opt.NoCampaigns && strings.HasPrefix(name, "Campaign") {
					refuse(w, http.StatusForbidden, "No read access.")
					return
				}
				h(w, r, e)
			})
		}
	}
}

func (t *Twin) appUser(w http.ResponseWriter, _ *http.Request) {
	u := t.entities["User"].records[t.user]
	send(w, http.StatusOK, map[string]any{
		"user": t.render(u, nil), "acl": map[string]any{}, "preferences": map[string]any{}, "token": nil, "language": "en_US",
		"settings": map[string]any{"defaultCurrency": "EUR", "timeZone": "Europe/Berlin", "version": "9.1.0"}, "appParams": map[string]any{},
	})
}

// refuse answers without a body, as EspoCRM does unless it has one of its own.
func refuse(w http.ResponseWriter, status int, reason string) {
	if reason != "" {
		w.Header().Set("X-Status-Reason", reason)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
}

func send(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a lost client is its own affair
}
