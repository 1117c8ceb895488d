package sql

import (
	"context"
	stdsql "database/sql"
	_ "embed" // for the page and the example
	"errors"
	"sync"
	"time"

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

// Factory makes sql connectors.
func Factory() connectors.Factory {
	return connectors.Factory{
		Type: "sql", Title: "SQL databases: PostgreSQL, MySQL, MariaDB, SQLite", Role: "both", About: about, Example: example,
		Config: Config{}, Catalog: standardCatalog, New: build,
	}
}

// Connector reads and writes the tables of one database.
type Connector struct {
	name   string
	cfg    Config
	d      *dialect
	target target

	mu     sync.Mutex
	db     *stdsql.DB // opened by the first call
	closed bool
	known  map[string]*layout
}

var (
	_ connectors.Connector = (*Connector)(nil)
	_ connectors.Finder    = (*Connector)(nil)
	_ connectors.Former    = (*Connector)(nil)
	_ connectors.Writer    = (*Connector)(nil)
)

func build(env connectors.Env, node diag.Node) (connectors.Connector, diag.List) {
	cfg, problems := decode(node)
	if !problems.HasErrors() {
		problems.Add(secret.ResolveAll(env.Secrets, &cfg.DSN)...)
	}
	if problems.HasErrors() {
		return nil, problems
	}
	t, err := aim(cfg)
	if err != nil {
		problems.Errorf(node.At("driver"), "%v", err)
		return nil, problems
	}
	return &Connector{name: env.Name, cfg: cfg, d: dialectOf(cfg.Driver), target: t, known: map[string]*layout{}}, problems
}

// pool opens the database on first use.
func (c *Connector) pool() (*stdsql.DB, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, &fault.Error{Class: fault.Canceled, System: c.name, Op: "open the database", Err: errors.New("the connector is closed")}
	}
	if c.db == nil {
		db, err := c.target.open()
		if err != nil {
			return nil, &fault.Error{Class: fault.Invalid, Scope: fault.ScopeSystem, System: c.name, Op: "open the database", Err: err}
		}
		c.db = db
	}
	return c.db, nil
}

// Close closes the connections.
func (c *Connector) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed = true; c.db != nil {
		_ = c.db.Close() // what was under way is rolled back
		c.db = nil
	}
}

// query runs f where it can only read, in bounded time.
func (c *Connector) query(ctx context.Context, object, op string, f func(ctx context.Context, q querier) error) error {
	db, err := c.pool()
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return c.fault(ctx, object, op, ctx.Err())
	}
	within, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if c.d.reading == nil {
		err = f(within, db)
	} else {
		err = c.readOnly(within, db, f)
	}
	if err != nil {
		return c.fault(ctx, object, op, err)
	}
	return nil
}

func (c *Connector) readOnly(ctx context.Context, db *stdsql.DB, f func(ctx context.Context, q querier) error) error {
	tx, err := db.BeginTx(ctx, c.d.reading)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	return f(ctx, tx)
}

// Check proves that the database lets us in. Its account is the database.
func (c *Connector) Check(ctx context.Context) (connectors.Account, error) {
	err := c.query(ctx, "", "connect", func(ctx context.Context, q querier) error {
		return ask(ctx, q, "SELECT 1", nil, func([]any) error { return nil })
	})
	return connectors.Account{ID: c.target.id, Name: c.target.name, Zone: c.cfg.Zone}, err
}

// Describe reads what the columns of the tables are.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	cat := schema.Catalog{System: "sql"}
	for _, name := range c.cfg.names() {
		l, err := c.layout(ctx, name)
		if err != nil {
			return cat, err
		}
		cat.Objects = append(cat.Objects, l.object())
	}
	return cat, nil
}

// Split returns the query alone: a table is one walk along an index.
func (c *Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	if _, ok := c.cfg.Tables[q.Object]; !ok {
		return nil, fault.ErrUnsupported(c.name, q.Object, "find the object")
	}
	return []connectors.Query{q}, nil
}

// Canonical returns the fields as they read once they are written.
func (c *Connector) Canonical(object string, f record.Fields) record.Fields {
	c.mu.Lock()
	l := c.known[object]
	c.mu.Unlock()
	if l == nil {
		return f
	}
	out := make(record.Fields, len(f))
	for name, v := range f {
		out[name] = v
		col := l.column(name)
		if col == nil || !v.IsPresent() {
			continue
		}
		arg, err := col.write(v)
		if err != nil {
			continue
		}
		if col.store == asList {
			out[name] = record.OfSet(v.Members()...)
		} else if back, err := col.read(arg); err == nil {
			out[name] = back
		}
	}
	return out
}

// keptFor is how long what is known of a table is believed.
const keptFor = 2 * time.Minute
