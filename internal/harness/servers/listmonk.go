package servers

import (
	"cmp"
	"context"
	"encoding/json"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// listmonkModule has a go.mod of its own: it requires what we do not.
const listmonkModule = "internal/tools/listmonk"

// ListmonkOptions say how a listmonk is to be.
type ListmonkOptions struct {
	// SMTP is where its mails go, as in 127.0.0.1:2525; a mailbox of its own
	// unless set.
	SMTP string
}

// ListmonkServer is a real listmonk 1.1.0.
type ListmonkServer struct {
	*Running

	URL, User, Password string
	DSN                 string   // of its database
	Mailbox             *Mailbox // nil if the mails go elsewhere
}

// Listmonk builds listmonk 1.1.0, once, and starts it with a database of its
// own. It follows single subscribers' views and clicks, and does not ask for
// updates.
func Listmonk(t *testing.T, opt ListmonkOptions) *ListmonkServer {
	t.Helper()
	need(t)
	binary, source := buildListmonk(t)
	port := strconv.Itoa(FreePort(t))
	s := &ListmonkServer{URL: "http://127.0.0.1:" + port, User: "listmonk", Password: "listmonk", DSN: Postgres(t)}
	if opt.SMTP == "" {
		s.Mailbox = NewMailbox(t)
		opt.SMTP = s.Mailbox.Addr
	}
	dir := listmonkFolder(t, source, s, port)
	install := exec.CommandContext(t.Context(), binary, "--install", "--yes")
	install.Dir = dir
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("listmonk --install: %v\n%s", err, out)
	}
	s.configure(t, opt.SMTP)
	s.Running = Start(t, Process{
		Name: "listmonk", Command: []string{binary}, Dir: dir,
		Ready: func(ctx context.Context) bool { return s.healthy(ctx) },
	})
	return s
}

func (s *ListmonkServer) healthy(ctx context.Context) bool {
	u, err := url.Parse(s.URL + "/api/health")
	if err != nil {
		return false
	}
	u.User = url.UserPassword(s.User, s.Password)
	return Answers(ctx, u.String())
}

// buildListmonk returns the program, and the folder of its module, whose files
// it reads when it runs.
func buildListmonk(t *testing.T) (binary, source string) {
	t.Helper()
	run := func(dir string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("go %s: %v", strings.Join(args, " "), err)
		}
		return strings.TrimSpace(string(out))
	}
	root := run("", "list", "-m", "-f", "{{.Dir}}", "github.com/tandem-sync/tandem")
	tools := filepath.Join(root, filepath.FromSlash(listmonkModule))
	// Before anything else: what `go list` answers is empty until it is there.
	run(tools, "mod", "download", "github.com/knadh/listmonk")
	source = run(tools, "list", "-m", "-f", "{{.Dir}} {{.Version}}", "github.com/knadh/listmonk")
	source, version, _ := strings.Cut(source, " ")
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	binary = filepath.Join(cache, "tandem-servers", "listmonk-"+version)
	if _, err := os.Stat(binary); err == nil {
		return binary, source
	}
	fresh := filepath.Join(t.TempDir(), "listmonk") // another test may be doing the same
	run(tools, "build", "-o", fresh, "github.com/knadh/listmonk/cmd")
	if err := os.MkdirAll(filepath.Dir(binary), 0o700); err != nil {
		t.Fatal(err)
	}
	if os.Rename(fresh, binary) != nil {
		return fresh, source // on another disk
	}
	return binary, source
}

// listmonkFolder is where it runs: its files, a configuration, and stand-ins
// for the web page, which is not in the module.
func listmonkFolder(t *testing.T, source string, s *ListmonkServer, port string) string {
	t.Helper()
	dir := t.TempDir()
	db, err := url.Parse(s.DSN)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := db.User.Password()
	host, dbPort, err := net.SplitHostPort(db.Host)
	if err != nil {
		t.Fatal(err)
	}
	config := `[app]
address = "127.0.0.1:` + port + `"
admin_username = "` + s.User + `"
admin_password = "` + s.Password + `"
[db]
host = "` + host + `"
port = ` + cmp.Or(dbPort, "5432") + `
user = "` + db.User.Username() + `"
password = "` + password + `"
database = "` + strings.TrimPrefix(db.Path, "/") + `"
ssl_mode = "disable"
max_open = 10
max_idle = 10
max_lifetime = "300s"
`
	for name, text := range map[string]string{"config.toml": config, "frontend/dist/favicon.png": "", "frontend/dist/frontend/index.html": "<html></html>"} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"config.toml.sample", "queries.sql", "schema.sql"} {
		if err := os.Symlink(filepath.Join(source, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"static", "i18n"} { // it does not walk into a link
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(source, name))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// configure writes its settings before the first start; by its API it would
// start itself again.
func (s *ListmonkServer) configure(t *testing.T, smtp string) {
	t.Helper()
	host, port, err := net.SplitHostPort(smtp)
	if err != nil {
		t.Fatalf("the address of the SMTP server: %v", err)
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatalf("the port of the SMTP server: %v", err)
	}
	settings := map[string]any{
		"app.root_url": s.URL, "app.check_updates": false, "privacy.individual_tracking": true, "app.notify_emails": []string{},
		"smtp": []any{map[string]any{
			"uuid": "6f1b3c52-7c0e-4a8e-9a41-0d5d1f5c2b11", "enabled": true, "host": host, "port": n, "auth_protocol": "none", "username": "", "password": "",
			"hello_hostname": "localhost", "max_conns": 2, "idle_timeout": "15s", "wait_timeout": "5s", "max_msg_retries": 2, "tls_enabled": false,
			"tls_skip_verify": true, "email_headers": []any{},
		}},
	}
	owner := psql{command: []string{"psql", "-w", "-d", s.DSN}}
	var statements []string
	for key, v := range settings {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		statements = append(statements, "UPDATE settings SET value = '"+strings.ReplaceAll(string(text), "'", "''")+"' WHERE key = '"+key+"'")
	}
	if _, err := owner.sql(t.Context(), statements...); err != nil {
		t.Fatal(err)
	}
}
