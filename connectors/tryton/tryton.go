package tryton

import (
	"context"
	"encoding/json"
	"maps"
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

// Connector speaks to one database of one Tryton.
type Connector struct {
	name    string
	cfg     Config
	http    *httpapi.Client
	session session

	mu       sync.Mutex
	catalog  schema.Catalog
	asOf     time.Time
	prefs    map[string]any // of our user: company, employee, language
	category int64          // that stands for an opt-out; 0 until known
}

func newConnector(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decodeConfig(node)
	if !problems.HasErrors() {
		problems.Add(secret.ResolveAll(env.Secrets, &cfg.Auth.Password)...)
	}
	if problems.HasErrors() {
		return nil, problems
	}
	client, err := httpapi.New(env.HTTP, profile(), env.Name, cfg.BaseURL, httpapi.NoAuth())
	if err != nil {
		problems.Errorf(node, "%v", err)
		return nil, problems
	}
	return &Connector{name: env.Name, cfg: cfg, http: client}, problems
}

// Check logs in and reads whose account it is.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	if _, err := c.preferences(ctx); err != nil {
		return connectors.Account{}, err
	}
	base := c.http.Base()
	return connectors.Account{
		ID: base.Host + "/" + c.cfg.Database, Name: c.cfg.Database + " at " + base.Host, Zone: "UTC",
		Actor: strconv.FormatInt(c.session.user(), 10),
	}, nil
}

// Split divides nothing: a Tryton is one database, and a first read one walk.
func (*Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	return []connectors.Query{q}, nil
}

// Gone tells nothing: what is deleted leaves no trace.
func (c *Connector) Gone(_ context.Context, q connectors.Query) (connectors.Page, error) {
	return connectors.Page{}, c.unsupported(q.Object, "tell what disappeared")
}

func (c *Connector) unsupported(object, what string) error {
	return fault.ErrUnsupported(c.name, object, what)
}

// Close lets go of idle connections.
func (c *Connector) Close() { c.http.Close() }

// method is one method of a model and how it is named in errors.
type method struct {
	object, name, op string
	harmless         bool // may be repeated when its fate is not known
}

// call calls a method of a model. The context, which is every method's last
// parameter, is ours: English, so that messages are known; inactive records
// too, for missing is not deleted; and our user's company.
func (c *Connector) call(ctx context.Context, m method, more map[string]any, into any, params ...any) (*httpapi.Response, error) {
	prefs, err := c.preferences(ctx)
	if err != nil {
		return nil, err
	}
	around := map[string]any{}
	for _, part := range []map[string]any{prefs, {"language": "en", "active_test": false}, more} {
		maps.Copy(around, part)
	}
	return c.ask(ctx, m, into, append(params, around)...)
}

// preferences are our user's, which decide the company that leads are made in.
func (c *Connector) preferences(ctx context.Context) (map[string]any, error) {
	c.mu.Lock()
	prefs := c.prefs
	c.mu.Unlock()
	if prefs != nil {
		return prefs, nil
	}
	m := method{object: "res.user", name: "get_preferences", op: "read the preferences", harmless: true}
	if _, err := c.ask(ctx, m, &prefs, true, map[string]any{}); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.prefs = prefs
	return prefs, nil
}

// ask makes a call in our session, and once again in a new one if it has ended.
func (c *Connector) ask(ctx context.Context, m method, into any, params ...any) (*httpapi.Response, error) {
	token, err := c.session.token(ctx, c, "")
	if err != nil {
		return nil, err
	}
	res, err := c.rpc(ctx, m, token, into, params...)
	if !fault.Is(err, fault.Auth) {
		return res, err
	}
	if token, err = c.session.token(ctx, c, token); err != nil {
		return nil, err
	}
	return c.rpc(ctx, m, token, into, params...)
}

func (c *Connector) rpc(ctx context.Context, m method, token string, into any, params ...any) (*httpapi.Response, error) {
	var answer struct {
		ID     json.RawMessage `json:"id"`
		Result json.RawMessage `json:"result"`
	}
	name := "model." + m.object + "." + m.name
	res, err := c.http.Do(ctx, httpapi.Request{
		Method: "POST", Path: "/" + c.cfg.Database + "/", Header: header(token), Op: m.op, Object: m.object, Idempotent: m.harmless,
		Body: map[string]any{"id": 1, "method": name, "params": params}, Into: &answer,
	})
	if err != nil || into == nil {
		return res, err
	}
	if err := decodeInto(answer.Result, into); err != nil {
		return res, &fault.Error{Class: fault.Malformed, Scope: fault.ScopeObject, System: c.name, Object: m.object, Op: m.op, Detail: "the result is not of the form known"}
	}
	return res, nil
}
