package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/connectors/all"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/internal/sandbox"
	"github.com/tandem-sync/tandem/web"
)

const testToken = "for-tests-only"

// rig is a daemon between the two twins, as `tandem run` starts it.
type rig struct {
	t    *testing.T
	dir  string // of the configuration
	url  string
	box  *sandbox.Sandbox
	stop func() error
	// original is tandem.yaml as the sandbox wrote it.
	original string
}

func newRig(t *testing.T) *rig {
	t.Helper()
	box, err := sandbox.Start(t.Context(), sandbox.Options{People: 30, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = box.Close() })
	dir := t.TempDir()
	if err := box.WriteConfig(dir); err != nil {
		t.Fatal(err)
	}
	original, err := os.ReadFile(filepath.Join(dir, "tandem.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return &rig{t: t, dir: dir, box: box, original: string(original)}
}

// settings is the sandbox's tandem.yaml with the pairs of words replaced.
func (r *rig) settings(pairs ...string) string {
	r.t.Helper()
	pairs = append(pairs, "@every 5s", "@hourly", `{listen: "127.0.0.1:0"}`, `{listen: "127.0.0.1:0", drain: 5s, token: "${env:WEB_TOKEN}"}`)
	return strings.NewReplacer(pairs...).Replace(r.original)
}

func (r *rig) write(name, text string) {
	r.t.Helper()
	if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
		r.t.Fatal(err)
	}
}

// start runs a daemon whose log goes to the test.
func start(t *testing.T, configDir string) *rig {
	t.Helper()
	r := newRig(t)
	dir := r.dir
	r.write("tandem.yaml", r.settings())
	if configDir != "" {
		if err := os.Symlink(dir, configDir); err != nil {
			t.Skip("no symbolic links here")
		}
		dir = configDir
	}
	secrets := resolver()
	env := secrets.Env
	secrets.Env = func(name string) (string, bool) {
		if name == "WEB_TOKEN" {
			return testToken, true
		}
		return env(name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	listening, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- runDaemon(ctx, app.Options{Dir: dir, Registry: all.Registry(), Secrets: secrets, Log: zerolog.Nop()},
			daemonUI{listening: func(url string) { listening <- url }})
	}()
	select {
	case r.url = <-listening:
	case err := <-done:
		t.Fatal("the daemon did not start: ", err)
	case <-time.After(time.Minute):
		t.Fatal("the daemon does not start")
	}
	r.stop = func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(time.Minute):
			return errors.New("the daemon does not stop")
		}
	}
	return r
}

func (r *rig) call(method, path, body string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+testToken)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// until asks for the status until it is as wanted.
func (r *rig) until(what string, wanted func(web.Status) bool) web.Status {
	r.t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	end := time.After(time.Minute)
	for {
		code, body := r.call(http.MethodGet, "/api/v1/status", "")
		var s web.Status
		if err := json.Unmarshal([]byte(body), &s); err != nil {
			r.t.Fatalf("%d %s: %v", code, body, err)
		}
		if wanted(s) {
			return s
		}
		select {
		case <-tick.C:
		case <-end:
			r.t.Fatalf("never: %s\n%s", what, body)
		}
	}
}

func runs(s web.Status) int {
	n := 0
	for _, run := range s.Runs {
		if run.Outcome == "ok" {
			n++
		}
	}
	return n
}
