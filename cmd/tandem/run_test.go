package main

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/web"
)

func TestRunSynchronisesReloadsAndStops(t *testing.T) {
	r := start(t, "")
	s := r.until("the first run ends well", func(s web.Status) bool { return runs(s) > 0 })
	if n := r.box.Salesforce().Len("Lead"); n == 0 {
		t.Error("nothing was written")
	}
	for _, system := range s.Systems {
		if system.LastSuccess.IsZero() || system.Account == "" || len(system.Objects) == 0 {
			t.Errorf("system %+v", system)
		}
	}
	_, metrics := r.call(http.MethodGet, "/metrics", "")
	for _, want := range []string{
		`tandem_rows_total{object="contacts",result="read",system="hubspot"}`, `tandem_last_success_timestamp_seconds{system="salesforce"} 1`,
		`tandem_lag_seconds{object="contacts",system="hubspot"}`, `tandem_cycles_total{outcome="ok"} 1`, `tandem_breaker_open{system="hubspot"} 0`,
		`tandem_api_calls_total{`, `tandem_build_info{`, "go_goroutines",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if code, page := r.call(http.MethodGet, "/", ""); code != http.StatusOK || !strings.Contains(page, "In step") {
		t.Errorf("the page: %d", code)
	}
	r.actions(s)
	r.reloads(s.Revision)
	if err := r.stop(); err != nil {
		t.Error("it did not stop cleanly: ", err)
	}
}

func (r *rig) actions(s web.Status) {
	r.t.Helper()
	name := s.Jobs[0].Name
	before := runs(s)
	if code, body := r.call(http.MethodPost, "/api/v1/trigger", `{"job":"`+name+`"}`); code != http.StatusAccepted {
		r.t.Errorf("trigger: %d %s", code, body)
	}
	r.until("the triggered run ends", func(s web.Status) bool { return runs(s) > before })
	if code, body := r.call(http.MethodPost, "/api/v1/pause", `{"job":"`+name+`"}`); code != http.StatusAccepted {
		r.t.Errorf("pause: %d %s", code, body)
	}
	r.until("the job is paused", func(s web.Status) bool { return s.Jobs[0].Paused })
}

// reloads changes files: a mistake, its mending, and a change of what is
// written.
func (r *rig) reloads(revision string) {
	r.t.Helper()
	r.write("tandem.yaml", r.settings()+"shedule: {}\n")
	s := r.until("the mistake is refused", func(s web.Status) bool { return len(s.Refused) > 0 })
	if !strings.Contains(s.Refused[0], "tandem.yaml:") || !strings.Contains(s.Refused[0], "shedule") || s.Revision != revision {
		r.t.Errorf("refused: %q, revision %s", s.Refused, s.Revision)
	}
	if code, body := r.call(http.MethodGet, "/readyz", ""); code != http.StatusServiceUnavailable || !strings.Contains(body, "shedule") {
		r.t.Errorf("/readyz with a bad file: %d %s", code, body)
	}
	if code, _ := r.call(http.MethodGet, "/healthz", ""); code != http.StatusOK {
		r.t.Errorf("/healthz with a bad file: %d", code)
	}
	r.write("tandem.yaml", r.settings("first_run: apply", "first_run: plan"))
	s = r.until("the mended file is taken", func(s web.Status) bool { return len(s.Refused) == 0 })
	if !s.Jobs[0].Paused {
		r.t.Error("the reload ended a pause")
	}
	if code, body := r.call(http.MethodGet, "/readyz", ""); code != http.StatusOK {
		r.t.Errorf("/readyz: %d %s", code, body)
	}
	r.write("tandem.yaml", r.settings("first_run: apply", "first_run: plan", "lead_status: {rule: owner, owners: [sales]}", "lead_status: {rule: owner, owners: [marketing]}"))
	s = r.until("the new revision waits", func(s web.Status) bool { return s.Waiting != "" })
	if s.Revision != revision || s.Waiting == revision || len(s.Refused) > 0 {
		r.t.Errorf("revision %s, waiting %s, refused %q", s.Revision, s.Waiting, s.Refused)
	}
}

func TestRunSaysWhyItDoesNotStart(t *testing.T) {
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	r := newRig(t)
	r.write("tandem.yaml", strings.Replace(r.original, "127.0.0.1:0", taken.Addr().String(), 1))
	if code := run(t.Context(), []string{"run", "--config", r.dir}); code != exitEnvironment {
		t.Errorf("a port in use exits %d, want %d", code, exitEnvironment)
	}
	r.write("tandem.yaml", "server: {listen: nowhere}\n")
	if code := run(t.Context(), []string{"run", "--config", r.dir}); code != exitConfig {
		t.Errorf("a bad configuration exits %d, want %d", code, exitConfig)
	}
}

func TestHealth(t *testing.T) {
	answers := http.StatusOK
	l, err := web.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := web.NewServer(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.Redirect(w, r, "/healthz", http.StatusFound)
			return
		}
		w.WriteHeader(answers)
	}), zerolog.Nop())
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	dir := t.TempDir()
	settings := "server: {listen: '" + l.Addr().String() + "'}\n"
	check := func(name, settings string, want int, args ...string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "tandem.yaml"), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
		if code := run(t.Context(), append([]string{"health", "--config", dir}, args...)); code != want {
			t.Errorf("%s: exits %d, want %d", name, code, want)
		}
	}
	check("alive", settings, exitOK)
	check("alive beside a mistake in the files", settings+"shedule: {}\n", exitOK)
	check("alive by --url", "", exitOK, "--url", s.URL())
	check("a redirect is no answer", "", exitFailed, "--url", s.URL()+"/elsewhere")
	check("no address", settings, exitConfig, "--url", "nowhere")
	check("off", "server: {listen: off}\n", exitFailed)
	answers = http.StatusInternalServerError
	check("unwell", settings, exitFailed)
	if err := s.Close(t.Context(), time.Second); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	check("gone", settings, exitFailed)
}

func TestSecretsStayOutOfTheStatus(t *testing.T) {
	r := start(t, "")
	r.until("the first run ends", func(s web.Status) bool { return runs(s) > 0 })
	for _, path := range []string{"/", "/api/v1/status", "/metrics"} {
		_, body := r.call(http.MethodGet, path, "")
		for _, secret := range []string{testToken, r.box.HubSpot().Credentials().AccessToken, "@"} {
			if bytes.Contains([]byte(body), []byte(secret)) {
				t.Errorf("%s shows a secret or an address", path)
			}
		}
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}
