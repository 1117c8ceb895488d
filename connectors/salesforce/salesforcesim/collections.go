package salesforcesim

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
)

const maxCollection = 200

// result is one row's outcome; a refused row has no id, as at the vendor.
type result struct {
	ID      string       `json:"id,omitempty"`
	Success bool         `json:"success"`
	Errors  []rowRefusal `json:"errors"`
	Created *bool        `json:"created,omitempty"`
}

type rowRefusal struct {
	Code       string   `json:"statusCode"`
	Message    string   `json:"message"`
	Fields     []string `json:"fields"`
	Duplicates any      `json:"duplicateResult,omitempty"`
}

func resultOf(id string, errs []*rowError) result {
	out := result{ID: id, Success: errs == nil, Errors: []rowRefusal{}}
	if errs == nil {
		return out
	}
	out.ID = ""
	for _, e := range errs {
		r := rowRefusal{Code: e.code, Message: e.message, Fields: e.fields}
		if r.Fields == nil {
			r.Fields = []string{}
		}
		if e.code == "DUPLICATES_DETECTED" {
			r.Duplicates = e.duplicates
		}
		out.Errors = append(out.Errors, r)
	}
	return out
}

// collections answers /composite/sobjects and what is below it.
func (t *Twin) collections(c *call, rest []string) reply {
	switch {
	case c.method == http.MethodDelete && len(rest) == 0:
		ids := splitList(c.query.Get("ids"))
		return t.collect(c, collection{len(ids), c.query.Get("allOrNone") == "true", func(w *writer, i int) (result, *reply) { return t.deleteRow(w, ids[i]), nil }})
	case len(rest) == 1 && (c.method == http.MethodGet || c.method == http.MethodPost):
		return t.retrieveMany(c, rest[0])
	case len(rest) == 0 || len(rest) == 2:
		return t.saveMany(c, rest)
	}
	return notFound()
}

func (t *Twin) saveMany(c *call, rest []string) reply {
	var in struct {
		AllOrNone bool             `json:"allOrNone"`
		Records   []map[string]any `json:"records"`
	}
	if bad := c.decode(&in); bad != nil {
		return *bad
	}
	if len(in.Records) == 0 {
		return failure(http.StatusBadRequest, "REQUIRED_FIELD_MISSING", "At least 1 record is required")
	}
	if len(in.Records) > maxCollection {
		return failure(http.StatusBadRequest, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call")
	}
	if bad := t.batchFault(c, in.Records); bad != nil {
		return *bad
	}
	seen := map[string]bool{}
	return t.collect(c, collection{len(in.Records), in.AllOrNone, func(w *writer, i int) (result, *reply) {
		rec := in.Records[i]
		if len(rest) == 2 {
			return t.upsertRow(w, rest[0], rest[1], rec, seen)
		}
		if c.method == http.MethodPatch {
			return t.updateRow(w, rec)
		}
		return t.createRow(w, rec)
	}})
}

// batchFault refuses a whole collection because of one row.
func (t *Twin) batchFault(c *call, records []map[string]any) *reply {
	w := t.writer(c)
	var values []string
	for _, rec := range records {
		for _, v := range rec {
			if s, ok := v.(string); ok {
				values = append(values, s)
			}
		}
	}
	if _, ok := w.takeRow("whole_batch_error", values...); !ok {
		return nil
	}
	r := failure(http.StatusBadRequest, jsonError, "Cannot deserialize instance of date from VALUE_STRING value 31.02.2026 or request may be missing a required field at [line:1, column:2]")
	return &r
}

// collection is a call of n rows. A reply from do refuses the whole call;
// all-or-none takes every row back on one refusal.
type collection struct {
	n         int
	allOrNone bool
	do        func(w *writer, i int) (result, *reply)
}

// collect runs a collection row by row and answers the outcomes in order.
func (t *Twin) collect(c *call, rows collection) reply {
	n := rows.n
	if n == 0 || n > maxCollection {
		return failure(http.StatusBadRequest, "EXCEEDED_ID_LIMIT", fmt.Sprintf("record limit reached. cannot submit %d records into this call", n))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.writer(c)
	start := len(w.undo)
	results := make([]result, n)
	failedRows := 0
	for i := range n {
		mark := len(w.undo)
		r, whole := rows.do(w, i)
		if whole != nil {
			w.rollback(start)
			return *whole
		}
		if !r.Success {
			w.rollback(mark)
			failedRows++
		}
		results[i] = r
	}
	if rows.allOrNone && failedRows > 0 {
		w.rollback(start)
		for i := range results {
			if results[i].Success {
				results[i] = resultOf("", []*rowError{refuse("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Record rolled back because not all records were valid and the request was using AllOrNone header")})
			}
		}
	}
	return jsonReply(http.StatusOK, results)
}

func typeOf(rec map[string]any) string {
	attributes, _ := rec["attributes"].(map[string]any)
	name, _ := attributes["type"].(string)
	return name
}

// rowRead is what a row asks for, or why it is refused.
type rowRead struct {
	o       *object
	changes []change
	errs    []*rowError
}

// readRow reads a row; a malformed value refuses the whole call.
func (t *Twin) readRow(rec map[string]any, name string) (rowRead, *reply) {
	o := t.object(name)
	if o == nil {
		r := failure(http.StatusBadRequest, "INVALID_TYPE", fmt.Sprintf("sObject type '%s' is not supported.", name))
		return rowRead{}, &r
	}
	changes, errs := t.changesOf(o, rec)
	for _, e := range errs {
		if e.code == jsonError {
			r := failure(http.StatusBadRequest, e.code, e.message)
			return rowRead{}, &r
		}
	}
	return rowRead{o, changes, errs}, nil
}

func (t *Twin) createRow(w *writer, rec map[string]any) (result, *reply) {
	in, whole := t.readRow(rec, typeOf(rec))
	if whole != nil || in.errs != nil {
		return resultOf("", in.errs), whole
	}
	id, errs := t.create(w, in.o, in.changes)
	return resultOf(id, errs), nil
}

func idOfRecord(rec map[string]any) string {
	for k, v := range rec {
		if s, ok := v.(string); ok && strings.EqualFold(k, "id") {
			return s
		}
	}
	return ""
}

func (t *Twin) updateRow(w *writer, rec map[string]any) (result, *reply) {
	in, whole := t.readRow(rec, typeOf(rec))
	if whole != nil || in.errs != nil {
		return resultOf("", in.errs), whole
	}
	id := idOfRecord(rec)
	if id == "" {
		return resultOf("", []*rowError{refuse("MISSING_ARGUMENT", "Id not specified in an update call")}), nil
	}
	r := in.o.find(id)
	if r == nil {
		return resultOf("", []*rowError{unknownID(id)}), nil
	}
	return resultOf(in.o.id(r), t.update(w, in.o, r, in.changes)), nil
}

func (t *Twin) upsertRow(w *writer, object, key string, rec map[string]any, seen map[string]bool) (result, *reply) {
	in, whole := t.readRow(rec, object)
	if whole != nil || in.errs != nil {
		return resultOf("", in.errs), whole
	}
	value := idOfRecord(rec)
	if !strings.EqualFold(key, "Id") {
		value = ""
		for k, v := range rec {
			if strings.EqualFold(k, key) && v != nil {
				value = fmt.Sprint(v)
			}
		}
		if value == "" {
			return resultOf("", []*rowError{refuse("MISSING_ARGUMENT", key+" not specified")}), nil
		}
	}
	if value != "" && seen[strings.ToLower(value)] {
		return resultOf("", []*rowError{refuse("DUPLICATE_VALUE", "Duplicate external id specified: "+value, key)}), nil
	}
	seen[strings.ToLower(value)] = true
	id, created, errs := t.upsert(w, in.o, key, value, in.changes)
	out := resultOf(id, errs)
	out.Created = &created
	return out, nil
}

func (t *Twin) deleteRow(w *writer, id string) result {
	o := t.objectOf(id)
	if o == nil || o.find(id) == nil {
		return resultOf("", []*rowError{unknownID(id)})
	}
	r := o.find(id)
	if err := t.remove(w, o, r); err != nil {
		return resultOf("", []*rowError{err})
	}
	return resultOf(o.id(r), nil)
}

func unknownID(id string) *rowError {
	if len(id) != 15 && len(id) != 18 {
		return refuse("MALFORMED_ID", "malformed id "+id)
	}
	return refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
}

// retrieveMany answers records by id, null where there is none.
func (t *Twin) retrieveMany(c *call, object string) reply {
	in := struct {
		IDs    []string `json:"ids"`
		Fields []string `json:"fields"`
	}{splitList(c.query.Get("ids")), splitList(c.query.Get("fields"))}
	if c.method == http.MethodPost {
		if bad := c.decode(&in); bad != nil {
			return *bad
		}
	}
	if len(in.IDs) > maxPage {
		return failure(http.StatusBadRequest, "EXCEEDED_ID_LIMIT", "cannot retrieve more than 2000 records in this call")
	}
	_, stale := t.Faults.Take(c.method, c.path, "stale_read")
	t.mu.RLock()
	defer t.mu.RUnlock()
	o := t.object(object)
	if o == nil {
		return notFound()
	}
	if len(in.Fields) == 0 {
		return failure(http.StatusBadRequest, "REQUIRED_FIELD_MISSING", "fields is required")
	}
	rw, bad := t.fieldWriter(c, o, in.Fields)
	if bad != nil {
		return *bad
	}
	var b bytes.Buffer
	for i, id := range in.IDs {
		b.WriteByte("[,"[min(i, 1)])
		r := o.find(id)
		if v, ok := o.recent[seqIf(r)]; stale && ok {
			r = v.before
		}
		if r == nil || r.deleted {
			b.WriteString("null")
			continue
		}
		rw.write(&b, r)
	}
	if len(in.IDs) == 0 {
		b.WriteByte('[')
	}
	b.WriteByte(']')
	return reply{status: http.StatusOK, body: b.Bytes()}
}

func seqIf(r *row) uint32 {
	if r == nil {
		return 0
	}
	return r.seq
}
