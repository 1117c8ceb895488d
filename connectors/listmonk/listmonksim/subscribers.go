package listmonksim

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

// rowError tells which faults are aimed at the subscriber of a call.
func rowError(r *http.Request) func(simkit.Fault) bool {
	return func(f simkit.Fault) bool {
		return f.Kind == "row_error" && (len(f.Rows) == 0 || f.MatchesRow(r.PathValue("id")))
	}
}

// query answers those whom a condition in SQL holds for.
func (t *Twin) query(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	found := slices.Clone(t.db.order)
	if text := strings.TrimSpace(q.Get("query")); text != "" {
		if _, no := t.faults.Take(r.Method, r.URL.Path, "no_sql"); no && t.opt.Version >= 4 {
			refuse(w, http.StatusForbidden, "Permission denied: subscribers:sql_query")
			return
		}
		holds, err := t.db.compile(text)
		if err != nil {
			status := map[bool]int{true: http.StatusBadRequest, false: http.StatusInternalServerError}[t.opt.Version >= 6]
			refuse(w, status, "Error preparing subscriber query: pq: "+err.Error())
			return
		}
		found = slices.DeleteFunc(found, func(s *subscriber) bool { return !holds(s) })
	}
	by := map[string]func(a, b *subscriber) int{
		"name": func(a, b *subscriber) int { return cmp.Compare(a.name, b.name) }, "email": func(a, b *subscriber) int { return cmp.Compare(a.email, b.email) },
		"created_at": func(a, b *subscriber) int { return a.created.Compare(b.created) },
		"updated_at": func(a, b *subscriber) int { return a.updated.Compare(b.updated) },
	}[q.Get("order_by")]
	if by == nil {
		by = func(a, b *subscriber) int { return cmp.Compare(a.id, b.id) }
	}
	slices.SortStableFunc(found, by)
	if q.Get("order") != "asc" { // ASC is not asc
		slices.Reverse(found)
	}
	rows := make([]map[string]any, len(found))
	for i, s := range found {
		rows[i] = t.shown(s)
	}
	page(w, r, rows)
}

// subject finds the subscriber of an address; a missing one is answered.
func (t *Twin) subject(w http.ResponseWriter, r *http.Request) *subscriber {
	s := t.db.byID[idOf(r.PathValue("id"))]
	if s == nil {
		refuse(w, http.StatusBadRequest, "Subscriber ("+r.PathValue("id")+": ) not found")
	}
	return s
}

func (t *Twin) one(w http.ResponseWriter, r *http.Request) {
	if s := t.subject(w, r); s != nil {
		send(w, t.shown(s))
	}
}

// body is what a subscriber is made or changed by.
type body struct {
	Email     string         `json:"email"`
	Name      string         `json:"name"`
	Status    string         `json:"status"`
	Attribs   map[string]any `json:"attribs"`
	Lists     []int64        `json:"lists"`
	Confirmed bool           `json:"preconfirm_subscriptions"`
}

func (b *body) subscription() string {
	switch {
	case b.Status == "blocklisted":
		return "unsubscribed"
	case b.Confirmed:
		return "confirmed"
	}
	return "unconfirmed"
}

func (t *Twin) create(w http.ResponseWriter, r *http.Request) {
	var b body
	if !readBody(w, r, &b) {
		return
	}
	b.Email, b.Name = strings.ToLower(strings.TrimSpace(b.Email)), strings.TrimSpace(b.Name)
	switch {
	case !validEmail(b.Email):
		refuse(w, http.StatusBadRequest, "Invalid email.")
		return
	case t.opt.Version < 4 && (b.Name == "" || len(b.Name) > 200):
		refuse(w, http.StatusBadRequest, `invalid or empty name "`+b.Name+`"`)
		return
	case t.opt.Version < 4 && b.Status == "":
		refuse(w, http.StatusInternalServerError, `Error creating Subscriber: pq: invalid input value for enum subscriber_status: ""`)
		return
	case b.Name == "":
		b.Name, _, _ = strings.Cut(b.Email, "@")
	}
	if _, late := t.faults.Take(r.Method, r.URL.Path, "created_meanwhile"); late {
		t.db.add(b.Email, "Somebody", t.now().Add(-1))
	}
	s, at := t.db.byEmail(b.Email), t.now()
	switch {
	case s != nil && t.opt.Version >= 4:
		refuse(w, http.StatusConflict, "E-mail already exists.")
		return
	case s != nil:
		s.updated = at
	default:
		s = t.db.add(b.Email, b.Name, at)
		s.status = cmp.Or(b.Status, "enabled")
		if b.Attribs != nil {
			s.attribs = b.Attribs
		}
	}
	t.db.subscribe(s, b.Lists, b.subscription(), at)
	if !b.Confirmed {
		t.askToConfirm(s)
	}
	send(w, t.shown(s))
}

func (t *Twin) update(w http.ResponseWriter, r *http.Request) {
	var b body
	if !readBody(w, r, &b) {
		return
	}
	b.Email = strings.ToLower(strings.TrimSpace(b.Email))
	_, bad := t.faults.TakeWhere(r.Method, r.URL.Path, rowError(r))
	if bad || !validEmail(b.Email) && (b.Email != "" || t.opt.Version >= 4) {
		refuse(w, http.StatusBadRequest, "Invalid email.")
		return
	}
	s := t.db.byID[idOf(r.PathValue("id"))]
	if s == nil && len(b.Lists) > 0 {
		refuse(w, http.StatusInternalServerError, `Error updating subscriber: pq: null value in column "subscriber_id" violates not-null constraint`)
		return
	}
	other := t.db.byEmail(b.Email)
	switch {
	case s == nil && other != nil && t.opt.Version >= 6: // found again by the address
		send(w, t.shown(other))
		return
	case s == nil:
		refuse(w, http.StatusBadRequest, "Subscriber not found")
		return
	case other != nil && other != s:
		refuse(w, http.StatusInternalServerError,
			`Error updating subscriber: pq: duplicate key value violates unique constraint "subscribers_email_key". Key (email)=(`+b.Email+`) already exists.`)
		return
	}
	t.store(s, &b)
	if !b.Confirmed {
		t.askToConfirm(s)
	}
	send(w, t.shown(s))
}

// store overwrites a subscriber. The dates of its subscriptions stay.
func (t *Twin) store(s *subscriber, b *body) {
	at := t.now()
	s.email, s.name = cmp.Or(b.Email, s.email), cmp.Or(strings.TrimSpace(b.Name), s.name)
	s.status, s.updated = cmp.Or(b.Status, s.status), at
	if b.Attribs != nil || t.opt.Version >= 6 {
		if s.attribs = b.Attribs; s.attribs == nil {
			s.attribs = map[string]any{}
		}
	}
	s.subs = slices.DeleteFunc(s.subs, func(x *subscription) bool { return !slices.Contains(b.Lists, x.list.id) })
	for _, x := range s.subs {
		switch {
		case b.Status == "blocklisted":
			x.status = "unsubscribed"
		case t.opt.Version >= 6 && x.status == "unconfirmed":
			x.status = b.subscription()
		}
	}
	t.db.subscribe(s, b.Lists, b.subscription(), at)
}

func (t *Twin) remove(w http.ResponseWriter, r *http.Request) {
	ids := r.URL.Query()["id"]
	if len(ids) == 0 {
		refuse(w, http.StatusBadRequest, "No IDs given.")
		return
	}
	for _, id := range ids {
		t.db.delete(idOf(id))
	}
	send(w, true)
}

// many is a change of several subscribers at once.
type many struct {
	IDs    []int64 `json:"ids"`
	Action string  `json:"action"`
	Lists  []int64 `json:"target_list_ids"`
	Status string  `json:"status"`
}

func (t *Twin) blocklist(w http.ResponseWriter, r *http.Request) {
	var b many
	if !readBody(w, r, &b) {
		return
	}
	for _, id := range b.IDs {
		if s := t.db.byID[id]; s != nil {
			s.status, s.updated = "blocklisted", t.now()
			s.unsubscribe(nil, s.updated)
		}
	}
	send(w, true)
}

// unsubscribe ends subscriptions to these lists, or to all; a zero moment
// leaves their dates.
func (s *subscriber) unsubscribe(lists []int64, at time.Time) {
	for _, x := range s.subs {
		if lists != nil && !slices.Contains(lists, x.list.id) {
			continue
		}
		if x.status = "unsubscribed"; !at.IsZero() {
			x.updated = at
		}
	}
}

func (t *Twin) manageLists(w http.ResponseWriter, r *http.Request) {
	var b many
	if !readBody(w, r, &b) {
		return
	}
	for _, id := range b.IDs {
		s := t.db.byID[id]
		switch {
		case s == nil:
		case b.Action == "add":
			t.db.subscribe(s, b.Lists, cmp.Or(b.Status, "unconfirmed"), t.now())
		case b.Action == "unsubscribe":
			s.unsubscribe(b.Lists, t.now())
		case b.Action == "remove":
			s.subs = slices.DeleteFunc(s.subs, func(x *subscription) bool { return slices.Contains(b.Lists, x.list.id) })
		}
	}
	send(w, true)
}

// unsubscribe is the public page behind the link in a mail. Version 1 moves no
// date at all.
func (t *Twin) unsubscribe(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<16)
	s := t.db.byUUID(r.PathValue("subscriber"))
	if r.ParseForm() != nil || s == nil {
		http.Error(w, "<html>404</html>", http.StatusNotFound)
		return
	}
	var at time.Time
	if t.opt.Version >= 6 {
		at = t.now()
	}
	if r.PostForm.Get("blocklist") == "true" {
		s.status = "blocklisted"
		s.unsubscribe(nil, at)
	} else if c := t.db.campaign(r.PathValue("campaign")); c != nil {
		s.unsubscribe(c.listIDs(), at)
	}
	_, _ = w.Write([]byte("<html>unsubscribed</html>")) // a lost client is its own affair
}
