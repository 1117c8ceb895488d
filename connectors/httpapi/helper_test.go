package httpapi_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// script answers calls in order, the last answer again and again, and keeps
// when they came. It stands in for the network, so that waiting is virtual.
type script struct {
	mu      sync.Mutex
	answers []answer
	at      []time.Time
	seen    []*http.Request
	bodies  []string
}

type answer struct {
	status int
	header map[string]string
	body   string
	err    error
	slow   time.Duration
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	s.mu.Lock()
	s.at, s.seen, s.bodies = append(s.at, time.Now()), append(s.seen, req), append(s.bodies, string(body))
	a := s.answers[min(len(s.at), len(s.answers))-1]
	s.mu.Unlock()
	select {
	case <-time.After(a.slow):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	if a.err != nil {
		return nil, a.err
	}
	return reply(req, a), nil
}

func reply(req *http.Request, a answer) *http.Response {
	h := http.Header{"Content-Type": {"application/json"}}
	for name, value := range a.header {
		h.Set(name, value)
	}
	return &http.Response{
		StatusCode: a.status, Header: h, Request: req, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(a.body)), ContentLength: -1,
	}
}

func (s *script) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at)
}

func ok() answer { return answer{status: http.StatusOK, body: `{"id":"1"}`} }

func status(code int, header ...string) answer {
	a := answer{status: code, body: `{"message":"no"}`, header: map[string]string{}}
	for i := 0; i+1 < len(header); i += 2 {
		a.header[header[i]] = header[i+1]
	}
	return a
}

var errReset = errors.New("read tcp 10.1.2.3:443: connection reset by peer")

func client(t *testing.T, wire http.RoundTripper, p httpapi.Profile) *httpapi.Client {
	t.Helper()
	c, err := httpapi.New(httpapi.Env{Transport: wire}, p, "crm", "https://api.example.com", httpapi.ServiceKey(secret.New("canary-key-1")))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func get() httpapi.Request {
	return httpapi.Request{Path: "/contacts?email=canary@person.example", Op: "read contacts"}
}

func post() httpapi.Request {
	return httpapi.Request{Method: http.MethodPost, Path: "/contacts", Body: map[string]string{"email": "canary@person.example"}, Op: "create contact"}
}

func class(t *testing.T, err error, want fault.Class) *fault.Error {
	t.Helper()
	f, isFault := errors.AsType[*fault.Error](err)
	if !isFault || f.Class != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	for _, leak := range []string{"canary", "person.example", "email="} {
		if strings.Contains(err.Error(), leak) {
			t.Errorf("the error shows %q: %v", leak, err)
		}
	}
	return f
}
