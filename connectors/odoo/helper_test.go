package odoo_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/odoo"
	"github.com/tandem-sync/tandem/connectors/odoo/odoosim"
	"github.com/tandem-sync/tandem/record"
)

// system is all of the connector.
type system interface {
	connectors.Connector
	connectors.Finder
	connectors.Former
	connectors.Writer
	connectors.FieldCreator
}

func build(t *testing.T, env connectors.Env, base string, u odoosim.User, more ...string) system {
	t.Helper()
	text := "base_url: " + base + "\ndatabase: acme\nauth: {user: " + u.Login + ", key: '${env:KEY}'}\n" + strings.Join(more, "")
	node, problems := diag.Parse("odoo.yaml", []byte(text))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	env.Secrets = secret.Resolver{Env: func(name string) (string, bool) { return u.Key, name == "KEY" }}
	c, problems := odoo.Factory().New(env, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	s, ok := c.(system)
	if !ok {
		t.Fatal("the connector lacks a part of the contract")
	}
	return s
}

// versions are an Odoo of either way to be spoken to.
func versions() map[string]odoosim.Options {
	return map[string]odoosim.Options{"json2": {Version: "19.0"}, "jsonrpc": {Version: "17.0"}, "no rpc": {Version: "22.0", NoRPC: true}}
}

// each runs a test against every way to speak to an Odoo.
func each(t *testing.T, test func(t *testing.T, twin *odoosim.Twin, c system)) {
	t.Helper()
	for name, options := range versions() {
		t.Run(name, func(t *testing.T) {
			twin, c := connect(t, options)
			test(t, twin, c)
		})
	}
}

func connect(t *testing.T, o odoosim.Options, more ...string) (*odoosim.Twin, system) {
	t.Helper()
	twin := odoosim.New(o)
	server := httptest.NewServer(twin.Handler())
	t.Cleanup(server.Close)
	env := connectors.Env{Name: "odoo", HTTP: httpapi.Env{AllowLoopback: true}}
	c := build(t, env, server.URL, twin.Tandem(), more...)
	return twin, c
}

func text(s string) record.Value  { return record.OfString(s) }
func email(s string) record.Value { return record.Of(record.Email, s) }

func create(op string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Create, Object: "crm.lead", Fields: fields}
}

func update(op, id string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Update, Object: "crm.lead", RemoteID: id, Fields: fields}
}
