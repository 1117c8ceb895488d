package httpapi_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
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
	"github.com/tandem-sync/tandem/connectors/fault"
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

func TestManyCallersMakeOneRefresh(t *testing.T) {
	bubble(t, func(t *testing.T) {
		v, refresh := newVendor()
		v.slow = time.Second
		shared := newStore()
		// Three processes of ten callers share one store.
		var wg sync.WaitGroup
		for range 3 {
			c := oauth(t, v, shared, httpapi.RefreshToken(app(refresh)))
			for range 10 {
				wg.Go(func() {
					if _, err := c.Do(t.Context(), get()); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if grants, calls := v.counts(); grants != 1 || calls != 30 || shared.saves != 1 {
			t.Errorf("%d refreshes, %d calls, %d saves", grants, calls, shared.saves)
		}
	})
}

func TestRefreshAheadOfExpiry(t *testing.T) {
	bubble(t, func(t *testing.T) {
		v, refresh := newVendor()
		c := oauth(t, v, newStore(), httpapi.RefreshToken(app(refresh)))
		for _, step := range []struct {
			wait   time.Duration
			grants int
		}{{0, 1}, {28 * time.Minute, 1}, {90 * time.Second, 2}, {28 * time.Minute, 2}, {31 * time.Minute, 3}} {
			<-time.After(step.wait)
			if _, err := c.Do(t.Context(), get()); err != nil {
				t.Fatal(err)
			}
			if grants, _ := v.counts(); grants != step.grants {
				t.Errorf("after %s: %d refreshes, want %d", step.wait, grants, step.grants)
			}
		}
		if _, calls := v.counts(); calls != 5 {
			t.Errorf("%d calls: an expired token was tried", calls)
		}
	})
}

// x/oauth2 does not refresh on 401 at all.
func TestRevokedTokenCostsOneRefresh(t *testing.T) {
	for _, r := range []httpapi.Request{get(), post()} {
		bubble(t, func(t *testing.T) {
			v, refresh := newVendor()
			c := oauth(t, v, newStore(), httpapi.RefreshToken(app(refresh)))
			if _, err := c.Do(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			v.tokens.ExpireAll()
			if _, err := c.Do(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			if grants, calls := v.counts(); grants != 2 || calls != 3 {
				t.Errorf("%d refreshes and %d calls, want 2 and 3", grants, calls)
			}
			v.revoked = true
			_, err := c.Do(t.Context(), r)
			if f := class(t, err, fault.Auth); f.Next == "" {
				t.Error("no next step")
			}
			if grants, calls := v.counts(); grants != 3 || calls != 5 {
				t.Errorf("refused for good: %d refreshes and %d calls, want 3 and 5", grants, calls)
			}
		})
	}
}

// x/oauth2 has no place to store a rotated refresh token before its use.
func TestRotatedTokenIsDurableBeforeUse(t *testing.T) {
	bubble(t, func(t *testing.T) {
		v, refresh := newVendor()
		s := newStore()
		s.saved = func() {
			if _, calls := v.counts(); calls != 0 {
				t.Error("the token was used before it was saved")
			}
		}
		c := oauth(t, v, s, httpapi.RefreshToken(app(refresh)))
		s.fail = true
		_, err := c.Do(t.Context(), post())
		class(t, err, fault.Transient)
		if grants, calls := v.counts(); grants != 1 || calls != 0 || !httpapi.NotSent(err) {
			t.Errorf("%d refreshes, %d calls", grants, calls)
		}
		s.fail = false // what was got is kept, saved and used: the spent one would be refused
		if _, err := c.Do(t.Context(), get()); err != nil {
			t.Fatal(err)
		}
		if grants, _ := v.counts(); grants != 1 {
			t.Errorf("%d refreshes", grants)
		}
		// Another process, later, lives on what was stored.
		v.tokens.ExpireAll()
		s.saved = nil
		if _, err := oauth(t, v, s, httpapi.RefreshToken(app(refresh))).Do(t.Context(), post()); err != nil {
			t.Error(err)
		}
	})
}

func TestCallerWhoGivesUpDoesNotCostTheGrant(t *testing.T) {
	bubble(t, func(t *testing.T) {
		v, refresh := newVendor()
		v.slow = 5 * time.Second
		s := newStore()
		c := oauth(t, v, s, httpapi.RefreshToken(app(refresh)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Do(ctx, get())
		class(t, err, fault.Canceled)
		if s.saves != 1 {
			t.Errorf("%d tokens saved", s.saves)
		}
		if _, err := c.Do(t.Context(), get()); err != nil {
			t.Error(err)
		}
	})
}

func TestInvalidGrantAsksForLoginAndWipesNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		v, refresh := newVendor()
		s := newStore()
		c := oauth(t, v, s, httpapi.RefreshToken(app(refresh)))
		if _, err := c.Do(t.Context(), get()); err != nil {
			t.Fatal(err)
		}
		before, _ := s.Load(t.Context(), "crm")
		v.refusal = &answer{status: 400, body: `{"error":"invalid_grant","error_description":"canary@person.example"}`}
		v.tokens.ExpireAll()
		_, err := c.Do(t.Context(), get())
		if f := class(t, err, fault.Auth); !strings.Contains(f.Next, "tandem auth login crm") || f.Code != "invalid_grant" {
			t.Errorf("code %q, next %q", f.Code, f.Next)
		}
		if after, _ := s.Load(t.Context(), "crm"); string(after) != string(before) {
			t.Error("the stored token was touched")
		}
		grants, _ := v.counts()
		if grants > 3 {
			t.Errorf("%d token calls", grants)
		}
		v.refusal = nil
		if _, err := c.Do(t.Context(), get()); err != nil {
			t.Errorf("the good token was lost: %v", err)
		}
	})
}

func TestTokenErrorsAreClassified(t *testing.T) {
	for _, test := range []struct {
		answer answer
		want   fault.Class
	}{
		{answer{status: 401, body: `{"error":"invalid_client"}`}, fault.Auth},
		{answer{status: 400, body: `{"error":"unsupported_grant_type"}`}, fault.Auth},
		{answer{status: 400, body: `{"error":"invalid_scope"}`}, fault.Permission},
		{answer{status: 429, body: `x`, header: map[string]string{"Retry-After": "3000"}}, fault.RateLimited},
		{answer{status: 503, body: `<html>canary`}, fault.Transient},
		{answer{status: 200, body: `<html>canary`}, fault.Malformed},
		{answer{status: 200, body: `{}`}, fault.Malformed},
		{answer{status: 404, body: `canary`}, fault.Auth},
		{answer{status: 302, header: map[string]string{"Location": "https://evil.example/"}}, fault.Forbidden},
	} {
		bubble(t, func(t *testing.T) {
			v, _ := newVendor()
			v.refusal = &test.answer
			_, err := oauth(t, v, newStore(), httpapi.ClientCredentials(app(""))).Do(t.Context(), get())
			class(t, err, test.want)
			if _, calls := v.counts(); calls != 0 || !httpapi.NotSent(err) {
				t.Errorf("%d calls without a token", calls)
			}
		})
	}
}

// Finding out how credentials are to be sent costs a failed call first, and
// with a single-use refresh token perhaps the grant.
func TestCredentialsAreSentOneWay(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	bubble(t, func(t *testing.T) {
		block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
		bearer := app("")
		bearer.PrivateKey, bearer.Subject, bearer.Audience = secret.New(string(block)), "user", "https://login.example"
		for name, auth := range map[string]httpapi.Auth{"client": httpapi.ClientCredentials(app("")), "jwt": httpapi.JWTBearer(bearer)} {
			v, _ := newVendor()
			v.jwt, v.expires = &key.PublicKey, 0
			if _, err := oauth(t, v, newStore(), auth).Do(t.Context(), get()); err != nil {
				t.Fatal(name, err)
			}
			if grants, _ := v.counts(); grants != 1 {
				t.Errorf("%s: %d token calls", name, grants)
			}
		}
		v, refresh := newVendor()
		v.refusal = &answer{status: 400, body: `{"error":"invalid_client"}`}
		_, err := oauth(t, v, newStore(), httpapi.RefreshToken(app(refresh))).Do(t.Context(), get())
		class(t, err, fault.Auth)
		if grants, _ := v.counts(); grants != 1 || v.forms[0].Get("client_secret") == "" {
			t.Errorf("%d token calls", grants)
		}
	})
}

func TestInstanceAddressIsLimited(t *testing.T) {
	for address, allowed := range map[string]bool{
		"https://org1.my.vendor.example": true, "https://vendor.example.evil.example": false, "http://org1.my.vendor.example": false,
		"https://u@org1.my.vendor.example": false, "https://127.0.0.1": false, "": false,
	} {
		bubble(t, func(t *testing.T) {
			v, refresh := newVendor()
			v.extra = fmt.Sprintf(`,"instance_url":%q`, address)
			o := app(refresh)
			o.Keep = []string{"instance_url"}
			o.OnToken = func(extra func(string) string) (string, error) { return extra("instance_url"), nil }
			o.AllowBase = func(u *url.URL) bool { return strings.HasSuffix(u.Hostname(), ".vendor.example") }
			shared := newStore()
			for range 2 { // from the reply, then from the store
				c, err := httpapi.New(httpapi.Env{Transport: v, Tokens: shared}, httpapi.Profile{}, "crm", "", httpapi.RefreshToken(o))
				if err != nil {
					t.Fatal(err)
				}
				res, err := c.Do(t.Context(), get())
				if allowed != (err == nil) || allowed && !strings.Contains(string(res.Body), "org1.my.vendor.example") {
					t.Errorf("%q: %v", address, err)
				}
			}
			if grants, calls := v.counts(); !allowed && calls != 0 || allowed && grants != 1 {
				t.Errorf("%q: %d refreshes, %d calls", address, grants, calls)
			}
		})
	}
}

func TestNewCredentialsWinOverStoredTokens(t *testing.T) {
	bubble(t, func(t *testing.T) {
		v, refresh := newVendor()
		s := newStore()
		if _, err := oauth(t, v, s, httpapi.RefreshToken(app(refresh))).Do(t.Context(), get()); err != nil {
			t.Fatal(err)
		}
		second := v.tokens.IssueRefresh("other").RefreshToken
		if _, err := oauth(t, v, s, httpapi.RefreshToken(app(second))).Do(t.Context(), get()); err != nil {
			t.Fatal(err)
		}
		if got := v.forms[len(v.forms)-1].Get("refresh_token"); got != second {
			t.Error("the token of the old credentials was used")
		}
	})
}

func TestLogin(t *testing.T) {
	bubble(t, func(t *testing.T) {
		v, _ := newVendor()
		s := newStore()
		c := oauth(t, v, s, httpapi.RefreshToken(app("")))
		_, err := c.Do(t.Context(), get())
		if f := class(t, err, fault.Auth); !strings.Contains(f.Next, "tandem auth login crm") {
			t.Errorf("next %q", f.Next)
		}
		login, err := c.NewLogin("http://127.0.0.1:1/back", "state-1")
		if err != nil {
			t.Fatal(err)
		}
		at, err := url.Parse(login.URL())
		if err != nil || at.Query().Get("state") != "state-1" || at.Query().Get("code_challenge_method") != "S256" {
			t.Fatal(login.URL(), err)
		}
		code := v.tokens.IssueCode("org", "http://127.0.0.1:1/back", at.Query().Get("code_challenge"))
		if err := login.Finish(t.Context(), code); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), get()); err != nil {
			t.Error(err)
		}
		if err := login.Finish(t.Context(), code); err == nil {
			t.Error("a code is good for one exchange")
		}
		if _, err := client(t, v, httpapi.Profile{}).NewLogin("x", "y"); !fault.Is(err, fault.Unsupported) {
			t.Error(err)
		}
	})
}
