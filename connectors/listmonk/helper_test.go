package listmonk_test

import (
	"iter"
	"strconv"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/listmonk"
	"github.com/tandem-sync/tandem/connectors/listmonk/listmonksim"
	"github.com/tandem-sync/tandem/record"
)

// system is all of the connector.
type system interface {
	connectors.Connector
	connectors.Finder
	connectors.Former
	connectors.Writer
}

const attribs = "attribs: {city: string, age: integer, crm.stage: enum, tags: set, vip: boolean}\n"

// login is how a client of the version proves who it is.
func login(version int, cred listmonksim.Credentials) string {
	if version < 4 {
		return "auth: {username: " + cred.User + ", password: '${env:SECRET}'}\n"
	}
	return "auth: {user: " + cred.User + ", token: '${env:SECRET}'}\n"
}

func build(t *testing.T, env connectors.Env, base, password string, more ...string) system {
	t.Helper()
	node, problems := diag.Parse("listmonk.yaml", []byte("base_url: "+base+"\n"+attribs+strings.Join(more, "")))
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	env.Secrets = secret.Resolver{Env: func(name string) (string, bool) { return password, name == "SECRET" }}
	c, problems := listmonk.Factory().New(env, node)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	s, ok := c.(system)
	if !ok {
		t.Fatal("the connector lacks a part of the contract")
	}
	return s
}

// both gives a twin of each version and a connector to it.
func both(t *testing.T, more string) iter.Seq2[*listmonksim.Twin, system] {
	t.Helper()
	return func(yield func(*listmonksim.Twin, system) bool) {
		for _, version := range []int{1, 6} {
			t.Log("version", version)
			twin := listmonksim.New(listmonksim.Options{Version: version})
			if !yield(twin, connect(t, twin, version, more)) {
				return
			}
		}
	}
}

// newest runs a test against the newest version only.
func newest(t *testing.T, more ...string) (*listmonksim.Twin, system) {
	t.Helper()
	twin := listmonksim.New(listmonksim.Options{})
	return twin, connect(t, twin, 6, more...)
}

func connect(t *testing.T, twin *listmonksim.Twin, version int, more ...string) system {
	t.Helper()
	if twin.URL() == "" {
		if err := twin.Start(""); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = twin.Close() })
	}
	env := connectors.Env{Name: "listmonk", HTTP: httpapi.Env{AllowLoopback: true}}
	cred := twin.Credentials()
	return build(t, env, twin.URL(), cred.Secret, login(version, cred), strings.Join(more, ""))
}

func query(object string, fields ...string) connectors.Query {
	return connectors.Query{Object: object, Fields: fields}
}

func text(s string) record.Value  { return record.OfString(s) }
func email(s string) record.Value { return record.Of(record.Email, s) }
func optOut() record.Fields       { return record.Fields{"email_opt_out": record.OfBool(true)} }
func itoa(id int64) string        { return strconv.FormatInt(id, 10) }

func create(op string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Create, Object: "subscribers", Fields: fields}
}

func update(op string, id int64, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Update, Object: "subscribers", RemoteID: itoa(id), Fields: fields}
}
