package acme

import (
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
)

// Config is what a connectors/<name>.yaml of type acme holds beside what every
// connector has. The doc tags are its reference.
type Config struct {
	BaseURL string        `yaml:"base_url,required" doc:"Address of Acme, as in https://acme.example.com."`
	Key     secret.Secret `yaml:"key,required" doc:"API key."`
	Overlap time.Duration `yaml:"overlap" doc:"How late a change may become visible; each pass reaches back that far. At least 1s."`
}

func defaults() Config { return Config{Overlap: time.Minute} }

func decodeConfig(node diag.Node) (Config, diag.List) {
	cfg := defaults()
	problems := diag.Decode(node, &cfg)
	if cfg.Overlap < time.Second {
		problems.Errorf(node.At("overlap"), "overlap must be 1s or more")
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	return cfg, problems
}
