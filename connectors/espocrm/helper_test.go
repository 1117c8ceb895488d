package espocrm_test

import (
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/espocrm"
	"github.com/tandem-sync/tandem/connectors/espocrm/espocrmsim"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
)

// system is all of the connector.
type system interface {
	connectors.Connector
	connectors.Finder
	connectors.Former
	connectors.Writer
	connectors.Notifier
}

const (
	byKey  = "auth: {api_key: '${env:KEY}'}\n"
	byHMAC = "auth: {api_key: '${env:KEY}', secret_key: '${env:SECRET}'}\n"
)

func build(t *testing.T, env connectors.Env, base string, cred espocrmsim.Credentials, more ...string) system {
	t.Helper()
	node, problems := diag.Parse("espocrm.yaml", []byte("base_url: "+base+"\n"+strings.Join(more, "")))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	secrets := map[string]string{"KEY": cred.Key, "SECRET": cred.Secret, "HOOK": "hook-secret"}
	env.Secrets = secret.Resolver{Env: func(name string) (string, bool) { v, ok := secrets[name]; return v, ok }}
	c, problems := espocrm.Factory().New(env, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	s, ok := c.(system)
	if !ok {
		t.Fatal("the connector lacks a part of the contract")
	}
	return s
}

func start(t *testing.T, o espocrmsim.Options) *espocrmsim.Twin {
	t.Helper()
	twin := espocrmsim.New(o)
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	return twin
}

func connect(t *testing.T, twin *espocrmsim.Twin, more ...string) system {
	t.Helper()
	env := connectors.Env{Name: "espocrm", HTTP: httpapi.Env{AllowLoopback: true}}
	return build(t, env, twin.URL(), twin.AddUser("tandem"), append([]string{byKey}, more...)...)
}

func text(s string) record.Value  { return record.OfString(s) }
func email(s string) record.Value { return record.Of(record.Email, s) }

func create(op string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Create, Object: "Lead", Fields: fields}
}

func update(op, id string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Update, Object: "Lead", RemoteID: id, Fields: fields}
}
