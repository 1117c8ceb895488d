package suitecrm

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record/schema"
)

const (
	batchRead = 20 // two ids a call
	batchRows = 40 // rows of a Write, each of which is a call
)

// Connector speaks to one SuiteCRM.
type Connector struct {
	name string
	cfg  Config
	http *httpapi.Client

	mu      sync.Mutex
	catalog schema.Catalog
	asOf    time.Time
}

func newConnector(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decodeConfig(node)
	if !problems.HasErrors() {
		problems.Add(secret.ResolveAll(env.Secrets, &cfg.Auth.ClientSecret)...)
	}
	if problems.HasErrors() {
		return nil, problems
	}
	client, err := httpapi.New(env.HTTP, profile(), env.Name, cfg.BaseURL, cfg.auth())
	if err != nil {
		problems.Errorf(node, "%v", err)
		return nil, problems
	}
	return &Connector{name: env.Name, cfg: cfg, http: client}, problems
}

func (c *Connector) get(ctx context.Context, object, path string, query url.Values, into any) (*httpapi.Response, error) {
	return c.http.Do(ctx, httpapi.Request{Path: "/Api/V8" + path, Query: query, Op: "read " + object, Object: object, Into: into})
}

// Check asks who the client acts as. A SuiteCRM has no id of its own: its
// address stands for it.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	var answer struct {
		Data row `json:"data"`
	}
	if _, err := c.get(ctx, "Users", "/current-user", nil, &answer); err != nil {
		return connectors.Account{}, err
	}
	base := c.http.Base()
	return connectors.Account{ID: base.Host + base.Path, Name: "SuiteCRM at " + base.Host, Actor: answer.Data.ID}, nil
}

// Split divides nothing: a SuiteCRM is one database, and a first read one walk.
func (*Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	return []connectors.Query{q}, nil
}

// Gone is not told: the API hides what was deleted, and answers a list of
// deleted rows with the error that the first of them is not found.
func (c *Connector) Gone(_ context.Context, q connectors.Query) (connectors.Page, error) {
	return connectors.Page{}, c.unsupported(q.Object, "tell what disappeared")
}

func (c *Connector) unsupported(object, what string) error {
	return fault.ErrUnsupported(c.name, object, what)
}

// Close lets go of idle connections.
func (c *Connector) Close() { c.http.Close() }
