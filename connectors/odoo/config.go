package odoo

import (
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
)

// Config is what a connectors/<name>.yaml of type odoo holds beside what every
// connector has.
type Config struct {
	BaseURL  string `yaml:"base_url,required" doc:"Address of Odoo, as in https://example.odoo.com."`
	Database string `yaml:"database" doc:"Name of the database. Needed before Odoo 19, and where an address serves several."`
	Auth     Auth   `yaml:"auth,required" doc:"The user that Tandem is, and a key of theirs."`
	// API is how to speak to it; see the page about the connector.
	API string `yaml:"api" doc:"json2 (Odoo 19 and later), jsonrpc (earlier), or auto: by the version."`
	// Overlap is how late a change may become visible; each pass reaches back
	// that far.
	Overlap time.Duration `yaml:"overlap" doc:"How late a change may become visible: as long as the longest transaction. Each pass reaches back that far. At least 1s."`
	// PageSize is how many records are asked for at once.
	PageSize int `yaml:"page_size" doc:"Records asked for at once, 10 to 2000."`
	// BatchSize is how many records are written in one transaction of Odoo's.
	BatchSize int `yaml:"batch_size" doc:"Records written by one call, 1 to 500. Odoo cancels a call that takes longer than two minutes."`
}

// Auth is a user and their key.
type Auth struct {
	User string        `yaml:"user" doc:"Login of the user. Not needed with json2, where the key tells."`
	Key  secret.Secret `yaml:"key,required" doc:"API key of the user; before Odoo 14 their password."`
}

// The ways to speak to an Odoo.
const (
	apiAuto  = "auto"
	apiJSON2 = "json2"
	apiRPC   = "jsonrpc"
)

// defaults look back a little longer than the two minutes after which Odoo
// ends a call, unless it is told otherwise.
func defaults() Config {
	return Config{API: apiAuto, Overlap: 150 * time.Second, PageSize: 500, BatchSize: 100}
}

func decodeConfig(node diag.Node) (Config, diag.List) {
	cfg := defaults()
	problems := diag.Decode(node, &cfg)
	at := func(key string) diag.Node {
		if n, ok := node.Get(key); ok {
			return n
		}
		return node
	}
	if cfg.PageSize < 10 || cfg.PageSize > 2000 {
		problems.Errorf(at("page_size"), "page_size must be from 10 to 2000")
	}
	if cfg.BatchSize < 1 || cfg.BatchSize > 500 {
		problems.Errorf(at("batch_size"), "batch_size must be from 1 to 500")
	}
	// The moment of a pass is read from a header with whole seconds.
	if cfg.Overlap < time.Second {
		problems.Errorf(at("overlap"), "overlap must be 1s or more")
	}
	switch cfg.API {
	case apiAuto, apiJSON2:
	case apiRPC:
		if cfg.Database == "" || cfg.Auth.User == "" {
			problems.Errorf(node, "jsonrpc needs database and auth.user")
		}
	default:
		problems.Errorf(at("api"), "api must be auto, json2 or jsonrpc")
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	return cfg, problems
}
