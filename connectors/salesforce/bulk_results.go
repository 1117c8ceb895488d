package salesforce

import (
	"context"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Parts of an ingest job's results.
const (
	partSucceeded   = "successfulResults"
	partFailed      = "failedResults"
	partUnprocessed = "unprocessedrecords"
)

// outcome matches the rows of a job's results to ops, by the id or key that
// each row carries.
type outcome struct {
	c       *Connector
	job     job
	waiting map[string][]connectors.Op
	results []connectors.Result
}

func (c *Connector) collect(ctx context.Context, j job, ops []connectors.Op) ([]connectors.Result, error) {
	o := &outcome{c: c, job: j, waiting: make(map[string][]connectors.Op, len(ops))}
	for _, op := range ops {
		id := longID(op.RemoteID)
		if j.Key != "" {
			id = fold(op.Key.Value)
		}
		o.waiting[id] = append(o.waiting[id], op)
	}
	for _, part := range []string{partSucceeded, partFailed, partUnprocessed} {
		if err := o.read(ctx, part); err != nil {
			return nil, err
		}
	}
	for _, left := range o.waiting {
		for _, op := range left {
			o.results = append(o.results, o.lost(op))
		}
	}
	object, _ := objectNamed(j.Object)
	if s, err := c.meta.describe(ctx, j.Object, 0); err == nil {
		c.settle(ctx, object, s, ops, o.results)
	}
	return o.results, nil
}

func (o *outcome) take(part string, op connectors.Op, row csvRow) connectors.Result {
	switch part {
	case partSucceeded:
		return o.succeeded(op, row)
	case partFailed:
		return o.failed(op, row)
	}
	return o.unprocessed(op, row)
}

func (o *outcome) read(ctx context.Context, part string) error {
	locator := ""
	for {
		var seen []csvRow
		query := maxRecords(resultRows, locator)
		if part == partUnprocessed {
			query = nil
		}
		next, err := o.c.api.results(ctx, o.c.api.path("jobs", ingestJobs, o.job.ID, part)+"/", query, func(r csvRow) { seen = append(seen, r) })
		if fault.Is(err, fault.Missing) || fault.Is(err, fault.Expired) {
			return nil // forgotten: the rows' fate stays unknown
		}
		if err != nil {
			return err
		}
		o.add(part, seen)
		if next == "" || next == locator {
			return nil
		}
		locator = next
	}
}

func (o *outcome) add(part string, rows []csvRow) {
	for _, row := range rows {
		if op, ok := o.match(row); ok {
			o.results = append(o.results, o.take(part, op, row))
		}
	}
}

// match takes the op that a row belongs to.
func (o *outcome) match(row csvRow) (connectors.Op, bool) {
	id := longID(row[fieldID])
	switch {
	case o.job.Key != "":
		id = fold(row[o.job.Key])
	case id == "":
		id = longID(row["sf__Id"])
	}
	list := o.waiting[id]
	if len(list) == 0 {
		return connectors.Op{}, false
	}
	if len(list) == 1 {
		delete(o.waiting, id)
	} else {
		o.waiting[id] = list[1:]
	}
	return list[0], true
}

func (o *outcome) succeeded(op connectors.Op, row csvRow) connectors.Result {
	return connectors.Result{
		Op: op.ID, Status: connectors.Applied, RemoteID: longID(row["sf__Id"]),
		Adopted: op.Kind == connectors.Create && row["sf__Created"] == "false",
	}
}

func (o *outcome) failed(op connectors.Op, row csvRow) connectors.Result {
	return rowResult{ID: row["sf__Id"], Errors: []apiError{bulkError(row["sf__Error"])}}.result(o.c.name, op)
}

// bulkError takes apart "CODE:message:Field,Field --".
func bulkError(text string) apiError {
	code, rest, _ := strings.Cut(text, ":")
	e := apiError{StatusCode: strings.TrimSpace(code), Message: rest}
	body, ok := strings.CutSuffix(strings.TrimSpace(rest), "--")
	if at := strings.LastIndexByte(body, ':'); ok && at >= 0 {
		for name := range strings.SplitSeq(body[at+1:], ",") {
			if name = strings.TrimSpace(name); name != "" && fieldName(name) {
				e.Fields = append(e.Fields, name)
			}
		}
	}
	return e
}

func fieldName(s string) bool { return locatorForm.MatchString(s) && !strings.Contains(s, "-") }

// unprocessed rows were not reached before the job ended.
func (o *outcome) unprocessed(op connectors.Op, _ csvRow) connectors.Result {
	class := fault.Transient
	if strings.HasPrefix(o.job.ErrorMessage, "InvalidBatch") {
		class = fault.Invalid // the columns are refused, not a row
	}
	f := fault.New(class, fault.ScopeBatch, "the bulk job ended as %s before this row", o.job.State)
	f.System, f.Object, f.Op = o.c.name, op.Object, string(op.Kind)+" "+op.Object
	if code, _, ok := strings.Cut(o.job.ErrorMessage, " :"); ok && fieldName(code) {
		f.Code = code
	}
	return connectors.Result{Op: op.ID, Status: connectors.Rejected, RemoteID: op.RemoteID, Err: f}
}

// lost rows are in none of the results, or the results are gone.
func (o *outcome) lost(op connectors.Op) connectors.Result {
	f := fault.New(fault.OutcomeUnknown, fault.ScopeRow, "the results of the bulk job do not tell this row's fate")
	f.System, f.Object, f.Next = o.c.name, op.Object, "look the record up before writing it again"
	return connectors.Result{Op: op.ID, Status: connectors.Unknown, RemoteID: op.RemoteID, Err: f}
}
