package suitecrmsim

import (
	"crypto/rand"
	"encoding/hex"
	"html"
	"slices"
	"strings"
)

// record is one record of any module. Its values are as in the database.
type record struct {
	id     string
	values map[string]string
	emails []string // ids of addresses; the first is the primary one
	former []string // those it had
}

// newID makes an id as SuiteCRM does; their order says nothing.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	s := hex.EncodeToString(b)
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

func (t *Twin) add(m *module, id, at string, values map[string]string) *record {
	if id == "" {
		id = newID()
	}
	r := &record{id: id, values: map[string]string{
		"date_entered": at, "date_modified": at, "created_by": t.user, "modified_user_id": t.user, "deleted": "0",
	}}
	m.records[id] = r
	t.store(m, r, values)
	if address := values["email1"]; address != "" && m.name != "EmailAddresses" {
		t.link(r, address, values["email_opt_out"] == "1")
	}
	m.sorted = nil
	return r
}

// store keeps values as the database would.
func (t *Twin) store(m *module, r *record, values map[string]string) {
	for name, v := range values {
		f, known := m.field(name)
		if !known || name == "id" || name == "email1" || name == "email_opt_out" || name == "invalid_email" && f.NonDB {
			continue
		}
		v = fromHTML(v)
		if f.Len > 0 && len([]rune(v)) > f.Len {
			v = string([]rune(v)[:f.Len])
		}
		r.values[name] = v
	}
	m.sorted = nil
}

// link gives a record an address, which takes on the opt-out given, also where
// another record had it before.
func (t *Twin) link(r *record, address string, optOut bool) {
	a := t.addressOf(address)
	if a == nil {
		a = t.add(t.modules["EmailAddresses"], "", t.now(), map[string]string{
			"email_address": address, "email_address_caps": strings.ToUpper(address), "opt_out": "0", "invalid_email": "0",
		})
	}
	if flag := digit(optOut); a.values["opt_out"] != flag || a.values["email_address"] != address {
		a.values["email_address"], a.values["opt_out"], a.values["date_modified"] = address, flag, t.now()
	}
	t.caps[a.values["email_address_caps"]] = a.id
	r.emails = append([]string{a.id}, r.emails...)
}

func (t *Twin) addressOf(address string) *record {
	return t.modules["EmailAddresses"].records[t.caps[strings.ToUpper(address)]]
}

func digit(b bool) string { //nolint:revive // it writes a bool
	if b {
		return "1"
	}
	return "0"
}

// primary is the address that email1 shows.
func (t *Twin) primary(r *record) *record {
	if len(r.emails) == 0 {
		return nil
	}
	return t.modules["EmailAddresses"].records[r.emails[0]]
}

// value is a field of a record as the database and the addresses have it.
func (t *Twin) value(m *module, r *record, name string) string {
	if name == "id" {
		return r.id
	}
	if v, column := r.values[name]; column {
		return v
	}
	if f, _ := m.field(name); !f.NonDB || m.name == "EmailAddresses" {
		return r.values[name]
	}
	a := t.primary(r)
	switch {
	case a == nil && (name == "email_opt_out" || name == "invalid_email"):
		return ""
	case name == "email1" && a != nil:
		return a.values["email_address"]
	case name == "email_opt_out":
		return a.values["opt_out"]
	case name == "invalid_email":
		return a.values["invalid_email"]
	case name == "full_name":
		return strings.TrimSpace(r.values["first_name"] + " " + r.values["last_name"])
	}
	return r.values[name]
}

// byID returns the live records in the order of their ids.
func (t *Twin) byID(m *module) []*record {
	if m.sorted != nil {
		return m.sorted
	}
	list := make([]*record, 0, len(m.records))
	for _, r := range m.records {
		if r.values["deleted"] == "0" {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *record) int { return strings.Compare(a.id, b.id) })
	m.sorted = list
	return list
}

// changed marks a record as changed and lets the customer's automations have
// their way with it.
func (t *Twin) changed(m *module, r *record) {
	r.values["date_modified"], r.values["modified_user_id"] = t.now(), t.user
	for _, a := range t.autos.For(m.name) {
		t.store(m, r, map[string]string{a.Field: a.Rewrite(r.values[a.Field])})
	}
	m.sorted = nil
}

// fromHTML takes a layer of entities off, as is done with everything stored.
func fromHTML(s string) string { return html.UnescapeString(s) }

// toHTML puts one on, but for the ampersand, as is done with everything read.
func toHTML(s string) string {
	return strings.NewReplacer(`"`, "&quot;", "<", "&lt;", ">", "&gt;", "'", "&#039;").Replace(s)
}
