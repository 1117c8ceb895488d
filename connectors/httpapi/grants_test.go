package httpapi_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

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
		synctest.Test(t, func(t *testing.T) {
			v, _ := newVendor()
			v.refusal = &test.answer
			_, err := oauth(t, v, newStore(), httpapi.ClientCredentials(app(""))).Do(t.Context(), get())
			_ = class(t, err, test.want)
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
	synctest.Test(t, func(t *testing.T) {
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
		_ = class(t, err, fault.Auth)
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
		synctest.Test(t, func(t *testing.T) {
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
	synctest.Test(t, func(t *testing.T) {
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
	synctest.Test(t, func(t *testing.T) {
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
