package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/web"
)

// fake is a daemon of which the tests say how it stands.
type fake struct {
	status web.Status
	err    error
	ready  error
	acts   []string
}

func (f *fake) Status(context.Context) (web.Status, error) { return f.status, f.err }
func (f *fake) Ready(context.Context) error                { return f.ready }
func (f *fake) Trigger(job string) bool                    { return f.act("trigger", job) }
func (f *fake) Pause(job string) bool                      { return f.act("pause", job) }
func (f *fake) Resume(job string) bool                     { return f.act("resume", job) }

func (f *fake) act(what, job string) bool {
	if job != "sweep" {
		return false
	}
	f.acts = append(f.acts, what)
	return true
}

// busy is a daemon with something of everything.
func busy() *fake {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	return &fake{status: web.Status{
		Version: "v1.2.3", At: now, Started: ago(26 * time.Hour), Revision: "0123456789abcdef", Applied: true,
		Systems: []web.System{
			{
				Name: "hubspot", Type: "hubspot", Role: "marketing", Account: "4711", LastSuccess: ago(3 * time.Minute),
				Objects: []web.Object{
					{Name: "contacts", As: "person", Links: 1234567, CompleteTo: ago(200 * time.Second), LagSeconds: 200},
					{Name: "deals", As: "deal", Links: 88, CompleteTo: ago(2 * time.Hour), LagSeconds: 7200, ReadOnly: true},
				},
				Gaps:     []web.Gap{{Object: "contacts", What: "the scope automation is missing", Effect: "workflow names stay empty"}},
				Observed: []string{"contacts.hs_lead_status"},
			},
			{Name: "salesforce", Type: "salesforce", Role: "sales", Account: "00D000000000001", Objects: []web.Object{{Name: "Lead", As: "person"}}},
		},
		Holds: []web.Holds{{
			Reason: "quarantined", N: 12345, More: 4,
			Groups: []web.HoldGroup{{System: "salesforce", Object: "Lead", Cause: "INVALID_EMAIL_ADDRESS on Email", Detail: "<b>not</b> bold", N: 12000, Oldest: ago(50 * time.Hour)}},
		}, {Reason: "pending", N: 3, Groups: []web.HoldGroup{{System: "hubspot", Cause: "rate_limited", N: 3, Oldest: ago(time.Minute)}}}},
		Jobs: []web.Job{
			{Name: "sync hubspot+salesforce", Next: now.Add(2 * time.Minute), Last: ago(3 * time.Minute), Running: true, Skipped: 1200},
			{Name: "sweep", Next: now.Add(17 * time.Minute), Paused: true},
			{Name: "sync csv", Error: "1 objects could not be read; the first: csv leads: no such folder", Last: ago(time.Hour)},
		},
		Runs: []web.Run{
			{ID: "r3", Kind: "sync", Started: ago(time.Second * 20)},
			{ID: "r2", Kind: "sync", Started: ago(3 * time.Minute), Ended: ago(3*time.Minute - 1500*time.Millisecond), Outcome: "ok", Created: 1000, Updated: 500, Unsent: 7},
			{ID: "r1", Kind: "sync", Started: ago(8 * time.Minute), Ended: ago(7 * time.Minute), Outcome: "failed", Failures: []string{"salesforce Lead: unauthorised", "another"}},
		},
	}}
}

const token = "correct horse battery staple"

func handler(f *fake, with ...func(*web.Options)) http.Handler {
	o := web.Options{Source: f, Control: f, Token: secret.New(token), Metrics: prometheus.NewRegistry(), Log: zerolog.Nop()}
	for _, w := range with {
		w(&o)
	}
	return web.Handler(o)
}

func get(t *testing.T, h http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody))
	return w
}

func post(t *testing.T, h http.Handler, path, body string, headers map[string]string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
