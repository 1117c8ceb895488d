package mautic

import (
	"context"
	"net/url"
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

// Connector speaks to one Mautic.
type Connector struct {
	name string
	cfg  Config
	http *httpapi.Client
	asks atomic.Int64 // see fresh

	mu      sync.Mutex
	catalog schema.Catalog
	asOf    time.Time
}

func newConnector(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decodeConfig(node)
	if !problems.HasErrors() {
		problems.Add(secret.ResolveAll(env.Secrets, &cfg.Auth.Password, &cfg.Auth.ClientSecret, &cfg.WebhookSecret)...)
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
	return c.http.Do(ctx, httpapi.Request{Path: "/api" + path, Query: query, Op: "read " + object, Object: object, Into: into})
}

// Check proves that contacts can be seen. Mautic has no id of its own: its
// address stands for it. Nor does it tell who wrote last in a way to rely on:
// modifiedBy stays when a campaign or a cron job changes a contact, so no actor
// is told.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	res, err := c.get(ctx, contacts, "/contacts", url.Values{"limit": {"1"}, "minimal": {"1"}}, nil)
	if err != nil {
		return connectors.Account{}, err
	}
	base, name := c.http.Base(), "Mautic"
	if v := res.Header.Get("Mautic-Version"); v != "" {
		name += " " + v
	}
	return connectors.Account{ID: base.Host + base.Path, Name: name + " at " + base.Host}, nil
}

// Split divides nothing: a Mautic is one database, and a first read one walk.
func (*Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	return []connectors.Query{q}, nil
}

// Changes reads one page of an object.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	if k, ok := kindOf(q.Object); ok {
		return c.recordChanges(ctx, k, q)
	}
	if t, ok := tableOf(q.Object); ok {
		return c.tableChanges(ctx, t, q)
	}
	if l, ok := listOf(q.Object); ok {
		return c.listChanges(ctx, l, q)
	}
	return connectors.Page{}, c.unsupported(q.Object, "read changes")
}

func (c *Connector) unsupported(object, what string) error {
	return fault.ErrUnsupported(c.name, object, what)
}

// Close lets go of idle connections.
func (c *Connector) Close() { c.http.Close() }

// fresh returns a number below every id, another each time.
func (c *Connector) fresh() string {
	return strconv.FormatInt(-time.Now().UnixNano()-c.asks.Add(1), 10)
}
