package hubspot

import (
	"context"
	"net/http"
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

// Connector speaks to one HubSpot account.
type Connector struct {
	name string
	cfg  Config
	path paths
	http *httpapi.Client
	zone atomic.Pointer[time.Location]

	mu      sync.Mutex
	schemas map[string]schema.Object // CRM objects as last described
	catalog schema.Catalog
	asOf    time.Time
}

func newConnector(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decodeConfig(node)
	if !problems.HasErrors() {
		a := &cfg.Auth
		problems.Add(secret.ResolveAll(env.Secrets, &a.ServiceKey, &a.ClientSecret, &a.RefreshToken)...)
	}
	if problems.HasErrors() {
		return nil, problems
	}
	c := &Connector{name: env.Name, cfg: cfg, path: paths(cfg.Version), schemas: map[string]schema.Object{}}
	client, err := httpapi.New(env.HTTP, c.profile(), env.Name, cfg.BaseURL, cfg.auth())
	if err != nil {
		problems.Errorf(node, "%v", err)
		return nil, problems
	}
	c.http = client
	return c, problems
}

// call is one request of ours.
type call struct {
	op, object string
	body       any
	repeat     bool // may be sent again when its fate is not known
}

func (c *Connector) get(ctx context.Context, what call, path string, into any) (*httpapi.Response, error) {
	return c.http.Do(ctx, httpapi.Request{Method: http.MethodGet, Path: path, Op: what.op, Object: what.object, Into: into})
}

func (c *Connector) post(ctx context.Context, what call, path string, into any) (*httpapi.Response, error) {
	return c.http.Do(ctx, httpapi.Request{
		Method: http.MethodPost, Path: path, Body: what.body, Op: what.op, Object: what.object, Into: into, Idempotent: what.repeat,
	})
}

// Check tells whose account the credentials open.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	var info struct {
		Portal   int64  `json:"portalId"`
		Type     string `json:"accountType"`
		Zone     string `json:"timeZone"`
		Currency string `json:"companyCurrency"`
		Domain   string `json:"uiDomain"`
	}
	if _, err := c.get(ctx, call{op: "read account", object: "account"}, c.path.account(), &info); err != nil {
		return connectors.Account{}, err
	}
	if info.Portal == 0 {
		return connectors.Account{}, &fault.Error{Class: fault.Malformed, System: c.name, Op: "read account", Detail: "the answer names no account"}
	}
	if zone, err := time.LoadLocation(info.Zone); err == nil {
		c.zone.Store(zone)
	}
	id := strconv.FormatInt(info.Portal, 10)
	return connectors.Account{
		ID: id, Name: "HubSpot account " + id, Zone: info.Zone, Currency: info.Currency,
		Sandbox: info.Type == "SANDBOX" || info.Type == "DEVELOPER_TEST",
	}, nil
}

func (c *Connector) unsupported(object, what string) error {
	return fault.ErrUnsupported(c.name, object, what)
}

// NewLogin begins the log-in of a person, for `tandem auth login`.
func (c *Connector) NewLogin(redirect, state string) (*httpapi.Login, error) {
	return c.http.NewLogin(redirect, state)
}

// Close lets go of idle connections.
func (c *Connector) Close() { c.http.Close() }
