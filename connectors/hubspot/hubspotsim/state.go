package hubspotsim

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// ErrNoRecord says that no live record has the id given.
var ErrNoRecord = errors.New("no such record in the simulated portal")

// Object is a record as tests see it: every stored value and the derived ones
// that HubSpot would answer with.
type Object struct {
	ID                string
	Properties        map[string]string
	Created, Modified int64
	Archived          bool
	MergedIDs         []string
}

// Create makes a record as a person would in HubSpot's own pages; values are
// checked as API values are.
func (t *Twin) Create(object string, props map[string]string) (string, error) {
	return t.CreateAs(object, props, UserActor(userID))
}

// CreateAs makes a record as this actor.
func (t *Twin) CreateAs(object string, props map[string]string, by Actor) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	tb := t.table(object)
	if tb == nil {
		return "", fmt.Errorf("simulated portal has no object %q", object)
	}
	clean, bad := t.check(tb, nil, props)
	if bad != nil {
		return "", tb.whole(bad)
	}
	r := t.create(tb, clean, &by)
	t.settle()
	return itoa(r.id), nil
}

// Edit changes values of a live record as this actor.
func (t *Twin) Edit(object, id string, props map[string]string, by Actor) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	tb, r, err := t.live(object, id)
	if err != nil {
		return err
	}
	clean, bad := t.check(tb, r, props)
	if bad != nil {
		return tb.whole(bad)
	}
	t.update(tb, r, clean, &by)
	t.settle()
	return nil
}

// Archive puts a record into the recycling bin.
func (t *Twin) Archive(object, id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	tb, r, err := t.live(object, id)
	if err != nil {
		return err
	}
	tb.hide(r, t.now())
	return nil
}

// Restore takes a record out of the recycling bin.
func (t *Twin) Restore(object, id string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	tb := t.table(object)
	if tb == nil {
		return fmt.Errorf("object %q: %w", object, ErrNoRecord)
	}
	r := tb.find(number(id))
	if r == nil || r.archived == 0 {
		return fmt.Errorf("%s %s is not in the recycling bin: %w", tb.singular, id, ErrNoRecord)
	}
	tb.show(r, t.now())
	return nil
}

// Merge merges a record into a primary one and returns the id of the new
// record that takes the place of both.
func (t *Twin) Merge(object, primary, loser string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	tb, a, err := t.live(object, primary)
	if err != nil {
		return "", err
	}
	_, b, err := t.live(object, loser)
	if err != nil {
		return "", err
	}
	by := UserActor(userID)
	return itoa(t.merge(tb, a, b, &by).id), nil
}

// Get returns a record, archived ones included; old ids of merged records are
// followed as HubSpot follows them.
func (t *Twin) Get(object, id string) (Object, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	tb := t.table(object)
	if tb == nil {
		return Object{}, false
	}
	r := tb.resolve(number(id))
	if r == nil {
		return Object{}, false
	}
	return t.object(tb, r), true
}

// Each calls f with every record in order of id, archived ones included, until
// f returns false. The portal stands still meanwhile: f must not call it.
func (t *Twin) Each(object string, f func(Object) bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	tb := t.table(object)
	if tb == nil {
		return
	}
	for _, r := range tb.recs {
		if !f(t.object(tb, r)) {
			return
		}
	}
}

// Count returns how many live records an object has.
func (t *Twin) Count(object string) int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if tb := t.table(object); tb != nil {
		return tb.live
	}
	return 0
}

func (t *Twin) live(object, id string) (*table, *record, error) {
	tb := t.table(object)
	if tb == nil {
		return nil, nil, fmt.Errorf("object %q: %w", object, ErrNoRecord)
	}
	r := tb.resolve(number(id))
	if r == nil || r.archived != 0 {
		return nil, nil, fmt.Errorf("%s %s: %w", tb.singular, id, ErrNoRecord)
	}
	return tb, r, nil
}

// resolve finds a record by its id or one it had before a merge.
func (tb *table) resolve(id int64) *record {
	for range 64 { // merges chain, but never in a circle
		if r := tb.find(id); r != nil {
			return r
		}
		next, ok := tb.gone[id]
		if !ok {
			return nil
		}
		id = next
	}
	return nil
}

func (t *Twin) object(tb *table, r *record) Object {
	o := Object{ID: itoa(r.id), Properties: make(map[string]string, len(r.props)+4), Created: r.created, Modified: r.modified, Archived: r.archived != 0}
	for _, p := range r.props {
		o.Properties[tb.names[p.key]] = p.value
	}
	for _, name := range slices.Concat(tb.defaults, []string{tb.modified, "hs_email_optout"}) {
		if v := t.value(tb, r, name); v != "" {
			o.Properties[name] = v
		}
	}
	for _, id := range r.merged {
		o.MergedIDs = append(o.MergedIDs, itoa(id))
	}
	return o
}

// number reads a record id; what is no id is nought, which no record has.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
