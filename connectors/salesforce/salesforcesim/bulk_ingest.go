package salesforcesim

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
)

// jobData answers what is below a job: upload and results.
func (t *Twin) jobData(c *call, j *job, what string) reply {
	if j.kind == "query" {
		if what == "results" && c.method == http.MethodGet {
			return t.queryResults(c, j)
		}
		return notFound()
	}
	if what == "batches" && c.method == http.MethodPut {
		if j.state != "Open" {
			return failure(http.StatusBadRequest, "INVALIDJOBSTATE", "Job must be Open to take data")
		}
		j.uploads = c.body
		return reply{status: http.StatusCreated}
	}
	if c.method != http.MethodGet {
		return notFound()
	}
	if !j.ended() {
		return failure(http.StatusBadRequest, "INVALIDJOBSTATE", "Job must be in JobComplete, Failed or Aborted to get its results")
	}
	switch what {
	case "successfulResults":
		return j.csv([]string{"sf__Id", "sf__Created"}, j.good)
	case "failedResults":
		return j.csv([]string{"sf__Id", "sf__Error"}, j.bad)
	case "unprocessedrecords":
		return j.csv(nil, j.left)
	}
	return notFound()
}

func (j *job) csv(first []string, rows [][]string) reply {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = j.comma()
	w.UseCRLF = j.lineEnding == "CRLF"
	_ = w.Write(append(first, j.header...)) // a buffer takes everything
	_ = w.WriteAll(rows)
	return reply{status: http.StatusOK, body: b.Bytes(), kind: "text/csv"}
}

func (j *job) comma() rune {
	switch j.delim {
	case "SEMICOLON":
		return ';'
	case "TAB":
		return '\t'
	case "PIPE":
		return '|'
	case "CARET":
		return '^'
	case "BACKQUOTE":
		return '`'
	}
	return ','
}

// pending reads what was uploaded and not tried.
func (j *job) pending() [][]string {
	rows, err := j.read()
	if err != nil || len(rows) == 0 {
		return nil
	}
	j.header = rows[0]
	return rows[1:]
}

func (j *job) read() ([][]string, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(j.uploads, []byte("\ufeff"))))
	r.Comma = j.comma()
	return r.ReadAll()
}

// begin does a job's work at once; how it looks from outside is progress's
// matter.
func (t *Twin) begin(c *call, j *job) {
	j.polls, j.ready = t.opt.BulkPolls, t.Clock.Now().Add(t.opt.BulkTime)
	j.outcome = "JobComplete"
	if f, ok := t.Faults.Take(c.method, c.path, "bulk_stuck", "bulk_abort", "bulk_fail", "bulk_partial"); ok {
		t.spoil(c, j, f.Kind)
		return
	}
	if j.kind == "ingest" {
		t.ingest(c, j, len(j.uploads))
	}
}

func (t *Twin) spoil(c *call, j *job, kind string) {
	switch kind {
	case "bulk_stuck":
		j.outcome, j.left = "", j.pending()
	case "bulk_abort":
		j.outcome, j.left = "Aborted", j.pending()
	case "bulk_fail":
		j.outcome, j.left, j.message = "Failed", j.pending(), "InternalServerError : Unable to process the job"
	case "bulk_partial":
		j.outcome, j.message = "Failed", "InternalServerError : The job stopped before its last record"
		if j.kind == "ingest" {
			t.ingest(c, j, len(j.pending())/2)
		}
	}
}

// ingest writes the first most rows of an upload.
func (t *Twin) ingest(c *call, j *job, most int) {
	rows, err := j.read()
	if err != nil || len(rows) == 0 {
		j.outcome, j.message = "Failed", "InvalidBatch : Failed to parse CSV header or rows"
		return
	}
	j.header = rows[0]
	o := t.object(j.object)
	for _, name := range j.header {
		if !knownColumn(o, name) {
			j.outcome, j.message = "Failed", "InvalidBatch : Field name not found : "+name
			return
		}
	}
	w := t.writer(c)
	w.method, w.path = http.MethodPut, strings.TrimSuffix(c.path, "/")+"/batches"
	for i, values := range rows[1:] {
		if i >= most {
			j.left = append(j.left, values)
			continue
		}
		j.processed++
		mark := len(w.undo)
		id, created, errs := t.ingestRow(w, j, o, j.line(values))
		if errs == nil {
			j.good = append(j.good, append([]string{id, strconv.FormatBool(created)}, values...))
			w.undo = w.undo[:0] // a bulk job takes nothing back
			continue
		}
		w.rollback(mark)
		j.failed++
		j.bad = append(j.bad, append([]string{id, bulkError(errs[0])}, values...))
	}
}

func bulkError(e *rowError) string {
	fields := "--"
	if len(e.fields) > 0 {
		fields = strings.Join(e.fields, ",") + " --"
	}
	if e.code == jsonError {
		return "INVALID_FIELD:Failed to deserialize field. Due to, " + e.message + ":" + fields
	}
	return e.code + ":" + e.message + ":" + fields
}

func knownColumn(o *object, name string) bool {
	relation, _, isRelation := strings.Cut(name, ".")
	if isRelation {
		_, _, ok := o.byRelation(relation)
		return ok
	}
	_, _, ok := o.field(name)
	return ok
}

// ingestLine is a line of an upload: its record, the record's id and external
// id where the line has them.
type ingestLine struct {
	rec     map[string]any
	id, key string
}

// line reads one line: an empty value is left alone, #N/A clears.
func (j *job) line(values []string) ingestLine {
	l := ingestLine{rec: map[string]any{}}
	for i, name := range j.header {
		v := values[i]
		if strings.EqualFold(name, "Id") {
			l.id = v
		}
		if j.extID != "" && strings.EqualFold(name, j.extID) {
			l.key = v
		}
		relation, field, isRelation := strings.Cut(name, ".")
		switch {
		case v == "":
		case v == "#N/A":
			l.rec[name] = nil
		case isRelation:
			l.rec[relation] = map[string]any{field: v}
		default:
			l.rec[name] = v
		}
	}
	return l
}

// ingestRow saves one line and tells the record's id and whether it is new.
func (t *Twin) ingestRow(w *writer, j *job, o *object, l ingestLine) (id string, created bool, errs []*rowError) {
	changes, errs := t.changesOf(o, l.rec)
	if errs != nil {
		return l.id, false, errs
	}
	switch j.operation {
	case "insert":
		made, errs := t.create(w, o, changes)
		return made, errs == nil, errs
	case "upsert":
		if l.key == "" && !strings.EqualFold(j.extID, "Id") {
			return "", false, []*rowError{refuse("MISSING_ARGUMENT", j.extID+" not specified")}
		}
		return t.upsert(w, o, j.extID, l.key, changes)
	}
	r := o.find(l.id)
	if r == nil {
		return l.id, false, []*rowError{unknownID(l.id)}
	}
	if j.operation == "update" {
		return o.id(r), false, t.update(w, o, r, changes)
	}
	if err := t.remove(w, o, r); err != nil {
		return l.id, false, []*rowError{err}
	}
	return o.id(r), false, nil
}
