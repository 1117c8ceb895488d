package connectortest_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/connectortest"
	"github.com/tandem-sync/tandem/connectors/hubspot"
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// whole is a sound connector that can do all the suite asks of one.
type whole interface {
	connectors.Connector
	connectors.Finder
	connectors.Writer
}

// broken is a sound connector with a fault built in. Hooks that are nil leave
// it sound.
type broken struct {
	whole

	net    http.RoundTripper // past the fault
	secret string

	check   func(connectors.Account, error) (connectors.Account, error)
	catalog func(context.Context, *schema.Catalog)
	split   func([]connectors.Query) []connectors.Query
	changes func(context.Context, connectors.Query, pages) (connectors.Page, error)
	gone    func(connectors.Query, connectors.Page, error) (connectors.Page, error)
	read    func([]connectors.Record) []connectors.Record
	lookup  func([][]connectors.Record) [][]connectors.Record
	ops     func([]connectors.Op) []connectors.Op
	results func([]connectors.Op, []connectors.Result, error) ([]connectors.Result, error)
	// wire spoils what the connector is answered, or told of the network.
	wire func(*http.Request, *http.Response, error) (*http.Response, error)
}

type pages func(context.Context, connectors.Query) (connectors.Page, error)

func (b *broken) Check(ctx context.Context) (connectors.Account, error) {
	a, err := b.whole.Check(ctx)
	if b.check != nil {
		return b.check(a, err)
	}
	return a, err
}

func (b *broken) Describe(ctx context.Context) (schema.Catalog, error) {
	c, err := b.whole.Describe(ctx)
	if b.catalog != nil && err == nil {
		b.catalog(ctx, &c)
	}
	return c, err
}

func (b *broken) Split(ctx context.Context, q connectors.Query) ([]connectors.Query, error) {
	qs, err := b.whole.Split(ctx, q)
	if b.split != nil && err == nil {
		qs = b.split(qs)
	}
	return qs, err
}

func (b *broken) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	if b.changes != nil {
		return b.changes(ctx, q, b.whole.Changes)
	}
	return b.whole.Changes(ctx, q)
}

func (b *broken) Gone(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	p, err := b.whole.Gone(ctx, q)
	if b.gone != nil {
		return b.gone(q, p, err)
	}
	return p, err
}

func (b *broken) Read(ctx context.Context, object string, ids, fields []string) ([]connectors.Record, error) {
	got, err := b.whole.Read(ctx, object, ids, fields)
	if b.read != nil && err == nil {
		got = b.read(got)
	}
	return got, err
}

func (b *broken) Lookup(ctx context.Context, object, key string, values, fields []string) ([][]connectors.Record, error) {
	got, err := b.whole.Lookup(ctx, object, key, values, fields)
	if b.lookup != nil && err == nil {
		got = b.lookup(got)
	}
	return got, err
}

func (b *broken) Write(ctx context.Context, ops []connectors.Op) ([]connectors.Result, error) {
	sent := ops
	if b.ops != nil {
		sent = b.ops(ops)
	}
	results, err := b.whole.Write(ctx, sent)
	if b.results != nil {
		return b.results(ops, results, err)
	}
	return results, err
}

// transport lets the built-in fault at what comes over the network.
type transport struct {
	next http.RoundTripper
	b    *broken
}

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := t.next.RoundTrip(req)
	if t.b.wire != nil {
		return t.b.wire(req, res, err)
	}
	return res, err
}

// follow asks for a link, whoever's it is.
func (b *broken) follow(req *http.Request, link string) error {
	next, err := http.NewRequestWithContext(req.Context(), http.MethodGet, link, http.NoBody)
	if err != nil {
		return err
	}
	res, err := b.net.RoundTrip(next)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// followAll follows every link in an answer.
func (b *broken) followAll(req *http.Request, res *http.Response, err error) (*http.Response, error) {
	if err != nil {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return res, err
	}
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	for _, link := range regexp.MustCompile(`http://127[^"]*`).FindAll(body, -1) {
		if err := b.follow(req, string(link)); err != nil {
			return res, err
		}
	}
	return res, nil
}

// setup tests a sound connector with the fault built in.
func setup(sabotage func(*broken)) connectortest.Setup {
	return connectortest.Setup{
		Transport: connectortest.HTTP, Catalog: hubspot.Factory().Catalog(), Object: "contacts", Field: "jobtitle",
		Faults: []string{
			"rate_limit", "rate_limit_secondly", "rate_limit_daily", "row_lock", "row_error", "whole_batch_error", "lag",
			"late_visible", "stale_read", "repeated_page", "empty_page", "foreign_next", "expired_cursor", "merge", "token_reuse",
		},
		Create: func(n int) record.Fields {
			return record.Fields{"email": record.Of(record.Email, fmt.Sprintf("new%d@example.com", n))}
		},
		New: func(t *testing.T, o connectortest.Options) connectortest.Instance {
			t.Helper()
			return instance(t, o, sabotage)
		},
	}
}

func instance(t *testing.T, o connectortest.Options, sabotage func(*broken)) connectortest.Instance {
	t.Helper()
	p := hubspotsim.New(hubspotsim.Options{})
	p.AddProperty("contacts", hubspotsim.Property{Name: "tandem_id", Label: "Tandem id", Type: "string", FieldType: "text", HasUniqueValue: true})
	cred := p.Credentials()
	env := map[string]string{"SECRET": cred.ClientSecret, "REFRESH": cred.RefreshToken}
	if o.Refused {
		env["SECRET"] = "refused-secret-0123456789"
	}
	text := "base_url: " + o.Serve(p.Handler()) + "\nauth: {client_id: " + cred.ClientID + ", client_secret: '${env:SECRET}', refresh_token: '${env:REFRESH}'}\n"
	node, problems := diag.Parse("hubspot.yaml", []byte(text))
	b := &broken{net: o.Env.HTTP.Transport, secret: cred.ClientSecret}
	o.Env.Secrets = secret.Resolver{Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }}
	o.Env.HTTP.Transport = transport{o.Env.HTTP.Transport, b}
	c, more := hubspot.Factory().New(o.Env, node)
	if problems.Add(more...); problems.HasErrors() {
		t.Fatal(problems)
	}
	b.whole, _ = c.(whole)
	sabotage(b)
	return connectortest.Instance{Connector: b, Bench: &bench{p: p}, Secrets: []string{cred.ClientSecret, cred.RefreshToken}}
}

// bench drives the twin for the suite.
type bench struct{ p *hubspotsim.Twin }

func (b *bench) Seed(n int, at time.Time) []string {
	from := b.p.Count("contacts")
	first, err := b.p.BulkSeed("contacts", []string{"email", "createdate", "lastmodifieddate"}, n, func(i int, row []string) {
		row[0] = fmt.Sprintf("seed%d@example.com", from+i)
		row[1], row[2] = at.Format(time.RFC3339Nano), at.Format(time.RFC3339Nano)
	})
	ids := make([]string, n)
	for i := range ids {
		ids[i] = strconv.FormatInt(first+int64(i), 10)
	}
	must(err)
	return ids
}

func (b *bench) Edit(id, value string) {
	must(b.p.Edit("contacts", id, map[string]string{"jobtitle": value}, hubspotsim.UserActor(1)))
}

func (b *bench) Value(id string) (value string, found bool) {
	o, ok := b.p.Get("contacts", id)
	return o.Properties["jobtitle"], ok && !o.Archived
}

func (b *bench) Count() int { return b.p.Count("contacts") }

func (b *bench) Inject(f simkit.Fault, on connectortest.Call) {
	f.PathPrefix = map[connectortest.Call]string{
		connectortest.Reading: "/crm/objects/2026-03/contacts", connectortest.Writing: "/crm/objects/2026-03/contacts/batch/", connectortest.Any: "/crm/",
	}[on]
	b.p.AddFault(f)
}

func (b *bench) Reset()                { b.p.ResetFaults() }
func (b *bench) Counts() simkit.Counts { return b.p.Counts() }
func (b *bench) Delete(id string)      { must(b.p.Archive("contacts", id)) }
func (b *bench) Expire()               { b.p.ExpireTokens() }

func (b *bench) Merge(loser, winner string) string {
	id, err := b.p.Merge("contacts", winner, loser)
	must(err)
	return id
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
