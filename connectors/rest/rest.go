package rest

import (
	"context"
	_ "embed" // the files beside it
	"maps"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record/schema"
)

//go:embed about.md
var about string

//go:embed example.yaml
var example string

// Factory returns the connector's factory.
func Factory() connectors.Factory {
	return connectors.Factory{
		Type: "rest", Title: "Any REST API, by a manifest", Role: "both", About: about, Example: example, Config: Config{},
		Catalog: func() schema.Catalog { return schema.Catalog{System: "rest"} }, New: newConnector,
	}
}

// Connector speaks to one system that a manifest describes.
type Connector struct {
	name string
	cfg  Config
	api  api
	http *httpapi.Client
	asks atomic.Int64 // for {nonce}

	mu      sync.Mutex
	catalog schema.Catalog
	asOf    time.Time
}

func newConnector(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	c, problems := build(env, node)
	if problems.HasErrors() {
		return nil, problems
	}
	return c, problems
}

func build(env connectors.Env, node diag.Node) (*Connector, diag.List) {
	cfg, compiled, problems := load(node)
	c := &Connector{name: env.Name, cfg: cfg, api: compiled}
	if !problems.HasErrors() {
		problems.Add(secret.ResolveAll(env.Secrets, &c.cfg.Auth.Token, &c.cfg.Auth.Password, &c.cfg.Auth.ClientSecret)...)
	}
	if problems.HasErrors() {
		return nil, problems
	}
	client, err := httpapi.New(env.HTTP, c.profile(), env.Name, cfg.BaseURL, c.cfg.auth(compiled.Auth))
	if err != nil {
		problems.Errorf(node, "%v", err)
	}
	c.http = client
	return c, problems
}

func (c *Connector) entity(name string) (*entity, bool) {
	i := slices.IndexFunc(c.api.entities, func(e *entity) bool { return e.name == name })
	if i < 0 {
		return nil, false
	}
	return c.api.entities[i], true
}

func (c *Connector) unsupported(object, what string) error {
	return fault.ErrUnsupported(c.name, object, what)
}

// scope is what placeholders mean in every call.
func (c *Connector) scope() scope {
	s := scope{"nonce": strconv.FormatInt(time.Now().UnixNano()+c.asks.Add(1), 10)}
	for name, v := range c.cfg.Vars {
		s["vars."+name] = v
	}
	return s
}

// ask makes a call and reads the answer.
func (c *Connector) ask(ctx context.Context, k call, s scope, into *value) (*httpapi.Response, error) {
	all := c.scope()
	maps.Copy(all, s)
	r, err := k.request(all)
	if err != nil {
		return nil, &fault.Error{Class: fault.Invalid, Scope: fault.ScopeRow, System: c.name, Object: k.object, Op: k.op, Err: err}
	}
	if into != nil {
		r.Into = into
	}
	return c.do(ctx, r)
}

func (c *Connector) do(ctx context.Context, r httpapi.Request) (*httpapi.Response, error) {
	if c.api.Auth.kind() == "query" {
		if r.Query == nil {
			r.Query = url.Values{}
		}
		r.Query.Set(c.api.Auth.Name, c.cfg.Auth.Token.Reveal())
	}
	return c.http.Do(ctx, r)
}

// Check makes the manifest's call for it.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	var answer value
	if _, err := c.ask(ctx, c.api.check, nil, &answer); err != nil {
		return connectors.Account{}, err
	}
	base := c.http.Base()
	a := connectors.Account{ID: base.Host + base.Path, Name: c.api.Title}
	if p := c.api.Check.Account; p != "" {
		if a.ID = answer.at(parsePath(p)).text; a.ID == "" {
			return a, &fault.Error{
				Class: fault.Malformed, Scope: fault.ScopeSystem, System: c.name, Op: "check",
				Err: malformed("the answer holds no account at " + p), Next: "correct check.account in the manifest",
			}
		}
	}
	if p := c.api.Check.Name; p != "" {
		a.Name = answer.at(parsePath(p)).text
	}
	if a.Name == "" {
		a.Name = base.Host
	}
	return a, nil
}

// Definition is a digest of the manifest.
func (c *Connector) Definition() string { return c.api.definition }

// Split divides nothing: no manifest can tell how.
func (*Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	return []connectors.Query{q}, nil
}

// Close lets go of idle connections.
func (c *Connector) Close() { c.http.Close() }
