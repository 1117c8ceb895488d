package salesforcesim

import (
	"net/http"
	"strings"
	"time"
)

const jobFor = 7 * 24 * time.Hour

// job is one bulk job of either kind.
type job struct {
	id, kind, operation, object string // kind is ingest or query
	extID, lineEnding, delim    string
	state, message              string
	query, user, version        string
	created, touched            time.Time
	ready                       time.Time // when it may be done, by time
	polls                       int       // and how often it must be asked about first
	outcome                     string    // the state it ends in
	uploads                     []byte
	header                      []string
	good, bad, left             [][]string
	rows                        []*row
	columns                     []bulkColumn
	processed, failed           int
}

// bulk answers /jobs/ingest and /jobs/query.
func (t *Twin) bulk(c *call, rest []string) reply {
	if len(rest) == 0 || (rest[0] != "ingest" && rest[0] != "query") {
		return notFound()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dropJobs()
	kind := rest[0]
	if len(rest) == 1 {
		if c.method == http.MethodPost {
			return t.createJob(c, kind)
		}
		return t.listJobs(c, kind)
	}
	j := t.jobs[rest[1]]
	if j == nil || j.kind != kind {
		return notFound()
	}
	if len(rest) == 2 {
		return t.jobCall(c, j)
	}
	return t.jobData(c, j, rest[2])
}

// dropJobs forgets jobs whose results have expired.
func (t *Twin) dropJobs() {
	now := t.Clock.Now()
	kept := t.jobOrder[:0]
	for _, id := range t.jobOrder {
		if now.Sub(t.jobs[id].created) < jobFor {
			kept = append(kept, id)
			continue
		}
		delete(t.jobs, id)
	}
	t.jobOrder = kept
}

func (t *Twin) createJob(c *call, kind string) reply {
	var in struct {
		Object, Operation, Query string
		ExternalIDFieldName      string `json:"externalIdFieldName"`
		ContentType, LineEnding  string
		ColumnDelimiter          string
		AssignmentRuleID         string `json:"assignmentRuleId"`
	}
	if bad := c.decode(&in); bad != nil {
		return *bad
	}
	now := t.Clock.Now()
	t.serial++
	j := &job{
		id: idOf("750ak0000", t.serial), kind: kind, operation: in.Operation, object: in.Object, extID: in.ExternalIDFieldName, lineEnding: in.LineEnding,
		delim: in.ColumnDelimiter, query: in.Query, user: c.user, version: c.version, created: now, touched: now, state: "Open",
	}
	if j.lineEnding == "" {
		j.lineEnding = "LF"
	}
	if j.delim == "" {
		j.delim = "COMMA"
	}
	if bad := t.checkJob(c, j); bad != nil {
		return *bad
	}
	t.jobs[j.id] = j
	t.jobOrder = append(t.jobOrder, j.id)
	if kind == "query" {
		j.state = "UploadComplete"
		t.begin(c, j)
	}
	out := j.info()
	if kind == "ingest" {
		out["contentUrl"] = "services/data/" + c.version + "/jobs/ingest/" + j.id + "/batches"
	}
	return jsonReply(http.StatusOK, out)
}

func (t *Twin) checkJob(c *call, j *job) *reply {
	refused := func(code, message string) *reply {
		r := failure(http.StatusBadRequest, code, message)
		return &r
	}
	if j.kind == "query" {
		if j.operation != "query" && j.operation != "queryAll" {
			return refused("INVALIDJOB", "InvalidJob : Operation "+j.operation+" is not supported")
		}
		return t.prepareQuery(j)
	}
	o := t.object(j.object)
	switch {
	case o == nil:
		return refused("INVALIDENTITY", "InvalidEntity : Entity '"+j.object+"' is not supported.")
	case j.operation == "upsert":
		if _, f, ok := o.field(j.extID); !ok || !f.lookup {
			return refused("INVALIDJOB", "InvalidJob : Field name provided, "+j.extID+" does not match an External ID, Salesforce Id, or indexed field for "+j.object)
		}
	case !strings.Contains(" insert update delete hardDelete ", " "+j.operation+" "):
		return refused("INVALIDJOB", "InvalidJob : Operation "+j.operation+" is not supported")
	}
	j.object = o.name
	return nil
}

func (j *job) info() map[string]any {
	out := map[string]any{
		"id": j.id, "operation": j.operation, "object": j.object, "createdById": j.user, "createdDate": millisText(j.created.Truncate(time.Second).UnixMilli()),
		"systemModstamp": millisText(j.touched.Truncate(time.Second).UnixMilli()), "state": j.state, "concurrencyMode": "Parallel", "contentType": "CSV",
		"apiVersion": float64(atoi(strings.TrimSuffix(strings.TrimPrefix(j.version, "v"), ".0"))), "lineEnding": j.lineEnding, "columnDelimiter": j.delim,
	}
	if j.extID != "" {
		out["externalIdFieldName"] = j.extID
	}
	return out
}

// full is what a job's own address tells beyond info.
func (j *job) full() map[string]any {
	out := j.info()
	out["jobType"], out["retries"] = map[string]string{"ingest": "V2Ingest", "query": "V2Query"}[j.kind], 0
	out["numberRecordsProcessed"], out["totalProcessingTime"] = j.processed, j.processed/10
	if j.kind == "ingest" {
		out["numberRecordsFailed"], out["apiActiveProcessingTime"], out["apexProcessingTime"] = j.failed, j.processed/12, 0
	} else {
		out["isPkChunkingSupported"] = true
	}
	if j.message != "" && j.state == "Failed" {
		out["errorMessage"] = j.message
	}
	return out
}

func (t *Twin) listJobs(c *call, kind string) reply {
	list := []map[string]any{}
	for _, id := range t.jobOrder {
		if j := t.jobs[id]; j.kind == kind {
			out := j.info()
			out["jobType"] = j.full()["jobType"]
			list = append(list, out)
		}
	}
	return jsonReply(http.StatusOK, map[string]any{"done": true, "records": list, "nextRecordsUrl": nil})
}

// jobCall answers the job's own address.
func (t *Twin) jobCall(c *call, j *job) reply {
	switch c.method {
	case http.MethodGet:
		t.progress(j)
		return jsonReply(http.StatusOK, j.full())
	case http.MethodDelete:
		if !j.ended() {
			return failure(http.StatusBadRequest, "INVALIDJOBSTATE", "Job must be in JobComplete, Failed or Aborted to be deleted")
		}
		delete(t.jobs, j.id)
		t.jobOrder = dropText(t.jobOrder, j.id)
		return reply{status: http.StatusNoContent}
	case http.MethodPatch:
		return t.setState(c, j)
	}
	return failure(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '"+c.method+"' not allowed.")
}

func dropText(list []string, s string) []string {
	kept := list[:0]
	for _, item := range list {
		if item != s {
			kept = append(kept, item)
		}
	}
	return kept
}

func (j *job) ended() bool {
	return j.state == "JobComplete" || j.state == "Failed" || j.state == "Aborted"
}

func (t *Twin) setState(c *call, j *job) reply {
	var in struct {
		State string `json:"state"`
	}
	if bad := c.decode(&in); bad != nil {
		return *bad
	}
	switch {
	case in.State == "Aborted" && !j.ended():
		j.state = "Aborted"
		if j.outcome == "" {
			j.left = j.pending()
		}
	case in.State == "UploadComplete" && j.kind == "ingest" && j.state == "Open" && j.uploads != nil:
		j.state = "UploadComplete"
		t.begin(c, j)
	default:
		return failure(http.StatusBadRequest, "INVALIDJOBSTATE", "Invalid job state transition from "+j.state+" to "+in.State)
	}
	j.touched = t.Clock.Now()
	out := j.info()
	delete(out, "lineEnding")
	delete(out, "columnDelimiter")
	return jsonReply(http.StatusOK, out)
}

// progress moves a job on when it is asked about: a number of times, or until
// a time by the twin's clock, it is still at work.
func (t *Twin) progress(j *job) {
	if j.ended() || j.state == "Open" {
		return
	}
	if j.polls > 0 || t.Clock.Now().Before(j.ready) {
		j.polls--
		j.state = "InProgress"
		return
	}
	if j.outcome == "" {
		j.state = "InProgress"
		return
	}
	j.state, j.touched = j.outcome, t.Clock.Now()
}
