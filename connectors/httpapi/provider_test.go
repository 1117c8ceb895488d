package httpapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/internal/harness/servers"
)

// TestProvider holds the clients to a provider that is not ours.
func TestProvider(t *testing.T) {
	p := servers.OIDC(t)
	self := httpapi.Request{Path: "/userinfo", Op: "ask who we are"}
	open := func(store httpapi.TokenStore, auth httpapi.Auth) *httpapi.Client {
		t.Helper()
		c, err := httpapi.New(httpapi.Env{Tokens: store, AllowLoopback: true}, httpapi.Profile{}, "crm", p.URL, auth)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	app := httpapi.OAuth{
		TokenURL: p.Token, AuthURL: p.Authorize, ClientID: p.App, ClientSecret: secret.New(p.AppSecret),
		Scopes: []string{"openid", "offline_access", "profile"},
	}
	t.Run("client credentials", func(t *testing.T) {
		o := httpapi.OAuth{TokenURL: p.Token, ClientID: p.Service, ClientSecret: secret.New(p.ServiceSecret), Scopes: []string{"openid"}}
		// The provider gives a service a token but no account to look at.
		if _, err := open(newStore(), httpapi.ClientCredentials(o)).Do(t.Context(), httpapi.Request{Path: "/.well-known/openid-configuration", Op: "read"}); err != nil {
			t.Error(err)
		}
		o.ClientSecret = secret.New("canary-wrong")
		_, err := open(newStore(), httpapi.ClientCredentials(o)).Do(t.Context(), self)
		_ = class(t, err, fault.Auth)
	})
	t.Run("log-in, rotation and revocation", func(t *testing.T) {
		shared := newStore()
		c := open(shared, httpapi.RefreshToken(app))
		_, err := c.Do(t.Context(), self)
		_ = class(t, err, fault.Auth) // nobody has logged in
		login, err := c.NewLogin(p.Redirect, "state-1")
		if err != nil {
			t.Fatal(err)
		}
		if err := login.Finish(t.Context(), logIn(t, p, login.URL())); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), self); err != nil {
			t.Fatal(err)
		}
		stale, err := shared.Load(t.Context(), "crm")
		if err != nil {
			t.Fatal(err)
		}
		spent := newStore() // another program that holds the same grant, and uses it
		if err := spent.Save(t.Context(), "crm", stale); err != nil {
			t.Fatal(err)
		}
		expire(t, spent)
		if _, err := open(spent, httpapi.RefreshToken(app)).Do(t.Context(), self); err != nil {
			t.Fatal(err)
		}
		expire(t, shared)
		_, err = open(shared, httpapi.RefreshToken(app)).Do(t.Context(), self)
		if f := class(t, err, fault.Auth); f.Next == "" {
			t.Error("a spent refresh token is refused without a next step")
		}
	})
}

// logIn is the person's browser: it follows the address to the log-in page,
// fills it in and brings back the code.
func logIn(t *testing.T, p *servers.Provider, address string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var landed *url.URL
	browser := http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), p.Redirect) {
			landed = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	_ = page.Body.Close()
	form := url.Values{"username": {p.Person}, "password": {p.PersonPassword}, "id": {page.Request.URL.Query().Get("authRequestID")}}
	back, err := browser.PostForm(p.URL+"/login/username", form)
	if err != nil {
		t.Fatal(err)
	}
	_ = back.Body.Close()
	if landed == nil || landed.Query().Get("code") == "" {
		t.Fatalf("the log-in ended at %s", back.Status)
	}
	return landed.Query().Get("code")
}

// expire makes the stored access token one that the provider refuses.
func expire(t *testing.T, s *store) {
	t.Helper()
	text, err := s.Load(t.Context(), "crm")
	if err != nil {
		t.Fatal(err)
	}
	token := map[string]any{}
	if err := json.Unmarshal(text, &token); err != nil {
		t.Fatal(err)
	}
	token["access"] = "spoiled"
	if text, err = json.Marshal(token); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(t.Context(), "crm", text); err != nil {
		t.Fatal(err)
	}
}
