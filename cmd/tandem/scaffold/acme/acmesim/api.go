package acmesim

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// contact is a row; an empty field is null.
type contact struct {
	id               int64
	fields           map[string]string
	created, updated time.Time
}

type deletion struct {
	id      int64
	contact string
	at      time.Time
}

const maxLimit = 100

func fieldNames() []string { return []string{"email", "first_name", "last_name", "phone", "city"} }

func (c *contact) render() map[string]any {
	out := map[string]any{"id": strconv.FormatInt(c.id, 10), "created_at": c.created, "updated_at": c.updated}
	for _, name := range fieldNames() {
		out[name] = nil
		if v := c.fields[name]; v != "" {
			out[name] = v
		}
	}
	return out
}

func (*Twin) account(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, map[string]string{"id": "acct-1", "name": "Example Ltd"})
}

// window is what a list call asks for.
type window struct {
	after int64
	since time.Time
	limit int
}

func windowOf(r *http.Request) window {
	q := r.URL.Query()
	out := window{limit: maxLimit}
	out.after, _ = strconv.ParseInt(q.Get("after"), 10, 64)             // none is nought
	out.since, _ = time.Parse(time.RFC3339Nano, q.Get("changed_since")) // none is long ago
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n < maxLimit {
		out.limit = n
	}
	return out
}

func (t *Twin) list(w http.ResponseWriter, r *http.Request) {
	q, win := r.URL.Query(), windowOf(r)
	ids := strings.Split(q.Get("ids"), ",")
	rows, more := []map[string]any{}, false
	for _, c := range t.order {
		switch {
		case c.id <= win.after, c.updated.Before(win.since),
			q.Has("ids") && !slices.Contains(ids, strconv.FormatInt(c.id, 10)),
			q.Has("email") && !slices.ContainsFunc(q["email"], func(e string) bool { return strings.EqualFold(e, c.fields["email"]) }):
			continue
		}
		if len(rows) == win.limit {
			more = true
			break
		}
		rows = append(rows, c.render())
	}
	send(w, http.StatusOK, map[string]any{"contacts": rows, "more": more})
}

func (t *Twin) deleted(w http.ResponseWriter, r *http.Request) {
	win := windowOf(r)
	rows, more := []map[string]any{}, false
	for _, d := range t.deletions {
		if d.id <= win.after || d.at.Before(win.since) || d.at.Before(t.now().AddDate(0, 0, -30)) {
			continue
		}
		if more = len(rows) == win.limit; more {
			break
		}
		rows = append(rows, map[string]any{"id": strconv.FormatInt(d.id, 10), "contact": d.contact, "at": d.at})
	}
	send(w, http.StatusOK, map[string]any{"deletions": rows, "more": more})
}

// take reads a body; unknown fields are dropped without a word.
func take(w http.ResponseWriter, r *http.Request) (map[string]string, bool) {
	var in map[string]*string
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&in) != nil {
		refuse(w, http.StatusBadRequest, refusal{Code: "bad_json"})
		return nil, false
	}
	fields := map[string]string{}
	for _, name := range fieldNames() {
		if v, set := in[name]; set {
			fields[name] = ""
			if v != nil {
				fields[name] = *v
			}
		}
	}
	return fields, true
}

// taken refuses an address that another contact has.
func (t *Twin) taken(w http.ResponseWriter, c *contact, fields map[string]string) bool {
	other := t.byEmail[strings.ToLower(fields["email"])]
	if other == nil || other == c {
		return false
	}
	refuse(w, http.StatusConflict, refusal{Code: "duplicate", Field: "email", Existing: strconv.FormatInt(other.id, 10)})
	return true
}

func (t *Twin) create(w http.ResponseWriter, r *http.Request) {
	fields, ok := take(w, r)
	if !ok || t.taken(w, nil, fields) {
		return
	}
	send(w, http.StatusCreated, t.add(fields, t.now()).render())
}

func (t *Twin) update(w http.ResponseWriter, r *http.Request) {
	fields, ok := take(w, r)
	c := t.byID[r.PathValue("id")]
	_, broken := t.faults.TakeWhere(r.Method, r.URL.Path, func(f simkit.Fault) bool {
		return f.Kind == "row_error" && f.MatchesRow(r.PathValue("id"))
	})
	switch {
	case !ok:
	case c == nil:
		refuse(w, http.StatusNotFound, refusal{Code: "not_found"})
	case broken:
		refuse(w, http.StatusUnprocessableEntity, refusal{Code: "invalid", Field: "city", Message: "city is not valid"})
	case !t.taken(w, c, fields):
		t.set(c, fields, t.now())
		send(w, http.StatusOK, c.render())
	}
}

func (t *Twin) remove(w http.ResponseWriter, r *http.Request) {
	if !t.forget(r.PathValue("id")) {
		refuse(w, http.StatusNotFound, refusal{Code: "not_found"})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
