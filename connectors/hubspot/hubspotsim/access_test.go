package hubspotsim_test

import (
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

func (p *portal) grant(extra url.Values) url.Values {
	c := p.Credentials()
	form := url.Values{"client_id": {c.ClientID}, "client_secret": {c.ClientSecret}}
	maps.Copy(form, extra)
	return form
}

func TestOAuthGrants(t *testing.T) {
	clock := simkit.NewClock(nil)
	p := newPortal(t, hubspotsim.Options{RotateRefreshTokens: true, Clock: clock})
	code := p.NewAuthorizationCode("http://127.0.0.1/back")
	r := p.want(200, "POST", "/oauth/2026-03/token", p.grant(url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"http://127.0.0.1/back"}}))
	first, _ := r.at("refresh_token").(string)
	if r.at("expires_in") != 1800.0 || r.at("token_type") != "bearer" || first == "" {
		t.Fatalf("%s", r.raw)
	}
	p.token, _ = r.at("access_token").(string)
	p.want(200, "GET", contactsPath, nil)
	clock.Advance(31 * time.Minute)
	if r := p.want(401, "GET", contactsPath, nil); r.at("category") != "EXPIRED_AUTHENTICATION" {
		t.Errorf("%s", r.raw)
	}
	again := p.grant(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {first}})
	r = p.want(200, "POST", "/oauth/v1/token", again)
	p.token, _ = r.at("access_token").(string)
	p.want(200, "GET", contactsPath, nil)
	if r := p.want(400, "POST", "/oauth/v3/token", again); r.at("error") != "invalid_grant" || r.at("status") != "BAD_REFRESH_TOKEN" {
		t.Errorf("%s", r.raw)
	}
	p.want(401, "GET", contactsPath, nil) // the family is revoked
	if r := p.want(200, "POST", "/oauth/2026-09/token", p.grant(url.Values{"grant_type": {"client_credentials"}})); r.at("refresh_token") != nil {
		t.Error("client credentials give no refresh token")
	}
	if r := p.want(400, "POST", "/oauth/2026-03/token", url.Values{"grant_type": {"refresh_token"}}); r.at("error") != "invalid_client" {
		t.Errorf("%s", r.raw)
	}
	code2 := p.want(302, "GET", "/oauth/authorize?client_id="+p.Credentials().ClientID+"&state=s&redirect_uri=http://127.0.0.1/back", nil)
	if where := code2.header.Get("Location"); !strings.Contains(where, "code=") || !strings.Contains(where, "state=s") {
		t.Errorf("authorize leads to %s", where)
	}
}

func TestExpiredTokensAndTokenReuseFault(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	form := p.grant(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {p.Credentials().RefreshToken}})
	p.token, _ = p.want(200, "POST", "/oauth/2026-03/token", form).at("access_token").(string)
	if r := p.want(200, "POST", "/oauth/2026-03/introspect", p.grant(url.Values{"token": {p.token}})); r.at("active") != true {
		t.Errorf("%s", r.raw)
	}
	p.want(204, "POST", "/__sim/expire_tokens", nil)
	p.want(401, "GET", contactsPath, nil)
	p.AddFault(simkit.Fault{Kind: "token_reuse", Times: 1})
	p.want(400, "POST", "/oauth/2026-03/token", form)
	p.want(400, "POST", "/oauth/2026-03/token", form)
}

func TestScopes(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{Without: []string{"marketing.campaigns.read", "sales-email-read"}})
	if r := p.want(403, "GET", "/marketing/campaigns/2026-03", nil); r.at("category") != "MISSING_SCOPES" || r.at("context", "requiredGranularScopes", 0) != "marketing.campaigns.read" {
		t.Errorf("%s", r.raw)
	}
	p.want(403, "GET", "/crm/v3/objects/emails", nil)
	p.want(200, "GET", "/crm/v3/objects/calls", nil)
	p.AddKey("pat-reader", hubspotsim.IntegrationActor("5"), "*.write")
	p.token = "pat-reader"
	p.want(200, "GET", contactsPath, nil)
	p.want(403, "POST", contactsPath, m{"properties": m{"city": "x"}})
	p.token = "pat-nobody"
	p.want(401, "GET", contactsPath, nil)
}

func TestRateLimits(t *testing.T) {
	clock := simkit.NewClock(nil)
	p := newPortal(t, hubspotsim.Options{Clock: clock, RateLimits: hubspotsim.RateLimits{Burst: 3, Search: 2, Daily: 6}})
	if r := p.want(200, "GET", contactsPath, nil); r.header.Get("X-HubSpot-RateLimit-Remaining") != "2" || r.header.Get("X-HubSpot-RateLimit-Max") != "3" || r.header.Get("X-HubSpot-RateLimit-Daily-Remaining") != "5" {
		t.Errorf("%v", r.header)
	}
	p.want(200, "GET", contactsPath, nil)
	p.want(200, "GET", contactsPath, nil)
	if r := p.want(429, "GET", contactsPath, nil); r.at("policyName") != "TEN_SECONDLY_ROLLING" || r.at("errorType") != "RATE_LIMIT" {
		t.Errorf("%s", r.raw)
	}
	for range 2 {
		if r := p.want(200, "POST", contactsPath+"/search", m{}); r.header.Get("X-HubSpot-RateLimit-Remaining") != "" {
			t.Error("search must carry no rate headers")
		}
	}
	if r := p.want(429, "POST", contactsPath+"/search", m{}); r.at("message") != "You have reached your secondly limit." || r.at("category") != "RATE_LIMITS" {
		t.Errorf("%s", r.raw)
	}
	clock.Advance(10 * time.Second)
	p.want(200, "GET", contactsPath, nil)
	p.want(200, "GET", contactsPath, nil)
	if r := p.want(429, "GET", contactsPath, nil); r.at("policyName") != "DAILY" {
		t.Errorf("%s", r.raw)
	}
}

func TestRateFaults(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	p.AddFault(simkit.Fault{Kind: "rate_limit", Times: 1, Value: "7"})
	if r := p.want(429, "GET", contactsPath, nil); r.header.Get("Retry-After") != "7" || r.at("policyName") != "TEN_SECONDLY_ROLLING" {
		t.Errorf("%v %s", r.header, r.raw)
	}
	p.AddFault(simkit.Fault{Kind: "rate_limit_secondly", Times: 1})
	p.want(200, "GET", contactsPath, nil)
	p.want(429, "POST", contactsPath+"/search", m{})
	p.AddFault(simkit.Fault{Kind: "rate_limit_daily", Times: 1})
	if r := p.want(429, "GET", contactsPath, nil); r.at("policyName") != "DAILY" {
		t.Errorf("%s", r.raw)
	}
	p.AddFault(simkit.Fault{Kind: "server_error", Times: 1, Value: "502"})
	if r := p.want(502, "GET", contactsPath, nil); r.at("status") != "error" {
		t.Errorf("%s", r.raw)
	}
}

func TestCountsTellReadsFromWrites(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	id := p.contact(map[string]string{"city": "x"})
	p.want(200, "POST", contactsPath+"/search", m{})
	p.want(200, "POST", "/crm/v3/objects/contacts/batch/read", m{"inputs": rows{m{"id": id}}})
	p.want(200, "PATCH", contactsPath+"/"+id, m{"properties": m{"city": "y"}})
	p.want(200, "POST", "/oauth/v1/token", p.grant(url.Values{"grant_type": {"client_credentials"}}))
	c := p.Counts()
	if c.Reads != 2 || c.Writes != 1 || c.Auth != 1 || c.Routes["PATCH /crm/objects/{object}/{id}"] != 1 {
		t.Fatalf("%+v", c)
	}
}
