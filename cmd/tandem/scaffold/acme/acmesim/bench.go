package acmesim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

func (t *Twin) add(fields map[string]string, at time.Time) *contact {
	t.next++
	c := &contact{id: t.next, fields: map[string]string{}, created: at}
	t.order = append(t.order, c)
	t.byID[strconv.FormatInt(c.id, 10)] = c
	t.set(c, fields, at)
	c.updated = at
	return c
}

// set stores fields and keeps the index of addresses.
func (t *Twin) set(c *contact, fields map[string]string, at time.Time) {
	for name, v := range fields {
		if c.fields[name] == v {
			continue
		}
		if name == "email" {
			delete(t.byEmail, strings.ToLower(c.fields[name]))
			if v != "" {
				t.byEmail[strings.ToLower(v)] = c
			}
		}
		c.fields[name], c.updated = v, at
	}
}

func (t *Twin) forget(id string) bool {
	c := t.byID[id]
	if c == nil {
		return false
	}
	delete(t.byID, id)
	delete(t.byEmail, strings.ToLower(c.fields["email"]))
	t.order = slices.DeleteFunc(t.order, func(x *contact) bool { return x == c })
	t.deletions = append(t.deletions, deletion{int64(len(t.deletions) + 1), id, t.now()})
	return true
}

// Seed makes n contacts that were last changed at one moment.
func (t *Twin) Seed(n int, at time.Time) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	ids := make([]string, n)
	for i := range ids {
		c := t.add(map[string]string{"email": "seed" + strconv.FormatInt(t.next, 10) + "@example.com"}, at.Truncate(time.Millisecond))
		ids[i] = strconv.FormatInt(c.id, 10)
	}
	return ids
}

// Edit changes a field as a person would; "" clears it.
func (t *Twin) Edit(id, field, value string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.byID[id]; c != nil {
		t.set(c, map[string]string{field: value}, t.now())
	}
}

// Value returns what a live contact holds.
func (t *Twin) Value(id, field string) (value string, live bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.byID[id]
	if c == nil {
		return "", false
	}
	return c.fields[field], true
}

// Count returns how many contacts there are.
func (t *Twin) Count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.order)
}

// Delete removes a contact as a person would.
func (t *Twin) Delete(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.forget(id)
}
