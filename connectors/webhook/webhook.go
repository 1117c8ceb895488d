// Package webhook reads what form tools post to Tandem. A post is verified and
// kept in the ledger's inbox before it is answered; the inbox is the source
// that is then read like any other system, so that nothing depends on Tandem
// being quick, and a post that comes twice is one record.
package webhook

import (
	"context"
	_ "embed" // for the page and the example
	"errors"

	"golang.org/x/time/rate"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

//go:embed about.md
var about string

//go:embed example.yaml
var example string

// Factory makes webhook connectors.
func Factory() connectors.Factory {
	return connectors.Factory{
		Type: "webhook", Title: "Webhooks of form tools", Role: "marketing", About: about, Example: example,
		Config: Config{}, Catalog: standardCatalog, New: build,
	}
}

// standardCatalog shows what a form can do; the fields are the form's own.
func standardCatalog() schema.Catalog {
	f := &form{name: "signups", cfg: Form{As: "person", Fields: []Field{{Name: "email", Kind: "email"}}}, page: defaultPage}
	f.fields = []field{{Field: f.cfg.Fields[0], kind: record.Email}}
	return schema.Catalog{System: "webhook", Objects: []schema.Object{f.describe()}}
}

// Connector receives the posts of one form tool and reads them.
type Connector struct {
	name  string
	cfg   Config
	inbox connectors.Inbox
	pace  *rate.Limiter
	key   path
	forms map[string]*form
}

func build(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decode(node)
	if !problems.HasErrors() {
		problems.Add(secret.ResolveAll(env.Secrets, &cfg.Signature.Secret, &cfg.Signature.Previous, &cfg.Token.Secret, &cfg.Token.Previous)...)
		problems.Add(cfg.weak(node)...)
	}
	if problems.HasErrors() {
		return nil, problems
	}
	c := &Connector{name: env.Name, cfg: cfg, inbox: env.Inbox, pace: rate.NewLimiter(rate.Limit(cfg.Rate), 2*cfg.Rate), forms: map[string]*form{}}
	c.key, _ = parsePath(cfg.Key.Path) // decode has checked it
	for name := range cfg.Forms {
		c.forms[name] = newForm(env.Name, name, cfg)
	}
	return c, problems
}

func (c *Connector) fault(class fault.Class, op string, err error) *fault.Error {
	return &fault.Error{Class: class, Scope: fault.ScopeObject, System: c.name, Op: op, Err: err}
}

// Check tells whether there is an inbox. The account is the address that is
// posted to.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	if _, err := c.after(ctx, 0, 1); err != nil {
		return connectors.Account{}, err
	}
	return connectors.Account{ID: "/hooks/" + c.name, Name: "posts to /hooks/" + c.name, Zone: c.cfg.Zone}, nil
}

// Describe tells what the configuration says: a form tool describes nothing.
func (c *Connector) Describe(context.Context) (schema.Catalog, error) {
	cat := schema.Catalog{System: "webhook"}
	for _, name := range c.cfg.names() {
		cat.Objects = append(cat.Objects, c.forms[name].describe())
	}
	return cat, nil
}

// Split returns the query alone: the inbox is read in one go.
func (c *Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	if _, ok := c.forms[q.Object]; !ok {
		return nil, fault.ErrUnsupported(c.name, q.Object, "find the object")
	}
	return []connectors.Query{q}, nil
}

// Gone answers that posts tell no deletions.
func (c *Connector) Gone(_ context.Context, q connectors.Query) (connectors.Page, error) {
	return connectors.Page{}, fault.ErrUnsupported(c.name, q.Object, "tell deletions")
}

func (c *Connector) after(ctx context.Context, seq int64, limit int) ([]connectors.Delivered, error) {
	if c.inbox == nil {
		return nil, c.fault(fault.Unsupported, "read the inbox", connectors.ErrNoInbox)
	}
	got, err := c.inbox.After(ctx, c.name, seq, limit)
	switch {
	case ctx.Err() != nil:
		return nil, c.fault(fault.Canceled, "read the inbox", ctx.Err())
	case err != nil:
		return nil, c.fault(fault.Transient, "read the inbox", errors.New("the ledger cannot be read"))
	}
	return got, nil
}
