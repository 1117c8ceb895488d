package espocrm

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// Config is what a connectors/<name>.yaml of type espocrm holds beside what
// every connector has.
type Config struct {
	BaseURL string `yaml:"base_url,required" doc:"Address of EspoCRM, as in https://crm.example.com."`
	Auth    Auth   `yaml:"auth,required" doc:"How Tandem authenticates: the key of an API user, with a secret if that user signs by HMAC."`
	// Overlap is how late a change may become visible; each pass reaches back
	// that far.
	Overlap  time.Duration `yaml:"overlap" doc:"How late a change may become visible; each pass reaches back that far. At least 1s."`
	PageSize int           `yaml:"page_size" doc:"Records asked for at once, 10 to 200."`
	Webhooks []Webhook     `yaml:"webhooks" doc:"Webhooks in EspoCRM that post to Tandem; of others no delivery is accepted."`
}

// Auth is the key of an API user.
type Auth struct {
	APIKey secret.Secret `yaml:"api_key,required" doc:"API key of the user."`
	Secret secret.Secret `yaml:"secret_key" doc:"Secret key of a user who authenticates by HMAC; EspoCRM 8.4.1 or later."`
}

// Webhook is one webhook in EspoCRM. A delivery does not say what its records
// are, and each webhook has a secret of its own.
type Webhook struct {
	ID     string        `yaml:"id,required" doc:"Id of the webhook, as in the address of its page."`
	Entity string        `yaml:"entity,required" doc:"Entity type of its event, as in Lead."`
	Secret secret.Secret `yaml:"secret,required" doc:"Secret key of the webhook."`
}

func defaults() Config { return Config{Overlap: time.Minute, PageSize: mostRows} }

func decodeConfig(node diag.Node) (Config, diag.List) {
	cfg := defaults()
	problems := diag.Decode(node, &cfg)
	at := func(key string) diag.Node {
		if n, ok := node.Get(key); ok {
			return n
		}
		return node
	}
	if cfg.PageSize < 10 || cfg.PageSize > mostRows {
		problems.Errorf(at("page_size"), "page_size must be from 10 to %d", mostRows)
	}
	// EspoCRM's times have whole seconds: what is stored later in the same
	// second would be missed without looking back.
	if cfg.Overlap < time.Second {
		problems.Errorf(at("overlap"), "overlap must be 1s or more")
	}
	for i, h := range cfg.Webhooks {
		if _, ok := kindOf(h.Entity); h.Entity != "" && !ok {
			problems.Errorf(at("webhooks"), "webhook %d is for %q, which Tandem does not read", i+1, h.Entity)
		}
		if slices.ContainsFunc(cfg.Webhooks[:i], func(x Webhook) bool { return x.ID == h.ID }) {
			problems.Errorf(at("webhooks"), "webhook %d has the id of another", i+1)
		}
	}
	cfg.BaseURL = strings.TrimSuffix(strings.TrimSuffix(cfg.BaseURL, "/"), "/api/v1")
	return cfg, problems
}

func (c *Config) secrets() []*secret.Secret {
	list := []*secret.Secret{&c.Auth.APIKey, &c.Auth.Secret}
	for i := range c.Webhooks {
		list = append(list, &c.Webhooks[i].Secret)
	}
	return list
}

// auth is the key in a header; a call by HMAC is signed by sign.
func (c *Config) auth() httpapi.Auth {
	if !c.Auth.Secret.IsZero() {
		return httpapi.NoAuth()
	}
	return httpapi.HeaderKey("X-Api-Key", c.Auth.APIKey)
}

// sign adds the signature of a call: the key and the HMAC of its method and its
// path below /api/v1.
func (c *Config) sign(method, path string, header http.Header) {
	if c.Auth.Secret.IsZero() {
		return
	}
	mac := hmac.New(sha256.New, []byte(c.Auth.Secret.Reveal()))
	_, _ = mac.Write([]byte(method + " " + path)) // never fails
	text := c.Auth.APIKey.Reveal() + ":" + hex.EncodeToString(mac.Sum(nil))
	header.Set("X-Hmac-Authorization", base64.StdEncoding.EncodeToString([]byte(text)))
}
