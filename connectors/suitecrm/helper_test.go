package suitecrm_test

import (
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/suitecrm"
	"github.com/tandem-sync/tandem/connectors/suitecrm/suitecrmsim"
	"github.com/tandem-sync/tandem/record"
)

// system is all of the connector.
type system interface {
	connectors.Connector
	connectors.Finder
	connectors.Former
	connectors.Writer
}

func build(t *testing.T, env connectors.Env, base string, cred suitecrmsim.Credentials, more ...string) system {
	t.Helper()
	node, problems := diag.Parse("suitecrm.yaml", []byte("base_url: "+base+"\nauth: {client_id: "+cred.ClientID+", client_secret: '${env:SECRET}'}\n"+strings.Join(more, "")))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	secrets := map[string]string{"SECRET": cred.ClientSecret}
	env.Secrets = secret.Resolver{Env: func(name string) (string, bool) { v, ok := secrets[name]; return v, ok }}
	c, problems := suitecrm.Factory().New(env, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	s, ok := c.(system)
	if !ok {
		t.Fatal("the connector lacks a part of the contract")
	}
	return s
}

func start(t *testing.T, o suitecrmsim.Options) *suitecrmsim.Twin {
	t.Helper()
	twin := suitecrmsim.New(o)
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	return twin
}

func connect(t *testing.T, twin *suitecrmsim.Twin, more ...string) system {
	t.Helper()
	env := connectors.Env{Name: "suitecrm", HTTP: httpapi.Env{AllowLoopback: true}}
	return build(t, env, twin.URL(), twin.AddClient("tandem"), more...)
}

func text(s string) record.Value  { return record.OfString(s) }
func email(s string) record.Value { return record.Of(record.Email, s) }

func create(op string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Create, Object: "Leads", Fields: fields}
}

func update(op, id string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Update, Object: "Leads", RemoteID: id, Fields: fields}
}
