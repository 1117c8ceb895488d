package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// stored is a token as the TokenStore keeps it. Grant is a digest of the
// credentials it came from, so that new ones in the configuration win.
type stored struct {
	Grant   string            `json:"grant"`
	Access  string            `json:"access"`
	Refresh string            `json:"refresh,omitempty"`
	Issued  time.Time         `json:"issued"`
	Expires time.Time         `json:"expires,omitzero"`
	Extra   map[string]string `json:"extra,omitempty"`
}

// tokens renews access tokens: once for all callers of the process, and under
// the store's lease once for all processes.
type tokens struct {
	c      *Client
	oauth  OAuth
	fetch  fetcher
	spends bool          // a fetch may use up the refresh token
	gate   chan struct{} // held while renewing

	mu      sync.Mutex
	current stored
	unsaved bool // current could not be made durable yet and is not used
}

func newTokens(c *Client, a oauthAuth) *tokens {
	return &tokens{c: c, oauth: a.oauth, fetch: a.fetch, spends: a.spends, gate: make(chan struct{}, 1)}
}

func (*tokens) renewable() bool { return true }

func (t *tokens) secrets() []secret.Secret {
	cur, _ := t.now()
	return []secret.Secret{t.oauth.ClientSecret, t.oauth.Refresh, t.oauth.PrivateKey, secret.New(cur.Access), secret.New(cur.Refresh)}
}

func (t *tokens) authorize(ctx context.Context, req *http.Request, rejected string) (string, error) {
	cur, unsaved := t.now()
	if unsaved || !cur.good(time.Now(), rejected) {
		var err error
		if cur, err = t.renew(ctx, rejected); err != nil {
			return "", err
		}
	}
	req.Header.Set("Authorization", "Bearer "+cur.Access)
	return cur.Access, nil
}

func (t *tokens) now() (stored, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.current, t.unsaved
}

func (t *tokens) set(s stored, unsaved bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.current, t.unsaved = s, unsaved
}

// good tells whether the token can be used, with time to spare: a minute, or
// a quarter of a short life.
func (s stored) good(now time.Time, rejected string) bool {
	if s.Access == "" || s.Access == rejected {
		return false
	}
	if s.Expires.IsZero() {
		return true
	}
	return now.Add(min(time.Minute, s.Expires.Sub(s.Issued)/4)).Before(s.Expires)
}

func (t *tokens) renew(ctx context.Context, rejected string) (stored, error) {
	select {
	case t.gate <- struct{}{}:
		defer func() { <-t.gate }()
	case <-ctx.Done():
		return stored{}, ctx.Err()
	}
	cur, unsaved := t.now()
	if !unsaved && cur.good(time.Now(), rejected) {
		return cur, nil // another caller of this process was first
	}
	unlock, err := t.c.env.Tokens.Lock(ctx, t.c.name)
	if err != nil {
		return stored{}, t.storeFault(ctx, "lock", err)
	}
	defer unlock()
	if t.spends {
		// A caller who gives up must not cost us the grant: a refresh token that
		// is spent while its successor is not stored is lost for good.
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	if unsaved {
		return t.keep(ctx, cur)
	}
	held, err := t.load(ctx)
	if err != nil {
		return stored{}, err
	}
	if held.good(time.Now(), rejected) {
		return held, t.adopt(held) // another process was first
	}
	fresh, err := t.exchange(ctx, held)
	if err != nil {
		return stored{}, err
	}
	return t.keep(ctx, fresh)
}

// exchange asks for a token with the newest refresh token there is.
func (t *tokens) exchange(ctx context.Context, held stored) (stored, error) {
	refresh := held.Refresh
	if refresh == "" {
		refresh = t.oauth.Refresh.Reveal()
	}
	issued := time.Now()
	got, err := t.fetch(context.WithValue(ctx, oauth2.HTTPClient, t.c.tokenHTTP()), t.oauth, refresh)
	if err != nil {
		return stored{}, t.c.tokenFault(ctx, err)
	}
	return t.fromReply(got, refresh, issued)
}

func (t *tokens) fromReply(got *oauth2.Token, refresh string, issued time.Time) (stored, error) {
	if got.AccessToken == "" {
		return stored{}, &fault.Error{Class: fault.Malformed, Scope: fault.ScopeSystem, Err: errNoAccess}
	}
	s := stored{Grant: t.grant(), Access: got.AccessToken, Refresh: got.RefreshToken, Issued: issued, Expires: got.Expiry}
	if s.Refresh == "" {
		s.Refresh = refresh
	}
	for _, key := range t.oauth.Keep {
		if text, ok := got.Extra(key).(string); ok {
			if s.Extra == nil {
				s.Extra = map[string]string{}
			}
			s.Extra[key] = text
		}
	}
	return s, nil
}

// keep makes a token durable and only then lets it be used.
func (t *tokens) keep(ctx context.Context, fresh stored) (stored, error) {
	t.set(fresh, true)
	raw, err := json.Marshal(fresh)
	if err != nil {
		return stored{}, t.storeFault(ctx, "encode", err)
	}
	if err := t.c.env.Tokens.Save(ctx, t.c.name, raw); err != nil {
		return stored{}, t.storeFault(ctx, "store", err)
	}
	return fresh, t.adopt(fresh)
}

// adopt takes a durable token into use, once its base address is accepted.
func (t *tokens) adopt(s stored) error {
	if t.oauth.OnToken != nil {
		base, err := t.oauth.OnToken(func(key string) string { return s.Extra[key] })
		if err != nil {
			return &fault.Error{Class: fault.Malformed, Scope: fault.ScopeSystem, Err: err}
		}
		if err := t.c.rebase(base, t.oauth.AllowBase); err != nil {
			return err
		}
	}
	t.set(s, false)
	return nil
}

func (t *tokens) load(ctx context.Context) (stored, error) {
	raw, err := t.c.env.Tokens.Load(ctx, t.c.name)
	if err != nil {
		return stored{}, t.storeFault(ctx, "load", err)
	}
	var held stored
	if len(raw) == 0 {
		return held, nil
	}
	if err := json.Unmarshal(raw, &held); err != nil {
		return stored{}, t.storeFault(ctx, "read", errors.New("the stored token is damaged"))
	}
	if held.Grant != t.grant() {
		return stored{}, nil
	}
	return held, nil
}

// grant digests what the token stands on.
func (t *tokens) grant() string {
	o := t.oauth
	sum := sha256.Sum256([]byte(strings.Join([]string{
		o.TokenURL, o.ClientID, o.Subject, o.Audience, strings.Join(o.Scopes, " "), o.Refresh.Reveal(),
	}, "\x00")))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

func (t *tokens) storeFault(ctx context.Context, what string, err error) error {
	f := t.c.faultOf(ctx, err)
	f.Scope, f.Err = fault.ScopeSystem, errors.New("cannot "+what+" the access token: "+t.c.cause(err))
	return f
}

// rebase changes the address called to one a token reply named, if it may.
func (c *Client) rebase(base string, allow func(*url.URL) bool) error {
	if base == "" {
		return nil
	}
	u, err := checkBase(c.env, base)
	if err != nil {
		return &fault.Error{Class: fault.Forbidden, Scope: fault.ScopeSystem, Err: errors.New("the address in the token reply: " + err.Error())}
	}
	same := c.first != nil && origin(c.first) == origin(u)
	local := c.env.AllowLoopback && isLoopback(u.Hostname())
	if !same && !local && (allow == nil || !allow(u)) {
		return foreign("the token reply")
	}
	c.base.Store(u)
	return nil
}
