package salesforcesim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

func TestRefreshRotatesAndReuseKillsTheFamily(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{Rotate: true})
	refresh := func(token string) answer {
		return c.form("/services/oauth2/token", "grant_type", "refresh_token", "client_id", c.twin.ClientID, "client_secret", c.twin.ClientSecret, "refresh_token", token)
	}
	first := c.expect("refresh", refresh(c.twin.RefreshToken), 200, `"instance_url":"`+c.twin.URL()+`"`, `"token_type":"Bearer"`)
	next, _ := first.at("refresh_token").(string)
	c.token, _ = first.at("access_token").(string)
	c.expect("with the new token", c.do("GET", "limits", ""), 200)
	if next == "" || next == c.twin.RefreshToken {
		t.Fatalf("refresh token did not rotate: %s", first.body)
	}
	c.expect("reuse", refresh(c.twin.RefreshToken), 400, `"error":"invalid_grant"`, "expired access/refresh token")
	c.expect("family dead", refresh(next), 400, "invalid_grant")
	c.expect("access dead", c.do("GET", "limits", ""), 401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`)
}

func TestTokenReuseFault(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	c.fault(simkit.Fault{Kind: "token_reuse", Times: 1})
	c.expect("reuse", c.form("/services/oauth2/token", "grant_type", "refresh_token", "client_id", c.twin.ClientID, "refresh_token", c.twin.RefreshToken), 400, "invalid_grant")
}

func TestJWTBearerAndPassword(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	key, err := jwt.ParseRSAPrivateKeyFromPEM(c.twin.PrivateKeyPEM)
	must(t, err)
	assert := func(audience, subject string) answer {
		token, err := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{"iss": c.twin.ClientID, "sub": subject, "aud": audience, "exp": time.Now().Add(time.Minute).Unix()}).SignedString(key)
		must(t, err)
		return c.form("/services/oauth2/token", "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion", token)
	}
	c.expect("jwt", assert("https://login.salesforce.com", c.twin.Username), 200, "access_token")
	c.expect("wrong audience", assert("https://evil.example.com", c.twin.Username), 400, "invalid_grant")
	c.expect("unknown user", assert("https://test.salesforce.com", "nobody@example.com"), 400, "invalid_grant")
	c.expect("password", c.form("/services/oauth2/token", "grant_type", "password", "client_id", c.twin.ClientID, "client_secret", c.twin.ClientSecret, "username", c.twin.Username, "password", c.twin.Password), 200, "access_token")
	c.expect("wrong secret", c.form("/services/oauth2/token", "grant_type", "client_credentials", "client_id", c.twin.ClientID, "client_secret", "x"), 400, "invalid_client")
}

func TestSessionCalls(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	c.expect("userinfo", c.do("GET", "/services/oauth2/userinfo", ""), 200, c.twin.OrganizationID(), c.twin.Users().Integration)
	resources := c.expect("resources", c.do("GET", "/services/data/v67.0", ""), 200, `"query":"/services/data/v67.0/query"`)
	identity, _ := resources.at("identity").(string)
	c.expect("identity", c.do("GET", strings.TrimPrefix(identity, c.twin.URL()), ""), 200, c.twin.Users().Integration)
	c.expect("versions", c.do("GET", "/services/data", ""), 200, `"Summer '26","url":"/services/data/v67.0","version":"67.0"`, `"Winter '27"`, `"Summer '23"`)
	c.expect("introspect", c.form("/services/oauth2/introspect", "token", c.token, "client_id", c.twin.ClientID, "client_secret", c.twin.ClientSecret), 200, `"active":true`)
	c.expect("old version", c.do("GET", "/services/data/v57.0/limits", ""), 404, "NOT_FOUND")
	c.expect("oldest", c.do("GET", "/services/data/v58.0/limits", ""), 200, "DailyApiRequests")
	c.twin.ExpireTokens()
	c.expect("expired", c.do("GET", "limits", ""), http.StatusUnauthorized, "INVALID_SESSION_ID")
	c.login()
	c.expect("revoke", c.form("/services/oauth2/revoke", "token", c.token), 200)
	c.expect("revoked", c.do("GET", "limits", ""), 401)
}

func TestDailyLimit(t *testing.T) {
	t.Parallel()
	clock := simkit.NewClock(nil)
	c := start(t, salesforcesim.Options{DailyLimit: 2, Clock: clock})
	if got := c.do("GET", "limits", "").header.Get("Sforce-Limit-Info"); got != "api-usage=1/2" {
		t.Errorf("limit info %q", got)
	}
	c.do("GET", "limits", "")
	a := c.expect("spent", c.do("GET", "limits", ""), 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
	if a.header.Get("Sforce-Limit-Info") != "api-usage=2/2" {
		t.Errorf("limit info %v", a.header)
	}
	clock.Advance(25 * time.Hour)
	c.login()
	c.expect("next day", c.do("GET", "limits", ""), 200)
}
