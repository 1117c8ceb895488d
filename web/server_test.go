package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/tandem-sync/tandem/web"
)

func TestServerServesAndCloses(t *testing.T) {
	defer goleak.VerifyNone(t)
	l, err := web.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := web.Listen(t.Context(), l.Addr().String()); err == nil || !strings.Contains(err.Error(), "another program does") {
		t.Errorf("a port in use: %v", err)
	}
	s := web.NewServer(l, handler(busy()), zerolog.Nop())
	done := make(chan error, 1)
	go func() { done <- s.Serve() }()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func(header string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+"/healthz", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Long", header)
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}
	if code := ask("short"); code != http.StatusOK {
		t.Errorf("answered %d", code)
	}
	if code := ask(strings.Repeat("x", 64<<10)); code != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 64 KiB is answered %d", code)
	}
	if err := s.Close(t.Context(), 5*time.Second); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		":8484": "http://127.0.0.1:8484", "0.0.0.0:1": "http://127.0.0.1:1", "[::]:8484": "http://[::1]:8484",
		"127.0.0.1:8484": "http://127.0.0.1:8484", "tandem.internal:80": "http://tandem.internal:80",
	} {
		if got := web.URL(in); got != want {
			t.Errorf("URL(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestListenSaysWhatToChange(t *testing.T) {
	if _, err := web.Listen(t.Context(), "192.0.2.1:8484"); err == nil || !strings.Contains(err.Error(), "server.listen") {
		t.Errorf("an address of another machine: %v", err)
	}
}
