package simkit_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

type twin struct {
	server  *simkit.Server
	faults  simkit.Faults
	counter simkit.Counter
	autos   simkit.Automations
	calls   atomic.Int64
	expired int
}

const answerBody = `{"answer":"forty-two"}`

func newTwin(t *testing.T) *twin {
	t.Helper()
	tw := &twin{}
	tw.server = simkit.NewServer(simkit.Config{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			tw.calls.Add(1)
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, answerBody)
		}),
		Faults: &tw.faults, Counter: &tw.counter, Automations: &tw.autos,
		Classify: func(r *http.Request) (simkit.Class, string) {
			if r.Method == http.MethodGet {
				return simkit.Read, r.URL.Path
			}
			return simkit.Write, r.URL.Path
		},
		ServerError: func(w http.ResponseWriter, status int) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "vendor says "+strconv.Itoa(status))
		},
		ExpireTokens: func() { tw.expired++ },
	})
	if err := tw.server.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tw.server.Close(); err != nil {
			t.Error(err)
		}
	})
	return tw
}

// got is what a caller of the twin has in the end.
type got struct {
	status int
	body   string
	header http.Header
}

func (tw *twin) do(ctx context.Context, t *testing.T, method, path, body string) (got, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, tw.server.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		return got{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return got{resp.StatusCode, string(text), resp.Header}, err
}

func TestTransportFaults(t *testing.T) {
	cases := []struct {
		fault  string
		calls  int
		broken bool
		status int
		check  func(body string, h http.Header) bool
	}{
		{`{"kind":"reset"}`, 0, true, 0, nil},
		{`{"kind":"reply_lost"}`, 1, true, 0, nil},
		{`{"kind":"truncate"}`, 1, true, 200, nil},
		{`{"kind":"html"}`, 0, false, 200, func(b string, _ http.Header) bool { return strings.HasPrefix(b, "<!doctype html>") }},
		{`{"kind":"html","value":"502"}`, 0, false, 502, nil},
		{`{"kind":"oversize","value":"3"}`, 0, false, 200, func(b string, _ http.Header) bool { return len(b) > 3<<20 }},
		{`{"kind":"gzip_bomb","value":"3"}`, 0, false, 200, func(b string, _ http.Header) bool { return len(b) > 3<<20 }},
		{`{"kind":"slow_body","latency_ms":1}`, 1, false, 200, func(b string, _ http.Header) bool { return b == answerBody }},
		{`{"kind":"redirect","value":"http://elsewhere.example/x"}`, 0, false, 302, func(_ string, h http.Header) bool { return h.Get("Location") == "http://elsewhere.example/x" }},
		{`{"kind":"server_error","value":"500"}`, 0, false, 500, func(b string, _ http.Header) bool { return b == "vendor says 500" }},
		{`{"kind":"latency","latency_ms":5}`, 1, false, 200, func(b string, _ http.Header) bool { return b == answerBody }},
	}
	for _, c := range cases {
		t.Run(c.fault, func(t *testing.T) {
			tw := newTwin(t)
			timed := strings.TrimSuffix(c.fault, "}") + `,"times":1}`
			if a, err := tw.do(t.Context(), t, "POST", "/__sim/fault", timed); a.status != 204 || err != nil {
				t.Fatalf("fault not accepted: %d %s %v", a.status, a.body, err)
			}
			a, err := tw.do(t.Context(), t, "POST", "/x", "{}")
			if (err != nil) != c.broken || a.status != c.status || tw.calls.Load() != int64(c.calls) {
				t.Fatalf("status %d, calls %d, err %v", a.status, tw.calls.Load(), err)
			}
			if c.check != nil && !c.check(a.body, a.header) {
				t.Fatalf("unexpected answer: %.80q %v", a.body, a.header)
			}
			if a, err := tw.do(t.Context(), t, "POST", "/x", "{}"); err != nil || a.body != answerBody {
				t.Fatalf("the fault outlived its one time: %q %v", a.body, err)
			}
		})
	}
}

func TestHangEndsWithTheCaller(t *testing.T) {
	tw := newTwin(t)
	tw.faults.Add(simkit.Fault{Kind: "hang"})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := tw.do(ctx, t, "GET", "/x", ""); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("want a deadline, got %v", err)
	}
}

func TestControlCallsAreNeitherCountedNorFaulted(t *testing.T) {
	tw := newTwin(t)
	tw.faults.Add(simkit.Fault{Kind: "reset"})
	if a, err := tw.do(t.Context(), t, "GET", "/__sim/counts", ""); err != nil || a.status != 200 || !strings.Contains(a.body, `"total":0`) {
		t.Fatalf("%d %s %v", a.status, a.body, err)
	}
	for path, want := range map[string]int{
		"/__sim/reset_faults": 204, "/__sim/expire_tokens": 204, "/__sim/reset_automations": 204, "/__sim/nothing": 404,
	} {
		if a, err := tw.do(t.Context(), t, "POST", path, ""); err != nil || a.status != want {
			t.Errorf("%s: %d %v", path, a.status, err)
		}
	}
	for path, body := range map[string]string{
		"/__sim/fault": `{"kind":"reset","tmies":1}`, "/__sim/automation": `{"kind":"rewrite_field"}`,
	} {
		if a, err := tw.do(t.Context(), t, "POST", path, body); err != nil || a.status != 400 {
			t.Errorf("%s took %s: %d %v", path, body, a.status, err)
		}
	}
	if _, err := tw.do(t.Context(), t, "GET", "/x", ""); err != nil || tw.expired != 1 {
		t.Fatalf("faults not reset or tokens not expired: %v %d", err, tw.expired)
	}
	if got := tw.counter.Counts(); got.Total != 1 || got.Reads != 1 || got.Routes["GET /x"] != 1 {
		t.Fatalf("%+v", got)
	}
}

func TestTake(t *testing.T) {
	faults := simkit.Faults{Alias: func(p string) string { return strings.Replace(p, "/v3/", "/2026-03/", 1) }}
	faults.Add(simkit.Fault{Kind: "lag", PathPrefix: "/crm/v3/objects", Method: "POST", After: 1, Times: 2})
	cases := []struct {
		method, path, kind string
		want               bool
	}{
		{"GET", "/crm/v3/objects", "lag", false},
		{"POST", "/crm/v3/objects", "row", false},
		{"POST", "/other", "lag", false},
		{"POST", "/crm/v3/objects", "lag", false}, // let pass by After
		{"POST", "/crm/2026-03/objects/x", "lag", true},
		{"POST", "/crm/v3/objects", "lag", true},
		{"POST", "/crm/v3/objects", "lag", false}, // used up
	}
	for i, c := range cases {
		if _, got := faults.Take(c.method, c.path, c.kind); got != c.want {
			t.Errorf("call %d: got %v", i, got)
		}
	}
}

func TestAutomations(t *testing.T) {
	var autos simkit.Automations
	autos.Add(simkit.Automation{Kind: simkit.RewriteField, Object: "contacts", Field: "a", Value: "upper:", Times: 1})
	autos.Add(simkit.Automation{Kind: simkit.Rival, Field: "b", Value: "prefix:x-"})
	if due := autos.For("contacts"); len(due) != 2 || due[0].Rewrite("ab") != "AB" || due[1].Rewrite("y") != "x-y" || due[1].Rewrite("x-y") != "x-y" {
		t.Fatalf("%+v", due)
	}
	if due := autos.For("contacts"); len(due) != 1 || due[0].Kind != simkit.Rival {
		t.Fatalf("%+v", due)
	}
}

func TestStartRefusesOtherHosts(t *testing.T) {
	s := simkit.NewServer(simkit.Config{Faults: &simkit.Faults{}, Counter: &simkit.Counter{}, Automations: &simkit.Automations{}})
	if err := s.Start("0.0.0.0:0"); err == nil {
		t.Fatal("a twin must not be reachable from other machines")
	}
}

func TestLatencyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := simkit.Middleware(simkit.Config{
			Handler: http.NotFoundHandler(), Faults: &simkit.Faults{}, Counter: &simkit.Counter{},
			Classify: func(*http.Request) (simkit.Class, string) { return simkit.Read, "/" },
			Latency:  20 * time.Millisecond,
		})
		start := time.Now()
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x/", http.NoBody)
		h.ServeHTTP(discard{}, req)
		if took := time.Since(start); took != 20*time.Millisecond {
			t.Fatalf("took %v", took)
		}
	})
}

type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
