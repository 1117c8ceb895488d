package hubspot

import (
	"regexp"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

const (
	defaultBase    = "https://api.hubapi.com"
	defaultVersion = "2026-03"
	authorizeURL   = "https://app.hubspot.com/oauth/authorize"
)

// Config is what a connectors/<name>.yaml of type hubspot holds beside what
// every connector has.
type Config struct {
	Auth    Auth   `yaml:"auth,required" doc:"How Tandem authenticates: a service key, or an OAuth app."`
	Version string `yaml:"version" doc:"Version of the API: 2026-03, 2026-09 or v3."`
	BaseURL string `yaml:"base_url" doc:"Address of the API, for a simulated account."`
	// Key is the unique property of ours by which creates are known.
	Key string `yaml:"key" doc:"Unique property of Tandem's by which the records it creates are known."`
	// Overlap is how late the search index may show a change; each pass reaches
	// back that far, and once in DeepOverlap as far as that.
	Overlap     time.Duration `yaml:"overlap" doc:"How late the search index may show a change; each pass reaches back that far."`
	DeepOverlap time.Duration `yaml:"deep_overlap" doc:"How often, and how far, a pass reaches back further than overlap."`
	// Ranges is into how many ranges of ids a first read is divided; 1 is none.
	Ranges int `yaml:"ranges" doc:"Ranges of ids into which a first read is divided, 1 to 16; 1 divides nothing."`
	// SearchRate is how many searches a second are made at most, for all objects;
	// 0 leaves it to HubSpot, which allows an account five.
	SearchRate int `yaml:"search_rate" doc:"Searches a second at most, for all objects; 0 leaves it to HubSpot, which allows an account five."`
	// Sources are the objects beside the CRM's that are offered; all unless set.
	Sources []string `yaml:"sources" oneof:"campaigns campaign_members list_members form_submissions email_events events" doc:"Objects beside those of the CRM that are offered."`
	// Lists and Forms limit to these names what is read of lists and forms.
	Lists []string `yaml:"lists" doc:"Names of the lists whose members are read; all unless set."`
	Forms []string `yaml:"forms" doc:"Names of the forms whose submissions are read; all unless set."`
	// EmailEvents and Events name the types of events kept; e-mail events are
	// all kept unless set, and there are no other events unless set.
	EmailEvents []string `yaml:"email_events" doc:"Types of e-mail events that are kept; all unless set."`
	Events      []string `yaml:"events" doc:"Types of event occurrences that are read; none unless set."`
	// MembersEvery is how often campaign members, which HubSpot can only tell
	// in full, are read again.
	MembersEvery time.Duration `yaml:"members_every" doc:"How often campaign members, which HubSpot tells only in full, are read again."`
	// MarketingContacts allows hs_marketable_status to be set, which can cost.
	MarketingContacts bool `yaml:"marketing_contacts" doc:"Allow hs_marketable_status to be written, which can cost money."`
}

// Auth is one of: a service key, an OAuth app with a refresh token, or an
// OAuth app with client credentials.
type Auth struct {
	ServiceKey   secret.Secret `yaml:"service_key" doc:"Service key or legacy private-app token. With it, leave out the other keys."`
	ClientID     string        `yaml:"client_id" doc:"Client id of an OAuth app."`
	ClientSecret secret.Secret `yaml:"client_secret" doc:"Client secret of the OAuth app."`
	// RefreshToken is obtained by tandem auth login unless set.
	RefreshToken secret.Secret `yaml:"refresh_token" doc:"Refresh token; tandem auth login obtains one unless set."`
	Grant        string        `yaml:"grant" oneof:"refresh_token client_credentials" doc:"How the OAuth app gets its tokens; refresh_token unless set."`
	Scopes       []string      `yaml:"scopes" doc:"Scopes that tandem auth login asks for."`
}

func defaults() Config {
	return Config{
		Version: defaultVersion, BaseURL: defaultBase, Key: "tandem_id", Ranges: 4, SearchRate: 4,
		Overlap: time.Minute, DeepOverlap: time.Hour, MembersEvery: 6 * time.Hour,
		Sources: []string{"campaigns", "campaign_members", "list_members", "form_submissions", "email_events", "events"},
	}
}

var versionShape = regexp.MustCompile(`^(v3|20\d\d-(03|09)(-beta)?)$`)

func decodeConfig(node diag.Node) (Config, diag.List) {
	cfg := defaults()
	problems := diag.Decode(node, &cfg)
	at := func(key string) diag.Node {
		if n, ok := node.Get(key); ok {
			return n
		}
		return node
	}
	if !versionShape.MatchString(cfg.Version) {
		problems.Errorf(at("version"), "%q is no API version: write 2026-03, 2026-09 or v3", cfg.Version)
	}
	if cfg.Ranges < 1 || cfg.Ranges > 16 {
		problems.Errorf(at("ranges"), "ranges must be from 1 to 16")
	}
	if cfg.Overlap < 0 || cfg.DeepOverlap < 0 || cfg.MembersEvery < 0 || cfg.SearchRate < 0 {
		problems.Errorf(node, "overlap, deep_overlap, members_every and search_rate must not be negative")
	}
	problems.Add(cfg.Auth.check(at("auth"))...)
	return cfg, problems
}

func (a Auth) check(n diag.Node) diag.List {
	var problems diag.List
	key, app := !a.ServiceKey.IsZero(), a.ClientID != "" || !a.ClientSecret.IsZero()
	switch {
	case key && app:
		problems.Errorf(n, "give either service_key or client_id with client_secret, not both")
	case !key && !app:
		problems.Errorf(n, "give service_key, or client_id and client_secret of an OAuth app")
	case app && (a.ClientID == "" || a.ClientSecret.IsZero()):
		problems.Errorf(n, "an OAuth app needs both client_id and client_secret")
	case key && a.Grant != "":
		problems.Errorf(n, "grant belongs to an OAuth app; a service key has none")
	}
	return problems
}

func (c Config) auth() httpapi.Auth {
	a := c.Auth
	if !a.ServiceKey.IsZero() {
		return httpapi.ServiceKey(a.ServiceKey)
	}
	o := httpapi.OAuth{
		TokenURL: c.BaseURL + paths(c.Version).token(), AuthURL: authorizeURL,
		ClientID: a.ClientID, ClientSecret: a.ClientSecret, Refresh: a.RefreshToken, Scopes: a.Scopes,
	}
	if a.Grant == "client_credentials" {
		return httpapi.ClientCredentials(o)
	}
	return httpapi.RefreshToken(o)
}

func (c Config) offers(source string) bool { return slices.Contains(c.Sources, source) }
