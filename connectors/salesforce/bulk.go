package salesforce

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// job is a job of Bulk API 2.0, of either direction.
type job struct {
	ID           string `json:"id"`
	Object       string `json:"object"`
	Operation    string `json:"operation"`
	State        string `json:"state"`
	Key          string `json:"externalIdFieldName"`
	ErrorMessage string `json:"errorMessage"`
}

// States of a job.
const (
	jobOpen     = "Open"
	jobUploaded = "UploadComplete"
	jobComplete = "JobComplete"
	jobFailed   = "Failed"
	jobAborted  = "Aborted"
)

func (j job) ended() bool {
	return j.State == jobComplete || j.State == jobFailed || j.State == jobAborted
}

// Directions of jobs.
const (
	ingestJobs = "ingest"
	queryJobs  = "query"
)

func (a *api) createJob(ctx context.Context, direction string, spec map[string]string) (job, error) {
	var j job
	_, err := a.client.Do(ctx, httpapi.Request{
		Method: http.MethodPost, Path: a.path("jobs", direction), Body: spec, Into: &j, Op: "create bulk " + direction + " job",
		Object: spec["object"], Idempotent: true, // a job that stays empty does nothing
	})
	if err == nil && !isID(j.ID) {
		err = malformed("a new bulk job has no id")
	}
	return j, err
}

func (a *api) job(ctx context.Context, direction, id string) (job, error) {
	var j job
	_, err := a.client.Do(ctx, httpapi.Request{
		Method: http.MethodGet, Path: a.path("jobs", direction, id), Into: &j, Op: "poll bulk " + direction + " job",
	})
	return j, err
}

func (a *api) setState(ctx context.Context, direction, id, state string) error {
	_, err := a.client.Do(ctx, httpapi.Request{
		Method: http.MethodPatch, Path: a.path("jobs", direction, id), Body: map[string]string{"state": state}, Op: "end bulk " + direction + " job",
	})
	return err
}

// results reads one CSV of a job and hands over each row. It returns the
// locator of the next part, "" at the end.
func (a *api) results(ctx context.Context, path string, query url.Values, each func(csvRow)) (string, error) {
	res, err := a.client.Stream(ctx, httpapi.Request{
		Method: http.MethodGet, Path: path, Query: query, Header: http.Header{"Accept": {"text/csv"}},
		MaxBytes: maxIngest * 2, Op: "read bulk results",
	}, func(r io.Reader) error { return readCSV(r, each) })
	if err != nil {
		return "", err
	}
	next := res.Header.Get("Sforce-Locator")
	if next == "null" {
		next = ""
	}
	if next != "" && !locatorForm.MatchString(next) {
		return "", malformed("the locator of bulk results cannot be understood")
	}
	return next, nil
}

func readCSV(r io.Reader, each func(csvRow)) error {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	header, err := in.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return csvFault(err)
	}
	names := append([]string(nil), header...)
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvFault(err)
		}
		row := make(csvRow, len(names))
		for i, name := range names {
			row[name] = cells[i]
		}
		each(row)
	}
}

// csvFault hides the content that encoding/csv may quote.
func csvFault(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	return fault.New(fault.Malformed, fault.ScopeCall, "bulk results are no valid CSV at line %d", parse.Line)
}

func maxRecords(n int, locator string) url.Values {
	q := url.Values{"maxRecords": {strconv.Itoa(n)}}
	if locator != "" {
		q.Set("locator", locator)
	}
	return q
}
