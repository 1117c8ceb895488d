package listmonksim

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Options say what kind of listmonk it is. The zero value is a new one.
type Options struct {
	Clock *simkit.Clock
	// Version is 1 or 6; 6 unless set.
	Version int
	Latency time.Duration
}

// Credentials let a client in: a name, and a token (version 6) or password.
type Credentials struct{ User, Secret string }

// Twin is one simulated listmonk.
type Twin struct {
	opt    Options
	clock  *simkit.Clock
	server *simkit.Server
	mux    *http.ServeMux
	cred   Credentials

	faults  simkit.Faults
	counter simkit.Counter
	autos   simkit.Automations

	mu    sync.Mutex
	db    database
	mails []string
}

// New builds a listmonk with nothing in it.
func New(opt Options) *Twin {
	opt.Version = cmp.Or(opt.Version, 6)
	if opt.Clock == nil {
		opt.Clock = simkit.NewClock(nil)
	}
	t := &Twin{opt: opt, clock: opt.Clock, mux: http.NewServeMux(), cred: Credentials{User: "tandem", Secret: rand.Text()}}
	t.db.byID = map[int64]*subscriber{}
	t.routes()
	t.server = simkit.NewServer(simkit.Config{
		Handler: http.HandlerFunc(t.serve), Faults: &t.faults, Counter: &t.counter, Automations: &t.autos,
		Classify: t.classify, ServerError: func(w http.ResponseWriter, status int) { refuse(w, status, "Internal Server Error") }, Latency: opt.Latency,
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

// Clock returns listmonk's clock.
func (t *Twin) Clock() *simkit.Clock { return t.clock }

// Counts returns the calls answered so far.
func (t *Twin) Counts() simkit.Counts { return t.counter.Counts() }

// ResetCounts sets the counts to nought.
func (t *Twin) ResetCounts() { t.counter.Reset() }

// AddFault makes listmonk misbehave, as POST /__sim/fault does.
func (t *Twin) AddFault(f simkit.Fault) { t.faults.Add(f) }

// ResetFaults forgets every fault.
func (t *Twin) ResetFaults() { t.faults.Reset() }

// now has the precision of the database.
func (t *Twin) now() time.Time { return t.clock.Now().Truncate(time.Microsecond) }

func (t *Twin) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", t.clock.Now().UTC().Format(http.TimeFormat))
	if strings.HasPrefix(r.URL.Path, "/api/") && !t.allowed(w, r) {
		return
	}
	if _, limited := t.faults.Take(r.Method, r.URL.Path, "rate_limit"); limited {
		refuse(w, http.StatusTooManyRequests, "Too Many Requests") // of a proxy before it
		return
	}
	t.mux.ServeHTTP(w, r)
}

func (t *Twin) allowed(w http.ResponseWriter, r *http.Request) bool {
	user, secret, given := r.BasicAuth()
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "token "); ok && t.opt.Version >= 4 {
		user, secret, given = strings.Cut(token, ":")
	}
	switch {
	case given && user == t.cred.User && secret == t.cred.Secret:
		return true
	case t.opt.Version < 4:
		refuse(w, http.StatusUnauthorized, "Unauthorized")
	case given:
		refuse(w, http.StatusForbidden, "invalid API credentials")
	default:
		refuse(w, http.StatusForbidden, "invalid session")
	}
	return false
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
	handle := func(pattern string, h http.HandlerFunc) {
		t.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			t.mu.Lock()
			defer t.mu.Unlock()
			h(w, r)
		})
	}
	t.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { refuse(w, http.StatusNotFound, "Not Found") })
	handle("GET /api/health", func(w http.ResponseWriter, _ *http.Request) { send(w, true) })
	handle("GET /api/subscribers", t.query)
	handle("POST /api/subscribers", t.create)
	handle("DELETE /api/subscribers", t.remove)
	handle("PUT /api/subscribers/blocklist", t.blocklist)
	handle("PUT /api/subscribers/lists", t.manageLists)
	handle("GET /api/subscribers/{id}", t.one)
	handle("PUT /api/subscribers/{id}", t.update)
	handle("GET /api/lists", t.getLists)
	handle("POST /api/lists", t.createList)
	handle("DELETE /api/lists/{id}", t.deleteList)
	handle("GET /api/campaigns", t.getCampaigns)
	handle("POST /api/campaigns", t.createCampaign)
	handle("GET /api/campaigns/{id}", t.getCampaign)
	handle("PUT /api/campaigns/{id}/status", t.campaignStatus)
	handle("DELETE /api/campaigns/{id}", t.deleteCampaign)
	handle("POST /subscription/{campaign}/{subscriber}", t.unsubscribe)
	handle("GET /link/{link}/{campaign}/{subscriber}", t.click)
	if t.opt.Version >= 6 {
		handle("GET /api/subscribers/{id}/activity", t.activity)
		handle("GET /api/bounces", t.getBounces)
	}
}

func send(w http.ResponseWriter, data any) {
	body, err := json.Marshal(map[string]any{"data": data})
	if err != nil {
		refuse(w, http.StatusInternalServerError, "the twin cannot encode its answer")
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_, _ = w.Write(body) // a lost client is its own affair
}

func refuse(w http.ResponseWriter, status int, message string) {
	body, err := json.Marshal(map[string]string{"message": message})
	if err != nil {
		body = []byte(`{}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a lost client is its own affair
}

// page is what lists of anything are sent as: a part by page and per_page, 20
// unless set.
func page[T any](w http.ResponseWriter, r *http.Request, all []T) {
	q := r.URL.Query()
	number, per := max(1, int(idOf(q.Get("page")))), int(idOf(q.Get("per_page")))
	if q.Get("per_page") == "all" {
		number, per = 1, len(all)
	} else if per < 1 {
		per = 20
	}
	from := min(len(all), (number-1)*per)
	results := all[from:min(len(all), from+per)]
	if results == nil {
		results = []T{}
	}
	send(w, map[string]any{"results": results, "total": len(all), "page": number, "per_page": per})
}

func readBody(w http.ResponseWriter, r *http.Request, into any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20))
	dec.UseNumber()
	if dec.Decode(into) != nil {
		refuse(w, http.StatusBadRequest, "Syntax error")
		return false
	}
	return true
}

func idOf(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
