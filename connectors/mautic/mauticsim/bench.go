package mauticsim

import (
	"maps"
	"time"
)

// Create makes a record as a person would, and returns its id.
func (t *Twin) Create(object string, fields map[string]string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return itoa(t.kinds[object].add(t.now(), fields).id)
}

// Seed makes n records; fields tells those of the one at place i. Every second
// one was changed since it was made, the others have no dateModified.
func (t *Twin) Seed(object string, n int, at time.Time, fields func(i int) map[string]string) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	k, ids := t.kinds[object], make([]string, n)
	for i := range ids {
		r := k.add(column(at), fields(i))
		if i%2 == 1 {
			r.modified = r.added
		}
		ids[i] = itoa(r.id)
	}
	return ids
}

// Edit changes fields as a person would; "" clears one.
func (t *Twin) Edit(object, id string, fields map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.kinds[object]
	if r := k.byID[idOf(id)]; r != nil {
		k.set(r, fields)
		r.modified = t.now()
	}
}

// Get returns the fields of a record.
func (t *Twin) Get(object, id string) (fields map[string]string, found bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.kinds[object].byID[idOf(id)]
	if r == nil {
		return nil, false
	}
	return maps.Clone(r.fields), true
}

// Count returns how many records there are.
func (t *Twin) Count(object string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.kinds[object].order)
}

// Delete removes a record as a person would.
func (t *Twin) Delete(object, id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.kinds[object].byID[idOf(id)]; r != nil {
		t.delete(t.kinds[object], r, "person")
	}
}

// Merge makes one contact out of two and returns the winner's id.
func (t *Twin) Merge(winner, loser string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.kinds["contacts"]
	t.merge(k.byID[idOf(winner)], k.byID[idOf(loser)])
	return winner
}

// OptOut notes that a contact must not be contacted: reason 1 is the person's
// own wish, 2 a bounce, 3 by hand.
func (t *Twin) OptOut(id, channel string, reason int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.addOptOut(t.kinds["contacts"].byID[idOf(id)], channel, reason)
}

// OptedOut returns the reason why a contact must not be contacted; 0 is none.
func (t *Twin) OptedOut(id, channel string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r := t.kinds["contacts"].byID[idOf(id)]; r != nil {
		for _, o := range r.optOuts {
			if o.channel == channel {
				return o.reason
			}
		}
	}
	return 0
}

// Listed is a segment, campaign, e-mail, stage or user.
type Listed struct {
	ID   int64
	Name string
}

// AddListed adds a segment, campaign, e-mail, stage or user.
func (t *Twin) AddListed(object string, l Listed) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lists[object] = append(t.lists[object], l)
}

// AddStat adds a row to a statistics table, whose id is given if it has one.
func (t *Twin) AddStat(table string, row map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tables[table].add(row)
}
