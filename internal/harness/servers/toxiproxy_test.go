package servers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/internal/harness/servers"
)

func TestToxiproxy(t *testing.T) {
	x := servers.NewToxiproxy(t)
	long := strings.Repeat("x", 10_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(long)) }))
	t.Cleanup(server.Close)
	link := x.Link(t, server.URL)
	for name, spoil := range map[string]func(){
		"down":      func() { link.Down(t, time.Second) },
		"truncated": func() { link.Poison(t, time.Second, "limit_data", map[string]int{"bytes": 10}) },
	} {
		if !servers.Answers(t.Context(), link.URL) {
			t.Fatalf("%s: it does not answer before", name)
		}
		done, bad := make(chan struct{}), false
		go func() { spoil(); close(done) }()
		for going := true; going; {
			select {
			case <-done:
				going = false
			default:
				bad = bad || !servers.Answers(t.Context(), link.URL)
			}
		}
		if !bad || !servers.Answers(t.Context(), link.URL) {
			t.Errorf("%s: every answer was good, or none is afterwards", name)
		}
	}
}
