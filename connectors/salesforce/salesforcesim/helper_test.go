package salesforcesim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

// client is an ordinary caller with a token.
type client struct {
	t     *testing.T
	twin  *salesforcesim.Twin
	token string
}

// answer is a reply read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

func start(t *testing.T, opt salesforcesim.Options) *client {
	t.Helper()
	twin, err := salesforcesim.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := twin.Close(); err != nil {
			t.Error(err)
		}
	})
	c := &client{t: t, twin: twin}
	c.login()
	return c
}

func (c *client) login() {
	c.t.Helper()
	a := c.form("/services/oauth2/token", "grant_type", "client_credentials", "client_id", c.twin.ClientID, "client_secret", c.twin.ClientSecret)
	if a.status != http.StatusOK {
		c.t.Fatalf("token: %d %s", a.status, a.body)
	}
	c.token, _ = a.json().(map[string]any)["access_token"].(string)
}

func (c *client) form(path string, pairs ...string) answer {
	c.t.Helper()
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return c.do(http.MethodPost, path, v.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// do calls the twin; a path without a leading slash is below v67.0.
func (c *client) do(method, path, body string, headers ...string) answer {
	c.t.Helper()
	a, err := c.try(method, path, body, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

func (c *client) try(method, path, body string, headers ...string) (answer, error) {
	if !strings.HasPrefix(path, "/") {
		path = "/services/data/v67.0/" + path
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.twin.URL()+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	hc := &http.Client{Timeout: 20 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer hc.CloseIdleConnections()
	resp, err := hc.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(b)}, err
}

func (a answer) json() any {
	var v any
	dec := json.NewDecoder(bytes.NewReader([]byte(a.body)))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return nil
	}
	return v
}

// at follows keys and indexes into the JSON.
func (a answer) at(path ...any) any {
	v := a.json()
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

func (a answer) list(path ...any) []any {
	l, _ := a.at(path...).([]any)
	return l
}

func (c *client) query(soql string) answer {
	c.t.Helper()
	return c.do(http.MethodGet, "query?q="+url.QueryEscape(soql), "")
}

func (c *client) lead(last, email string) string {
	c.t.Helper()
	f := salesforcesim.Fields{"LastName": last, "Company": "Acme"}
	if email != "" {
		f["Email"] = email
	}
	id, err := c.twin.Create("Lead", f, "")
	if err != nil {
		c.t.Fatal(err)
	}
	return id
}

func (c *client) fault(f simkit.Fault) { c.twin.Faults.Add(f) }

// expect fails the test unless the answer has this status and text.
func (c *client) expect(what string, a answer, status int, texts ...string) answer {
	c.t.Helper()
	if a.status != status {
		c.t.Fatalf("%s: status %d, want %d: %s", what, a.status, status, a.body)
	}
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			c.t.Fatalf("%s: %q is not in %s", what, text, a.body)
		}
	}
	return a
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
