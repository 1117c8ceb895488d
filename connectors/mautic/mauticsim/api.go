package mauticsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (t *Twin) kindRoutes(k *kind) {
	base := "/api/" + k.name
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request, *kind){
		"GET " + base:                      t.list,
		"GET " + base + "/{id}":            t.one,
		"POST " + base + "/new":            t.createOne,
		"PATCH " + base + "/{id}/edit":     t.editOne,
		"DELETE " + base + "/{id}/delete":  t.deleteOne,
		"POST " + base + "/batch/new":      t.createBatch,
		"PATCH " + base + "/batch/edit":    t.editBatch,
		"DELETE " + base + "/batch/delete": t.deleteBatch,
	} {
		t.mux.HandleFunc(pattern, t.locked(func(w http.ResponseWriter, r *http.Request) { h(w, r, k) }))
	}
}

// rememberFor is how long the count of a contact list is kept.
const rememberFor = 5 * time.Second

func (t *Twin) list(w http.ResponseWriter, r *http.Request, k *kind) {
	if _, again := t.faults.Take(r.Method, r.URL.Path, "repeated_page"); again && t.last != nil {
		sendBytes(w, http.StatusOK, t.last)
		return
	}
	p := parse(r.URL.Query())
	page, n, err := query(k.order, p, k.column)
	if err != nil {
		serverError(w, http.StatusInternalServerError)
		return
	}
	n = t.remembered(k, r.URL.RawQuery, n)
	if _, empty := t.faults.Take(r.Method, r.URL.Path, "empty_page"); empty || n == 0 {
		page = nil
	}
	out := &ordered{}
	for _, rec := range page {
		out.add(itoa(rec.id), k.render(rec, viewOf(p)))
	}
	body, err := json.Marshal(map[string]any{"total": strconv.Itoa(n), k.name: out})
	if err != nil {
		serverError(w, http.StatusInternalServerError)
		return
	}
	t.last = body
	sendBytes(w, http.StatusOK, body)
}

func (t *Twin) remembered(k *kind, query string, n int) int {
	if k.name != "contacts" {
		return n
	}
	if old, ok := t.totals[query]; ok && t.clock.Now().Sub(old.at) < rememberFor {
		return old.n
	}
	t.totals[query] = total{n, t.clock.Now()}
	return n
}

// view is how a record is shown.
type view struct{ minimal, raw bool }

func viewOf(p params) view { return view{minimal: p.text("minimal") != "", raw: true} }

// render writes a record. In lists numbers and booleans are as the database
// gives them, which is as strings.
func (k *kind) render(r *record, as view) map[string]any {
	all := map[string]any{"id": r.id}
	for _, f := range k.fields {
		all[f.Alias] = f.render(r.fields[f.Alias], as)
	}
	out := map[string]any{
		"id": r.id, "isPublished": true, "dateAdded": moment(r.added), "dateModified": moment(r.modified), "points": idOf(r.fields["points"]),
		"fields": map[string]any{"core": map[string]any{}, "social": []string{}, "all": all},
	}
	if as.minimal || k.name != "contacts" {
		return out
	}
	dnc, tags := []map[string]any{}, []map[string]string{}
	for _, o := range r.optOuts {
		dnc = append(dnc, map[string]any{"id": o.id, "reason": o.reason, "comments": "", "channel": o.channel, "channelId": nil})
	}
	for _, tag := range r.tags {
		tags = append(tags, map[string]string{"tag": tag})
	}
	out["doNotContact"], out["tags"], out["owner"], out["stage"] = dnc, tags, nil, nil
	if r.owner != 0 {
		out["owner"] = map[string]any{"id": r.owner, "username": "user"}
	}
	if r.stage != 0 {
		out["stage"] = map[string]any{"id": r.stage, "name": "stage"}
	}
	out["lastActive"], out["dateIdentified"] = nil, moment(r.identified)
	return out
}

func (f Field) render(v string, as view) any {
	switch {
	case v == "":
		return nil
	case !as.raw && (f.Type == "number" || f.Type == "boolean"):
		return json.Number(v)
	}
	return v
}

// find returns a record by id, or the one that it was merged into.
func (t *Twin) find(k *kind, id int64) *record {
	for k.name == "contacts" && k.byID[id] == nil && t.merged[id] != 0 {
		id = t.merged[id]
	}
	return k.byID[id]
}

func (t *Twin) one(w http.ResponseWriter, r *http.Request, k *kind) {
	rec := t.find(k, idOf(r.PathValue("id")))
	if rec == nil {
		notFound(w)
		return
	}
	send(w, http.StatusOK, map[string]any{k.one: k.render(rec, view{})})
}

func (t *Twin) createOne(w http.ResponseWriter, r *http.Request, k *kind) {
	var in map[string]any
	if !take(w, r, &in) {
		return
	}
	rec, status, p := t.create(k, in)
	if p != nil {
		send(w, p.Code, map[string]any{"errors": []*problem{p}})
		return
	}
	send(w, status, map[string]any{k.one: k.render(rec, view{})})
}

func (t *Twin) editOne(w http.ResponseWriter, r *http.Request, k *kind) {
	var in map[string]any
	if !take(w, r, &in) {
		return
	}
	rec := t.find(k, idOf(r.PathValue("id")))
	if rec == nil {
		notFound(w)
		return
	}
	rec, p := t.edit(k, rec, in)
	if p != nil {
		send(w, p.Code, map[string]any{"errors": []*problem{p}})
		return
	}
	send(w, http.StatusOK, map[string]any{k.one: k.render(rec, view{})})
}

func (t *Twin) deleteOne(w http.ResponseWriter, r *http.Request, k *kind) {
	rec := t.find(k, idOf(r.PathValue("id")))
	if rec == nil {
		notFound(w)
		return
	}
	t.delete(k, rec, "api")
	out := k.render(rec, view{})
	out["id"] = nil
	send(w, http.StatusOK, map[string]any{k.one: out})
}

func (t *Twin) deleteBatch(w http.ResponseWriter, r *http.Request, k *kind) {
	out := &ordered{}
	for i, id := range strings.Split(r.URL.Query().Get("ids"), ",") {
		if rec := k.byID[idOf(id)]; rec != nil {
			out.add(strconv.Itoa(i), k.render(rec, view{}))
			t.delete(k, rec, "api")
		}
	}
	send(w, http.StatusOK, map[string]any{k.name: out})
}

func (t *Twin) doNotContact(w http.ResponseWriter, r *http.Request) {
	k := t.kinds["contacts"]
	rec := t.find(k, idOf(r.PathValue("id")))
	if rec == nil {
		notFound(w)
		return
	}
	switch r.PathValue("verb") {
	case "add":
		in := struct {
			Reason int `json:"reason"`
		}{3}
		if !take(w, r, &in) {
			return
		}
		t.addOptOut(rec, r.PathValue("channel"), in.Reason)
	case "remove":
		rec.optOuts = slices.DeleteFunc(rec.optOuts, func(o optOut) bool { return o.channel == r.PathValue("channel") })
	default:
		notFound(w)
		return
	}
	send(w, http.StatusOK, map[string]any{"contact": k.render(rec, view{})})
}

func take(w http.ResponseWriter, r *http.Request, into any) bool {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<20))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil && r.ContentLength != 0 {
		refuse(w, http.StatusBadRequest, "", "The JSON in the request body is not valid.")
		return false
	}
	return true
}
