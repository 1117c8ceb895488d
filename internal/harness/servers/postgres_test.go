package servers_test

import (
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/internal/harness/servers"
)

// A test has a database to itself, and its user can make more of them.
func TestPostgres(t *testing.T) {
	var dsn string
	t.Run("while the test runs", func(t *testing.T) {
		dsn = servers.Postgres(t)
		for _, statement := range []string{"CREATE TABLE people (name text)", "INSERT INTO people VALUES ('Ada')", "CREATE DATABASE " + copyOf(t, dsn) + " TEMPLATE template0"} {
			if out, err := query(t, dsn, statement); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
		if out, err := query(t, dsn, "SELECT name FROM people"); err != nil || out != "Ada" {
			t.Errorf("read %q: %v", out, err)
		}
	})
	if dsn == "" {
		t.SkipNow() // the part above has said why
	}
	if out, err := query(t, dsn, "SELECT 1"); err == nil {
		t.Errorf("the database is still there: %s", out)
	}
}

func copyOf(t *testing.T, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(u.Path, "/") + "_more"
}

func query(t *testing.T, dsn, statement string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "psql", "-X", "-w", "-q", "-At", "-d", dsn, "-c", statement).CombinedOutput()
	return strings.TrimSpace(string(out)), err
}
