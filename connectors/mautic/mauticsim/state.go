package mauticsim

import (
	"slices"
	"strings"
)

// record is one contact or company.
type record struct {
	id              int64
	added, modified string // moments as the database has them; "" is null
	identified      string
	fields          map[string]string // an empty one is null
	owner, stage    int64
	tags            []string
	optOuts         []optOut
}

type optOut struct {
	id      int64
	channel string
	reason  int
	added   string
}

// kind is contacts or companies.
type kind struct {
	name, one string
	fields    []Field
	byID      map[int64]*record
	byKey     map[string][]*record // by unique field and value in small letters
	order     []*record
	next      int64
}

func newKinds() map[string]*kind {
	return map[string]*kind{
		"contacts":  {name: "contacts", one: "contact", fields: contactFields(), byID: map[int64]*record{}, byKey: map[string][]*record{}},
		"companies": {name: "companies", one: "company", fields: companyFields(), byID: map[int64]*record{}, byKey: map[string][]*record{}},
	}
}

func (k *kind) add(at string, fields map[string]string) *record {
	k.next++
	r := &record{id: k.next, added: at, fields: map[string]string{}}
	k.byID[r.id], k.order = r, append(k.order, r)
	k.set(r, fields)
	return r
}

// set stores values and keeps the index of unique fields and the moment a
// contact ceased to be anonymous.
func (k *kind) set(r *record, fields map[string]string) {
	for alias, v := range fields {
		old := r.fields[alias]
		r.fields[alias] = v
		if f, _ := k.field(alias); f.Unique && old != v {
			k.unindex(alias, old, r)
			if v != "" {
				at := keyOf(alias, v)
				k.byKey[at] = append(k.byKey[at], r)
			}
		}
	}
	if r.identified == "" && (k.name == "companies" || r.fields["email"]+r.fields["firstname"]+r.fields["lastname"]+r.fields["company"] != "") {
		r.identified = r.added
	}
}

func (k *kind) unindex(alias, value string, r *record) {
	at := keyOf(alias, value)
	k.byKey[at] = slices.DeleteFunc(k.byKey[at], func(x *record) bool { return x == r })
}

func keyOf(alias, value string) string { return alias + "\x00" + strings.ToLower(value) }

// duplicate finds the record that holds one of these unique values.
func (k *kind) duplicate(fields map[string]string) *record {
	for _, f := range k.fields {
		if v := fields[f.Alias]; f.Unique && v != "" {
			if found := k.byKey[keyOf(f.Alias, v)]; len(found) > 0 {
				return found[0]
			}
		}
	}
	return nil
}

func (k *kind) remove(r *record) {
	delete(k.byID, r.id)
	k.order = slices.DeleteFunc(k.order, func(x *record) bool { return x == r })
	for _, f := range k.fields {
		if f.Unique {
			k.unindex(f.Alias, r.fields[f.Alias], r)
		}
	}
}

// column answers SQL about a record.
func (k *kind) column(r *record) source {
	return func(name string) (string, bool, bool) {
		var v string
		switch name {
		case "id":
			return itoa(r.id), false, true
		case "date_added":
			v = r.added
		case "date_modified":
			v = r.modified
		case "date_identified":
			v = r.identified
		default:
			_, known := k.field(name)
			return r.fields[name], r.fields[name] == "", known
		}
		return v, v == "", true
	}
}

func (t *Twin) delete(k *kind, r *record, user string) {
	k.remove(r)
	t.audit(k, r.id, "delete", `a:1:{s:4:"name";s:1:"-";}`, user)
}

// merge makes loser one with winner, whose empty fields it fills.
func (t *Twin) merge(winner, loser *record) {
	k := t.kinds["contacts"]
	fill := map[string]string{}
	for alias, v := range loser.fields {
		if winner.fields[alias] == "" {
			fill[alias] = v
		}
	}
	k.remove(loser)
	k.set(winner, fill)
	winner.optOuts = append(winner.optOuts, loser.optOuts...)
	winner.modified = t.now()
	t.merged[loser.id] = winner.id
	t.audit(k, loser.id, "merge", `a:1:{s:11:"merged_into";i:`+itoa(winner.id)+`;}`, "api")
}

// addOptOut adds an entry without moving dateModified.
func (t *Twin) addOptOut(r *record, channel string, reason int) {
	for i := range r.optOuts {
		if r.optOuts[i].channel == channel {
			if r.optOuts[i].reason != 1 && r.optOuts[i].reason != reason {
				r.optOuts[i].reason, r.optOuts[i].added = reason, t.now()
			}
			return
		}
	}
	t.tables["lead_donotcontact"].next++
	r.optOuts = append(r.optOuts, optOut{t.tables["lead_donotcontact"].next, channel, reason, t.now()})
}

// changed marks a record as changed and lets the customer's automations have
// their way with it.
func (t *Twin) changed(k *kind, r *record) {
	r.modified = t.now()
	for _, a := range t.autos.For(k.name) {
		k.set(r, map[string]string{a.Field: a.Rewrite(r.fields[a.Field])})
	}
}
