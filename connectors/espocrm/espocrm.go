package espocrm

import (
	"context"
	"net/http"
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
	mostRows  = 200 // recordListMaxSizeLimit, unless an administrator changed it
	batchRead = 100 // ids stand in the address of a call
	batchRows = 50  // rows of a Write, each of which is a call
)

// Connector speaks to one EspoCRM.
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
		problems.Add(secret.ResolveAll(env.Secrets, cfg.secrets()...)...)
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

// do makes a call; its path is the one below /api/v1.
func (c *Connector) do(ctx context.Context, r httpapi.Request) (*httpapi.Response, error) {
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if r.Method == "" {
		r.Method = http.MethodGet
	}
	c.cfg.sign(r.Method, r.Path, r.Header)
	r.Path = "/api/v1" + r.Path
	return c.http.Do(ctx, r)
}

func pathOf(object, id string) string { return "/" + object + "/" + url.PathEscape(id) }

// Check asks who the API user is. An EspoCRM has no id of its own: its address
// stands for it.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	var answer struct {
		User struct {
			ID string `json:"id"`
		} `json:"user"`
		Settings struct {
			Currency string `json:"defaultCurrency"`
			Zone     string `json:"timeZone"`
			Version  string `json:"version"`
		} `json:"settings"`
	}
	if _, err := c.do(ctx, httpapi.Request{Path: "/App/user", Op: "ask who we are", Into: &answer}); err != nil {
		return connectors.Account{}, err
	}
	base, name := c.http.Base(), "EspoCRM"
	if v := answer.Settings.Version; v != "" {
		name += " " + v
	}
	return connectors.Account{
		ID: base.Host + base.Path, Name: name + " at " + base.Host, Zone: answer.Settings.Zone, Currency: answer.Settings.Currency, Actor: answer.User.ID,
	}, nil
}

// Split divides nothing: an EspoCRM is one database, and a first read one walk.
func (*Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	return []connectors.Query{q}, nil
}

// Gone is not told: what is deleted is hidden for good, from everybody but
// administrators, whom an API user cannot be.
func (c *Connector) Gone(_ context.Context, q connectors.Query) (connectors.Page, error) {
	return connectors.Page{}, c.unsupported(q.Object, "tell what disappeared")
}

func (c *Connector) unsupported(object, what string) error {
	return fault.ErrUnsupported(c.name, object, what)
}

// Close lets go of idle connections.
func (c *Connector) Close() { c.http.Close() }
