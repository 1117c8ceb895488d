package salesforce

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
)

// freshFor is how long Describe answers from memory.
const freshFor = 3 * time.Minute

// meta remembers what the organisation looks like. Reads and writes use what
// it holds, of whatever age: a field that went meanwhile makes a query fail,
// and then the object is described again.
type meta struct {
	api *api

	mu       sync.Mutex
	objects  map[string]*described
	prefixes map[string]string
	visible  map[string]bool
	listedAt time.Time
	unmapped map[string][]string // fields asked for that are not there, per object
	users    map[string]record.ActorKind
	usersAt  time.Time
	counts   map[string]int
	counted  time.Time
}

type described struct {
	mu      sync.Mutex // held while asking, so that many callers ask once
	sobject *sobject
	last    string // Last-Modified, for a conditional request
	at      time.Time
}

func newMeta(a *api) *meta {
	return &meta{api: a, objects: map[string]*described{}, prefixes: prefixes(), unmapped: map[string][]string{}, users: map[string]record.ActorKind{}}
}

func (m *meta) entry(name string) *described {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := m.objects[name]
	if d == nil {
		d = &described{}
		m.objects[name] = d
	}
	return d
}

// describe returns an object's description, not older than age; 0 is any age.
func (m *meta) describe(ctx context.Context, name string, age time.Duration) (*sobject, error) {
	d := m.entry(name)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sobject != nil && (age == 0 || time.Since(d.at) < age) {
		return d.sobject, nil
	}
	r := httpapi.Request{Method: http.MethodGet, Path: m.api.path("sobjects", name, "describe"), Op: "describe " + name, Object: name}
	if d.sobject != nil && d.last != "" {
		r.Header = http.Header{"If-Modified-Since": {d.last}}
	}
	res, err := m.api.client.Do(ctx, r)
	if err != nil {
		return nil, err
	}
	d.at = time.Now()
	if res.Status == http.StatusNotModified {
		return d.sobject, nil
	}
	s, err := parseDescribe(res.Body)
	if err != nil {
		return nil, err
	}
	d.sobject, d.last = s, res.Header.Get("Last-Modified")
	return s, nil
}

func parseDescribe(body []byte) (*sobject, error) {
	var s sobject
	if err := httpapi.Decode(body, &s); err != nil || s.Name == "" {
		return nil, malformed("a describe answer cannot be understood")
	}
	s.index()
	return &s, nil
}

// forget makes the next use of an object describe it again.
func (m *meta) forget(name string) {
	d := m.entry(name)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sobject, d.last = nil, ""
}

// list learns which objects may be seen and how their ids begin.
func (m *meta) list(ctx context.Context) (map[string]bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.visible != nil && time.Since(m.listedAt) < freshFor {
		return m.visible, nil
	}
	var g globalDescribe
	_, err := m.api.client.Do(ctx, httpapi.Request{Method: http.MethodGet, Path: m.api.path("sobjects"), Into: &g, Op: "list objects"})
	if err != nil {
		return nil, err
	}
	visible := make(map[string]bool, len(g.SObjects))
	known := prefixes()
	for _, s := range g.SObjects {
		visible[s.Name] = s.Queryable
		if _, standard := known[s.KeyPrefix]; !standard && s.KeyPrefix != "" {
			known[s.KeyPrefix] = s.Name
		}
	}
	m.visible, m.prefixes, m.listedAt = visible, known, time.Now()
	return visible, nil
}

func (m *meta) objectOf(id string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.prefixes[id[:prefixLen]]
}

// absent remembers the fields asked for that the object has not.
func (m *meta) absent(name string, s *sobject, asked []string) {
	gaps := func(f string) bool { return s.has(f) || isSynthetic(s, f) }
	if !slices.ContainsFunc(asked, func(f string) bool { return !gaps(f) }) {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range asked {
		if !gaps(f) && !slices.Contains(m.unmapped[name], f) {
			m.unmapped[name] = append(m.unmapped[name], f)
		}
	}
}

func isSynthetic(s *sobject, field string) bool {
	for _, f := range synthetic(s) {
		if f.Name == field {
			return true
		}
	}
	return false
}

// rows tells about how many rows an object has; unknown is -1. Salesforce
// counts all objects in one call, not to the row, which is enough to choose
// how to read them.
func (m *meta) rows(ctx context.Context, name string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counts == nil || time.Since(m.counted) > freshFor {
		counts, err := m.count(ctx)
		if err != nil {
			counts = map[string]int{}
		}
		m.counts, m.counted = counts, time.Now()
	}
	if n, ok := m.counts[name]; ok {
		return n
	}
	return -1
}

func (m *meta) count(ctx context.Context) (map[string]int, error) {
	var reply struct {
		SObjects []struct {
			Count int    `json:"count"`
			Name  string `json:"name"`
		} `json:"sObjects"`
	}
	_, err := m.api.client.Do(ctx, httpapi.Request{Method: http.MethodGet, Path: m.api.path("limits", "recordCount"), Into: &reply, Op: "count records"})
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int, len(reply.SObjects))
	for _, s := range reply.SObjects {
		counts[s.Name] = s.Count
	}
	return counts, nil
}

// hidden tells whether err means that the object is not there for us.
func hidden(err error) bool {
	return fault.Is(err, fault.Missing) || fault.Is(err, fault.Permission) || fault.Is(err, fault.Unsupported)
}
