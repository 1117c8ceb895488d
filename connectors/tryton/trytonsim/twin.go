package trytonsim

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Database is the name of the twin's database.
const Database = "tryton"

// Options say what kind of Tryton it is.
type Options struct {
	Clock   *simkit.Clock
	Latency time.Duration
	// Lacks names models of modules that are not installed.
	Lacks []string
}

// Credentials let a user in.
type Credentials struct{ User, Password string }

// Twin is one simulated Tryton.
type Twin struct {
	opt    Options
	clock  *simkit.Clock
	server *simkit.Server
	inner  http.Handler

	faults  simkit.Faults
	counter simkit.Counter

	mu       sync.Mutex
	users    []user
	sessions map[string]int64
	models   map[string]*model
	bad      map[string]bool // ids of rows that are refused
}

type user struct {
	Credentials

	id int64
}

// New builds a Tryton with a company, a category "Opted out", and two users:
// Tandem and a person.
func New(opt Options) *Twin {
	if opt.Clock == nil {
		opt.Clock = simkit.NewClock(nil)
	}
	t := &Twin{opt: opt, clock: opt.Clock, sessions: map[string]int64{}, models: newModels(), bad: map[string]bool{}}
	for i, name := range []string{"tandem", "person"} {
		t.users = append(t.users, user{Credentials{name, rand.Text()}, int64(2 + i)})
		t.models["res.user"].put(int64(2+i), fields{"login": name})
	}
	for _, name := range opt.Lacks {
		delete(t.models, name)
	}
	begin := t.transaction(1)
	begin.insert("currency.currency", fields{"code": "EUR"})
	begin.insert("company.employee", fields{"party": begin.insert("party.party", fields{"name": "Emma Ployee", "active": false})})
	begin.insert("party.category", fields{"name": "Opted out"})
	t.inner = simkit.Middleware(simkit.Config{
		Handler: http.HandlerFunc(t.serve), Faults: &t.faults, Counter: &t.counter, Latency: opt.Latency,
		Classify: classify, Automations: &simkit.Automations{},
		ServerError: func(w http.ResponseWriter, status int) { http.Error(w, "Internal Server Error", status) },
	})
	// The server's own counter and faults stay unused: they know the path that was sent.
	t.server = simkit.NewServer(simkit.Config{
		Handler: http.HandlerFunc(t.name), Faults: &simkit.Faults{}, Counter: &simkit.Counter{}, Automations: &simkit.Automations{}, Classify: classify,
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

// Credentials returns what lets Tandem in.
func (t *Twin) Credentials() Credentials { return t.users[0].Credentials }

// Person returns what lets a person in.
func (t *Twin) Person() Credentials { return t.users[1].Credentials }

// Counts returns the calls answered so far.
func (t *Twin) Counts() simkit.Counts { return t.counter.Counts() }

// ResetCounts sets the counts to nought.
func (t *Twin) ResetCounts() { t.counter.Reset() }

// AddFault makes Tryton misbehave.
func (t *Twin) AddFault(f simkit.Fault) { t.faults.Add(f) }

// ResetFaults forgets every fault.
func (t *Twin) ResetFaults() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.faults.Reset()
	clear(t.bad)
}

// EndSessions logs everybody out.
func (t *Twin) EndSessions() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.sessions)
}

type request struct {
	Method string `json:"method"`
	Params []any  `json:"params"`
}

// name puts the method of a call into its path, where faults are aimed.
func (t *Twin) name(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
	var call request
	if err == nil && json.Unmarshal(body, &call) == nil && call.Method != "" {
		r = r.Clone(r.Context())
		r.URL.Path = strings.TrimSuffix(r.URL.Path, "/") + "/" + call.Method
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	t.inner.ServeHTTP(w, r)
}

func classify(r *http.Request) (simkit.Class, string) {
	_, method, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch method[strings.LastIndex(method, ".")+1:] {
	case "create", "write", "delete":
		return simkit.Write, method
	}
	return simkit.Read, method
}

func (t *Twin) serve(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w.Header().Set("Date", t.clock.Now().UTC().Format(http.TimeFormat))
	var call request
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	switch _, limited := t.faults.Take(r.Method, r.URL.Path, "rate_limit"); {
	case limited:
		http.Error(w, "Too Many Requests", http.StatusTooManyRequests)
		return
	case !strings.HasPrefix(r.URL.Path, "/"+Database+"/"):
		http.Error(w, "Not Found", http.StatusNotFound)
		return
	case r.Method != http.MethodPost || d.Decode(&call) != nil:
		http.Error(w, "Bad Request", http.StatusBadRequest)
		return
	case call.Method == "common.db.login":
		t.login(w, call.Params)
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Session ")
	uid, known := t.sessions[token]
	if !known {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	if f, spoiled := t.faults.TakeWhere(r.Method, r.URL.Path, func(f simkit.Fault) bool { return f.Kind == "row_error" }); spoiled {
		for _, id := range f.Rows {
			t.bad[id] = true
		}
	}
	result, err := t.dispatch(call, uid)
	if err != nil {
		send(w, map[string]any{"id": 1, "error": err.args})
		return
	}
	send(w, map[string]any{"id": 1, "result": result})
}

// send writes the id first, as Tryton does.
func send(w http.ResponseWriter, answer map[string]any) {
	name := "result"
	if answer["error"] != nil {
		name = "error"
	}
	body, err := json.Marshal(answer[name])
	if err != nil {
		http.Error(w, "the twin cannot encode its answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"id": 1, %q: %s}`, name, body) // a lost client is its own affair
}

func (t *Twin) login(w http.ResponseWriter, params []any) {
	if len(params) > 1 {
		given, _ := params[1].(map[string]any)
		for _, u := range t.users {
			if params[0] == u.User && given["password"] == u.Password {
				key := rand.Text()
				t.sessions[base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s:%d:%s", u.User, u.id, key))] = u.id
				send(w, map[string]any{"result": []any{u.id, key}})
				return
			}
		}
	}
	http.Error(w, "Unauthorized", http.StatusUnauthorized)
}

// refusal is an error as Tryton sends it.
type refusal struct{ args []any }

func userError(format string, args ...any) *refusal {
	return &refusal{[]any{"UserError", []any{fmt.Sprintf(format, args...), "", nil}}}
}
