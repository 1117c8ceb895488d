package trytonsim

import (
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// Seed makes n parties that have an address of a city to come; email tells the
// e-mail address of the one at place i.
func (t *Twin) Seed(n int, at time.Time, email func(i int) string) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	x, made := t.transaction(t.users[1].id), make([]int64, n)
	x.at = at.UTC().Truncate(time.Microsecond)
	for i := range made {
		made[i] = x.insert("party.party", fields{"name": "Seed"})
		x.insert("party.contact_mechanism", fields{"party": made[i], "type": "email", "value": email(i)})
	}
	return made
}

// Edit changes fields of a record as a person does, now.
func (t *Twin) Edit(model string, id int64, values map[string]any) {
	t.EditSince(model, id, values, time.Time{})
}

// EditSince is an edit by a transaction that began at a moment; zero is now.
func (t *Twin) EditSince(model string, id int64, values map[string]any, begun time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.transaction(t.users[1].id)
	if !begun.IsZero() {
		x.at = begun.UTC().Truncate(time.Microsecond)
	}
	x.set(model, id, values)
}

// Add makes a record as a person does.
func (t *Twin) Add(model string, values map[string]any) int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.transaction(t.users[1].id).insert(model, values)
}

// Get returns a field of a record.
func (t *Twin) Get(model string, id int64, field string) (v any, found bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	row, found := t.models[model].rows[id]
	return row[field], found
}

// Below returns the ids of what belongs to a party: contact_mechanisms,
// addresses or categories.
func (t *Twin) Below(id int64, field string) []int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.many("party.party", id, t.models["party.party"].relations[field])
}

// Count returns how many records a model has that are not archived.
func (t *Twin) Count(model string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.active(model, t.search(model, nil)))
}

// Delete removes a record without a trace.
func (t *Twin) Delete(model string, id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.models[model].drop(id)
}

// Press presses a button of a record.
func (t *Twin) Press(model, button string, id int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_ = t.transaction(t.users[1].id).press(model, button, []int64{id}) // a test sees what came of it
}

// Clock is Tryton's.
func (t *Twin) Clock() *simkit.Clock { return t.clock }

// Now is the moment by that clock.
func (t *Twin) Now() time.Time { return t.clock.Now() }
