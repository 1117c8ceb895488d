package servers

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"
)

// Toxiproxy is a real proxy that makes connections bad on demand.
type Toxiproxy struct {
	*Running

	api string
}

// NewToxiproxy starts a toxiproxy 2.5.0.
func NewToxiproxy(t *testing.T) *Toxiproxy {
	t.Helper()
	need(t)
	port := strconv.Itoa(FreePort(t))
	x := &Toxiproxy{api: "http://127.0.0.1:" + port}
	x.Running = Start(t, Process{
		Name:    "toxiproxy",
		Command: []string{buildTool(t, "github.com/Shopify/toxiproxy/v2/cmd/server"), "-host", "127.0.0.1", "-port", port},
		Ready:   func(ctx context.Context) bool { return Answers(ctx, x.api+"/version") },
	})
	return x
}

// Link is a way to a server that can be made bad.
type Link struct {
	URL string // takes the place of the server's address

	x    *Toxiproxy
	name string
}

// Link opens a way to the server at an address, as in http://127.0.0.1:9000.
func (x *Toxiproxy) Link(t *testing.T, server string) *Link {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	l := &Link{x: x, name: "link-" + u.Port()}
	listen := "127.0.0.1:" + strconv.Itoa(FreePort(t))
	x.call(t, http.MethodPost, "/proxies", map[string]any{"name": l.name, "listen": listen, "upstream": u.Host, "enabled": true})
	u.Host = listen
	l.URL = u.String()
	return l
}

// Down ends all connections and refuses new ones for a time.
func (l *Link) Down(t *testing.T, d time.Duration) {
	t.Helper()
	enable := func(on bool) {
		t.Helper()
		l.x.call(t, http.MethodPost, "/proxies/"+l.name, map[string]any{"enabled": on})
	}
	enable(false)
	pause(t.Context(), d)
	enable(true)
}

// Poison makes the server's replies bad for a time. Kinds and attributes are
// toxiproxy's: latency (latency, jitter, in ms), reset_peer (timeout, in ms),
// limit_data (bytes), slow_close (delay, in ms).
func (l *Link) Poison(t *testing.T, d time.Duration, kind string, attributes map[string]int) {
	t.Helper()
	path := "/proxies/" + l.name + "/toxics"
	l.x.call(t, http.MethodPost, path, map[string]any{"name": kind, "type": kind, "stream": "downstream", "attributes": attributes})
	pause(t.Context(), d)
	l.x.call(t, http.MethodDelete, path+"/"+kind, nil)
}

func (x *Toxiproxy) call(t *testing.T, method, path string, body any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, x.api+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Timeout: time.Minute}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(res.Body)
	if closed := res.Body.Close(); err != nil || closed != nil || res.StatusCode >= http.StatusBadRequest {
		t.Fatalf("toxiproxy: %s %s: %s: %s (%v)", method, path, res.Status, answer, err)
	}
}
