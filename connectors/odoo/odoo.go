package odoo

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record/schema"
)

// Connector speaks to one database of an Odoo.
type Connector struct {
	name string
	cfg  Config
	http *httpapi.Client

	mu      sync.Mutex
	way     way // how it is spoken to, once known
	uid     int64
	catalog schema.Catalog
	lists   lists
	asOf    time.Time
}

func newConnector(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decodeConfig(node)
	if !problems.HasErrors() {
		problems.Add(secret.ResolveAll(env.Secrets, &cfg.Auth.Key)...)
	}
	if problems.HasErrors() {
		return nil, problems
	}
	// JSON-RPC takes the key in the body; that it is in the header too does no
	// harm, and has it redacted wherever it might show up.
	client, err := httpapi.New(env.HTTP, profile(), env.Name, cfg.BaseURL, httpapi.ServiceKey(cfg.Auth.Key))
	if err != nil {
		problems.Errorf(node, "%v", err)
		return nil, problems
	}
	return &Connector{name: env.Name, cfg: cfg, http: client}, problems
}

// Check proves the key and tells the user's company and currency.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	uid, err := c.user(ctx)
	if err != nil {
		return connectors.Account{}, err
	}
	a := connectors.Account{Actor: strconv.FormatInt(uid, 10)}
	base := c.http.Base()
	a.ID = base.Host + base.Path + "/" + c.cfg.Database
	users, err := c.search(ctx, "res.users", query{domain: domain{{"id", "=", uid}}, fields: []string{"company_id", "tz"}})
	if err != nil {
		return a, err
	}
	if len(users) == 0 {
		return a, fault.New(fault.Permission, fault.ScopeSystem, "the user cannot be read; let Tandem's user be an internal user of Odoo")
	}
	company, name := users[0].pair("company_id")
	a.Name, a.Zone = name, users[0].text("tz")
	companies, err := c.search(ctx, "res.company", query{domain: domain{{"id", "=", company}}, fields: []string{"currency_id"}})
	if err == nil && len(companies) > 0 {
		_, a.Currency = companies[0].pair("currency_id") // a currency is named by its code
	}
	return a, err
}

// Split divides nothing: an Odoo is one database, and a first read one walk.
func (*Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	return []connectors.Query{q}, nil
}

func (c *Connector) unsupported(object, what string) error {
	return fault.ErrUnsupported(c.name, object, what)
}

// Close lets go of idle connections.
func (c *Connector) Close() { c.http.Close() }
