package salesforcesim

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// sobjects answers /sobjects and what is below it.
func (t *Twin) sobjects(c *call, rest []string) reply {
	if len(rest) == 0 {
		return t.describeGlobal(c)
	}
	t.mu.RLock()
	o := t.object(rest[0])
	t.mu.RUnlock()
	if o == nil {
		return notFound()
	}
	switch {
	case len(rest) == 1 && c.method == http.MethodPost:
		return t.createOne(c, o)
	case len(rest) == 1:
		return t.describeBasic(c, o)
	case len(rest) == 2 && rest[1] == "describe":
		return t.describe(c, o)
	case len(rest) == 2 && (rest[1] == "updated" || rest[1] == "deleted"):
		return t.changedSince(c, o, rest[1])
	case len(rest) == 2:
		return t.one(c, o, rest[1])
	case len(rest) == 3:
		return t.byExternalID(c, o, rest[1], rest[2])
	}
	return notFound()
}

func (t *Twin) createOne(c *call, o *object) reply {
	var rec map[string]any
	if bad := c.decode(&rec); bad != nil {
		return *bad
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	changes, errs := t.changesOf(o, rec)
	if errs != nil {
		return failed(errs)
	}
	id, errs := t.create(t.writer(c), o, changes)
	if errs != nil {
		return failed(errs)
	}
	return saved(http.StatusCreated, c, o, id, nil)
}

func saved(status int, c *call, o *object, id string, more map[string]any) reply {
	body := map[string]any{"id": id, "success": true, "errors": []any{}}
	maps.Copy(body, more)
	r := jsonReply(status, body)
	if status == http.StatusCreated {
		r.header = map[string]string{"Location": "/services/data/" + c.version + "/sobjects/" + o.name + "/" + id}
	}
	return r
}

// one answers a record by its id.
func (t *Twin) one(c *call, o *object, id string) reply {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := o.find(id)
	if r == nil {
		if _, ok := soql.ID18(id); !ok && c.method != http.MethodGet {
			return failure(http.StatusNotFound, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+id)
		}
		return notFound()
	}
	if c.method == http.MethodGet || c.method == http.MethodHead {
		return t.retrieve(c, o, r)
	}
	if unmet(c, r) {
		return failure(http.StatusPreconditionFailed, "PRECONDITION_FAILED", "The request did not meet the condition specified in its headers: the record was modified.")
	}
	switch c.method {
	case http.MethodPatch:
		return t.changeOne(c, o, r)
	case http.MethodDelete:
		if err := t.remove(t.writer(c), o, r); err != nil {
			return failed([]*rowError{err})
		}
		return reply{status: http.StatusNoContent}
	}
	return failure(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '"+c.method+"' not allowed. Allowed are HEAD,GET,PATCH,DELETE")
}

func (t *Twin) changeOne(c *call, o *object, r *row) reply {
	var rec map[string]any
	if bad := c.decode(&rec); bad != nil {
		return *bad
	}
	changes, errs := t.changesOf(o, rec)
	if errs == nil {
		errs = t.update(t.writer(c), o, r, changes)
	}
	if errs != nil {
		return failed(errs)
	}
	return reply{status: http.StatusNoContent}
}

// unmet reports whether the record was modified since the time the call gives.
func unmet(c *call, r *row) bool {
	at, err := http.ParseTime(c.header.Get("If-Unmodified-Since"))
	return err == nil && r.modified > at.UnixMilli()
}

func (t *Twin) retrieve(c *call, o *object, r *row) reply {
	if _, stale := t.Faults.Take(c.method, c.path, "stale_read"); stale {
		if v, ok := o.recent[r.seq]; ok {
			r = v.before
		}
	}
	if r == nil || r.deleted {
		return notFound()
	}
	at, err := http.ParseTime(c.header.Get("If-Modified-Since"))
	if err == nil && r.modified <= at.UnixMilli() {
		return reply{status: http.StatusNotModified}
	}
	rw, bad := t.fieldWriter(c, o, splitList(c.query.Get("fields")))
	if bad != nil {
		return *bad
	}
	var b bytes.Buffer
	rw.write(&b, r)
	return reply{status: http.StatusOK, body: b.Bytes(), header: map[string]string{"Last-Modified": time.UnixMilli(r.modified).UTC().Format(http.TimeFormat)}}
}

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// fieldWriter shows the fields named, or all of them.
func (t *Twin) fieldWriter(c *call, o *object, names []string) (*rowWriter, *reply) {
	q := &run{t: t, o: o, text: strings.Join(names, ",")}
	items := []soql.Item{{Func: "FIELDS", Field: soql.Name{Path: "ALL"}}}
	if names != nil {
		items = nil
		for _, n := range names {
			items = append(items, soql.Item{Field: soql.Name{Path: n}})
		}
	}
	rw, err := q.writer(items, c.version)
	if err != nil {
		bad := queryFailed(err)
		if len(names) > 0 {
			bad = failure(http.StatusBadRequest, "INVALID_FIELD", "No such column '"+firstUnknown(o, names)+"' on sobject of type "+o.name)
		}
		return nil, &bad
	}
	return rw, nil
}

func firstUnknown(o *object, names []string) string {
	for _, n := range names {
		if _, _, ok := o.field(n); !ok {
			return n
		}
	}
	return ""
}

// byExternalID answers a record by the value of a key field.
func (t *Twin) byExternalID(c *call, o *object, key, value string) reply {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, f, ok := o.field(key); !ok || (!f.lookup && !f.extID) {
		return failure(http.StatusNotFound, "NOT_FOUND", "Provided external ID field does not exist or is not accessible: "+key)
	}
	rows := t.byKey(o, key, value)
	if c.method == http.MethodPatch || c.method == http.MethodPost {
		return t.upsertOne(c, o, key, value)
	}
	if len(rows) > 1 {
		return several(c, o, rows)
	}
	if len(rows) == 0 {
		return notFound()
	}
	switch c.method {
	case http.MethodGet, http.MethodHead:
		return t.retrieve(c, o, rows[0])
	case http.MethodDelete:
		if err := t.remove(t.writer(c), o, rows[0]); err != nil {
			return failed([]*rowError{err})
		}
		return reply{status: http.StatusNoContent}
	}
	return failure(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '"+c.method+"' not allowed. Allowed are HEAD,GET,PATCH,DELETE")
}

func several(c *call, o *object, rows []*row) reply {
	urls := make([]string, len(rows))
	for i, r := range rows {
		urls[i] = "/services/data/" + c.version + "/sobjects/" + o.name + "/" + o.id(r)
	}
	return jsonReply(http.StatusMultipleChoices, urls)
}

func (t *Twin) upsertOne(c *call, o *object, key, value string) reply {
	var rec map[string]any
	if bad := c.decode(&rec); bad != nil {
		return *bad
	}
	if rows := t.byKey(o, key, value); len(rows) > 1 {
		return several(c, o, rows)
	}
	changes, errs := t.changesOf(o, rec)
	if errs != nil {
		return failed(errs)
	}
	id, created, errs := t.upsert(t.writer(c), o, key, value, changes)
	if errs != nil {
		return failed(errs)
	}
	if created {
		return saved(http.StatusCreated, c, o, id, map[string]any{"created": true})
	}
	return saved(http.StatusOK, c, o, id, map[string]any{"created": false})
}
