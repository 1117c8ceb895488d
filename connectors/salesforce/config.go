package salesforce

import (
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
)

// Config is the part of connectors/<name>.yaml that is Salesforce's own.
type Config struct {
	// BaseURL is the My Domain address, https://<name>.my.salesforce.com.
	BaseURL string `yaml:"base_url,required" doc:"The My Domain address, https://<name>.my.salesforce.com."`
	Version string `yaml:"version" doc:"Version of the API."`
	Auth    Auth   `yaml:"auth,required" doc:"How Tandem logs in."`
	// Overlap is how far back each pull looks again, for transactions that
	// were committed late.
	Overlap time.Duration `yaml:"overlap" doc:"How far back each pull looks again, for transactions that were committed late."`
	Bulk    Bulk          `yaml:"bulk" doc:"When the Bulk API is used instead of single calls."`
	Split   Split         `yaml:"split" doc:"When a first read is divided into ranges of ids."`
	// AssignmentRules lets Salesforce's assignment rules choose the owner of
	// what Tandem creates.
	AssignmentRules bool `yaml:"assignment_rules" doc:"Let Salesforce's assignment rules choose the owner of what Tandem creates."`
	// AllowDuplicates saves records that a duplicate rule only warns of.
	AllowDuplicates bool `yaml:"allow_duplicates" doc:"Save records that a duplicate rule only warns of."`
	// Integrations are the user ids and profile names of other tools that
	// write to this organisation.
	Integrations []string `yaml:"integrations" doc:"User ids and profile names of other tools that write to this organisation."`
	Currency     string   `yaml:"currency" doc:"ISO 4217 code of the organisation's amounts."`
	// PermissionSet is the API name of the one that is given access to fields
	// which Tandem is told to create.
	PermissionSet string `yaml:"permission_set" doc:"API name of the permission set that is given access to fields which tandem check --create-fields makes."`
}

// Auth is how Tandem logs in: by JWT bearer if there is a private key, by
// refresh token if there is one, else by client credentials.
type Auth struct {
	Flow         string        `yaml:"flow" oneof:"jwt client_credentials refresh_token" doc:"How Tandem logs in. Unless set: jwt if there is a private key, refresh_token if there is one, else client_credentials."`
	ClientID     string        `yaml:"client_id,required" doc:"Consumer key of the connected app."`
	ClientSecret secret.Secret `yaml:"client_secret" doc:"Consumer secret, for client_credentials and refresh_token."`
	RefreshToken secret.Secret `yaml:"refresh_token" doc:"Refresh token, for refresh_token; tandem auth login obtains one unless set."`
	PrivateKey   secret.Secret `yaml:"private_key" doc:"Private key in PEM, for jwt."`
	Username     string        `yaml:"username" doc:"The user Tandem acts as, for jwt."`
	// Audience is who the JWT is for: https://login.salesforce.com, or
	// https://test.salesforce.com for a sandbox.
	Audience string `yaml:"audience" doc:"Who the JWT is for; https://test.salesforce.com for a sandbox."`
}

// Bulk says when the Bulk API is used instead of single calls.
type Bulk struct {
	QueryAbove  int  `yaml:"query_above" doc:"Rows above which a first read is a bulk query; 0 never uses one."`
	IngestAbove int  `yaml:"ingest_above" doc:"Rows above which a write is a bulk job."`
	Off         bool `yaml:"off" doc:"Never use the Bulk API."`
}

// Split says when a first read is divided into ranges of ids.
type Split struct {
	Above  int `yaml:"above" doc:"Rows above which a first read is divided."`
	Ranges int `yaml:"ranges" doc:"Ranges, 1 to 32."`
}

// Flows of OAuth 2 that Salesforce offers a daemon.
const (
	flowJWT     = "jwt"
	flowClient  = "client_credentials"
	flowRefresh = "refresh_token"
)

const (
	defaultOverlap     = 5 * time.Minute
	defaultQueryAbove  = 50_000
	defaultIngestAbove = 2_000
	defaultSplitAbove  = 20_000
	defaultRanges      = 4
	maxRanges          = 32
)

func defaults() Config {
	return Config{
		Version: "67.0", Overlap: defaultOverlap,
		Bulk:  Bulk{QueryAbove: defaultQueryAbove, IngestAbove: defaultIngestAbove},
		Split: Split{Above: defaultSplitAbove, Ranges: defaultRanges},
		Auth:  Auth{Audience: "https://login.salesforce.com"},
	}
}

var versionForm = regexp.MustCompile(`^v?\d\d\.\d$`)

// decodeConfig reads and checks the connector's own part of its file.
func decodeConfig(node diag.Node, secrets secret.Resolver) (Config, diag.List) {
	cfg := defaults()
	problems := diag.Decode(node, &cfg)
	if problems.HasErrors() {
		return cfg, problems
	}
	problems.Add(secret.ResolveAll(secrets, &cfg.Auth.ClientSecret, &cfg.Auth.RefreshToken, &cfg.Auth.PrivateKey)...)
	at := func(key string) diag.Node {
		if n, ok := node.Get(key); ok {
			return n
		}
		return node
	}
	if u, err := url.Parse(cfg.BaseURL); err != nil || u.Scheme == "" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		problems.Add(at("base_url").Errorf("this is not an address of Salesforce").WithHint("%s", "write your My Domain, https://<name>.my.salesforce.com"))
	}
	if !versionForm.MatchString(cfg.Version) {
		problems.Add(at("version").Errorf("this is not a version of the API").WithHint("%s", `write it like "67.0"`))
	}
	if cfg.Overlap < 0 || cfg.Overlap > maxDowntime {
		problems.Errorf(at("overlap"), "the overlap must be between 0s and 15 days")
	}
	if cfg.Split.Ranges < 1 || cfg.Split.Ranges > maxRanges {
		problems.Errorf(at("split"), "ranges must be between 1 and %d", maxRanges)
	}
	cfg.Version = strings.TrimPrefix(cfg.Version, "v")
	problems.Add(cfg.Auth.settle(at("auth"))...)
	return cfg, problems
}

// settle chooses the flow and tells what it lacks.
func (a *Auth) settle(at diag.Node) diag.List {
	var problems diag.List
	if a.Flow == "" {
		switch {
		case !a.PrivateKey.IsZero():
			a.Flow = flowJWT
		case !a.RefreshToken.IsZero():
			a.Flow = flowRefresh
		default:
			a.Flow = flowClient
		}
	}
	need := func(missing bool, key string) {
		if missing {
			problems.Errorf(at, "the flow %s needs %s", a.Flow, key)
		}
	}
	switch a.Flow {
	case flowJWT:
		need(a.PrivateKey.IsZero(), "private_key")
		need(a.Username == "", "username")
	case flowClient:
		need(a.ClientSecret.IsZero(), "client_secret")
	}
	return problems
}
