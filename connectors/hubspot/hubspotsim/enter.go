package hubspotsim

import (
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

const (
	oauthPrefix  = "CLvE"
	oauthSubject = "oauth"
	appSubject   = "app"
)

// keyring says who is behind each further static bearer.
type keyring struct {
	mu   sync.RWMutex
	keys map[string]staticKey
}

type staticKey struct {
	actor Actor
	lacks []string
}

// AddKey makes a further Service Key valid, whose writes are this actor's and
// which lacks the scopes given; "*.write" takes every write away.
func (t *Twin) AddKey(token string, actor Actor, without ...string) {
	t.keys.mu.Lock()
	if t.keys.keys == nil {
		t.keys.keys = map[string]staticKey{}
	}
	t.keys.keys[token] = staticKey{actor, without}
	t.keys.mu.Unlock()
	t.tokens.AddStatic(token, token)
}

// enter lets a call in, or says why not: credentials, rate limits, scopes.
func (c *call) enter(scope string) error {
	if err := c.authenticate(); err != nil {
		return err
	}
	if err := c.limited(); err != nil {
		return err
	}
	if err := c.permitted(scope); err != nil {
		return err
	}
	if c.class != simkit.Write {
		return nil
	}
	if _, ok := c.fault("row_lock"); ok {
		return fail(http.StatusLocked, "LOCKED", "The record is being modified by another process. Please wait and try again.")
	}
	return nil
}

func (c *call) authenticate() error {
	token, ok := strings.CutPrefix(c.r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return fail(http.StatusUnauthorized, "INVALID_AUTHENTICATION", "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview")
	}
	subject, ok := c.t.tokens.Valid(token)
	if !ok && strings.HasPrefix(token, oauthPrefix) {
		return fail(http.StatusUnauthorized, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 1 second(s) ago.")
	}
	if !ok {
		return fail(http.StatusUnauthorized, "INVALID_AUTHENTICATION", "The access token is invalid, expired or revoked.")
	}
	c.oauth = subject == oauthSubject || subject == appSubject
	actor := IntegrationActor(ourApp)
	c.t.keys.mu.RLock()
	if key, found := c.t.keys.keys[subject]; found {
		actor, c.lacks = key.actor, key.lacks
	}
	c.t.keys.mu.RUnlock()
	c.actor = &actor
	return nil
}

func (c *call) permitted(scope string) error {
	if scope == "" {
		return nil
	}
	scope = scopeOf(scope, c.r.PathValue("object"), c.t)
	lacking := slices.Contains(c.t.opt.Without, scope) || slices.Contains(c.lacks, scope) ||
		strings.HasSuffix(scope, ".write") && slices.Contains(c.lacks, "*.write")
	if !lacking {
		return nil
	}
	f := fail(http.StatusForbidden, "MISSING_SCOPES", "One or more of the following scopes are required.")
	f.Context = map[string]any{"requiredGranularScopes": []string{scope}, "links": []string{"https://developers.hubspot.com/scopes"}}
	return f
}

// scopeOf names the scope an object needs: activities go with contacts, and
// reading the text of e-mails has one of its own.
func scopeOf(scope, object string, t *Twin) string {
	tb := t.table(object)
	if tb == nil || !strings.Contains(scope, "{object}") {
		return scope
	}
	name := tb.plural
	switch name {
	case "contacts", "companies", "deals":
	case "emails":
		if strings.HasPrefix(scope, "crm.objects.") && strings.HasSuffix(scope, ".read") {
			return "sales-email-read"
		}
		name = "contacts"
	default:
		name = "contacts"
	}
	return strings.ReplaceAll(scope, "{object}", name)
}
