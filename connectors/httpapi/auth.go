package httpapi

import (
	"context"
	"net/http"
	"net/url"

	"github.com/tandem-sync/tandem/config/secret"
)

// Auth is a way to prove who calls. It is made by the functions of this
// package and opened by New.
type Auth interface {
	open(c *Client) (authorizer, error)
}

type authorizer interface {
	// authorize adds the credentials to a request and returns the access token
	// used. It never returns one equal to rejected, if it can be renewed.
	authorize(ctx context.Context, req *http.Request, rejected string) (string, error)
	renewable() bool
	// secrets lists what must never be printed.
	secrets() []secret.Secret
}

// static is a credential that never changes.
type static struct {
	set    func(req *http.Request)
	secret []secret.Secret
}

func (s static) open(*Client) (authorizer, error) { return s, nil }

func (s static) authorize(_ context.Context, req *http.Request, _ string) (string, error) {
	if s.set != nil {
		s.set(req)
	}
	return "", nil
}

func (static) renewable() bool { return false }

func (s static) secrets() []secret.Secret { return s.secret }

// NoAuth sends no credentials.
func NoAuth() Auth { return static{} }

// ServiceKey sends a fixed bearer token.
func ServiceKey(key secret.Secret) Auth {
	return static{func(req *http.Request) { req.Header.Set("Authorization", "Bearer "+key.Reveal()) }, []secret.Secret{key}}
}

// HeaderKey sends a key in a header of that name.
func HeaderKey(header string, key secret.Secret) Auth {
	return static{func(req *http.Request) { req.Header.Set(header, key.Reveal()) }, []secret.Secret{key}}
}

// Basic sends a user name and a password.
func Basic(user string, password secret.Secret) Auth {
	return static{func(req *http.Request) { req.SetBasicAuth(user, password.Reveal()) }, []secret.Secret{password}}
}

// ClientCredentials gets access tokens for the client itself.
func ClientCredentials(o OAuth) Auth { return oauthAuth{oauth: o, fetch: fetchClientCredentials} }

// RefreshToken gets access tokens by a refresh token: the one configured, or
// the one `tandem auth login` stored. Each new refresh token is durable before
// it is used.
func RefreshToken(o OAuth) Auth { return oauthAuth{oauth: o, fetch: fetchByRefresh, spends: true} }

// JWTBearer gets access tokens by an assertion signed with RS256.
func JWTBearer(o OAuth) Auth { return oauthAuth{oauth: o, fetch: fetchByAssertion} }

// OAuth is an OAuth 2 client. Which fields a grant needs is said with each.
type OAuth struct {
	TokenURL     string
	AuthURL      string // RefreshToken: where a person logs in
	ClientID     string
	ClientSecret secret.Secret // ClientCredentials, RefreshToken
	Refresh      secret.Secret // RefreshToken: the first one, if not by login
	PrivateKey   secret.Secret // JWTBearer: PEM
	Subject      string        // JWTBearer
	Audience     string        // JWTBearer
	Scopes       []string
	Params       url.Values // further parameters of ClientCredentials

	// Keep names the string members of the token reply that OnToken needs; they
	// are stored with the token.
	Keep []string
	// OnToken is told of every token before its first use and may return
	// another base address, which must satisfy AllowBase.
	OnToken func(extra func(key string) string) (base string, err error)
	// AllowBase is asked about a base address that a token reply named. One of
	// the same origin as the configured base is always allowed.
	AllowBase func(u *url.URL) bool
}
