package rest_test

import (
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/rest"
)

// manifests is where the manifests are that everyone may start from.
const manifests = "../../docs/manifests/"

// system is all of the connector.
type system interface {
	connectors.Connector
	connectors.Finder
	connectors.Writer
}

// build makes a connector from its file's text; secrets are pairs of names and
// values.
func build(t *testing.T, env connectors.Env, text string, secrets ...string) system {
	t.Helper()
	c, problems := tryBuild(t, env, text, secrets...)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	s, ok := c.(system)
	if !ok {
		t.Fatal("the connector lacks a part of the contract")
	}
	return s
}

func tryBuild(t *testing.T, env connectors.Env, text string, secrets ...string) (connectors.Connector, diag.List) {
	t.Helper()
	node, problems := diag.Parse("rest.yaml", []byte(text))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	env.Secrets = secret.Resolver{Env: func(name string) (string, bool) {
		for i := 0; i+1 < len(secrets); i += 2 {
			if secrets[i] == name {
				return secrets[i+1], true
			}
		}
		return "", false
	}}
	return rest.Factory().New(env, node)
}
