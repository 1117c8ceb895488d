package hubspotsim

import (
	"slices"
	"strings"
)

// change is one past or present value of a property.
type change struct {
	key   uint16
	value string
	at    int64
	by    *Actor
}

// create makes a record of checked values.
func (t *Twin) create(tb *table, clean map[string]string, by *Actor) *record {
	now := t.moment(by)
	r := &record{created: now, modified: now, origin: by, editor: by}
	if tb.plural == "deals" {
		setDefault(clean, "pipeline", t.pipes["deals"][0].ID)
		setDefault(clean, "createdate", iso(now))
	}
	if domain := clean["domain"]; tb.plural == "companies" && domain != "" {
		setDefault(clean, "website", domain)
	}
	if _, given := clean["lifecyclestage"]; !given && tb.plural == "contacts" && t.opt.DefaultLifecycle != "" {
		clean["lifecyclestage"] = t.opt.DefaultLifecycle
	}
	for _, name := range sortedKeys(clean) {
		r.set(tb.key(name), clean[name])
	}
	tb.add(r)
	t.pending = append(t.pending, reaction{tb, r, by})
	return r
}

func setDefault(m map[string]string, name, value string) {
	if m[name] == "" {
		m[name] = value
	}
}

// update writes checked values onto a record and reports whether any changed.
// HubSpot bumps the modified time even where nothing did; so does the portal.
func (t *Twin) update(tb *table, r *record, clean map[string]string, by *Actor) {
	now := t.moment(by)
	t.remember(tb, r)
	t.assign(tb, r, clean, by)
	tb.touch(r, now)
	t.pending = append(t.pending, reaction{tb, r, by})
}

func (t *Twin) assign(tb *table, r *record, clean map[string]string, by *Actor) {
	now := t.moment(by)
	for _, name := range sortedKeys(clean) {
		key, value := tb.key(name), clean[name]
		old := r.get(key)
		if name == "lifecyclestage" && backwards(tb, old, value) {
			continue
		}
		if old == value {
			continue
		}
		r.log(key, old, change{key, value, now, by})
		if values := tb.unique[name]; values != nil {
			if lower := strings.ToLower(old); values[lower] == r {
				delete(values, lower)
			}
			if value != "" {
				values[strings.ToLower(value)] = r
			}
		}
		r.set(key, value)
	}
	r.editor = by
}

// log keeps a change; the first of a property brings the value it had since
// the record was created.
func (r *record) log(key uint16, old string, c change) {
	known := slices.ContainsFunc(r.history, func(h change) bool { return h.key == key })
	if !known && old != "" {
		r.history = append(r.history, change{key, old, r.created, r.origin})
	}
	r.history = append(r.history, c)
}

// versions returns a property's values, newest first.
func (r *record) versions(key uint16) []change {
	var list []change
	for _, h := range r.history {
		if h.key == key {
			list = append(list, h)
		}
	}
	if value := r.get(key); len(list) == 0 && value != "" {
		list = append(list, change{key, value, r.created, r.origin})
	}
	slices.SortStableFunc(list, func(a, b change) int { return int(a.at - b.at) })
	slices.Reverse(list)
	return list
}

// backwards: the lifecycle stage only advances unless cleared first; HubSpot
// drops the value and says nothing.
func backwards(tb *table, old, value string) bool {
	if old == "" || value == "" {
		return false
	}
	options := tb.defs["lifecyclestage"].Options
	at := func(v string) int {
		return slices.IndexFunc(options, func(o PropertyOption) bool { return o.Value == v })
	}
	return at(value) < at(old)
}

func (t *Twin) moment(by *Actor) int64 {
	if by != nil && !by.At.IsZero() {
		return epochOf(by.At)
	}
	return t.now()
}

// remember keeps what a record was before its last write, for stale_read. Two
// thousand are enough for any test and bound the memory.
func (t *Twin) remember(tb *table, r *record) {
	if len(t.stale) >= 2000 {
		clear(t.stale)
	}
	before := *r
	before.props = slices.Clone(r.props)
	before.history = slices.Clone(r.history)
	t.stale[recordKey{tb.plural, r.id}] = &before
}
