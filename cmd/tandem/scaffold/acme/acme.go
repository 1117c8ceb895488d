// Package acme reads and writes the contacts of an Acme.
package acme

import (
	"context"
	_ "embed" // the files beside it
	"net/http"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

//go:embed about.md
var about string

//go:embed example.yaml
var example string

// Factory returns the connector's factory.
func Factory() connectors.Factory {
	return connectors.Factory{
		Type: "acme", Title: "Acme", Role: "sales", About: about, Example: example,
		Config: defaults(), Catalog: catalog, New: newConnector,
	}
}

// Connector speaks to one Acme.
type Connector struct {
	name string
	cfg  Config
	http *httpapi.Client
}

func newConnector(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decodeConfig(node)
	if !problems.HasErrors() {
		problems.Add(secret.ResolveAll(env.Secrets, &cfg.Key)...)
	}
	if problems.HasErrors() {
		return nil, problems
	}
	client, err := httpapi.New(env.HTTP, httpapi.Profile{Vendor: "acme", Classify: classify}, env.Name, cfg.BaseURL, httpapi.ServiceKey(cfg.Key))
	if err != nil {
		problems.Errorf(node, "%v", err)
		return nil, problems
	}
	return &Connector{name: env.Name, cfg: cfg, http: client}, problems
}

// classify says what a reply means beyond its status. Acme's messages are not
// kept: they may quote what was sent.
func classify(status int, header http.Header, body []byte) *fault.Error {
	f := httpapi.ClassifyStatus(status, header, body)
	if f == nil {
		return nil
	}
	var p problem
	_ = httpapi.Decode(body, &p) // what is not Acme's has no code
	f.Code, f.Field, f.Existing = p.Code, p.Field, p.Existing
	return f
}

// problem is what Acme answers to what it refuses.
type problem struct {
	Code     string `json:"code"`
	Message  string `json:"message"`
	Field    string `json:"field"`
	Existing string `json:"existing"`
}

// Check tells whose account the key opens.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	var account struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	_, err := c.http.Do(ctx, httpapi.Request{Path: "/v1/account", Op: "check", Into: &account})
	return connectors.Account{ID: account.ID, Name: account.Name}, err
}

// Split divides nothing: a first read is one walk by id.
func (*Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	return []connectors.Query{q}, nil
}

func (c *Connector) unsupported(object, what string) error {
	return fault.ErrUnsupported(c.name, object, what)
}

// Close lets go of idle connections.
func (c *Connector) Close() { c.http.Close() }
