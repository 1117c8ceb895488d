package simkit

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"sync"
	"time"
)

// The refusals of a token server; a twin puts them in its vendor's words.
var (
	ErrInvalidClient = errors.New("client id or secret is not known")
	ErrInvalidGrant  = errors.New("grant is not valid, expired or revoked")
)

// TokenOptions are the rules of a token server.
type TokenOptions struct {
	// ClientID and ClientSecret are the one client known.
	ClientID, ClientSecret string
	// TTL is how long an access token lives; 30 minutes when nought.
	TTL time.Duration
	// Rotate makes each refresh token good for one use; a second use revokes
	// its family: every access and refresh token that came from it.
	Rotate bool
	// Prefix begins every access token.
	Prefix string
	// Clock decides what has expired; the machine's when nil.
	Clock *Clock
}

// Grant is what a successful token call hands out.
type Grant struct {
	AccessToken, RefreshToken string
	ExpiresIn                 time.Duration
	// Subject is whom the tokens stand for.
	Subject string
}

type accessToken struct {
	family  string
	subject string
	expires time.Time
	static  bool
}

type refreshToken struct {
	family  string
	subject string
	used    bool
}

// Tokens issues, refreshes, checks and revokes tokens. It is safe for
// concurrent use.
type Tokens struct {
	opt     TokenOptions
	mu      sync.Mutex
	access  map[string]accessToken
	refresh map[string]refreshToken
	codes   map[string]code
}

// NewTokens returns a token server that has issued nothing yet.
func NewTokens(opt TokenOptions) *Tokens {
	if opt.TTL == 0 {
		opt.TTL = 30 * time.Minute
	}
	if opt.Clock == nil {
		opt.Clock = NewClock(nil)
	}
	return &Tokens{opt: opt, access: map[string]accessToken{}, refresh: map[string]refreshToken{}, codes: map[string]code{}}
}

// CheckClient compares a client's id and secret with the known ones.
func (t *Tokens) CheckClient(id, secret string) error {
	sameID := subtle.ConstantTimeCompare([]byte(id), []byte(t.opt.ClientID))
	sameSecret := subtle.ConstantTimeCompare([]byte(secret), []byte(t.opt.ClientSecret))
	if sameID&sameSecret != 1 {
		return ErrInvalidClient
	}
	return nil
}

// AddStatic makes a token valid that never expires, such as a service key.
func (t *Tokens) AddStatic(token, subject string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.access[token] = accessToken{subject: subject, static: true}
}

// AddRefresh makes a refresh token valid that was agreed on beforehand; it
// starts a family of its own.
func (t *Tokens) AddRefresh(token, subject string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refresh[token] = refreshToken{family: rand.Text(), subject: subject}
}

// Issue hands out an access token alone, as client credentials and JWT bearer do.
func (t *Tokens) Issue(subject string) Grant {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.issue(rand.Text(), subject)
}

// IssueRefresh starts a family: an access token and a refresh token.
func (t *Tokens) IssueRefresh(subject string) Grant {
	t.mu.Lock()
	defer t.mu.Unlock()
	family := rand.Text()
	grant := t.issue(family, subject)
	grant.RefreshToken = t.newRefresh(family, subject)
	return grant
}

// Refresh exchanges a refresh token. With rotation the grant carries the next
// refresh token, else the same one.
func (t *Tokens) Refresh(token string) (Grant, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held, ok := t.refresh[token]
	if !ok {
		return Grant{}, ErrInvalidGrant
	}
	if held.used {
		t.revokeFamily(held.family)
		return Grant{}, ErrInvalidGrant
	}
	grant := t.issue(held.family, held.subject)
	grant.RefreshToken = token
	if t.opt.Rotate {
		held.used = true
		t.refresh[token] = held
		grant.RefreshToken = t.newRefresh(held.family, held.subject)
	}
	return grant, nil
}

// Revoke ends a token's whole family, as the reuse of a spent one does.
func (t *Tokens) Revoke(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if held, ok := t.refresh[token]; ok {
		t.revokeFamily(held.family)
	}
	if held, ok := t.access[token]; ok && !held.static {
		delete(t.access, token)
	}
}

// Valid reports whether an access token is good now, and for whom.
func (t *Tokens) Valid(token string) (subject string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held, ok := t.access[token]
	if !ok || (!held.static && !t.opt.Clock.Now().Before(held.expires)) {
		return "", false
	}
	return held.subject, true
}

// ValidRefresh reports whether a refresh token could be used now, and for whom.
func (t *Tokens) ValidRefresh(token string) (subject string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	held, ok := t.refresh[token]
	return held.subject, ok && !held.used
}

// ExpireAll makes every access token stale that can expire; refresh tokens and
// static ones stay good.
func (t *Tokens) ExpireAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for token, held := range t.access {
		if !held.static {
			delete(t.access, token)
		}
	}
}

func (t *Tokens) issue(family, subject string) Grant {
	token := t.opt.Prefix + rand.Text()
	t.access[token] = accessToken{family: family, subject: subject, expires: t.opt.Clock.Now().Add(t.opt.TTL)}
	return Grant{AccessToken: token, ExpiresIn: t.opt.TTL, Subject: subject}
}

func (t *Tokens) newRefresh(family, subject string) string {
	token := rand.Text()
	t.refresh[token] = refreshToken{family: family, subject: subject}
	return token
}

func (t *Tokens) revokeFamily(family string) {
	for token, held := range t.access {
		if held.family == family && !held.static {
			delete(t.access, token)
		}
	}
	for token, held := range t.refresh {
		if held.family == family {
			delete(t.refresh, token)
		}
	}
}
