package hubspotsim_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
)

// portal is a twin and a client that has its key.
type portal struct {
	*hubspotsim.Twin
	t     *testing.T
	token string
}

func newPortal(t *testing.T, opt hubspotsim.Options) *portal {
	t.Helper()
	tw := hubspotsim.New(opt)
	if err := tw.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tw.Close(); err != nil {
			t.Error(err)
		}
	})
	return &portal{tw, t, tw.Credentials().AccessToken}
}

type reply struct {
	status int
	header http.Header
	body   map[string]any
	raw    string
}

func (p *portal) send(method, path string, body any) reply {
	p.t.Helper()
	var in io.Reader = http.NoBody
	kind := "application/json"
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	case url.Values:
		in, kind = strings.NewReader(b.Encode()), "application/x-www-form-urlencoded"
	default:
		text, err := json.Marshal(b)
		if err != nil {
			p.t.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.URL()+path, in)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	req.Header.Set("Content-Type", kind)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header, raw: string(text)}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &r.body); err != nil {
			p.t.Fatalf("%s %s answered no JSON: %.200s", method, path, text)
		}
	}
	return r
}

func (p *portal) want(status int, method, path string, body any) reply {
	p.t.Helper()
	r := p.send(method, path, body)
	if r.status != status {
		p.t.Fatalf("%s %s: want %d, got %d %.600s", method, path, status, r.status, r.raw)
	}
	return r
}

func (p *portal) contact(props map[string]string) string {
	p.t.Helper()
	return p.make("contacts", props)
}

func (p *portal) make(object string, props map[string]string) string {
	p.t.Helper()
	id, err := p.Create(object, props)
	if err != nil {
		p.t.Fatal(err)
	}
	return id
}

func (p *portal) seed(n int) int64 {
	p.t.Helper()
	first, err := p.BulkSeed("contacts", []string{"email", "firstname"}, n, func(i int, row []string) {
		row[0] = "p" + itoa(i) + "@example.com"
		row[1] = "P" + itoa(i)
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return first
}

func itoa(n int) string {
	b, _ := json.Marshal(n)
	return string(b)
}

// at walks a decoded answer: keys and indexes.
func (r reply) at(path ...any) any {
	var v any = r.body
	for _, p := range path {
		switch k := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[k]
		case int:
			l, _ := v.([]any)
			if k >= len(l) {
				return nil
			}
			v = l[k]
		}
	}
	return v
}

func (r reply) ids() []string {
	var ids []string
	list, _ := r.body["results"].([]any)
	for _, row := range list {
		m, _ := row.(map[string]any)
		id, _ := m["id"].(string)
		ids = append(ids, id)
	}
	return ids
}

func (r reply) after() string {
	s, _ := r.at("paging", "next", "after").(string)
	return s
}

type m = map[string]any

type rows = []any
