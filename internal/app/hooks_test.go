package app_test

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/csv"
	"github.com/tandem-sync/tandem/connectors/webhook"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/web"
)

const (
	formSecret = "a secret that only the form tool knows"
	// hooksDir tells a child process which configuration to serve until its
	// first post is kept; TestMain runs the child instead of the tests.
	hooksDir = "TANDEM_TEST_HOOKS"
)

func TestMain(m *testing.M) {
	//nolint:forbidigo // the child is told by its environment and ends as a crash does
	if dir := os.Getenv(hooksDir); dir != "" {
		if err := serveUntilKept(context.Background(), dir, os.Stdout); err != nil {
			panic(err)
		}
		os.Exit(2)
	}
	os.Exit(m.Run()) //nolint:forbidigo // as above
}

// crashing ends the process between keeping a post and answering it.
type crashing struct{ *app.Daemon }

func (c crashing) Receive(ctx context.Context, connector string, d connectors.Delivery) error {
	if err := c.Daemon.Receive(ctx, connector, d); err != nil {
		return err
	}
	os.Exit(3) //nolint:forbidigo // this is the crash
	return nil
}

func serveUntilKept(ctx context.Context, dir string, out io.Writer) error {
	d, err := app.NewDaemon(ctx, formOptions(dir))
	if err != nil {
		return err
	}
	l, err := web.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	s := web.NewServer(l, web.Handler(web.Options{Source: d, Hooks: crashing{d}}), zerolog.Nop())
	if _, err := fmt.Fprintln(out, s.URL()); err != nil {
		return err
	}
	return s.Serve()
}

func formOptions(dir string) app.Options {
	return app.Options{
		Dir: dir, Registry: connectors.Registry{csv.Factory(), webhook.Factory()}, Log: zerolog.Nop(), Metrics: prometheus.NewRegistry(),
		Secrets: secret.Resolver{Env: func(name string) (string, bool) { return formSecret, name == "FORM_SECRET" }},
	}
}

// formConfig is a form tool whose people end up in a file.
func formConfig(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"tandem.yaml": fmt.Sprintf("state: {dir: %q}\nfirst_run: apply\nschedule: {default: '@hourly', jitter: 0s}\n", filepath.Join(dir, "state")),
		"connectors/forms.yaml": `
type: webhook
signature: {header: X-Signature, secret: "${env:FORM_SECRET}"}
key: {header: X-Id}
max_body: 1024
retention: 1h
forms:
  signups: {id: id, fields: [{name: email, kind: email}, {name: city}]}
objects:
  signups:
    as: person
    match: [email]
    fields: [{field: email, remote: email, direction: in}, {field: city, remote: city, direction: in}]
`,
		"connectors/list.yaml": fmt.Sprintf(`
type: csv
folder: %q
files:
  people: {file: people.csv, id: [id], write: true, columns: [{name: id}, {name: email, kind: email}, {name: city}]}
objects:
  people:
    as: person
    create: true
    match: [email]
    fields: [{field: email, remote: email}, {field: city, remote: city}]
`, dir),
		"people.csv": "id,email,city\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// formDaemon runs a daemon with its web server.
func formDaemon(t *testing.T, o app.Options) (d *app.Daemon, url string) {
	t.Helper()
	d, err := app.NewDaemon(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(web.Handler(web.Options{Source: d, Hooks: d, Log: o.Log}))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	t.Cleanup(func() {
		server.Close()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return d, server.URL
}

func submit(t *testing.T, url, id, body string, headers ...string) (int, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte(formSecret))
	_, _ = mac.Write([]byte(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Id", id)
	req.Header.Set("X-Signature", hex.EncodeToString(mac.Sum(nil)))
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

func inboxOf(t *testing.T, d *app.Daemon) (got []ledger.Delivery) {
	t.Helper()
	err := d.App().Ledger.View(t.Context(), func(r ledger.Reader) (err error) {
		got, err = r.Inbox.After(t.Context(), "forms", 0, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// synced triggers a cycle and waits until the file is as wanted.
func synced(t *testing.T, d *app.Daemon, dir, want string) {
	t.Helper()
	tick, end := time.NewTicker(50*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for {
		d.Trigger("sync forms+list")
		select {
		case <-tick.C:
		case <-end:
			t.Fatal("never: ", want)
		}
		raw, err := os.ReadFile(filepath.Join(dir, "people.csv"))
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for line := range strings.Lines(string(raw)) {
			_, row, _ := strings.Cut(strings.TrimSpace(line), ",")
			rows = append(rows, row)
		}
		if strings.Join(rows[1:], " ") == want {
			return
		}
	}
}

func TestAPostEndsUpInTheOtherSystem(t *testing.T) {
	dir := formConfig(t)
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	o := formOptions(dir)
	o.Log = zerolog.New(log)
	d, url := formDaemon(t, o)
	for name, test := range map[string]struct {
		path, id, body string
		headers        []string
		want           int
	}{
		"kept":       {"/hooks/forms", "1", `{"id":"a","email":"ada@x.example","city":"Graz"}`, nil, http.StatusOK},
		"forged":     {"/hooks/forms", "2", `{"id":"b","email":"eve@x.example"}`, []string{"X-Signature", "00"}, http.StatusUnauthorized},
		"too long":   {"/hooks/forms", "3", `{"id":"` + strings.Repeat("x", 1100) + `"}`, nil, http.StatusRequestEntityTooLarge},
		"other type": {"/hooks/forms", "4", `{"id":"b"}`, []string{"Content-Type", "text/plain"}, http.StatusUnsupportedMediaType},
		"elsewhere":  {"/hooks/list", "5", `{"id":"b"}`, nil, http.StatusNotFound},
	} {
		for range 2 { // whoever repeats a post is answered the same
			if code, err := submit(t, url+test.path, test.id, test.body, test.headers...); err != nil || code != test.want {
				t.Errorf("%s is answered %d: %v", name, code, err)
			}
		}
	}
	if got := inboxOf(t, d); len(got) != 1 || string(got[0].Body) != `{"id":"a","email":"ada@x.example","city":"Graz"}` {
		t.Errorf("%d posts are kept", len(got))
	}
	synced(t, d, dir, "ada@x.example,Graz")
	if code, err := submit(t, url+"/hooks/forms", "6", `{"id":"a","city":"Linz"}`); err != nil || code != http.StatusOK {
		t.Errorf("answered %d: %v", code, err)
	}
	synced(t, d, dir, "ada@x.example,Linz")
	logged, err := os.ReadFile(log.Name())
	if err != nil || len(logged) == 0 {
		t.Fatalf("%d bytes of log: %v", len(logged), err)
	}
	for _, private := range []string{"ada@", "Graz", formSecret} {
		if strings.Contains(string(logged), private) {
			t.Errorf("the log shows %s", private)
		}
	}
}

func TestACrashBetweenKeepingAndAnsweringLosesAndDoublesNothing(t *testing.T) {
	dir := formConfig(t)
	const body = `{"id":"a","email":"ada@x.example","city":"Graz"}`
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), hooksDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if code, err := submit(t, strings.TrimSpace(url)+"/hooks/forms", "1", body); err == nil {
		t.Fatalf("the crash answered %d", code)
	}
	_ = child.Wait()
	if code := child.ProcessState.ExitCode(); code != 3 {
		t.Fatalf("the child ended with %d", code)
	}
	d, url := formDaemon(t, formOptions(dir))
	if got := inboxOf(t, d); len(got) != 1 {
		t.Fatalf("%d posts after the crash", len(got))
	}
	if code, err := submit(t, url+"/hooks/forms", "1", body); err != nil || code != http.StatusOK {
		t.Errorf("sent again it is answered %d: %v", code, err)
	}
	if got := inboxOf(t, d); len(got) != 1 {
		t.Errorf("%d posts after it was sent again", len(got))
	}
	synced(t, d, dir, "ada@x.example,Graz")
}

func TestPostsAreForgottenOnceTheyAreReadAndOld(t *testing.T) {
	dir := formConfig(t)
	d, url := formDaemon(t, formOptions(dir))
	if code, err := submit(t, url+"/hooks/forms", "1", `{"id":"a","email":"ada@x.example","city":"Graz"}`); err != nil || code != http.StatusOK {
		t.Fatal(code, err)
	}
	synced(t, d, dir, "ada@x.example,Graz")
	if got := inboxOf(t, d); len(got) != 1 {
		t.Errorf("%d posts after they were read", len(got))
	}
	aged := func(key string) error {
		return d.App().Ledger.Update(t.Context(), func(tx ledger.Tx) error {
			_, err := tx.Inbox.Append(t.Context(), "forms", ledger.Delivery{Key: key, At: time.Now().Add(-2 * time.Hour), Body: []byte(`{"id":"b","email":"bo@x.example","city":"Wels"}`)})
			return err
		})
	}
	if err := aged("old"); err != nil {
		t.Fatal(err)
	}
	synced(t, d, dir, "ada@x.example,Graz bo@x.example,Wels")
	tick, end := time.NewTicker(50*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for len(inboxOf(t, d)) != 1 {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("%d posts are kept", len(inboxOf(t, d)))
		}
	}
}
