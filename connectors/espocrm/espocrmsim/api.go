package espocrmsim

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

const (
	maxSize     = 200
	longestText = 10_000 // of a text in a list
	maxBody     = 4 << 20
)

func (t *Twin) list(w http.ResponseWriter, r *http.Request, e *entity) {
	q := parse(r.URL.RawQuery)
	size, err := strconv.Atoi(q.str("maxSize"))
	if err != nil {
		size = maxSize
	}
	if size > maxSize {
		refuse(w, http.StatusForbidden, "Max size should not exceed 200. Use offset and limit.")
		return
	}
	column := q.str("orderBy")
	if column == "" {
		column = "createdAt"
	}
	if _, _, known := e.attribute(column); !known {
		refuse(w, http.StatusBadRequest, "Order by non-existing field '"+column+"'.")
		return
	}
	all := slices.Clone(t.by(e, column))
	if strings.EqualFold(q.str("order"), "desc") || q.str("orderBy") == "" {
		slices.Reverse(all)
	}
	noTotal := strings.EqualFold(r.Header.Get("X-No-Total"), "true")
	found, bad := t.filter(e, all, q)
	if bad != "" {
		refuse(w, http.StatusBadRequest, string(bad))
		return
	}
	offset, _ := strconv.Atoi(q.str("offset")) // none is nought
	total := len(found)
	found = found[min(offset, total):]
	if noTotal {
		total = -2
		if len(found) > size {
			total = -1
		}
	}
	var names []string
	if s := q.str("select") + q.str("attributeSelect"); s != "" {
		names = append(strings.Split(s, ","), "id")
	}
	rows := make([]map[string]any, 0, min(size, len(found)))
	for _, rec := range found[:min(size, len(found))] {
		rows = append(rows, cut(t.render(rec, names)))
	}
	send(w, http.StatusOK, map[string]any{"total": total, "list": rows})
}

func (t *Twin) filter(e *entity, all []*record, q *tree) ([]*record, wrong) {
	conds := q.at("where").list()
	if q.at("whereGroup") != nil {
		conds = q.at("whereGroup").list()
	}
	var found []*record
	for _, rec := range all {
		fits := true
		for _, c := range conds {
			ok, bad := t.fits(e, rec, c)
			if bad != "" {
				return nil, bad
			}
			fits = fits && ok
		}
		if fits {
			found = append(found, rec)
		}
	}
	return found, ""
}

// cut shortens texts as lists do.
func cut(row map[string]any) map[string]any {
	for name, v := range row {
		if text, ok := v.(string); ok && len([]rune(text)) > longestText {
			row[name] = string([]rune(text)[:longestText])
		}
	}
	return row
}

// render shows the attributes named, or all.
func (t *Twin) render(r *record, names []string) map[string]any {
	e := r.e
	if names == nil {
		names = []string{"id", "name", "createdAt", "modifiedAt", "createdById", "modifiedById", "versionNumber"}
		for _, f := range e.fields {
			names = slices.AppendSeq(names, maps.Keys(f.attributes()))
		}
	}
	row := map[string]any{}
	for _, name := range names {
		if _, _, known := e.attribute(name); known || name == "name" {
			row[name] = t.value(e, r, name)
		}
	}
	return row
}

func (t *Twin) read(w http.ResponseWriter, r *http.Request, e *entity) {
	rec := e.records[r.PathValue("id")]
	if rec == nil {
		refuse(w, http.StatusNotFound, "")
		return
	}
	row := t.render(rec, nil)
	if a := t.primary(rec); a != nil {
		row["emailAddressData"] = t.emailData(rec)
	}
	send(w, http.StatusOK, row)
}

func (t *Twin) emailData(rec *record) []map[string]any {
	list := make([]map[string]any, len(rec.emails))
	for i, lower := range rec.emails {
		a := t.addresses[lower]
		list[i] = map[string]any{"emailAddress": a.name, "lower": lower, "primary": i == 0, "optOut": a.optOut, "invalid": a.invalid}
	}
	return list
}

func take(w http.ResponseWriter, r *http.Request) (map[string]any, bool) {
	var in map[string]any
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil || json.Unmarshal(body, &in) != nil {
		refuse(w, http.StatusBadRequest, "No body or bad JSON.")
		return nil, false
	}
	return in, true
}

// taken drops what may not be written and trims texts; an empty one is null.
func (e *entity) taken(in map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range in {
		f, kind, known := e.attribute(name)
		if !known || f.ReadOnly || kind == "name" {
			continue
		}
		if text, ok := v.(string); ok && kind != "text" {
			v = orNull(strings.TrimSpace(text))
		}
		out[name] = v
	}
	return out
}

func (t *Twin) create(w http.ResponseWriter, r *http.Request, e *entity) {
	in, ok := take(w, r)
	if !ok {
		return
	}
	attrs := e.taken(in)
	t.populate(e, attrs)
	if f, failure := e.invalid(attrs, creating); failure != "" {
		invalid(w, f, failure)
		return
	}
	if strings.ToLower(r.Header.Get("X-Skip-Duplicate-Check")) != "true" && in["_skipDuplicateCheck"] != true {
		if twins := t.duplicates(e, attrs); len(twins) > 0 {
			w.Header().Set("X-Status-Reason", "duplicate")
			send(w, http.StatusConflict, twins)
			return
		}
	}
	rec := t.add(e, t.now(), attrs)
	for _, a := range t.autos.For(e.name) {
		t.set(e, rec, a.Field, a.Rewrite(plain(rec.attrs[a.Field])))
	}
	send(w, http.StatusOK, t.render(rec, nil))
}

// populate fills in defaults.
func (t *Twin) populate(e *entity, attrs map[string]any) {
	for _, f := range e.fields {
		switch {
		case f.Type == "enum" && !f.ReadOnly && attrs[f.Name] == nil && len(f.Options) > 0 && f.Options[0] != "":
			attrs[f.Name] = f.Options[0]
		case f.Type == "currency" && attrs[f.Name] != nil && attrs[f.Name+"Currency"] == nil:
			attrs[f.Name+"Currency"] = "EUR"
		case f.Name == "assignedUser" && f.Required && attrs["assignedUserId"] == nil:
			attrs["assignedUserId"] = t.user
		}
	}
	if e.name == "Note" {
		attrs["type"] = "Post"
	}
}

func (t *Twin) update(w http.ResponseWriter, r *http.Request, e *entity) {
	in, ok := take(w, r)
	rec := e.records[r.PathValue("id")]
	switch _, hit := t.faults.TakeWhere(r.Method, r.URL.Path, func(f simkit.Fault) bool {
		return f.Kind == "row_error" && f.MatchesRow(r.PathValue("id"))
	}); {
	case !ok:
		return
	case rec == nil:
		refuse(w, http.StatusNotFound, "Record "+r.PathValue("id")+" not found.")
		return
	case hit:
		invalid(w, "addressCity", "pattern")
		return
	}
	attrs := e.taken(in)
	if f, failure := e.invalid(attrs, editing); failure != "" {
		invalid(w, f, failure)
		return
	}
	was := map[string]any{}
	for name, v := range attrs {
		if old := t.value(e, rec, name); plain(old) != plain(v) {
			was[name] = old
		}
	}
	number, err := strconv.Atoi(r.Header.Get("X-Version-Number"))
	if err == nil && e.versioned && number != rec.version && len(was) > 0 {
		w.Header().Set("X-Status-Reason", "modified")
		send(w, http.StatusConflict, map[string]any{"values": was, "versionNumber": rec.version})
		return
	}
	if len(was) > 0 {
		for name, v := range attrs {
			t.set(e, rec, name, v)
		}
		t.setEmail(rec, attrs, editing)
		t.changed(e, rec)
	}
	send(w, http.StatusOK, t.render(rec, nil))
}

func (t *Twin) remove(w http.ResponseWriter, r *http.Request, e *entity) {
	id := r.PathValue("id")
	if e.records[id] == nil {
		refuse(w, http.StatusNotFound, "Record "+id+" not found.")
		return
	}
	delete(e.records, id)
	e.sorted = nil
	send(w, http.StatusOK, true)
}
