package httpapi_test

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

// vendor is a token server with single-use refresh tokens and an API behind it.
type vendor struct {
	mu      sync.Mutex
	tokens  *simkit.Tokens
	grants  int // token calls
	forms   []url.Values
	calls   int
	extra   string // further members of the token reply
	refusal *answer
	lose    bool // the next token reply is lost after it took effect
	revoked bool // the API refuses every token
	slow    time.Duration
	jwt     *rsa.PublicKey
	expires int // seconds told; 0 tells none
}

func newVendor() (*vendor, string) {
	v := &vendor{tokens: simkit.NewTokens(simkit.TokenOptions{ClientID: "app", ClientSecret: "canary-client", Rotate: true, Prefix: "canary-access-"}), expires: 1800}
	return v, v.tokens.IssueRefresh("org").RefreshToken
}

func (v *vendor) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case <-time.After(v.slow):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	if req.URL.Path == "/token" {
		return v.token(req)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls++
	token := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	if _, good := v.tokens.Valid(token); !good || v.revoked {
		return reply(req, status(401)), nil
	}
	return reply(req, answer{status: 200, body: `{"host":"` + req.URL.Host + `"}`}), nil
}

func (v *vendor) token(req *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.grants++
	v.forms = append(v.forms, form)
	if v.refusal != nil {
		return reply(req, *v.refusal), nil
	}
	var g simkit.Grant
	switch form.Get("grant_type") {
	case "refresh_token":
		g, err = v.tokens.Refresh(form.Get("refresh_token"))
	case "client_credentials":
		g, err = v.tokens.Issue("org"), v.tokens.CheckClient(form.Get("client_id"), form.Get("client_secret"))
	case "authorization_code":
		g, err = v.tokens.ExchangeCode(form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
	default:
		_, err = simkit.VerifyAssertion(form.Get("assertion"), simkit.Assertion{Key: v.jwt, Issuer: "app", Audiences: []string{"https://login.example"}})
		g = v.tokens.Issue("org")
	}
	if err != nil {
		return reply(req, answer{status: 400, body: `{"error":"invalid_grant","error_description":"canary@person.example is gone"}`}), nil
	}
	if v.lose {
		v.lose = false
		return nil, errReset
	}
	body := fmt.Sprintf(`{"access_token":%q,"refresh_token":%q,"token_type":"Bearer"%s`, g.AccessToken, g.RefreshToken, v.extra)
	if v.expires > 0 {
		body += fmt.Sprintf(`,"expires_in":%d`, v.expires)
	}
	return reply(req, answer{status: 200, body: body + "}"}), nil
}

func (v *vendor) counts() (grants, calls int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.grants, v.calls
}

func app(refresh string) httpapi.OAuth {
	return httpapi.OAuth{
		TokenURL: "https://login.example/token", AuthURL: "https://login.example/authorize", ClientID: "app",
		ClientSecret: secret.New("canary-client"), Refresh: secret.New(refresh),
	}
}

func oauth(t *testing.T, v *vendor, store httpapi.TokenStore, auth httpapi.Auth) *httpapi.Client {
	t.Helper()
	c, err := httpapi.New(httpapi.Env{Transport: v, Tokens: store}, httpapi.Profile{}, "crm", "https://api.example.com", auth)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// store watches what is saved, and can fail.
type store struct {
	*httpapi.MemoryTokens
	mu    sync.Mutex
	saves int
	fail  bool
	saved func()
}

func newStore() *store { return &store{MemoryTokens: httpapi.NewMemoryTokens()} }

func (s *store) Save(ctx context.Context, key string, token []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail {
		return errors.New("disk full at canary@person.example")
	}
	s.saves++
	if s.saved != nil {
		s.saved()
	}
	return s.MemoryTokens.Save(ctx, key, token)
}
