package hubspotsim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// oauthRefusal is how the token server says no.
type oauthRefusal struct {
	Status      string `json:"status"`
	Message     string `json:"message"`
	Correlation string `json:"correlationId"`
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

func refuseOAuth(w http.ResponseWriter, kind, status, message string) {
	writeJSON(w, http.StatusBadRequest, oauthRefusal{status, message, newUUID(), kind, message})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a lost client is its own affair
}

func (t *Twin) oauthRoutes() {
	t.mux.HandleFunc("GET /oauth/authorize", t.authorize)
	t.mux.HandleFunc("POST /oauth/token", t.token)
	t.mux.HandleFunc("POST /oauth/introspect", t.introspect)
	t.mux.HandleFunc("POST /oauth/revoke", t.revoke)
	t.mux.HandleFunc("GET /oauth/access-tokens/{token}", t.describeAccess)
	t.mux.HandleFunc("GET /oauth/refresh-tokens/{token}", t.describeRefresh)
}

// authorize stands for the page where a person would click "Connect app".
func (t *Twin) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("redirect_uri") == "" || q.Get("client_id") != t.opt.Credentials.ClientID {
		fail(http.StatusBadRequest, "VALIDATION_ERROR", "missing or unknown client_id or redirect_uri").write(w)
		return
	}
	answer := back.Query()
	answer.Set("code", t.tokens.IssueCode(oauthSubject, q.Get("redirect_uri"), q.Get("code_challenge")))
	if state := q.Get("state"); state != "" {
		answer.Set("state", state)
	}
	back.RawQuery = answer.Encode()
	w.Header().Set("Location", back.String())
	w.WriteHeader(http.StatusFound)
}

// NewAuthorizationCode hands out a code as the authorize page would.
func (t *Twin) NewAuthorizationCode(redirectURI string) string {
	return t.tokens.IssueCode(oauthSubject, redirectURI, "")
}

func (t *Twin) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err != nil {
		refuseOAuth(w, "invalid_request", "BAD_REQUEST", "the body must be a form")
		return
	}
	form := r.PostForm
	if t.tokens.CheckClient(form.Get("client_id"), form.Get("client_secret")) != nil {
		refuseOAuth(w, "invalid_client", "BAD_CLIENT_SECRET", "client id or secret is not valid")
		return
	}
	var grant simkit.Grant
	var err error
	switch form.Get("grant_type") {
	case "authorization_code":
		grant, err = t.tokens.ExchangeCode(form.Get("code"), form.Get("redirect_uri"), form.Get("code_verifier"))
		if err != nil {
			refuseOAuth(w, "invalid_grant", "BAD_AUTH_CODE", "missing or unknown auth code")
			return
		}
	case "refresh_token":
		if _, spoiled := t.faults.Take(r.Method, r.URL.Path, "token_reuse"); spoiled {
			t.tokens.Revoke(form.Get("refresh_token"))
		}
		grant, err = t.tokens.Refresh(form.Get("refresh_token"))
	case "client_credentials":
		grant = t.tokens.Issue(appSubject)
	default:
		refuseOAuth(w, "unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant_type")
		return
	}
	if err != nil {
		refuseOAuth(w, "invalid_grant", "BAD_REFRESH_TOKEN", "refresh token is invalid, expired or revoked")
		return
	}
	t.grant(w, grant)
}

func (t *Twin) grant(w http.ResponseWriter, g simkit.Grant) {
	body := map[string]any{
		"access_token": g.AccessToken, "expires_in": int(g.ExpiresIn / time.Second), "token_type": "bearer",
		"token_use": "access_token", "hub_id": t.opt.PortalID, "scopes": t.scopes(), "user_id": userID,
	}
	if g.RefreshToken != "" {
		body["refresh_token"] = g.RefreshToken
	}
	writeJSON(w, http.StatusOK, body)
}

func (t *Twin) scopes() []string {
	all := []string{
		"oauth", "crm.objects.contacts.read", "crm.objects.contacts.write", "crm.objects.companies.read", "crm.objects.companies.write",
		"crm.objects.deals.read", "crm.objects.deals.write", "crm.objects.owners.read", "crm.schemas.contacts.read", "crm.schemas.contacts.write",
		"crm.schemas.companies.read", "crm.schemas.deals.read", "crm.lists.read", "sales-email-read", "marketing.campaigns.read", "content",
		"forms", "business-intelligence", "communication_preferences.read", "communication_preferences.write",
		"communication_preferences.statuses.batch.read",
	}
	kept := all[:0]
	for _, s := range all {
		if !t.lacks(s) {
			kept = append(kept, s)
		}
	}
	return kept
}

func (t *Twin) lacks(scope string) bool {
	return slices.Contains(t.opt.Without, scope)
}

func (t *Twin) introspect(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err != nil {
		refuseOAuth(w, "invalid_request", "BAD_REQUEST", "the body must be a form")
		return
	}
	token, use := r.PostForm.Get("token"), "access_token"
	_, active := t.tokens.Valid(token)
	if !active {
		if _, active = t.tokens.ValidRefresh(token); active {
			use = "refresh_token"
		}
	}
	if !active {
		writeJSON(w, http.StatusOK, map[string]any{"active": false})
		return
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"active": true, "token_use": use, "client_id": t.opt.Credentials.ClientID, "hub_id": t.opt.PortalID,
		"scopes": t.scopes(), "user_id": userID, "token_type": "bearer",
		"expires_in": int(cmp.Or(t.opt.TokenTTL, 30*time.Minute) / time.Second),
	})
}

func (t *Twin) revoke(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	if err := r.ParseForm(); err == nil {
		t.tokens.Revoke(r.PostForm.Get("token"))
	}
	w.WriteHeader(http.StatusNoContent)
}

func (t *Twin) describeAccess(w http.ResponseWriter, r *http.Request) {
	if _, ok := t.tokens.Valid(r.PathValue("token")); !ok {
		notFound().write(w)
		return
	}
	t.describe(w, "access", r.PathValue("token"))
}

func (t *Twin) describeRefresh(w http.ResponseWriter, r *http.Request) {
	if _, ok := t.tokens.ValidRefresh(r.PathValue("token")); !ok {
		notFound().write(w)
		return
	}
	t.describe(w, "refresh", r.PathValue("token"))
}

func (t *Twin) describe(w http.ResponseWriter, use, token string) {
	writeJSON(w, http.StatusOK, map[string]any{
		"token": token, "token_type": use, "hub_id": t.opt.PortalID, "hub_domain": "example.com", "app_id": number(ourApp),
		"client_id": t.opt.Credentials.ClientID, "scopes": t.scopes(), "user": "owner@example.com", "user_id": userID, "expires_in": 1800,
	})
}
