package listmonk

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

// Connector speaks to one listmonk.
type Connector struct {
	name string
	cfg  Config
	http *httpapi.Client

	mu      sync.Mutex
	catalog schema.Catalog
	asOf    time.Time
	early   bool // it does not tell what single subscribers did
}

func newConnector(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decodeConfig(node)
	if !problems.HasErrors() {
		problems.Add(secret.ResolveAll(env.Secrets, &cfg.Auth.Token, &cfg.Auth.Password)...)
	}
	if problems.HasErrors() {
		return nil, problems
	}
	client, err := httpapi.New(env.HTTP, profile(), env.Name, cfg.BaseURL, cfg.Auth.way())
	if err != nil {
		problems.Errorf(node, "%v", err)
		return nil, problems
	}
	return &Connector{name: env.Name, cfg: cfg, http: client}, problems
}

func (c *Connector) get(ctx context.Context, object, path string, query url.Values, into any) (*httpapi.Response, error) {
	return c.http.Do(ctx, httpapi.Request{Path: "/api" + path, Query: query, Op: "read " + object, Object: object, Into: into})
}

// Check proves that subscribers can be asked for by a condition, without which
// no change is found. A listmonk has no id of its own: its address stands for it.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	if _, err := c.selected(ctx, "subscribers.id = 0"); err != nil {
		return connectors.Account{}, err
	}
	base := c.http.Base()
	return connectors.Account{ID: base.Host + base.Path, Name: "listmonk at " + base.Host}, nil
}

// Split divides nothing: a listmonk is one database, and a first read one walk.
func (*Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	return []connectors.Query{q}, nil
}

// Changes reads one page of an object.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	read := map[string]func(context.Context, connectors.Query, cursor) (connectors.Page, error){
		subscribers: c.subscriberChanges, subscriptions: c.subscriberChanges, activities: c.activityChanges, bounces: c.bounceChanges,
		lists: c.listChanges, campaigns: c.campaignChanges,
	}[q.Object]
	if read == nil {
		return connectors.Page{}, c.unsupported(q.Object, "read changes")
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	return read(ctx, q, cur)
}

// Gone tells nothing: a deleted subscriber leaves no trace.
func (c *Connector) Gone(_ context.Context, q connectors.Query) (connectors.Page, error) {
	return connectors.Page{}, c.unsupported(q.Object, "tell what disappeared")
}

func (c *Connector) unsupported(object, what string) error {
	return fault.ErrUnsupported(c.name, object, what)
}

// Close lets go of idle connections.
func (c *Connector) Close() { c.http.Close() }
