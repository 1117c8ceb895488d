package sql_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// everything prints an error and all inside it in every way.
func everything(err error) string {
	var b strings.Builder
	for e := err; e != nil; e = errors.Unwrap(e) {
		fmt.Fprintf(&b, "%v %+v %#v\n", e, e, e)
	}
	return b.String()
}

// with returns the database at another address.
func (d database) with(t *testing.T, change func(u *url.URL)) database {
	t.Helper()
	u, err := url.Parse(d.dsn)
	if err != nil {
		t.Fatal(err)
	}
	change(u)
	return database{d.driver, u.String()}
}

func TestRefusals(t *testing.T) {
	const password = "correct horse battery staple"
	each(t, func(t *testing.T, d database) {
		t.Helper()
		db := d.open(t)
		run(t, db, d.plain())
		cases := map[string]struct {
			d     database
			query string
			want  fault.Class
		}{
			"no such table":  {d, "", fault.Missing},
			"no such column": {d, "SELECT id, none FROM people", fault.Missing},
			"no query":       {d, "SELECT id FROM people WHERE WHERE", fault.Invalid},
		}
		if d.driver == "sqlite" {
			cases["no file"] = struct {
				d     database
				query string
				want  fault.Class
			}{database{"sqlite", d.dsn + "-none"}, "SELECT id FROM people", fault.Missing}
		} else {
			for name, change := range map[string]func(u *url.URL){
				"wrong password": func(u *url.URL) { u.User = url.UserPassword(u.User.Username(), password) },
				"wrong user":     func(u *url.URL) { u.User = url.UserPassword("nobody_here", password) },
				"no database":    func(u *url.URL) { u.Path = "/none_" + u.User.Username() },
				"no server":      func(u *url.URL) { u.Host = "127.0.0.1:1" },
			} {
				want := map[string]fault.Class{"no database": fault.Missing, "no server": fault.Transient}[name]
				if want == 0 {
					want = fault.Auth
				}
				if name == "no database" && d.driver == "mysql" {
					want = fault.Permission // it does not tell what the user may not see
				}
				cases[name] = struct {
					d     database
					query string
					want  fault.Class
				}{d.with(t, change), "SELECT id FROM people", want}
			}
		}
		for name, test := range cases {
			tables := "tables: {people: {id: id, table: none}}"
			if test.query != "" {
				tables = "tables: {people: {id: id, query: '" + test.query + "'}}"
			}
			if name == "wrong password" && test.d.open(t).PingContext(t.Context()) == nil {
				t.Log("this server asks for no password: what it answers to a wrong one is not tested")
				continue
			}
			c := test.d.build(t, connectors.Env{}, tables)
			_, err := c.Changes(t.Context(), *ask())
			if !fault.Is(err, test.want) || test.want != fault.Invalid && test.want != fault.Transient && fault.As(err).Next == "" {
				t.Errorf("%s: %v", name, err)
			}
			if own, _ := url.Parse(test.d.dsn); d.driver != "sqlite" {
				set, _ := own.User.Password()
				if text := everything(err); strings.Contains(text, set) || strings.Contains(text, password) || strings.Contains(text, own.User.Username()) {
					t.Errorf("%s: the error shows the user or the password", name)
				}
			}
		}
	})
}

func TestConnectionsAreEncryptedOrSaidNotToBe(t *testing.T) {
	tests := []struct{ driver, dsn, more, want string }{
		{"postgres", "postgres://u:pw@db.example.com/x", "", "not be encrypted"},
		{"postgres", "postgres://u:pw@db.example.com/x?sslmode=prefer", "", "not be encrypted"},
		{"postgres", "postgres://u:pw@db.example.com/x?sslmode=disable", "", "not be encrypted"},
		{"postgres", "postgres://u:pw@db.example.com/x?sslmode=require", "", ""},
		{"postgres", "postgres://u:pw@db.example.com/x?sslmode=disable", "plaintext: true\n", ""},
		{"postgres", "postgres://u:pw@localhost/x", "", ""},
		{"postgres", "postgres://u:pw@127.0.0.1,db.example.com/x?sslmode=disable", "", "not be encrypted"},
		{"mysql", "mysql://u:pw@db.example.com/x", "", "not be encrypted"},
		{"mysql", "mysql://u:pw@db.example.com/x?tls=preferred", "", "not be encrypted"},
		{"mysql", "mysql://u:pw@db.example.com/x?tls=true", "", ""},
		{"mysql", "mariadb://u:pw@db.example.com/x?tls=skip-verify", "", ""},
		{"mysql", "mysql://u:pw@db.example.com/x", "plaintext: true\n", ""},
		{"mysql", "mysql://u:pw@[::1]:3307/x", "", ""},
		{"postgres", "mysql://u:pw@localhost/x", "", "cannot be read"},
		{"postgres", "postgres://u:p@w@w@localhost:x/x", "", "cannot be read"},
		{"postgres", "postgres://localhost/x", "", "cannot be read"},
		{"postgres", "postgres://u:pw@localhost", "", "cannot be read"},
		{"mysql", "u:pw@tcp(localhost:3306)/x", "", "cannot be read"},
	}
	for _, test := range tests {
		_, problems := database{test.driver, test.dsn}.try(connectors.Env{}, test.more+"tables: {people: {id: id}}")
		if problems.HasErrors() != (test.want != "") || !strings.Contains(problems.Error(), test.want) || strings.Contains(problems.Error(), "pw") {
			t.Errorf("%s %s: %v", test.driver, test.dsn, problems)
		}
	}
}

func TestConfigurationMistakesHaveAPlace(t *testing.T) {
	tests := map[string]string{
		"zone: Berlin\ntables: {people: {id: id}}":        "not a time zone",
		"timeout: 1h\ntables: {people: {id: id}}":         "out of its bounds",
		"connections: 99\ntables: {people: {id: id}}":     "out of its bounds",
		"page_size: 99999\ntables: {people: {id: id}}":    "out of its bounds",
		"dsn: \"${env:DSN}\"\ntables: {people: {id: id}}": "SQLite needs file",
		"tables: {}":                            "no table",
		"tables: {people: {}}":                  "required",
		"tables: {people: {id: id, as: persn}}": "no canonical object",
		"tables: {people: {id: id, query: SELECT 1, write: true}}":                              "read only",
		"tables: {people: {id: id, query: DELETE FROM people}}":                                 "one SELECT",
		"tables: {people: {id: id, query: 'SELECT 1; DROP TABLE people'}}":                      "one SELECT",
		"tables: {people: {id: id, overlap: 48h}}":                                              "overlap",
		"tables: {people: {id: id, touch: true}}":                                               "can be touched",
		"tables: {people: {id: id, columns: [{name: a}, {name: a}]}}":                           "listed twice",
		"tables: {people: {id: id, columns: [{name: a, kind: emial}]}}":                         "no kind",
		"tables: {people: {id: id, columns: [{name: a, kind: money}]}}":                         "currency",
		"tables: {people: {id: id, columns: [{name: a, kind: date, format: q}]}}":               "format",
		"tables: {people: {id: id, columns: [{name: a, kind: email, format: iso}]}}":            "no format",
		"tables: {people: {id: id, columns: [{name: a, kind: reference, refers_to: persons}]}}": "no object",
	}
	for yaml, want := range tests {
		_, problems := database{"sqlite", "x.db"}.try(connectors.Env{}, yaml)
		if !problems.HasErrors() || !strings.Contains(problems.Error(), want) || problems[0].Pos.Line == 0 {
			t.Errorf("%s: %v, want %q", yaml, problems, want)
		}
	}
	_, problems := database{"sqlite", "x.db"}.try(connectors.Env{}, "password: x\ntables: {people: {id: id}}")
	if !problems.HasErrors() {
		t.Error("an unknown key is taken")
	}
}

func TestColumnsThatAreNotThere(t *testing.T) {
	d := database{"sqlite", sqliteFile(t)}
	run(t, d.open(t), "CREATE TABLE people (id INTEGER PRIMARY KEY, n INTEGER, at INTEGER, pic BLOB)")
	for table, want := range map[string]string{
		"id: none": "no column none", "id: id, modified: [none]": "no column none", "id: id, deleted: none": "no column none",
		"id: id, created: none": "no column none", "id: id, columns: [{name: none}]": "no column none", "id: pic": "no column pic",
		"id: id, modified: [at]": "unix", "id: id, columns: [{name: n, format: dd.mm.yyyy}]": "column n",
	} {
		_, err := d.build(t, connectors.Env{}, "tables: {people: {"+table+"}}").Describe(t.Context())
		if !fault.Is(err, fault.Missing) || !strings.Contains(err.Error(), want) || fault.As(err).Next == "" {
			t.Errorf("%s: %v", table, err)
		}
	}
}

// A user who may only read is told what is missing, for the object as a whole.
func TestRightsThatAreMissing(t *testing.T) {
	d := database{"postgres", postgresDSN(t)}
	db := d.open(t)
	run(t, db, d.plain()+"; INSERT INTO people VALUES (1, 'a', now()); ALTER DATABASE "+mustParse(t, d.dsn).Path[1:]+" SET default_transaction_read_only = on")
	c := d.build(t, connectors.Env{}, plainYAML)
	results := write(t, c, update("1", text("city", "b")))
	if f := fault.As(results[0].Err); results[0].Status != connectors.Rejected || f.Class != fault.Permission || f.Scope != fault.ScopeObject || f.Next == "" {
		t.Errorf("a write to a server that only reads: %+v", results[0])
	}
	if got := pull(t, c, ask("city")); got != "1=a" {
		t.Errorf("read %q", got)
	}
}

func mustParse(t *testing.T, dsn string) *url.URL {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestCallsEndInTime(t *testing.T) {
	for driver, query := range map[string]string{
		"postgres": "SELECT 1 AS id, pg_sleep(20)::text AS x", "mysql": "SELECT 1 AS id, SLEEP(20) AS x",
		"sqlite": "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS id FROM n WHERE x < 0",
	} {
		t.Run(driver, func(t *testing.T) {
			d := database{driver, map[string]func(*testing.T) string{"postgres": postgresDSN, "mysql": mysqlDSN, "sqlite": sqliteFile}[driver](t)}
			c := d.build(t, connectors.Env{}, "timeout: 1s\ntables: {people: {id: id, query: '"+query+"'}}")
			start := time.Now()
			if _, err := c.Changes(t.Context(), *ask("id")); !fault.Is(err, fault.Transient) || !strings.Contains(err.Error(), "timeout") {
				t.Errorf("a slow query: %v", err)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
			if driver == "postgres" {
				run(t, d.open(t), "CREATE TABLE people (id bigint, city text); INSERT INTO people VALUES (1, 'a'); CREATE FUNCTION nap() RETURNS text LANGUAGE sql AS 'SELECT pg_sleep(20)::text'")
				run(t, d.open(t), "ALTER TABLE people ADD CHECK (nap() = city) NOT VALID")
				w := d.build(t, connectors.Env{}, "timeout: 1s\ntables: {people: {id: id, write: true}}")
				if r := write(t, w, update("1", text("city", "b")))[0]; r.Status != connectors.Rejected || !fault.Is(r.Err, fault.Transient) {
					t.Errorf("a slow write is %q: %v", r.Status, r.Err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			if _, err := c.Changes(ctx, *ask("id")); !fault.Is(err, fault.Canceled) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a call that was cut: %v", err)
			}
			if _, err := c.Check(t.Context()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func TestConnectionsThatAreCut(t *testing.T) {
	d := database{"postgres", postgresDSN(t)}
	db := d.open(t)
	run(t, db, d.plain()+"; INSERT INTO people VALUES (1, 'a', now())")
	c := d.build(t, connectors.Env{}, plainYAML)
	pull(t, c, ask())
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, "SELECT 1")
	if _, err := tx.ExecContext(t.Context(), "SELECT * FROM people FOR UPDATE"); err != nil {
		t.Fatal(err)
	}
	done := make(chan connectors.Result, 1)
	go func() {
		results, err := c.Write(t.Context(), []connectors.Op{update("1", text("city", "b"))})
		if err != nil || len(results) != 1 {
			t.Errorf("%d results: %v", len(results), err)
			close(done)
			return
		}
		done <- results[0]
	}()
	kill := "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tandem' AND wait_event_type = 'Lock'"
	for n := int64(0); n == 0; {
		res, err := db.ExecContext(t.Context(), kill)
		if err != nil {
			t.Fatal(err)
		}
		n, _ = res.RowsAffected()
	}
	if r := <-done; r.Status != connectors.Rejected || !fault.As(r.Err).Class.Later() {
		t.Errorf("cut before the end of the transaction: %q, %v", r.Status, r.Err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	applied(t, write(t, c, update("1", text("city", "c"))))
}

// A transaction that is cut while it ends may have been stored.
func TestConnectionsThatAreCutAtTheEnd(t *testing.T) {
	d := database{"postgres", postgresDSN(t)}
	db := d.open(t)
	run(t, db, d.plain()+"; INSERT INTO people VALUES (1, 'a', now()); INSERT INTO people VALUES (2, 'a', now())")
	for _, s := range []string{
		"CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); RETURN NULL; END $$",
		"CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON people DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION slow()",
	} {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	c := d.build(t, connectors.Env{}, plainYAML)
	done := make(chan error, 1)
	go func() {
		results, err := c.Write(t.Context(), []connectors.Op{update("1", text("city", "b")), update("9", text("city", "b"))})
		if len(results) != 1 || results[0].Status != connectors.Rejected || results[0].Op != "op-9" {
			t.Errorf("what is certain is %+v", results)
		}
		done <- err
	}()
	kill := "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tandem' AND wait_event = 'PgSleep'"
	for n := int64(0); n == 0; {
		res, err := db.ExecContext(t.Context(), kill)
		if err != nil {
			t.Fatal(err)
		}
		n, _ = res.RowsAffected()
	}
	if err := <-done; !fault.Is(err, fault.OutcomeUnknown) || connectors.Untouched(err) {
		t.Errorf("the end is told as %v", err)
	}
}

func TestRemovedRows(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		t.Helper()
		for name, typ := range map[string]string{
			"boolean": d.script("BOOLEAN", "boolean", "boolean"), "time": d.script("DATETIME", "timestamptz", "datetime(6)"),
			"number": d.script("INTEGER NOT NULL DEFAULT 0", "integer NOT NULL DEFAULT 0", "integer NOT NULL DEFAULT 0"),
		} {
			db := d.open(t)
			run(t, db, "DROP TABLE IF EXISTS people; "+d.plain()+"; ALTER TABLE people ADD gone "+typ)
			run(t, db, "INSERT INTO people (id, updated_at) VALUES (1, '2020-01-01 00:00:00'), (2, '2020-01-01 00:00:00'), (3, '2020-01-01 00:00:00')")
			c := d.build(t, connectors.Env{}, "tables: {people: {id: id, modified: [updated_at], deleted: gone, write: true, touch: true}}")
			q := ask()
			if page, err := c.Gone(t.Context(), *q); err != nil || len(page.Gone) != 0 {
				t.Fatal(page.Gone, err)
			}
			before := time.Now().Add(-5 * time.Second)
			applied(t, write(t, c, connectors.Op{ID: "o", Kind: connectors.Archive, Object: "people", RemoteID: "2"}))
			page, err := c.Gone(t.Context(), *q)
			if err != nil || len(page.Gone) != 1 || page.Gone[0].ID != "2" || page.Gone[0].At.Before(before) || page.Gone[0].At.After(time.Now().Add(5*time.Second)) {
				t.Errorf("%s: gone are %+v, %v", name, page.Gone, err)
			}
			if got := pull(t, c, ask()); got != "1 3" {
				t.Errorf("%s: left are %q", name, got)
			}
			if got, err := c.Read(t.Context(), "people", []string{"1", "2"}, nil); err != nil || len(got) != 2 || got[0].Archived || !got[1].Archived {
				t.Errorf("%s: read %+v, %v", name, got, err)
			}
			if r := write(t, c, update("2", text("city", "x")))[0]; !fault.Is(r.Err, fault.Missing) {
				t.Errorf("%s: an update of it is %q", name, r.Status)
			}
		}
	})
}
