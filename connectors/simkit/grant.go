package simkit

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/golang-jwt/jwt/v5"
)

type code struct {
	subject, redirect, challenge string
}

// IssueCode hands out an authorization code that is good for one exchange;
// challenge is the S256 challenge of PKCE, or empty.
func (t *Tokens) IssueCode(subject, redirect, challenge string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	value := rand.Text()
	t.codes[value] = code{subject: subject, redirect: redirect, challenge: challenge}
	return value
}

// ExchangeCode turns an authorization code into a token family.
func (t *Tokens) ExchangeCode(value, redirect, verifier string) (Grant, error) {
	t.mu.Lock()
	held, ok := t.codes[value]
	delete(t.codes, value)
	t.mu.Unlock()
	if !ok || held.redirect != redirect {
		return Grant{}, ErrInvalidGrant
	}
	sum := sha256.Sum256([]byte(verifier))
	if held.challenge != "" && base64.RawURLEncoding.EncodeToString(sum[:]) != held.challenge {
		return Grant{}, ErrInvalidGrant
	}
	return t.IssueRefresh(held.subject), nil
}

// Assertion is what a JWT bearer must say to be accepted.
type Assertion struct {
	// Key is the client's public key: RSA with RS256.
	Key crypto.PublicKey
	// Issuer is the client id.
	Issuer string
	// Audiences are the accepted values of aud; one must be there.
	Audiences []string
	// Clock decides what has expired; the machine's when nil.
	Clock *Clock
}

// VerifyAssertion checks a JWT bearer and returns its subject. Its errors wrap
// ErrInvalidGrant.
func VerifyAssertion(token string, want Assertion) (string, error) {
	clock := want.Clock
	if clock == nil {
		clock = NewClock(nil)
	}
	var claims jwt.RegisteredClaims
	_, err := jwt.ParseWithClaims(token, &claims, func(*jwt.Token) (any, error) { return want.Key, nil },
		jwt.WithValidMethods([]string{"RS256"}),
		jwt.WithIssuer(want.Issuer),
		jwt.WithAudience(want.Audiences...),
		jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(clock.Now),
	)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalidGrant, err)
	}
	if claims.Subject == "" {
		return "", errors.Join(ErrInvalidGrant, errors.New("assertion names no subject"))
	}
	return claims.Subject, nil
}
