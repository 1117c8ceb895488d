package espocrmsim

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// record is one record of any entity type.
type record struct {
	e                 *entity
	id                string
	created, modified string
	createdBy, by     string
	version           int
	attrs             map[string]any
	emails            []string // lower-case forms; the first is the primary one
}

// address is an e-mail address, which all records with it share.
type address struct {
	name            string
	optOut, invalid bool
}

// add makes a record. Ids do not follow the order of creation.
func (t *Twin) add(e *entity, at string, attrs map[string]any) *record {
	t.next++
	sum := sha256.Sum256([]byte(strconv.Itoa(t.next)))
	r := &record{e: e, id: hex.EncodeToString(sum[:])[:17], created: at, modified: at, createdBy: t.user, by: t.user, version: 1, attrs: map[string]any{}}
	if e.name == "Note" {
		r.attrs["number"] = t.next
	}
	e.records[r.id] = r
	for name, v := range attrs {
		t.set(e, r, name, v)
	}
	t.setEmail(r, attrs, creating)
	e.sorted = nil
	return r
}

// set stores what is not on the address.
func (t *Twin) set(e *entity, r *record, name string, v any) {
	f, kind, _ := e.attribute(name)
	if f.Type == "email" || kind == "name" {
		return
	}
	r.attrs[name] = v
}

// phase says whether a record is made or edited.
type phase string

const (
	creating phase = "creating"
	editing  phase = "editing"
)

// setEmail stores an address and what stands on it. A record that changes its
// address brings its own opt-out along.
func (t *Twin) setEmail(r *record, attrs map[string]any, during phase) {
	text, given := attrs["emailAddress"]
	name := strings.TrimSpace(plain(text))
	lower := strings.ToLower(name)
	was := t.primary(r)
	switch {
	case given && name == "" && len(r.emails) > 0:
		r.emails = r.emails[1:]
		return
	case given && name != "" && (was == nil || r.emails[0] != lower):
		if t.addresses[lower] == nil {
			t.addresses[lower] = &address{name: name}
		}
		if during == editing && was != nil {
			t.addresses[lower].optOut, t.addresses[lower].invalid = was.optOut, was.invalid
		}
		r.emails = append([]string{lower}, r.emails[min(1, len(r.emails)):]...)
	}
	if a := t.primary(r); a != nil {
		if v, set := attrs["emailAddressIsOptedOut"]; set {
			a.optOut = v == true
		}
		if v, set := attrs["emailAddressIsInvalid"]; set {
			a.invalid = v == true
		}
	}
}

func (t *Twin) primary(r *record) *address {
	if len(r.emails) == 0 {
		return nil
	}
	return t.addresses[r.emails[0]]
}

// value is an attribute as the API shows it.
func (t *Twin) value(e *entity, r *record, name string) any {
	switch name {
	case "id":
		return r.id
	case "createdAt":
		return r.created
	case "modifiedAt":
		return r.modified
	case "createdById":
		return orNull(r.createdBy)
	case "modifiedById":
		return orNull(r.by)
	case "versionNumber":
		return r.version
	case "name":
		if _, own := r.attrs["name"]; !own {
			return strings.TrimSpace(plain(r.attrs["firstName"]) + " " + plain(r.attrs["lastName"]))
		}
	}
	f, kind, _ := e.attribute(name)
	if f.Type == "email" {
		return t.onAddress(r, name)
	}
	v := r.attrs[name]
	if v == nil && kind == "bool" {
		return false
	}
	return v
}

func (t *Twin) onAddress(r *record, name string) any {
	a := t.primary(r)
	switch {
	case strings.HasSuffix(name, "IsOptedOut"):
		return a != nil && a.optOut
	case strings.HasSuffix(name, "IsInvalid"):
		return a != nil && a.invalid
	case a == nil:
		return nil
	}
	return a.name
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// plain is a JSON scalar as text.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// by returns the records in the order of a column, then of their ids.
func (t *Twin) by(e *entity, name string) []*record {
	if list, ok := e.sorted[name]; ok {
		return list
	}
	list := make([]*record, 0, len(e.records))
	keys := make(map[*record]string, len(e.records))
	for _, r := range e.records {
		list = append(list, r)
		keys[r] = plain(t.value(e, r, name))
	}
	slices.SortFunc(list, func(a, b *record) int { return cmp.Or(strings.Compare(keys[a], keys[b]), strings.Compare(a.id, b.id)) })
	if e.sorted == nil {
		e.sorted = map[string][]*record{}
	}
	e.sorted[name] = list
	return list
}

// changed marks a record as changed and lets the customer's automations have
// their way with it.
func (t *Twin) changed(e *entity, r *record) {
	r.modified, r.by = t.now(), t.user
	r.version++
	for _, a := range t.autos.For(e.name) {
		t.set(e, r, a.Field, a.Rewrite(plain(r.attrs[a.Field])))
	}
	e.sorted = nil
}
