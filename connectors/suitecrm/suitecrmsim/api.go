package suitecrmsim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

const maxBody = 4 << 20

// render shows a record with the fields named, or all.
func (t *Twin) render(m *module, r *record, names []string) map[string]any {
	attributes := map[string]any{}
	for _, f := range m.fields {
		if f.Type == "link" || names != nil && !slices.Contains(names, f.Name) {
			continue
		}
		attributes[f.Name] = t.shown(f, t.value(m, r, f.Name))
	}
	return map[string]any{"type": m.object, "id": r.id, "attributes": attributes, "relationships": map[string]any{
		"AOS_Contracts": map[string]any{"links": map[string]any{"related": "V8/module/" + m.name + "/" + r.id + "/relationships/aos_contracts"}},
	}}
}

// shown is a value on its way out.
func (t *Twin) shown(f Field, v string) string {
	if v == "" || f.Type != "datetime" && f.Type != "datetimecombo" {
		return toHTML(v)
	}
	if !t.opt.Mended {
		v = v[:len("2006-01-02 15:04")] + ":00"
	}
	return strings.Replace(v, " ", "T", 1) + "+02:00" // PHP's zone, though the time is in UTC
}

func (t *Twin) find(w http.ResponseWriter, name, id string) (*module, *record) {
	m := t.modules[name]
	if m == nil {
		refuse(w, http.StatusBadRequest, "Module with name "+name+" is not found")
		return nil, nil
	}
	r := m.records[id]
	if r == nil || r.values["deleted"] == "1" {
		refuse(w, http.StatusBadRequest, name+" module with id "+id+" is not found")
		return m, nil
	}
	return m, r
}

func (t *Twin) read(w http.ResponseWriter, r *http.Request) {
	m, rec := t.find(w, r.PathValue("module"), r.PathValue("id"))
	if rec != nil {
		send(w, http.StatusOK, map[string]any{"data": t.render(m, rec, nil)})
	}
}

var fieldsKey = regexp.MustCompile(`^fields\[(\w+)\]$`)

func (t *Twin) list(w http.ResponseWriter, r *http.Request) {
	m := t.modules[r.PathValue("module")]
	if m == nil {
		refuse(w, http.StatusBadRequest, "Module "+r.PathValue("module")+" does not exist")
		return
	}
	q := r.URL.Query()
	names, bad := m.shown(q)
	conds, worse := m.filter(q)
	if bad += worse; bad != "" {
		refuse(w, http.StatusBadRequest, bad)
		return
	}
	var found []*record
	for _, rec := range t.byID(m) {
		if t.fits(m, rec, conds) {
			found = append(found, rec)
		}
	}
	if q.Get("sort") == "date_modified" {
		slices.SortStableFunc(found, func(a, b *record) int { return strings.Compare(a.values["date_modified"], b.values["date_modified"]) })
	}
	if _, hit := t.faults.Take(r.Method, r.URL.Path, "row_vanished"); hit && len(found) > 0 {
		refuse(w, http.StatusBadRequest, m.name+" module with id "+found[0].id+" is not found")
		return
	}
	send(w, http.StatusOK, t.page(m, found, names, q))
}

// shown reads which fields are asked for, and refuses those and the orders
// that there are not.
func (m *module) shown(q url.Values) (names []string, bad string) {
	for key, v := range q {
		if fieldsKey.MatchString(key) {
			names = strings.Split(v[0], ",")
		}
	}
	for _, name := range names {
		if _, known := m.field(name); !known {
			return nil, "The following field in " + m.object + " module is not found: " + name
		}
	}
	if sort := strings.TrimPrefix(q.Get("sort"), "-"); sort != "" && sort != "id" && sort != "date_modified" {
		return nil, "Sort field " + sort + " in " + m.object + " module is not found"
	}
	return names, ""
}

func (t *Twin) page(m *module, found []*record, names []string, q url.Values) map[string]any {
	size, number := atoi(q.Get("page[size]"), max(len(found), 1)), atoi(q.Get("page[number]"), 1)
	from := min((number-1)*size, len(found))
	data := []map[string]any{}
	for _, rec := range found[from:min(from+size, len(found))] {
		data = append(data, t.render(m, rec, names))
	}
	out := map[string]any{"data": data}
	if len(data) > 0 && q.Get("page[size]") != "" {
		out["meta"] = map[string]any{"total-pages": (len(found) + size - 1) / size, "records-on-this-page": len(data)}
	}
	return out
}

func atoi(s string, otherwise int) int {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return n
	}
	return otherwise
}

type payload struct {
	Data struct {
		Type       string         `json:"type"`
		ID         string         `json:"id"`
		Attributes map[string]any `json:"attributes"`
	} `json:"data"`
}

// take reads a body and what it wants to be stored.
func (t *Twin) take(w http.ResponseWriter, r *http.Request) (p payload, m *module, values map[string]string) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	if err != nil || dec.Decode(&p) != nil || t.modules[p.Data.Type] == nil {
		refuse(w, http.StatusBadRequest, "Module "+p.Data.Type+" does not exist")
		return p, nil, nil
	}
	m, values = t.modules[p.Data.Type], map[string]string{}
	for name, v := range p.Data.Attributes {
		f, known := m.field(name)
		if !known {
			refuse(w, http.StatusBadRequest, "Property "+name+" in "+m.object+" module is invalid")
			return p, nil, nil
		}
		values[name] = t.taken(f, v)
	}
	return p, m, values
}

var dbTime = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$`)

// taken is a value on its way in.
func (t *Twin) taken(f Field, v any) string {
	switch x := v.(type) {
	case bool:
		return digit(x)
	case json.Number:
		return x.String()
	case string:
		switch f.Type {
		case "datetime", "datetimecombo":
			if !dbTime.MatchString(x) {
				return "" // what the user's format does not fit
			}
		case "currency", "decimal", "float", "double", "int":
			if t.opt.Comma {
				x = strings.ReplaceAll(strings.ReplaceAll(x, ".", ""), ",", ".")
			}
		case "bool":
			return digit(x != "" && x != "0" && x != "false" && x != "off" && x != "no")
		}
		return x
	}
	return ""
}

func (t *Twin) create(w http.ResponseWriter, r *http.Request) {
	p, m, values := t.take(w, r)
	if m == nil {
		return
	}
	if old := m.records[p.Data.ID]; old != nil && p.Data.ID != "" {
		refuse(w, http.StatusBadRequest, "Bean "+m.name+" with id "+p.Data.ID+" is already exist")
		return
	}
	rec := t.add(m, p.Data.ID, t.now(), values)
	for _, a := range t.autos.For(m.name) {
		t.store(m, rec, map[string]string{a.Field: a.Rewrite(rec.values[a.Field])})
	}
	send(w, http.StatusCreated, map[string]any{"data": t.render(m, rec, nil)})
}

func (t *Twin) update(w http.ResponseWriter, r *http.Request) {
	p, m, values := t.take(w, r)
	if m == nil {
		return
	}
	m, rec := t.find(w, m.name, p.Data.ID)
	if rec == nil {
		return
	}
	if _, hit := t.faults.TakeWhere(r.Method, r.URL.Path, func(f simkit.Fault) bool { return f.Kind == "row_error" && f.MatchesRow(rec.id) }); hit {
		refuse(w, http.StatusBadRequest, "Saving was stopped by a logic hook.")
		return
	}
	t.store(m, rec, values)
	t.changed(m, rec)
	if values["deleted"] == "1" {
		rec.values["deleted"] = "1"
	}
	switch address := values["email1"]; {
	case address == "":
	case len(rec.emails) == 0:
		t.link(rec, address, values["email_opt_out"] == "1")
	case t.opt.Mended:
		a := t.primary(rec)
		delete(t.caps, a.values["email_address_caps"])
		a.values["email_address"], a.values["email_address_caps"] = address, strings.ToUpper(address)
		t.caps[strings.ToUpper(address)] = a.id
	}
	send(w, http.StatusCreated, map[string]any{"data": t.render(m, rec, nil)})
}

func (t *Twin) remove(w http.ResponseWriter, r *http.Request) {
	m, rec := t.find(w, r.PathValue("module"), r.PathValue("id"))
	if rec == nil {
		return
	}
	rec.values["deleted"], m.sorted = "1", nil
	rec.values["date_modified"] = t.now()
	send(w, http.StatusOK, map[string]any{"meta": map[string]any{"message": "Record with id " + rec.id + " is deleted"}, "data": nil})
}
