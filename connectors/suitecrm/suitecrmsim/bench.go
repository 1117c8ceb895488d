package suitecrmsim

import (
	"maps"
	"strings"
	"time"
)

// Create makes a record as a person would, and returns its id.
func (t *Twin) Create(module string, values map[string]string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.user = ""
	return t.add(t.modules[module], "", t.now(), values).id
}

// Seed makes n records that were last modified at a moment; values tells those
// of the one at place i.
func (t *Twin) Seed(module string, n int, at time.Time, values func(i int) map[string]string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.user = ""
	ids := make([]string, n)
	for i := range ids {
		ids[i] = t.add(t.modules[module], "", column(at), values(i)).id
	}
	return ids
}

// Edit changes fields as a person would, past all that the API does to them;
// "" clears one.
func (t *Twin) Edit(module, id string, values map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.modules[module]
	if r := m.records[id]; r != nil {
		t.user = ""
		maps.Copy(r.values, values)
		t.changed(m, r)
	}
}

// Get returns the fields of a live record as they are held.
func (t *Twin) Get(module, id string) (values map[string]string, found bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.modules[module]
	r := m.records[id]
	if r == nil || r.values["deleted"] == "1" {
		return nil, false
	}
	values = map[string]string{}
	for _, f := range m.fields {
		values[f.Name] = t.value(m, r, f.Name)
	}
	return values, true
}

// Count returns how many live records there are.
func (t *Twin) Count(module string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.byID(t.modules[module]))
}

// Delete removes a record as a person would.
func (t *Twin) Delete(module, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.modules[module]
	if r := m.records[id]; r != nil {
		r.values["deleted"], m.sorted = "1", nil
	}
}

// Move gives a record another primary address as a person would; the old one
// is kept as a former one.
func (t *Twin) Move(module, id, address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.modules[module]
	r := m.records[id]
	r.former = append(r.former, r.emails...)
	r.emails = nil
	t.link(r, address, false)
	t.changed(m, r)
}

// OptOut is the link in a mail: it marks the address and no record.
func (t *Twin) OptOut(address string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a := t.addressOf(address); a != nil {
		a.values["opt_out"], a.values["date_modified"] = "1", t.now()
	}
}

// OptedOut tells whether an address opted out.
func (t *Twin) OptedOut(address string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.addressOf(strings.TrimSpace(address))
	return a != nil && a.values["opt_out"] == "1"
}
