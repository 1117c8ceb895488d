package odoosim

import (
	"cmp"
	"crypto/rand"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Options say what kind of Odoo it is. The zero value is a fresh one.
type Options struct {
	Clock *simkit.Clock
	// Version is the server's, as in "18.0"; "19.0" unless set. JSON-2 is there
	// from 19 on.
	Version string
	// NoRPC leaves JSON-RPC out, as versions to come do.
	NoRPC bool
	// Without names the models that are left out, by what is before their first
	// point, as in "crm mailing".
	Without string
	Latency time.Duration
}

// Database is the name of the only database.
const Database = "acme"

// User is somebody who may log in.
type User struct {
	ID         int64
	Login, Key string
}

// Twin is one simulated Odoo.
type Twin struct {
	opt    Options
	clock  *simkit.Clock
	server *simkit.Server
	users  []User

	faults  simkit.Faults
	counter simkit.Counter
	autos   simkit.Automations

	mu     sync.Mutex
	models map[string]*model
	sour   map[string]string // rows refused from now on, by id or value, and how
	denied map[string]bool   // "model.operation" that no user may do
	last   []map[string]any  // the latest page, for repeated_page
}

// New builds an Odoo with two users, a few countries and stages, and nothing
// else in it.
func New(opt Options) *Twin {
	opt.Version = cmp.Or(opt.Version, "19.0")
	if opt.Clock == nil {
		opt.Clock = simkit.NewClock(nil)
	}
	t := &Twin{
		opt: opt, clock: opt.Clock, sour: map[string]string{}, denied: map[string]bool{},
		users: []User{{2, "tandem", strings.ToLower(rand.Text())}, {3, "anna", strings.ToLower(rand.Text())}},
	}
	t.models = newModels(opt.Without)
	t.fill()
	t.server = simkit.NewServer(simkit.Config{
		Handler: http.HandlerFunc(t.serve), Faults: &t.faults, Counter: &t.counter, Automations: &t.autos,
		Classify: t.classify, ServerError: t.serverError, ExpireTokens: func() {}, Latency: opt.Latency,
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

// Tandem is the user for a connector.
func (t *Twin) Tandem() User { return t.users[0] }

// Person is the user for who acts as people do.
func (t *Twin) Person() User { return t.users[1] }

// Clock returns the Odoo's clock.
func (t *Twin) Clock() *simkit.Clock { return t.clock }

// Counts returns the calls answered so far.
func (t *Twin) Counts() simkit.Counts { return t.counter.Counts() }

// ResetCounts sets the counts to nought.
func (t *Twin) ResetCounts() { t.counter.Reset() }

// AddFault makes the Odoo misbehave, as POST /__sim/fault does. Calls of
// JSON-RPC have the path /jsonrpc/<model>/<method> for it.
func (t *Twin) AddFault(f simkit.Fault) { t.faults.Add(f) }

// ResetFaults forgets every fault.
func (t *Twin) ResetFaults() {
	t.faults.Reset()
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.sour)
}

// Deny takes from everyone the right to read, write, create or unlink the
// records of a model.
func (t *Twin) Deny(model, operation string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.denied[model+"."+operation] = true
}

// now is the start of a transaction, as the database has it.
func (t *Twin) now() time.Time { return t.clock.Now().UTC().Truncate(time.Microsecond) }

// fill makes what every Odoo has.
func (t *Twin) fill() {
	at := t.now()
	for _, c := range [][2]string{{"AT", "Austria"}, {"DE", "Germany"}, {"FR", "France"}} {
		t.models["res.country"].add(map[string]any{"code": c[0], "name": c[1]}, at, 1)
	}
	eur := t.models["res.currency"].add(map[string]any{"name": "EUR"}, at, 1)
	company := t.models["res.company"].add(map[string]any{"name": "Acme", "currency_id": eur.id}, at, 1)
	t.models["res.users"].next = 1
	for _, u := range t.users {
		t.models["res.users"].add(map[string]any{
			"login": u.Login, "name": u.Login, "email": u.Login + "@acme.example", "company_id": company.id, "tz": "Europe/Vienna",
		}, at, 1)
	}
	for _, name := range slices.Sorted(maps.Keys(t.models)) {
		t.models["ir.model"].add(map[string]any{"model": name, "name": name}, at, 1)
	}
	stages, ok := t.models["crm.stage"]
	if !ok {
		return
	}
	for i, s := range []string{"New", "Qualified", "Proposition", "Won"} {
		stages.add(map[string]any{"name": s, "sequence": float64(i), "is_won": s == "Won"}, at, 1)
	}
}
