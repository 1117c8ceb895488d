// Package salesforcesim is a simulated Salesforce: an HTTP server on loopback
// that keeps leads, contacts, deals, campaigns and activities, answers as the
// vendor documents, and misbehaves on demand.
//
// Besides the faults every twin knows (see simkit), it plays, in the vendor's
// words:
//
//	rate_limit, rate_limit_daily  403 REQUEST_LIMIT_EXCEEDED; daily shows the allowance used up
//	rate_limit_secondly           503 SERVER_UNAVAILABLE
//	row_lock, row_error           the rows in Rows (else the first) fail; Value is row_error's code
//	whole_batch_error             400 for a whole collection when it holds one of Rows (else always)
//	lag                           rows written carry a SystemModstamp Value (60s) in the past
//	late_visible                  rows written show in queries only after Value (2s)
//	stale_read                    one read answers with rows as they were before their last write
//	merge                         Rows (master, then losers) are merged before the call is answered
//	token_reuse                   a refresh is taken for the second use of its token: its family dies
//	expired_cursor                400 INVALID_QUERY_LOCATOR for the next page
//	repeated_page, empty_page     the next page is the one before; or holds nothing but a next link
//	foreign_next                  nextRecordsUrl leads to Value, another origin
//	bulk_abort, bulk_stuck        a job is aborted, or never ends
//	bulk_partial, bulk_fail       a job fails half-way, or before the first row
package salesforcesim

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Twin is one simulated organisation.
type Twin struct {
	// Faults are the misbehaviours that wait for a call.
	Faults *simkit.Faults
	// Automations run after each write by others.
	Automations *simkit.Automations
	// Calls counts what was asked.
	Calls *simkit.Counter
	// Clock is the twin's time.
	Clock *simkit.Clock
	// ClientID, ClientSecret, RefreshToken, Username and Password are the
	// credentials of the integration user; PrivateKeyPEM signs JWT bearers.
	ClientID, ClientSecret, RefreshToken, Username, Password string
	// PrivateKeyPEM is the private key that signs JWT bearers, PKCS #8.
	PrivateKeyPEM []byte

	opt       Options
	server    *simkit.Server
	tokens    *simkit.Tokens
	publicKey *rsa.PublicKey

	mu       sync.RWMutex
	objects  map[string]*object
	order    []*object
	tooling  *object
	tracked  map[string][]string
	users    Users
	org      string
	born     time.Time
	locators map[string]*locator
	jobs     map[string]*job
	jobOrder []string
	serial   uint32
	usage    usage
}

// New builds an organisation with its users, stages and record types. It does
// not listen yet.
func New(opt Options) (*Twin, error) {
	t := &Twin{
		Faults: &simkit.Faults{Alias: unversioned}, Automations: &simkit.Automations{}, Calls: &simkit.Counter{}, Clock: opt.Clock,
		opt: opt, objects: map[string]*object{}, locators: map[string]*locator{}, jobs: map[string]*job{}, tracked: opt.TrackedFields,
	}
	if t.Clock == nil {
		t.Clock = simkit.NewClock(nil)
	}
	if t.tracked == nil {
		t.tracked = defaultTracked()
	}
	t.born = t.Clock.Now().Truncate(time.Second)
	for _, spec := range objectSpecs() {
		o := newObject(spec)
		t.objects[strings.ToLower(o.name)] = o
		t.order = append(t.order, o)
	}
	t.tooling = newObject(objectSpec{"CustomField", "Custom Fields", "00N", customFieldFields, ""})
	if err := t.prepare(); err != nil {
		return nil, err
	}
	t.server = simkit.NewServer(simkit.Config{
		Handler: t.routes(), Faults: t.Faults, Counter: t.Calls, Automations: t.Automations, Classify: classify,
		ServerError: serverError, ExpireTokens: t.ExpireTokens, Latency: opt.Latency,
	})
	return t, nil
}

func (t *Twin) prepare() error {
	if !t.opt.NoTandemID {
		for _, name := range []string{"Lead", "Contact", "Account", "Opportunity", "Campaign", "Task"} {
			if err := t.AddField(CustomField{Object: name, Name: "Tandem_Id__c", Length: 64, ExternalID: true, Unique: true}); err != nil {
				return err
			}
		}
	}
	for _, c := range t.opt.CustomFields {
		if err := t.AddField(c); err != nil {
			return err
		}
	}
	for _, name := range t.opt.HiddenFields {
		if err := t.SetFieldHidden(name); err != nil {
			return err
		}
	}
	t.mu.Lock()
	t.linkChildren()
	t.seedOrganization()
	t.mu.Unlock()
	return t.makeCredentials()
}

// Handler returns everything the twin answers, to be served by another server.
func (t *Twin) Handler() http.Handler { return t.server.Handler() }

// Start listens on addr; "" takes a free port of 127.0.0.1.
func (t *Twin) Start(addr string) error { return t.server.Start(addr) }

// URL returns the base address, which is also every token's instance_url.
func (t *Twin) URL() string { return t.server.URL() }

// Close stops the server and leaves no goroutine behind.
func (t *Twin) Close() error { return t.server.Close() }

// ExpireTokens makes every access token stale; refresh tokens stay good.
func (t *Twin) ExpireTokens() { t.tokens.ExpireAll() }

// AddField adds a custom field to an object.
func (t *Twin) AddField(c CustomField) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.addField(c)
}

func (t *Twin) addField(c CustomField) error {
	o := t.objects[strings.ToLower(c.Object)]
	if o == nil {
		return fmt.Errorf("custom field %s: no object %q; name one the twin has", c.Name, c.Object)
	}
	if !strings.HasSuffix(c.Name, "__c") {
		return fmt.Errorf("custom field %s.%s: the name of a custom field ends with __c", c.Object, c.Name)
	}
	if _, ok := o.byName[strings.ToLower(c.Name)]; ok {
		return fmt.Errorf("custom field %s.%s is there already: %w", c.Object, c.Name, errDuplicateField)
	}
	f := c.field()
	o.addField(f)
	if f.indexed() {
		o.values[len(o.fields)-1] = &valueIndex{}
	}
	o.changed = t.now()
	t.linkChildren()
	return nil
}

var errDuplicateField = errors.New("duplicate developer name")

// SetFieldHidden takes "Object.Field" away by field-level security.
func (t *Twin) SetFieldHidden(name string) error {
	object, fieldName, _ := strings.Cut(name, ".")
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.objects[strings.ToLower(object)]
	if o == nil || o.must(fieldName) < 0 {
		return fmt.Errorf("cannot hide field %q: the twin has no such field", name)
	}
	o.fields[o.must(fieldName)].hidden = true
	o.changed = t.now()
	return nil
}

// SetFieldVisible gives a hidden "Object.Field" back.
func (t *Twin) SetFieldVisible(name string) error {
	if err := t.SetFieldHidden(name); err != nil {
		return err
	}
	object, fieldName, _ := strings.Cut(name, ".")
	t.mu.Lock()
	defer t.mu.Unlock()
	o := t.objects[strings.ToLower(object)]
	o.fields[o.must(fieldName)].hidden = false
	return nil
}

// now is the present second in milliseconds: the vendor keeps whole seconds.
func (t *Twin) now() int64 { return t.Clock.Now().Truncate(time.Second).UnixMilli() }

// object finds a visible object; history objects without tracking are not.
func (t *Twin) object(name string) *object {
	o := t.objects[strings.ToLower(name)]
	if o == nil || !t.visible(o) {
		return nil
	}
	return o
}

func (t *Twin) visible(o *object) bool {
	if !o.history || o.name == "OpportunityHistory" {
		return true
	}
	return !slices.Contains(t.opt.HistoryOff, trackedObject(o.name))
}

func trackedObject(history string) string {
	if history == "OpportunityFieldHistory" {
		return "Opportunity"
	}
	return strings.TrimSuffix(history, "History")
}

// objectOf finds the object an id belongs to, by how the id begins.
func (t *Twin) objectOf(id string) *object {
	if len(id) < 15 {
		return nil
	}
	for _, o := range t.order {
		if strings.HasPrefix(id, o.start) {
			return o
		}
	}
	return nil
}
