package mautic_test

import (
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/mautic"
	"github.com/tandem-sync/tandem/connectors/mautic/mauticsim"
	"github.com/tandem-sync/tandem/record"
)

// system is all of the connector.
type system interface {
	connectors.Connector
	connectors.Finder
	connectors.Former
	connectors.Writer
	connectors.Notifier
	connectors.FieldCreator
}

const (
	basic = "auth: {username: api, password: '${env:PASSWORD}'}\n"
	app   = "auth: {client_id: 'CLIENT', client_secret: '${env:SECRET}'}\n"
)

func build(t *testing.T, env connectors.Env, base string, cred mauticsim.Credentials, more ...string) system {
	t.Helper()
	text := "base_url: " + base + "\n" + strings.ReplaceAll(strings.Join(more, ""), "CLIENT", cred.ClientID)
	node, problems := diag.Parse("mautic.yaml", []byte(text))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	secrets := map[string]string{"PASSWORD": cred.Password, "SECRET": cred.ClientSecret, "HOOK": "hook-secret"}
	env.Secrets = secret.Resolver{Env: func(name string) (string, bool) { v, ok := secrets[name]; return v, ok }}
	c, problems := mautic.Factory().New(env, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	s, ok := c.(system)
	if !ok {
		t.Fatal("the connector lacks a part of the contract")
	}
	return s
}

func start(t *testing.T, o mauticsim.Options) *mauticsim.Twin {
	t.Helper()
	twin := mauticsim.New(o)
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	return twin
}

func connect(t *testing.T, twin *mauticsim.Twin, more ...string) system {
	t.Helper()
	env := connectors.Env{Name: "mautic", HTTP: httpapi.Env{AllowLoopback: true}}
	return build(t, env, twin.URL(), twin.Credentials(), append([]string{basic}, more...)...)
}

func text(s string) record.Value  { return record.OfString(s) }
func email(s string) record.Value { return record.Of(record.Email, s) }

func create(op string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Create, Object: "contacts", Fields: fields}
}

func update(op, id string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Update, Object: "contacts", RemoteID: id, Fields: fields}
}
