package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"

	"github.com/tandem-sync/tandem/connectors/fault"
)

const (
	tokenTimeout = 30 * time.Second
	maxToken     = 1 << 20
	// assertionLife is short because vendors refuse long-lived assertions.
	assertionLife = 3 * time.Minute
)

type fetcher func(ctx context.Context, o OAuth, refresh string) (*oauth2.Token, error)

type oauthAuth struct {
	oauth  OAuth
	fetch  fetcher
	spends bool
}

func (a oauthAuth) open(c *Client) (authorizer, error) {
	if _, err := checkBase(c.env, a.oauth.TokenURL); err != nil {
		return nil, errors.New("the token address: " + err.Error())
	}
	return newTokens(c, a), nil
}

// AuthStyle is always given: detecting it makes a first call that fails, and
// with single-use refresh tokens a failing call may cost the grant.
func (o OAuth) config() *oauth2.Config {
	return &oauth2.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), Scopes: o.Scopes,
		Endpoint: oauth2.Endpoint{AuthURL: o.AuthURL, TokenURL: o.TokenURL, AuthStyle: oauth2.AuthStyleInParams},
	}
}

func fetchByRefresh(ctx context.Context, o OAuth, refresh string) (*oauth2.Token, error) {
	if refresh == "" {
		return nil, errNoRefresh
	}
	return o.config().TokenSource(ctx, &oauth2.Token{RefreshToken: refresh}).Token()
}

func fetchClientCredentials(ctx context.Context, o OAuth, _ string) (*oauth2.Token, error) {
	cfg := clientcredentials.Config{
		ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(), TokenURL: o.TokenURL, Scopes: o.Scopes,
		EndpointParams: o.Params, AuthStyle: oauth2.AuthStyleInParams,
	}
	return cfg.Token(ctx)
}

func fetchByAssertion(ctx context.Context, o OAuth, _ string) (*oauth2.Token, error) {
	cfg := jwt.Config{
		Email: o.ClientID, Subject: o.Subject, Audience: o.Audience, Scopes: o.Scopes,
		PrivateKey: []byte(o.PrivateKey.Reveal()), TokenURL: o.TokenURL, Expires: assertionLife,
	}
	return cfg.TokenSource(ctx).Token()
}

var (
	errNoRefresh = errors.New("there is no refresh token yet")
	errNoAccess  = errors.New("the token reply holds no access token")
)

// tokenWire carries token calls: bounded, and never redirected, because every
// token call is a secret in a body.
type tokenWire struct{ c *Client }

// RoundTrip makes one token call.
func (t tokenWire) RoundTrip(req *http.Request) (*http.Response, error) {
	start := time.Now()
	req.Header.Set("User-Agent", "Tandem/"+t.c.env.Version)
	res, err := t.c.wire.RoundTrip(req)
	var f *fault.Error
	switch {
	case err != nil:
		f = t.c.faultOf(req.Context(), err)
	default:
		res.Body = newBounded(res.Body, maxToken)
		f = ClassifyStatus(res.StatusCode, nil, nil)
	}
	t.c.metrics.call("get an access token", f, time.Since(start))
	return res, err
}

func (c *Client) tokenHTTP() *http.Client {
	return &http.Client{Transport: tokenWire{c}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return foreign("a redirect of the token call")
	}}
}

// tokenFault classifies a failed token call. Nothing of the reply's body is
// kept but its error code: x/oauth2 prints the whole body.
func (c *Client) tokenFault(ctx context.Context, err error) *fault.Error {
	if errors.Is(err, errNoRefresh) {
		return &fault.Error{Class: fault.Auth, Scope: fault.ScopeSystem, Err: err, Next: loginHint(c.name)}
	}
	var reply *oauth2.RetrieveError
	if !errors.As(err, &reply) || reply.Response == nil {
		if f, ok := errors.AsType[*fault.Error](err); ok {
			return f
		}
		f := c.faultOf(ctx, err)
		// x/oauth2 does not wrap what its decoder says, nor keeps what it was.
		if unreadable := strings.Contains(err.Error(), "cannot parse") || strings.Contains(err.Error(), "missing access_token"); unreadable || errors.Is(err, errTooLarge) {
			f.Class, f.Err = fault.Malformed, errors.New("the token reply cannot be read")
		}
		return f
	}
	f := ClassifyStatus(reply.Response.StatusCode, reply.Response.Header, nil)
	if f == nil {
		f = &fault.Error{Class: fault.Malformed}
	}
	f.Scope, f.Status, f.Code = fault.ScopeSystem, reply.Response.StatusCode, tokenCode(reply)
	if f.Class == fault.RateLimited || f.Class == fault.Transient {
		f.Until = retryAfter(reply.Response.Header, time.Now())
	}
	switch f.Code {
	case "invalid_grant", "invalid_token":
		f.Class, f.Next = fault.Auth, loginHint(c.name)
	case "invalid_client", "unauthorized_client", "invalid_client_id", "invalid_client_credentials":
		f.Class, f.Next = fault.Auth, "check the client id and secret in the connector's file"
	case "invalid_scope", "access_denied":
		f.Class, f.Next = fault.Permission, "check the scopes of the app over there"
	case "unsupported_grant_type", "invalid_request":
		f.Class, f.Next = fault.Auth, "check the auth section of the connector's file"
	case "temporarily_unavailable", "server_error", "login_rate_exceeded":
		f.Class = fault.Transient
	}
	if f.Class == fault.Invalid || f.Class == fault.Missing {
		f.Class = fault.Auth
	}
	return f
}

// tokenCode reads the error code itself: jwt bearer leaves it to the caller.
func tokenCode(reply *oauth2.RetrieveError) string {
	if reply.ErrorCode != "" {
		return reply.ErrorCode
	}
	var body struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(reply.Body, &body) != nil {
		return ""
	}
	return body.Error
}
