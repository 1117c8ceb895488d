package rest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// Config is what a connectors/<name>.yaml of type rest holds beside what every
// connector has.
type Config struct {
	// Manifest is a path from the folder of the configuration, or the manifest
	// itself.
	Manifest diag.Node         `yaml:"manifest,required" kind:"path or mapping" doc:"The manifest: the path of its file from the folder of the configuration, or the manifest itself."`
	BaseURL  string            `yaml:"base_url" doc:"Address of the API, as in https://acme.example.com/api; the manifest's unless set."`
	Auth     Credentials       `yaml:"auth" doc:"The credentials that the manifest's kind of auth asks for."`
	Vars     map[string]string `yaml:"vars" doc:"The values that the manifest asks for."`
}

// Credentials are what calls are signed with.
type Credentials struct {
	Token        secret.Secret `yaml:"token" doc:"Of bearer, header and query: the token or key."`
	Username     string        `yaml:"username" doc:"Of basic: the user's name."`
	Password     secret.Secret `yaml:"password" doc:"Of basic: the password."`
	ClientID     string        `yaml:"client_id" doc:"Of oauth2: the client's id."`
	ClientSecret secret.Secret `yaml:"client_secret" doc:"Of oauth2: the client's secret."`
}

// load decodes the connector's keys and compiles the manifest they name.
func load(node diag.Node) (Config, api, diag.List) {
	var cfg Config
	problems := diag.Decode(node, &cfg)
	if problems.HasErrors() {
		return cfg, api{}, problems
	}
	at := cfg.Manifest
	if at.IsScalar() {
		file, more := readManifest(at)
		if problems.Add(more...); more.HasErrors() {
			return cfg, api{}, problems
		}
		at = file
	}
	m, more := decodeManifest(at)
	problems.Add(more...)
	if more.HasErrors() {
		return cfg, api{}, problems
	}
	problems.Add(cfg.suits(node, m)...)
	if cfg.BaseURL == "" {
		cfg.BaseURL = m.BaseURL
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	compiled, more := compile(at, m)
	problems.Add(more...)
	return cfg, compiled, problems
}

// readManifest reads the file that a connector's file names. A path starts at
// the folder that holds tandem.yaml and connectors/.
func readManifest(at diag.Node) (diag.Node, diag.List) {
	name := at.String()
	if !filepath.IsAbs(name) {
		dir := filepath.Dir(at.Pos().File)
		if filepath.Base(dir) == "connectors" {
			dir = filepath.Dir(dir)
		}
		name = filepath.Join(dir, name)
	}
	content, err := os.ReadFile(name) //nolint:gosec // the configuration says which file
	if err != nil {
		return diag.Node{}, diag.List{at.Errorf("the manifest cannot be read: there is no readable file %s", name).
			WithHint("paths start at the folder that holds tandem.yaml")}
	}
	return diag.Parse(name, content)
}

// suits tells which credentials and values are missing or too many.
func (c Config) suits(n diag.Node, m Manifest) (problems diag.List) {
	given := map[string]bool{
		"token": !c.Auth.Token.IsZero(), "username": c.Auth.Username != "", "password": !c.Auth.Password.IsZero(),
		"client_id": c.Auth.ClientID != "", "client_secret": !c.Auth.ClientSecret.IsZero(),
	}
	wanted := m.Auth.wants()
	for _, key := range []string{"token", "username", "password", "client_id", "client_secret"} {
		switch want := slices.Contains(wanted, key); {
		case want && !given[key]:
			problems.Errorf(n.At("auth"), "the manifest signs calls by %s, which needs auth.%s", m.Auth.kind(), key)
		case !want && given[key]:
			problems.Errorf(n.At("auth").At(key), "the manifest signs calls by %s, which takes no %s", m.Auth.kind(), key)
		}
	}
	for name, what := range m.Vars {
		if c.Vars[name] == "" {
			problems.Errorf(n.At("vars"), "vars.%s is missing: %s", name, what)
		}
	}
	vars, _ := n.Get("vars")
	for _, key := range vars.Keys() {
		if _, known := m.Vars[key.Name]; !known {
			problems.Add(key.Errorf("the manifest knows no %q", key.Name).WithNearest(key.Name, sorted(m.Vars)))
		}
	}
	if c.BaseURL == "" && m.BaseURL == "" {
		problems.Errorf(n, `the key "base_url" is required, because the manifest names none`)
	}
	return problems
}

func (s Scheme) kind() string {
	if s.Kind == "" {
		return "bearer"
	}
	return s.Kind
}

func (s Scheme) wants() []string {
	switch s.kind() {
	case "basic":
		return []string{"username", "password"}
	case "oauth2":
		return []string{"client_id", "client_secret"}
	case "none":
		return nil
	default:
		return []string{"token"}
	}
}

// auth is how the client signs; a key in the query is put there by the caller.
func (c Config) auth(s Scheme) httpapi.Auth {
	switch s.kind() {
	case "bearer":
		return httpapi.ServiceKey(c.Auth.Token)
	case "basic":
		return httpapi.Basic(c.Auth.Username, c.Auth.Password)
	case "header":
		return httpapi.HeaderKey(s.Name, secret.New(s.Prefix+c.Auth.Token.Reveal()))
	case "oauth2":
		url := s.TokenURL
		if strings.HasPrefix(url, "/") {
			url = c.BaseURL + url
		}
		return httpapi.ClientCredentials(httpapi.OAuth{TokenURL: url, ClientID: c.Auth.ClientID, ClientSecret: c.Auth.ClientSecret, Scopes: s.Scopes})
	default:
		return httpapi.NoAuth()
	}
}
