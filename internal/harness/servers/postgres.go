package servers

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Postgres returns the address of an empty PostgreSQL database, as in
// postgres://user:password@127.0.0.1:5432/name?sslmode=disable. The user owns it
// and may make more; all that it owns is dropped when the test ends.
//
// The server is the one that TANDEM_POSTGRES names (the address of a
// superuser), else the one on 127.0.0.1:5432, else one of our own that is
// started for this test from the package postgresql. TANDEM_POSTGRES=own asks
// for the last.
func Postgres(t *testing.T) string {
	t.Helper()
	need(t)
	admin := administrator(t)
	name, password := "tandem_"+strings.ToLower(rand.Text()[:12]), rand.Text()
	if _, err := admin.sql(t.Context(),
		fmt.Sprintf("CREATE ROLE %s LOGIN CREATEDB PASSWORD '%s'", name, password),
		fmt.Sprintf("CREATE DATABASE %s OWNER %s", name, name),
	); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { admin.drop(t, name) })
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(name, password), Host: net.JoinHostPort(admin.host, admin.port),
		Path: "/" + name, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// psql is how a superuser's statements are run.
type psql struct {
	host, port string
	command    []string
}

// administrator finds a server and a way to be its superuser.
func administrator(t *testing.T) psql {
	t.Helper()
	if _, err := exec.LookPath("psql"); err != nil {
		t.Fatal("there is no psql; install PostgreSQL: apt-get install postgresql")
	}
	given := os.Getenv("TANDEM_POSTGRES") //nolint:forbidigo // where the server is
	switch {
	case given == "own" || given == "" && !listening("127.0.0.1:5432"):
		return cluster(t)
	case given != "":
		u, err := url.Parse(given)
		if err != nil {
			t.Fatal("TANDEM_POSTGRES is no address, as in postgres://postgres:password@127.0.0.1:5432/postgres")
		}
		return psql{u.Hostname(), cmp.Or(u.Port(), "5432"), []string{"psql", "-w", "-d", given}}
	}
	ways := []psql{
		{"127.0.0.1", "5432", []string{"psql", "-w", "-h", "127.0.0.1", "-U", "postgres", "-d", "postgres"}},
		{"127.0.0.1", "5432", []string{"runuser", "-u", "postgres", "--", "psql", "-w", "-p", "5432", "-d", "postgres"}},
	}
	i := slices.IndexFunc(ways, func(p psql) bool {
		_, err := p.sql(t.Context(), "SELECT 1")
		return err == nil
	})
	if i < 0 {
		t.Fatal("PostgreSQL on 127.0.0.1:5432 lets nobody in; set TANDEM_POSTGRES to the address of a superuser")
	}
	return ways[i]
}

func listening(addr string) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).Dial("tcp", addr)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

// sql runs statements one by one and returns what they print. Its error holds
// the server's words, which may quote the statement.
func (p psql) sql(ctx context.Context, statements ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	args := append(slices.Clone(p.command[1:]), "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1")
	for _, s := range statements {
		args = append(args, "-c", s)
	}
	cmd := exec.CommandContext(ctx, p.command[0], args...)
	cmd.Dir = string(filepath.Separator)
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("psql: %w: %s", err, strings.TrimSpace(problems.String()))
	}
	return strings.TrimSpace(out.String()), nil
}

// drop removes a role and every database that it owns.
func (p psql) drop(t *testing.T, role string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	owned, err := p.sql(ctx, "SELECT datname FROM pg_database WHERE datdba = '"+role+"'::regrole")
	if err != nil {
		t.Errorf("the databases of the test stay behind: %v", err)
		return
	}
	var statements []string
	for name := range strings.FieldsSeq(owned) {
		statements = append(statements, `DROP DATABASE "`+name+`" WITH (FORCE)`)
	}
	if _, err := p.sql(ctx, append(statements, "DROP ROLE "+role)...); err != nil {
		t.Errorf("the databases of the test stay behind: %v", err)
	}
}

// cluster makes and starts a server of our own, on a free port.
func cluster(t *testing.T) psql {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		t.Fatal("nothing listens on 127.0.0.1:5432 and there is no PostgreSQL to start; install it: apt-get install postgresql")
	}
	bin := filepath.Dir(slices.Max(found))
	dir, err := os.MkdirTemp("", "tandem-postgres-") //nolint:usetesting // of another user, who cannot enter the test's own
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // rubbish in the temporary folder does no harm
	as, err := asPostgres(dir)
	if err != nil {
		t.Fatalf("PostgreSQL cannot be started for the test: %v", err)
	}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(t.Context(), as[0], append(as[1:], filepath.Join(bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8")...)
	initdb.Dir = dir
	if out, err := initdb.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	port := strconv.Itoa(FreePort(t))
	Start(t, Process{
		Name: "postgres", Dir: dir, Stop: os.Interrupt, // a fast shutdown
		Command: append(as, filepath.Join(bin, "postgres"), "-D", data, "-p", port, "-c", "listen_addresses=127.0.0.1", "-k", dir,
			// What a crash of the machine would lose is thrown away anyway, and waiting for the disk takes minutes.
			"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"),
		Ready: func(context.Context) bool { return listening("127.0.0.1:" + port) },
	})
	p := psql{"127.0.0.1", port, []string{"psql", "-w", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-d", "postgres"}}
	for range 50 { // it listens before it answers
		if _, err = p.sql(t.Context(), "SELECT 1"); err == nil {
			return p
		}
		pause(t.Context(), 100*time.Millisecond)
	}
	t.Fatal(err)
	return p
}

// asPostgres is how a command is run as somebody PostgreSQL starts for: not as
// root. The folder becomes theirs.
func asPostgres(dir string) ([]string, error) {
	if os.Getuid() != 0 {
		return []string{"env"}, nil
	}
	owner, err := user.Lookup("postgres")
	if err != nil {
		return nil, errors.New("there is no user postgres")
	}
	uid, errU := strconv.Atoi(owner.Uid)
	gid, errG := strconv.Atoi(owner.Gid)
	if err := errors.Join(errU, errG, os.Chown(dir, uid, gid)); err != nil {
		return nil, err
	}
	return []string{"setpriv", "--reuid", owner.Uid, "--regid", owner.Gid, "--clear-groups"}, nil
}
