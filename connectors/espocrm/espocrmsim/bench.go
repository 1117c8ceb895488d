package espocrmsim

import (
	"maps"
	"strings"
	"time"
)

// Create makes a record as a person would, and returns its id.
func (t *Twin) Create(entity string, attrs map[string]any) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.user = ""
	return t.add(t.entities[entity], t.now(), attrs).id
}

// Seed makes n records that were last modified at a moment; attrs tells those
// of the one at place i.
func (t *Twin) Seed(entity string, n int, at time.Time, attrs func(i int) map[string]any) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.user = ""
	ids := make([]string, n)
	for i := range ids {
		ids[i] = t.add(t.entities[entity], column(at), attrs(i)).id
	}
	return ids
}

// Edit changes attributes as a person would; nil clears one.
func (t *Twin) Edit(entity, id string, attrs map[string]any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.entities[entity]
	if r := e.records[id]; r != nil {
		t.user = ""
		for name, v := range attrs {
			t.set(e, r, name, v)
		}
		t.setEmail(r, attrs, editing)
		t.changed(e, r)
	}
}

// Get returns all attributes of a record.
func (t *Twin) Get(entity, id string) (attrs map[string]any, found bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.entities[entity].records[id]
	if r == nil {
		return nil, false
	}
	return maps.Clone(t.render(r, nil)), true
}

// Text returns an attribute as text; "" if it is null.
func (t *Twin) Text(entity, id, name string) string {
	attrs, _ := t.Get(entity, id)
	return plain(attrs[name])
}

// Count returns how many records there are.
func (t *Twin) Count(entity string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.entities[entity].records)
}

// Delete removes a record as a person would.
func (t *Twin) Delete(entity, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.entities[entity].records, id)
	t.entities[entity].sorted = nil
}

// Merge removes the loser and marks the winner as changed, which is all that
// EspoCRM's merge leaves of it.
func (t *Twin) Merge(entity, loser, winner string) string {
	t.Delete(entity, loser)
	t.Edit(entity, winner, nil)
	return winner
}

// AddEmail gives a record a further address.
func (t *Twin) AddEmail(entity, id, email string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	lower := strings.ToLower(email)
	if t.addresses[lower] == nil {
		t.addresses[lower] = &address{name: email}
	}
	r := t.entities[entity].records[id]
	r.emails = append(r.emails, lower)
}

// Unsubscribe is the link in a mail: it marks the address, moves no record's
// modifiedAt and leaves a line in the campaign's log.
func (t *Twin) Unsubscribe(entity, id, campaign string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.primary(t.entities[entity].records[id]).optOut = true
	t.entities[entity].sorted = nil
	t.log(entity, id, campaign, "Opted Out")
}

// Log adds a line to a campaign's log.
func (t *Twin) Log(entity, id, campaign, action string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.log(entity, id, campaign, action)
}

func (t *Twin) log(entity, id, campaign, action string) {
	t.user = ""
	t.add(t.entities["CampaignLogRecord"], t.now(), map[string]any{
		"action": action, "actionDate": t.now(), "campaignId": orNull(campaign), "parentType": entity, "parentId": id,
	})
}
