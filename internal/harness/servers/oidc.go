package servers

import (
	"context"
	"strconv"
	"testing"
)

// Provider is a real OAuth2 and OpenID provider: client credentials for a
// service, the code flow with PKCE for an app, refresh tokens that are good for
// one use, and revocation.
type Provider struct {
	*Running

	URL                            string // without a slash at its end
	Service, ServiceSecret         string // may use client credentials
	App, AppSecret, Redirect       string // may use the code flow
	Person, PersonPassword         string // logs in
	Authorize, Token, Revoke, Self string // addresses; Self answers a valid access token with whose it is
}

// OIDC starts the example provider of zitadel/oidc.
func OIDC(t *testing.T) *Provider {
	t.Helper()
	need(t)
	port := strconv.Itoa(FreePort(t))
	url := "http://127.0.0.1:" + port
	p := &Provider{
		URL: url, Service: "sid1", ServiceSecret: "verysecret", App: "tandem", AppSecret: "secret", Redirect: "http://127.0.0.1:9/callback",
		Person: "test-user@127.0.0.1", PersonPassword: "verysecure",
		Authorize: url + "/auth", Token: url + "/oauth/token", Revoke: url + "/revoke", Self: url + "/userinfo",
	}
	p.Running = Start(t, Process{
		Name: "the OpenID provider", Command: []string{buildTool(t, "./oidc"), "-port", port, "-redirect", p.Redirect},
		Ready: func(ctx context.Context) bool { return Answers(ctx, url+"/.well-known/openid-configuration") },
	})
	return p
}
