package salesforce

import (
	_ "embed"
	"errors"
	"slices"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
)

//go:embed about.md
var about string

//go:embed example.yaml
var example string

// Factory makes Salesforce connectors.
func Factory() connectors.Factory {
	return connectors.Factory{
		Type: "salesforce", Title: "Salesforce", Role: "sales", About: about, Example: example,
		Config: defaults(), Catalog: standardCatalog, New: build,
	}
}

// Connector speaks to one Salesforce organisation.
type Connector struct {
	name      string
	cfg       Config
	client    *httpapi.Client
	api       *api
	meta      *meta
	bulkPages bulkPages
}

var (
	_ connectors.Connector    = (*Connector)(nil)
	_ connectors.Finder       = (*Connector)(nil)
	_ connectors.Former       = (*Connector)(nil)
	_ connectors.Writer       = (*Connector)(nil)
	_ connectors.BulkWriter   = (*Connector)(nil)
	_ connectors.FieldCreator = (*Connector)(nil)
	_ connectors.WriterTeller = (*Connector)(nil)
)

func build(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decodeConfig(node, env.Secrets)
	if problems.HasErrors() {
		return nil, problems
	}
	who := &identity{}
	client, err := httpapi.New(env.HTTP, profile(), env.Name, cfg.BaseURL, cfg.auth(who))
	if err != nil {
		problems.Errorf(node, "%v", err)
		return nil, problems
	}
	a := &api{client: client, version: cfg.Version, who: who}
	return &Connector{name: env.Name, cfg: cfg, client: client, api: a, meta: newMeta(a)}, problems
}

// auth is the configured way to log in. What the token reply tells of the
// organisation and the user is kept with the token.
func (cfg Config) auth(who *identity) httpapi.Auth {
	a := cfg.Auth
	o := httpapi.OAuth{
		TokenURL: cfg.BaseURL + "/services/oauth2/token", AuthURL: cfg.BaseURL + "/services/oauth2/authorize",
		ClientID: a.ClientID, ClientSecret: a.ClientSecret, Refresh: a.RefreshToken,
		PrivateKey: a.PrivateKey, Subject: a.Username, Audience: a.Audience,
		Keep: []string{"id", "instance_url"}, AllowBase: allowInstance,
		OnToken: func(extra func(string) string) (string, error) {
			who.learn(extra("id"))
			base := extra("instance_url")
			if base == "" {
				return "", errors.New("the token reply names no instance_url")
			}
			return base, nil
		},
	}
	switch a.Flow {
	case flowJWT:
		return httpapi.JWTBearer(o)
	case flowRefresh:
		o.Scopes = []string{"api", "refresh_token"}
		return httpapi.RefreshToken(o)
	}
	return httpapi.ClientCredentials(o)
}

// NewLogin begins the log-in of a person, for `tandem auth login`.
func (c *Connector) NewLogin(redirect, state string) (*httpapi.Login, error) {
	return c.client.NewLogin(redirect, state)
}

// Close lets go of idle connections.
func (c *Connector) Close() { c.client.Close() }

// actor tells what kind of user made a change, as far as it is known.
func (c *Connector) actor(userID string) record.Actor {
	if userID == "" {
		return record.Actor{}
	}
	a := record.Actor{Kind: record.ActorUser, ID: userID}
	if _, own := c.api.who.get(); own == userID {
		a.Kind = record.ActorTandem
		return a
	}
	if slices.ContainsFunc(c.cfg.Integrations, func(id string) bool { return isID(id) && longID(id) == userID }) {
		a.Kind = record.ActorIntegration
		return a
	}
	if kind, ok := c.meta.userKind(userID); ok {
		a.Kind = kind
	}
	return a
}
