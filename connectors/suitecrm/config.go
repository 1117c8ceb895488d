package suitecrm

import (
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// Config is what a connectors/<name>.yaml of type suitecrm holds beside what
// every connector has.
type Config struct {
	BaseURL string `yaml:"base_url,required" doc:"Address of SuiteCRM, as in https://crm.example.com; of SuiteCRM 8 the one that ends in /legacy."`
	Auth    Auth   `yaml:"auth,required" doc:"How Tandem authenticates: an OAuth 2 client with the grant client credentials."`
	// Overlap is how late a change may become visible; each pass reaches back
	// that far.
	Overlap time.Duration `yaml:"overlap" doc:"How late a change may become visible; each pass reaches back that far. At least 1s."`
	// PageSize is how many records are asked for at once. SuiteCRM loads each
	// one by itself, so that large pages are slow.
	PageSize int `yaml:"page_size" doc:"Records asked for at once, 10 to 500."`
}

// Auth is an OAuth 2 client's id and secret.
type Auth struct {
	ClientID     string        `yaml:"client_id,required" doc:"Id of the OAuth 2 client."`
	ClientSecret secret.Secret `yaml:"client_secret,required" doc:"Secret of the OAuth 2 client."`
}

func defaults() Config { return Config{Overlap: time.Minute, PageSize: 100} }

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
	// SuiteCRM's times have whole seconds: what is stored later in the same
	// second would be missed without looking back.
	if cfg.Overlap < time.Second {
		problems.Errorf(at("overlap"), "overlap must be 1s or more")
	}
	cfg.BaseURL = strings.TrimSuffix(strings.TrimSuffix(cfg.BaseURL, "/"), "/Api")
	return cfg, problems
}

func (c Config) auth() httpapi.Auth {
	return httpapi.ClientCredentials(httpapi.OAuth{
		TokenURL: c.BaseURL + "/Api/access_token", ClientID: c.Auth.ClientID, ClientSecret: c.Auth.ClientSecret,
	})
}
