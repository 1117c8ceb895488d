package sql_test

import (
	"context"
	"crypto/rand"
	stdsql "database/sql"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx
	_ "modernc.org/sqlite"             // the driver sqlite

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/sql"
)

// database is one that a test has to itself.
type database struct {
	driver string // as in the configuration
	dsn    string // or the path of the file
}

// each runs a test on every database there is; a skip says which are not.
func each(t *testing.T, f func(t *testing.T, d database)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, database{"sqlite", sqliteFile(t)}) })
	t.Run("postgres", func(t *testing.T) { f(t, database{"postgres", postgresDSN(t)}) })
	t.Run("mysql", func(t *testing.T) { f(t, database{"mysql", mysqlDSN(t)}) })
}

func sqliteFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func listening(addr string) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).Dial("tcp", addr)
	return err == nil && conn.Close() == nil
}

// postgresDSN makes a database and a user of its own. The server is that of
// TANDEM_TEST_POSTGRES, the address of a user who may make both, or the one on
// this machine that lets its administrator in.
func postgresDSN(t *testing.T) string {
	t.Helper()
	given := os.Getenv("TANDEM_TEST_POSTGRES") //nolint:forbidigo // where the server is
	if given == "" && !listening("127.0.0.1:5432") {
		t.Skip("no PostgreSQL: TANDEM_TEST_POSTGRES is not set and nothing listens on 127.0.0.1:5432")
	}
	name, password := "tandem_"+strings.ToLower(rand.Text()[:12]), rand.Text()
	host := "127.0.0.1:5432"
	ways := [][]string{{"psql", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres"}, {"runuser", "-u", "postgres", "--", "psql"}}
	if given != "" {
		ways = [][]string{{"psql", "-d", given}}
	}
	run := func(ctx context.Context, statement string) (err error) {
		for _, way := range ways {
			args := append(slices.Clone(way[1:]), "-w", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement)
			cmd := exec.CommandContext(ctx, way[0], args...)
			cmd.Dir = string(filepath.Separator)
			if err = cmd.Run(); err == nil {
				return nil
			}
		}
		return err
	}
	if u, err := url.Parse(given); given != "" && err == nil {
		host = u.Host
	}
	if err := run(t.Context(), "CREATE ROLE "+name+" LOGIN PASSWORD '"+password+"'"); err != nil {
		t.Skip("the PostgreSQL there is lets nobody in who may make a database: set TANDEM_TEST_POSTGRES")
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_ = run(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") // what stays behind does no harm
		_ = run(ctx, "DROP ROLE "+name)
	})
	if err := run(t.Context(), "CREATE DATABASE "+name+" OWNER "+name); err != nil {
		t.Fatal(err)
	}
	return "postgres://" + name + ":" + password + "@" + host + "/" + name + "?sslmode=disable"
}

// mysqlDSN makes a database and a user of its own, as postgresDSN does.
func mysqlDSN(t *testing.T) string {
	t.Helper()
	given := os.Getenv("TANDEM_TEST_MYSQL") //nolint:forbidigo // where the server is
	admin := given
	if given == "" {
		if !listening("127.0.0.1:3306") {
			t.Skip("no MySQL: TANDEM_TEST_MYSQL is not set and nothing listens on 127.0.0.1:3306")
		}
		admin = "root@unix(/run/mysqld/mysqld.sock)/"
	}
	cfg, err := mysql.ParseDSN(admin)
	if err != nil {
		t.Fatal("TANDEM_TEST_MYSQL is no address as in user:password@tcp(127.0.0.1:3306)/")
	}
	db, err := stdsql.Open("mysql", admin)
	if err != nil {
		t.Fatal(err)
	}
	name, password := "tandem_"+strings.ToLower(rand.Text()[:12]), rand.Text()
	if _, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		_ = db.Close() // it is of no use
		t.Skip("the MySQL there is lets nobody in who may make a database: set TANDEM_TEST_MYSQL")
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		for _, s := range []string{"DROP DATABASE " + name, "DROP USER " + name + "@'%'", "DROP USER " + name + "@localhost"} {
			_, _ = db.ExecContext(ctx, s) // what stays behind does no harm
		}
		_ = db.Close()
	})
	for _, host := range []string{"'%'", "localhost"} {
		for _, s := range []string{"CREATE USER " + name + "@" + host + " IDENTIFIED BY '" + password + "'", "GRANT ALL ON " + name + ".* TO " + name + "@" + host} {
			if _, err := db.ExecContext(t.Context(), s); err != nil {
				t.Fatal(err)
			}
		}
	}
	addr := "127.0.0.1:3306"
	if cfg.Net == "tcp" {
		addr = cfg.Addr
	}
	return "mysql://" + name + ":" + password + "@" + addr + "/" + name
}

// yaml is the head of a configuration for the database.
func (d database) yaml() string {
	if d.driver == "sqlite" {
		return "driver: sqlite\nfile: " + d.dsn + "\n"
	}
	return "driver: " + d.driver + "\ndsn: \"${env:DSN}\"\n"
}

// open is how another program uses the database.
func (d database) open(t *testing.T) *stdsql.DB {
	t.Helper()
	driver, dsn := "sqlite", "file:"+d.dsn+"?_pragma=busy_timeout(10000)"
	switch d.driver {
	case "postgres":
		driver, dsn = "pgx", d.dsn
	case "mysql":
		u, err := url.Parse(d.dsn)
		if err != nil {
			t.Fatal(err)
		}
		password, _ := u.User.Password()
		driver = "mysql"
		dsn = u.User.Username() + ":" + password + "@tcp(" + u.Host + ")" + u.Path + "?multiStatements=true&time_zone=%27%2B00:00%27&sql_mode=%27%27"
	}
	db, err := stdsql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// run runs statements, which are separated by semicolons.
func run(t *testing.T, db *stdsql.DB, script string, args ...any) {
	t.Helper()
	for s := range strings.SplitSeq(script, ";") {
		if strings.TrimSpace(s) == "" {
			continue
		}
		if _, err := db.ExecContext(t.Context(), s, args...); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// script chooses the text for the database.
func (d database) script(sqlite, postgres, mysql string) string {
	return map[string]string{"sqlite": sqlite, "postgres": postgres, "mysql": mysql}[d.driver]
}

// mark rewrites ? for PostgreSQL.
func (d database) mark(statement string) string {
	if d.driver != "postgres" {
		return statement
	}
	var b strings.Builder
	n := 0
	for _, r := range statement {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		b.WriteString("$" + string(rune('0'+n)))
	}
	return b.String()
}

// build makes a connector from the tables of a configuration.
func (d database) build(t *testing.T, env connectors.Env, tables string) *sql.Connector {
	t.Helper()
	c, problems := d.try(env, tables)
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	t.Cleanup(c.Close)
	return c
}

func (d database) try(env connectors.Env, tables string) (*sql.Connector, diag.List) {
	env.Name = "db"
	env.Secrets = secret.Resolver{Env: func(name string) (string, bool) { return d.dsn, name == "DSN" }}
	node, problems := diag.Parse("db.yaml", []byte(d.yaml()+tables))
	made, more := sql.Factory().New(env, node)
	problems.Add(more...)
	c, _ := made.(*sql.Connector) // nil with problems
	return c, problems
}
