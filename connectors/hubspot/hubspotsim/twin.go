package hubspotsim

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

const (
	ourApp   = "19083857"
	rivalApp = "76153683"
	userID   = 76070032
)

// Twin is one simulated portal.
type Twin struct {
	opt    Options
	clock  *simkit.Clock
	server *simkit.Server
	tokens *simkit.Tokens
	mux    *http.ServeMux

	faults  simkit.Faults
	counter simkit.Counter
	autos   simkit.Automations
	limits  limiter
	keys    keyring

	mu     sync.RWMutex
	tables map[string]*table
	edges  map[edgeKey][]edge
	stale  map[recordKey]*record
	owners []Owner
	pipes  map[string][]Pipeline
	books  marketing
	// pending are writes the customer's automations have yet to answer.
	pending []reaction
}

// New builds a portal with HubSpot's standard properties and pipelines, no
// records and one owner.
func New(opt Options) *Twin {
	opt.PortalID = cmp.Or(opt.PortalID, 44237313)
	if opt.Clock == nil {
		opt.Clock = simkit.NewClock(nil)
	}
	c := &opt.Credentials
	c.AccessToken = cmp.Or(c.AccessToken, "pat-na1-"+rand.Text())
	c.ClientID = cmp.Or(c.ClientID, rand.Text())
	c.ClientSecret = cmp.Or(c.ClientSecret, rand.Text())
	c.RefreshToken = cmp.Or(c.RefreshToken, rand.Text())
	t := &Twin{
		opt: opt, clock: opt.Clock, mux: http.NewServeMux(),
		tables: map[string]*table{}, edges: map[edgeKey][]edge{}, stale: map[recordKey]*record{},
		pipes: standardPipelines(), books: newMarketing(),
	}
	t.tokens = simkit.NewTokens(simkit.TokenOptions{
		ClientID: c.ClientID, ClientSecret: c.ClientSecret, TTL: opt.TokenTTL,
		Rotate: opt.RotateRefreshTokens, Prefix: oauthPrefix, Clock: opt.Clock,
	})
	t.tokens.AddStatic(c.AccessToken, c.AccessToken)
	t.tokens.AddRefresh(c.RefreshToken, oauthSubject)
	for _, k := range objectKinds() {
		t.tables[k.plural] = newTable(k)
	}
	t.owners = []Owner{{ID: 641085326, UserID: userID, Email: "owner@example.com", FirstName: "Olive", LastName: "Owner", Created: epochOf(t.clock.Now())}}
	t.faults.Alias = unversioned
	t.routes()
	t.server = simkit.NewServer(simkit.Config{
		Handler: http.HandlerFunc(t.serve), Faults: &t.faults, Counter: &t.counter, Automations: &t.autos,
		Classify: t.classify, ServerError: writeServerError, ExpireTokens: t.tokens.ExpireAll, Latency: opt.Latency,
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
func (t *Twin) Credentials() Credentials { return t.opt.Credentials }

// PortalID returns the account's id.
func (t *Twin) PortalID() int64 { return t.opt.PortalID }

// Clock returns the portal's clock.
func (t *Twin) Clock() *simkit.Clock { return t.clock }

// Counts returns the calls answered so far.
func (t *Twin) Counts() simkit.Counts { return t.counter.Counts() }

// ResetCounts sets the counts to nought.
func (t *Twin) ResetCounts() { t.counter.Reset() }

// AddFault makes the portal misbehave, as POST /__sim/fault does.
func (t *Twin) AddFault(f simkit.Fault) { t.faults.Add(f) }

// ResetFaults forgets every fault.
func (t *Twin) ResetFaults() { t.faults.Reset() }

// Automate starts an automation, as POST /__sim/automation does.
func (t *Twin) Automate(a simkit.Automation) { t.autos.Add(a) }

// ResetAutomations stops every automation.
func (t *Twin) ResetAutomations() { t.autos.Reset() }

// ExpireTokens makes every OAuth access token stale.
func (t *Twin) ExpireTokens() { t.tokens.ExpireAll() }

func (t *Twin) now() int64 { return epochOf(t.clock.Now()) }

func epochOf(at time.Time) int64 { return at.UnixMilli() }

func iso(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z") }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
