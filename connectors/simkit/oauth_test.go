package simkit_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

func TestTokensExpire(t *testing.T) {
	clock := simkit.NewClock(nil)
	tokens := simkit.NewTokens(simkit.TokenOptions{TTL: time.Minute, Clock: clock})
	tokens.AddStatic("key", "portal")
	grant := tokens.Issue("me")
	if subject, ok := tokens.Valid(grant.AccessToken); !ok || subject != "me" {
		t.Fatal("a fresh token must be valid")
	}
	clock.Advance(time.Minute)
	if _, ok := tokens.Valid(grant.AccessToken); ok {
		t.Error("a token outlived its time")
	}
	other := tokens.Issue("me")
	tokens.ExpireAll()
	if _, ok := tokens.Valid(other.AccessToken); ok {
		t.Error("a token outlived ExpireAll")
	}
	if _, ok := tokens.Valid("key"); !ok {
		t.Error("a static token must stay valid")
	}
}

func TestRotationRevokesTheFamilyOnReuse(t *testing.T) {
	tokens := simkit.NewTokens(simkit.TokenOptions{Rotate: true})
	first := tokens.IssueRefresh("me")
	second, err := tokens.Refresh(first.RefreshToken)
	if err != nil || second.RefreshToken == first.RefreshToken {
		t.Fatalf("no rotation: %v", err)
	}
	if _, err := tokens.Refresh(first.RefreshToken); !errors.Is(err, simkit.ErrInvalidGrant) {
		t.Fatalf("a spent token was taken: %v", err)
	}
	if _, ok := tokens.Valid(second.AccessToken); ok {
		t.Error("the family's access token must be revoked")
	}
	if _, err := tokens.Refresh(second.RefreshToken); err == nil {
		t.Error("the family's refresh token must be revoked")
	}
}

func TestRefreshWithoutRotationKeepsTheToken(t *testing.T) {
	tokens := simkit.NewTokens(simkit.TokenOptions{})
	first := tokens.IssueRefresh("me")
	for range 2 {
		grant, err := tokens.Refresh(first.RefreshToken)
		if err != nil || grant.RefreshToken != first.RefreshToken || grant.Subject != "me" {
			t.Fatalf("%+v %v", grant, err)
		}
	}
	tokens.AddRefresh("agreed", "them")
	if grant, err := tokens.Refresh("agreed"); err != nil || grant.Subject != "them" {
		t.Fatalf("%+v %v", grant, err)
	}
	tokens.Revoke(first.RefreshToken)
	if _, err := tokens.Refresh(first.RefreshToken); err == nil {
		t.Fatal("a revoked token was taken")
	}
}

func TestCodeExchange(t *testing.T) {
	tokens := simkit.NewTokens(simkit.TokenOptions{ClientID: "id", ClientSecret: "secret"})
	if tokens.CheckClient("id", "secret") != nil || tokens.CheckClient("id", "other") == nil {
		t.Fatal("client check")
	}
	sum := sha256.Sum256([]byte("verifier"))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	cases := []struct {
		redirect, verifier string
		ok                 bool
	}{
		{"http://here", "verifier", true},
		{"http://there", "verifier", false},
		{"http://here", "guess", false},
	}
	for _, c := range cases {
		value := tokens.IssueCode("me", "http://here", challenge)
		_, err := tokens.ExchangeCode(value, c.redirect, c.verifier)
		if (err == nil) != c.ok {
			t.Errorf("%+v: %v", c, err)
		}
		if _, err := tokens.ExchangeCode(value, c.redirect, c.verifier); err == nil {
			t.Error("a code was taken twice")
		}
	}
}

func TestVerifyAssertion(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	want := simkit.Assertion{Key: &key.PublicKey, Issuer: "id", Audiences: []string{"https://login"}}
	good := jwt.RegisteredClaims{Issuer: "id", Subject: "me", Audience: jwt.ClaimStrings{"https://login"}, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Minute))}
	cases := map[string]struct {
		change func(*jwt.RegisteredClaims)
		ok     bool
	}{
		"good":           {func(*jwt.RegisteredClaims) {}, true},
		"other issuer":   {func(c *jwt.RegisteredClaims) { c.Issuer = "x" }, false},
		"other audience": {func(c *jwt.RegisteredClaims) { c.Audience = jwt.ClaimStrings{"x"} }, false},
		"expired":        {func(c *jwt.RegisteredClaims) { c.ExpiresAt = jwt.NewNumericDate(time.Now().Add(-time.Minute)) }, false},
		"no expiry":      {func(c *jwt.RegisteredClaims) { c.ExpiresAt = nil }, false},
		"no subject":     {func(c *jwt.RegisteredClaims) { c.Subject = "" }, false},
	}
	for name, c := range cases {
		claims := good
		c.change(&claims)
		token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		subject, err := simkit.VerifyAssertion(token, want)
		if (err == nil) != c.ok || (c.ok && subject != "me") {
			t.Errorf("%s: %q %v", name, subject, err)
		}
		if err != nil && !errors.Is(err, simkit.ErrInvalidGrant) {
			t.Errorf("%s: not an invalid grant: %v", name, err)
		}
	}
	if _, err := simkit.VerifyAssertion("none", want); err == nil {
		t.Error("rubbish was taken")
	}
}
