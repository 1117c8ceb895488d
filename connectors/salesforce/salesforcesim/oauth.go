package salesforcesim

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer"

func (t *Twin) makeCredentials() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("simulated Salesforce cannot make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("simulated Salesforce cannot write its key: %w", err)
	}
	t.PrivateKeyPEM = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	t.publicKey = &key.PublicKey
	t.ClientID, t.ClientSecret = t.opt.ClientID, t.opt.ClientSecret
	if t.ClientID == "" {
		t.ClientID = "3MVG9" + rand.Text()
	}
	if t.ClientSecret == "" {
		t.ClientSecret = rand.Text()
	}
	t.Username, t.Password = integrationUsername, rand.Text()
	ttl := t.opt.TokenTTL
	if ttl == 0 {
		ttl = 2 * time.Hour
	}
	t.tokens = simkit.NewTokens(simkit.TokenOptions{
		ClientID: t.ClientID, ClientSecret: t.ClientSecret, TTL: ttl, Rotate: t.opt.Rotate, Prefix: t.org[:15] + "!", Clock: t.Clock,
	})
	t.RefreshToken = t.tokens.IssueRefresh(t.users.Integration).RefreshToken
	return nil
}

// AccessToken hands out an access token of the integration user without a
// call, for tests that are not about logging in.
func (t *Twin) AccessToken() string { return t.tokens.Issue(t.users.Integration).AccessToken }

type oauthError struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func refuseOAuth(w http.ResponseWriter, code, description string) {
	send(w, jsonReply(http.StatusBadRequest, oauthError{code, description}))
}

// serveToken answers the token endpoint for every grant.
func (t *Twin) serveToken(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		refuseOAuth(w, "invalid_request", "must use HTTP POST")
		return
	}
	kind := r.Form.Get("grant_type")
	if kind != jwtBearer && !t.clientKnown(w, r) {
		return
	}
	switch kind {
	case "client_credentials":
		t.grant(w, r, t.tokens.Issue(t.users.Integration))
	case "refresh_token":
		t.refresh(w, r)
	case jwtBearer:
		t.assertion(w, r)
	case "password":
		if r.Form.Get("username") != t.Username || r.Form.Get("password") != t.Password {
			refuseOAuth(w, "invalid_grant", "authentication failure")
			return
		}
		t.grant(w, r, t.tokens.Issue(t.users.Integration))
	default:
		refuseOAuth(w, "unsupported_grant_type", "grant type not supported")
	}
}

func (t *Twin) clientKnown(w http.ResponseWriter, r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.Form.Get("client_id"), r.Form.Get("client_secret")
	}
	if id != t.ClientID {
		refuseOAuth(w, "invalid_client_id", "client identifier invalid")
		return false
	}
	isRefresh := r.Form.Get("grant_type") == "refresh_token" && secret == "" // a public client sends none
	if t.tokens.CheckClient(id, secret) != nil && !isRefresh {
		refuseOAuth(w, "invalid_client", "invalid client credentials")
		return false
	}
	return true
}

func (t *Twin) refresh(w http.ResponseWriter, r *http.Request) {
	token := r.Form.Get("refresh_token")
	if _, ok := t.Faults.Take(r.Method, r.URL.Path, "token_reuse"); ok {
		t.tokens.Revoke(token)
	}
	g, err := t.tokens.Refresh(token)
	if err != nil {
		refuseOAuth(w, "invalid_grant", "expired access/refresh token")
		return
	}
	if !t.opt.Rotate {
		g.RefreshToken = "" // the vendor repeats it only where it changes
	}
	t.grant(w, r, g)
}

func (t *Twin) assertion(w http.ResponseWriter, r *http.Request) {
	subject, err := simkit.VerifyAssertion(r.Form.Get("assertion"), simkit.Assertion{
		Key: t.publicKey, Issuer: t.ClientID, Clock: t.Clock,
		Audiences: []string{"https://login.salesforce.com", "https://test.salesforce.com", origin(r), origin(r) + "/services/oauth2/token"},
	})
	if err != nil {
		refuseOAuth(w, "invalid_grant", "invalid assertion")
		return
	}
	t.mu.RLock()
	rows := t.byKey(t.objects["user"], "Username", subject)
	t.mu.RUnlock()
	if len(rows) != 1 {
		refuseOAuth(w, "invalid_grant", "user hasn't approved this consumer")
		return
	}
	t.grant(w, r, t.tokens.Issue(t.objects["user"].id(rows[0])))
}

// origin is the address the caller used, so that a proxy may stand between.
func origin(r *http.Request) string { return "http://" + r.Host }

func (t *Twin) grant(w http.ResponseWriter, r *http.Request, g simkit.Grant) {
	id := origin(r) + "/id/" + t.org + "/" + g.Subject
	issued := strconv.FormatInt(t.Clock.Now().UnixMilli(), 10)
	mac := hmac.New(sha256.New, []byte(t.ClientSecret))
	mac.Write([]byte(id + issued))
	out := map[string]string{
		"access_token": g.AccessToken, "instance_url": origin(r), "id": id, "token_type": "Bearer", "issued_at": issued, "scope": "api refresh_token",
		"signature": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
	}
	if g.RefreshToken != "" {
		out["refresh_token"] = g.RefreshToken
	}
	send(w, jsonReply(http.StatusOK, out))
}

func (t *Twin) serveRevoke(w http.ResponseWriter, r *http.Request) {
	token := r.FormValue("token")
	_, access := t.tokens.Valid(token)
	_, refresh := t.tokens.ValidRefresh(token)
	if !access && !refresh {
		refuseOAuth(w, "unsupported_token_type", "this token type is not supported")
		return
	}
	t.tokens.Revoke(token)
	send(w, reply{status: http.StatusOK})
}

func (t *Twin) serveIntrospect(w http.ResponseWriter, r *http.Request) {
	if r.ParseForm() != nil || !t.clientKnown(w, r) {
		return
	}
	token := r.Form.Get("token")
	subject, ok := t.tokens.Valid(token)
	if !ok {
		subject, ok = t.tokens.ValidRefresh(token)
	}
	if !ok {
		send(w, jsonReply(http.StatusOK, map[string]any{"active": false}))
		return
	}
	now := t.Clock.Now().Unix()
	send(w, jsonReply(http.StatusOK, map[string]any{
		"active": true, "scope": "api refresh_token", "client_id": t.ClientID, "username": t.Username, "sub": origin(r) + "/id/" + t.org + "/" + subject,
		"token_type": "access_token", "iat": now, "nbf": now, "exp": now + int64((2 * time.Hour).Seconds()),
	}))
}

func (t *Twin) serveUserinfo(w http.ResponseWriter, r *http.Request) {
	subject, ok := t.tokens.Valid(bearer(r))
	if !ok {
		send(w, reply{status: http.StatusForbidden, kind: "text/html;charset=UTF-8", body: []byte("Bad_OAuth_Token")})
		return
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	users := t.objects["user"]
	u := users.find(subject)
	if u == nil {
		send(w, notFound())
		return
	}
	send(w, jsonReply(http.StatusOK, map[string]any{
		"sub": origin(r) + "/id/" + t.org + "/" + subject, "user_id": subject, "organization_id": t.org, "preferred_username": users.text(u, "Username"),
		"nickname": users.text(u, "Alias"), "name": users.text(u, "Name"), "email": users.text(u, "Email"), "email_verified": true, "zoneinfo": "UTC",
		"address": map[string]any{"country": "DE"}, "is_salesforce_integration_user": false, "active": true, "user_type": "STANDARD", "language": "en_US",
		"locale": "en_US", "utcOffset": 0, "updated_at": t.born.Format(time.RFC3339), "urls": map[string]string{"rest": origin(r) + "/services/data/v{version}/"},
	}))
}
