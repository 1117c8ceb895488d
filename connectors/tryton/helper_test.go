package tryton_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/tryton"
	"github.com/tandem-sync/tandem/connectors/tryton/trytonsim"
	"github.com/tandem-sync/tandem/record"
)

// system is all of the connector.
type system interface {
	connectors.Connector
	connectors.Finder
	connectors.Former
	connectors.Writer
}

// open makes a connector of a configuration with these lines.
func open(lines string) (connectors.Connector, diag.List) {
	text := "base_url: http://127.0.0.1:1\ndatabase: tryton\nauth: {user: u, password: '${env:SECRET}'}\n" + lines
	node, problems := diag.Parse("tryton.yaml", []byte(text))
	if problems.HasErrors() {
		return nil, problems
	}
	env := connectors.Env{Name: "tryton", HTTP: httpapi.Env{AllowLoopback: true}}
	env.Secrets = secret.Resolver{Env: func(string) (string, bool) { return "p", true }}
	return tryton.Factory().New(env, node)
}

func build(t *testing.T, env connectors.Env, base, database, user, password string, more ...string) system {
	t.Helper()
	text := "base_url: " + base + "\ndatabase: " + database + "\nopt_out_category: Opted out\nauth: {user: " + user + ", password: '${env:SECRET}'}\n"
	node, problems := diag.Parse("tryton.yaml", []byte(text+strings.Join(more, "")))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	env.Secrets = secret.Resolver{Env: func(name string) (string, bool) { return password, name == "SECRET" }}
	c, problems := tryton.Factory().New(env, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	s, ok := c.(system)
	if !ok {
		t.Fatal("the connector lacks a part of the contract")
	}
	return s
}

func newTwin(t *testing.T, more ...string) (*trytonsim.Twin, system) {
	t.Helper()
	twin := trytonsim.New(trytonsim.Options{})
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	return twin, connect(t, twin, more...)
}

func connect(t *testing.T, twin *trytonsim.Twin, more ...string) system {
	t.Helper()
	env := connectors.Env{Name: "tryton", HTTP: httpapi.Env{AllowLoopback: true}}
	cred := twin.Credentials()
	return build(t, env, twin.URL(), trytonsim.Database, cred.User, cred.Password, more...)
}

func email(s string) record.Value { return record.Of(record.Email, s) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
