package tryton

import (
	"net/url"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
)

// Config is what a connectors/<name>.yaml of type tryton holds beside what
// every connector has.
type Config struct {
	BaseURL  string `yaml:"base_url,required" doc:"Address of Tryton, as in https://tryton.example.com."`
	Database string `yaml:"database,required" doc:"Name of the database."`
	Auth     Auth   `yaml:"auth,required" doc:"A user of Tryton, for Tandem alone."`
	// OptOut is the category that stands for an opt-out, which Tryton has none of.
	OptOut string `yaml:"opt_out_category" doc:"Name of the party category that marks who does not want e-mail; it makes the field opted_out. Tandem adds it and never takes it away."`
	// Lead is what the leads that Tandem makes are called.
	Lead string `yaml:"lead_description" doc:"Description of the leads that Tandem makes."`
	// Overlap is how long a transaction may take, for its changes carry the
	// time at which it began.
	Overlap  time.Duration `yaml:"overlap" doc:"How long a transaction of Tryton may take; each pass reaches back that far, for changes appear when it ends but carry the time of its begin. At least 1s."`
	PageSize int           `yaml:"page_size" doc:"Records asked for at once, 10 to 1000."`
}

// Auth is a user's name and password.
type Auth struct {
	User     string        `yaml:"user,required" doc:"Login of the user."`
	Password secret.Secret `yaml:"password,required" doc:"Password of the user, by reference: ${env:...} or ${file:...}."`
}

func defaults() Config {
	return Config{Lead: "Lead from marketing", Overlap: 2 * time.Minute, PageSize: 500}
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
	if cfg.PageSize < 10 || cfg.PageSize > 1000 {
		problems.Errorf(at("page_size"), "page_size must be from 10 to 1000")
	}
	// The moment of a pass is read from a header with whole seconds.
	if cfg.Overlap < time.Second {
		problems.Errorf(at("overlap"), "overlap must be 1s or more")
	}
	if cfg.Database != url.PathEscape(cfg.Database) {
		problems.Errorf(at("database"), "%q is no name of a database", cfg.Database)
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	return cfg, problems
}
