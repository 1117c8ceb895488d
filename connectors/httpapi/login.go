package httpapi

import (
	"context"
	"errors"
	"time"

	"golang.org/x/oauth2"

	"github.com/tandem-sync/tandem/connectors/fault"
)

// Login is the part of the authorization-code flow that a person takes part
// in, as `tandem auth login` leads them through it.
type Login struct {
	tokens   *tokens
	verifier string
	redirect string
	state    string
}

// NewLogin begins a log-in that comes back to redirect. It is fault.Unsupported
// where the client's credentials need none.
func (c *Client) NewLogin(redirect, state string) (*Login, error) {
	t, ok := c.auth.(*tokens)
	if !ok || t.oauth.AuthURL == "" {
		return nil, c.complete(Request{Op: "log in"}, &fault.Error{
			Class: fault.Unsupported, Scope: fault.ScopeSystem, Err: errors.New("the configured credentials need no log-in"),
		})
	}
	return &Login{tokens: t, verifier: oauth2.GenerateVerifier(), redirect: redirect, state: state}, nil
}

// URL is where the person's browser goes.
func (l *Login) URL() string {
	cfg := l.tokens.oauth.config()
	cfg.RedirectURL = l.redirect
	return cfg.AuthCodeURL(l.state, oauth2.AccessTypeOffline, oauth2.S256ChallengeOption(l.verifier))
}

// Finish exchanges the code and stores the tokens.
func (l *Login) Finish(ctx context.Context, code string) error {
	t := l.tokens
	unlock, err := t.c.env.Tokens.Lock(ctx, t.c.name)
	if err != nil {
		return t.storeFault(ctx, "lock", err)
	}
	defer unlock()
	cfg := t.oauth.config()
	cfg.RedirectURL = l.redirect
	issued := time.Now()
	got, err := cfg.Exchange(context.WithValue(ctx, oauth2.HTTPClient, t.c.tokenHTTP()), code, oauth2.VerifierOption(l.verifier))
	if err != nil {
		return t.c.complete(Request{Op: "log in"}, t.c.tokenFault(ctx, err))
	}
	fresh, err := t.fromReply(got, "", issued)
	if err != nil {
		return err
	}
	if fresh.Refresh == "" {
		return t.c.complete(Request{Op: "log in"}, &fault.Error{
			Class: fault.Malformed, Scope: fault.ScopeSystem, Err: errors.New("the system gave no refresh token"),
			Next: "ask for offline access in the app's scopes",
		})
	}
	if _, err := t.keep(ctx, fresh); err != nil {
		return err
	}
	return nil
}
