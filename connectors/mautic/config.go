package mautic

import (
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// Config is what a connectors/<name>.yaml of type mautic holds beside what
// every connector has.
type Config struct {
	BaseURL string `yaml:"base_url,required" doc:"Address of Mautic, as in https://mautic.example.com."`
	Auth    Auth   `yaml:"auth,required" doc:"How Tandem authenticates: a user's name and password, or an app of the type OAuth 2."`
	// Overlap is how late a change may become visible; each pass reaches back
	// that far.
	Overlap time.Duration `yaml:"overlap" doc:"How late a change may become visible; each pass reaches back that far. At least 1s."`
	// PageSize is how many contacts are asked for at once. Mautic loads what
	// hangs on them one by one, so that large pages are slow.
	PageSize int `yaml:"page_size" doc:"Contacts or companies asked for at once, 10 to 500."`
	// Anonymous contacts are visitors of whom nothing is known yet.
	Anonymous bool `yaml:"anonymous" doc:"Read anonymous visitors too."`
	// WebhookSecret is the secret of the webhook in Mautic.
	WebhookSecret secret.Secret `yaml:"webhook_secret" doc:"Secret of the webhook that posts to Tandem; without one no delivery is accepted."`
}

// Auth is a user's name and password, or an app's id and secret.
type Auth struct {
	Username     string        `yaml:"username" doc:"Name of the user, for HTTP Basic auth."`
	Password     secret.Secret `yaml:"password" doc:"Password of the user."`
	ClientID     string        `yaml:"client_id" doc:"Client id (public key) of an app of the type OAuth 2 with the grant client credentials."`
	ClientSecret secret.Secret `yaml:"client_secret" doc:"Client secret of the app."`
}

func defaults() Config { return Config{Overlap: time.Minute, PageSize: 200} }

func decodeConfig(node diag.Node) (Config, diag.List) {
	cfg := defaults()
	problems := diag.Decode(node, &cfg)
	at := func(key string) diag.Node {
		if n, ok := node.Get(key); ok {
			return n
		}
		return node
	}
	if cfg.PageSize < 10 || cfg.PageSize > 500 {
		problems.Errorf(at("page_size"), "page_size must be from 10 to 500")
	}
	// Mautic's dates have whole seconds: what is stored later in the same
	// second would be missed without looking back.
	if cfg.Overlap < time.Second {
		problems.Errorf(at("overlap"), "overlap must be 1s or more")
	}
	problems.Add(cfg.Auth.check(at("auth"))...)
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	return cfg, problems
}

func (a Auth) check(n diag.Node) diag.List {
	var problems diag.List
	user, app := a.Username != "" || !a.Password.IsZero(), a.ClientID != "" || !a.ClientSecret.IsZero()
	switch {
	case user && app:
		problems.Errorf(n, "give either username with password, or client_id with client_secret, not both")
	case user && (a.Username == "" || a.Password.IsZero()):
		problems.Errorf(n, "Basic auth needs both username and password")
	case app && (a.ClientID == "" || a.ClientSecret.IsZero()):
		problems.Errorf(n, "an app needs both client_id and client_secret")
	case !user && !app:
		problems.Errorf(n, "give username and password, or client_id and client_secret")
	}
	return problems
}

func (c Config) auth() httpapi.Auth {
	if c.Auth.Username != "" {
		return httpapi.Basic(c.Auth.Username, c.Auth.Password)
	}
	return httpapi.ClientCredentials(httpapi.OAuth{
		TokenURL: c.BaseURL + "/oauth/v2/token", ClientID: c.Auth.ClientID, ClientSecret: c.Auth.ClientSecret,
	})
}
