package web_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/web"
)

func TestThePageShowsEverything(t *testing.T) {
	f := busy()
	f.status.Waiting = "fedcba9876543210"
	f.status.Refused = []string{"tandem.yaml:3:1: error: unknown key"}
	f.status.Breakers = []web.Breaker{{Rule: "opt_outs", System: "hubspot", Object: "contacts", Field: "email_opt_out", N: 5000, Of: 20000, Limit: "5% at once"}}
	body := get(t, handler(f), "/").Body.String()
	for _, want := range []string{
		"A breaker is open", "opt outs", "5,000 of 20,000 rows, allowed 5% at once", "tandem.yaml:3:1: error: unknown key", "fedcba98", "01234567",
		"1,234,567", "3 min 20 s", "2 h", "not read yet", "never", "4711", "read only",
		"the scope automation is missing", "workflow names stay empty", "contacts.hs_lead_status",
		"12,345", "12,000", "INVALID_EMAIL_ADDRESS on Email", "&lt;b&gt;not", "and 4 more causes", "2 d 2 h ago",
		"sync hubspot&#43;salesforce", "in 2 min", "1,200 slots passed over", "paused", "no such folder",
		"1,500", "1.5 s", "salesforce Lead: unauthorised", "and 1 more", "v1.2.3", "1 d 2 h", `http-equiv="refresh"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if regexp.MustCompile(`(?i)<script|<style| style=| on[a-z]+=`).MatchString(body) {
		t.Error("the page holds what its own policy forbids")
	}
}

func TestHeadline(t *testing.T) {
	cases := []struct {
		name string
		set  func(*web.Status)
		want string
	}{
		{"all well", func(s *web.Status) { s.Runs = s.Runs[:2] }, "In step"},
		{"failed", func(s *web.Status) { s.Runs = s.Runs[2:] }, "The last run failed"},
		{"no run", func(s *web.Status) { s.Runs = nil }, "No run has ended yet"},
		{"never applied", func(s *web.Status) { s.Applied = false }, "Waiting for the first apply"},
		{"waiting", func(s *web.Status) { s.Waiting = "x" }, "A new revision waits for apply"},
		{"refused", func(s *web.Status) { s.Refused = []string{"x"} }, "The new configuration is refused"},
		{"draining", func(s *web.Status) { s.Draining = true }, "Stopping"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := busy()
			c.set(&f.status)
			if body := get(t, handler(f), "/").Body.String(); !strings.Contains(body, `role="status">`+c.want+"</p>") {
				t.Errorf("the headline is not %q", c.want)
			}
		})
	}
}

func TestAnEmptyDaemonHasAPage(t *testing.T) {
	w := get(t, handler(&fake{}), "/")
	for _, want := range []string{"No system is configured.", "Nothing is held.", "Nothing has run yet.", "nothing runs by itself"} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page of an empty daemon does not say %q", want)
		}
	}
}

func TestPathsAndHeaders(t *testing.T) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "tandem_probe", Help: "A probe."}))
	h := handler(busy(), func(o *web.Options) { o.Metrics = reg })
	cases := []struct {
		path string
		code int
		kind string
		body string
	}{
		{"/", 200, "text/html; charset=utf-8", "<!doctype html>"},
		{"/style.css", 200, "text/css; charset=utf-8", "prefers-color-scheme: dark"},
		{"/icon.svg", 200, "image/svg+xml", "<svg"},
		{"/api/v1/status", 200, "application/json", `"revision": "0123456789abcdef"`},
		{"/healthz", 200, "text/plain; charset=utf-8", "ok"},
		{"/readyz", 200, "text/plain; charset=utf-8", "ok"},
		{"/metrics", 200, "text/plain", "tandem_probe 0"},
		{"/nothing", 404, "text/plain; charset=utf-8", ""},
		{"/static/style.css", 404, "text/plain; charset=utf-8", ""},
		{"/api/v1/trigger", 405, "text/plain; charset=utf-8", ""},
	}
	for _, c := range cases {
		t.Run(c.path, func(t *testing.T) {
			w := get(t, h, c.path)
			if w.Code != c.code || !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) || !strings.Contains(w.Body.String(), c.body) {
				t.Errorf("%d %s %.200s", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
			policy := w.Header().Get("Content-Security-Policy")
			if strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") || !strings.Contains(policy, "default-src 'none'") {
				t.Errorf("policy %q", policy)
			}
		})
	}
}

func TestStatusJSONRoundTrips(t *testing.T) {
	f := busy()
	var got web.Status
	if err := json.Unmarshal(get(t, handler(f), "/api/v1/status").Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Holds[0].N != 12345 || len(got.Systems) != 2 || !got.Systems[0].LastSuccess.Equal(f.status.Systems[0].LastSuccess) || got.Jobs[1].Paused != true {
		t.Errorf("the JSON lost something: %+v", got)
	}
}

func TestWhatIsNotReadySaysWhy(t *testing.T) {
	f := busy()
	f.ready, f.err = errors.New("draining: no more"), errors.New("the ledger cannot be read: disk gone")
	h := handler(f)
	for path, want := range map[string]string{"/readyz": "draining: no more", "/": "disk gone", "/api/v1/status": "disk gone"} {
		if w := get(t, h, path); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := get(t, h, "/healthz"); w.Code != http.StatusOK {
		t.Errorf("/healthz is %d: a daemon that is alive must not be restarted", w.Code)
	}
}

func TestActions(t *testing.T) {
	bearer := map[string]string{"Authorization": "Bearer " + token}
	with := func(k, v string) map[string]string {
		return map[string]string{"Authorization": "Bearer " + token, k: v}
	}
	cases := []struct {
		name, path, body string
		headers          map[string]string
		code             int
	}{
		{"trigger", "trigger", `{"job":"sweep"}`, bearer, 202},
		{"pause", "pause", `{"job":"sweep"}`, bearer, 202},
		{"resume", "resume", `{"job":"sweep"}`, bearer, 202},
		{"the scheme in small letters", "resume", `{"job":"sweep"}`, map[string]string{"Authorization": "bearer " + token}, 202},
		{"same origin", "trigger", `{"job":"sweep"}`, with("Sec-Fetch-Site", "same-origin"), 202},
		{"another site", "trigger", `{"job":"sweep"}`, with("Sec-Fetch-Site", "cross-site"), 403},
		{"another origin", "trigger", `{"job":"sweep"}`, with("Origin", "https://evil.example"), 403},
		{"no token", "trigger", `{"job":"sweep"}`, nil, 401},
		{"wrong token", "trigger", `{"job":"sweep"}`, map[string]string{"Authorization": "Bearer wrong"}, 401},
		{"basic", "trigger", `{"job":"sweep"}`, map[string]string{"Authorization": "Basic " + token}, 401},
		{"unknown job", "trigger", `{"job":"other"}`, bearer, 404},
		{"unknown action", "erase", `{"job":"sweep"}`, bearer, 404},
		{"no job", "trigger", `{}`, bearer, 400},
		{"unknown key", "trigger", `{"job":"sweep","force":true}`, bearer, 400},
		{"two values", "trigger", `{"job":"sweep"}{"job":"sweep"}`, bearer, 400},
		{"not JSON", "trigger", `job=sweep`, bearer, 400},
		{"too much", "trigger", `{"job":"` + strings.Repeat("x", 8<<10) + `"}`, bearer, 400},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := busy()
			w := post(t, handler(f), "/api/v1/"+c.path, c.body, c.headers)
			if w.Code != c.code {
				t.Errorf("answered %d, want %d: %s", w.Code, c.code, w.Body)
			}
			if acted := len(f.acts) == 1 && f.acts[0] == c.path; acted != (c.code == 202) {
				t.Errorf("acts: %v", f.acts)
			}
		})
	}
}

func TestWithoutATokenThereAreNoActions(t *testing.T) {
	for name, token := range map[string]secret.Secret{"none": {}, "empty": secret.New("")} {
		t.Run(name, func(t *testing.T) {
			f := busy()
			h := handler(f, func(o *web.Options) { o.Token = token })
			for _, path := range []string{"trigger", "pause", "resume"} {
				w := post(t, h, "/api/v1/"+path, `{"job":"sweep"}`, map[string]string{"Authorization": "Bearer "})
				if w.Code != http.StatusNotFound || len(f.acts) > 0 {
					t.Errorf("%s: %d, acts %v", path, w.Code, f.acts)
				}
			}
		})
	}
}
