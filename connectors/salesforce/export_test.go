package salesforce

import (
	"encoding/csv"
	"errors"
	"net/http"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
)

// What the tests see of the inside: pure functions only.
//
//nolint:gochecknoglobals // names for the tests, never written
var (
	LongID   = longID
	IsID     = isID
	Cuts     = cutPoints
	Quote    = quote
	Classify = classify
	Observe  = observe
	BulkErr  = func(text string) *fault.Error { return faultOf(bulkError(text)) }
	Allowed  = allowInstance
)

// ReadCursor reads a cursor and writes it again.
func ReadCursor(text string) (string, error) {
	p, err := parseCursor(connectors.Cursor(text))
	return string(p.cursor()), err
}

// DecodeQuery decodes a query's answer by a description, or by one made of the
// fields it shows, and returns how many rows and issues it has.
func DecodeQuery(body, describe []byte) (rows, issues int, err error) {
	var reply queryReply
	if err := httpapi.Decode(body, &reply); err != nil {
		return 0, 0, err
	}
	s := &sobject{Name: "Whatever", Queryable: true}
	if describe != nil {
		if s, err = parseDescribe(describe); err != nil {
			return 0, 0, err
		}
	}
	s.index()
	r := &reader{
		object: object{name: s.Name, stamp: fieldStamp}, describe: s,
		prefix: func(string) string { return "" }, actor: func(string) record.Actor { return record.Actor{} },
	}
	for _, f := range s.Fields {
		r.asked = append(r.asked, f.Name)
	}
	var page connectors.Page
	for _, row := range reply.Records {
		r.into(&page, row)
	}
	_, err = nextLocator(&reply)
	return len(reply.Records), len(page.Issues), err
}

// DecodeRowResults decodes the results of a collection and classifies them.
func DecodeRowResults(body []byte) ([]connectors.Result, error) {
	var rows []rowResult
	if err := httpapi.Decode(body, &rows); err != nil {
		return nil, err
	}
	out := make([]connectors.Result, len(rows))
	for i, r := range rows {
		out[i] = r.result("salesforce", connectors.Op{ID: "op", Object: lead, Kind: connectors.Create})
	}
	return out, nil
}

// DecodeDescribe decodes a description and returns its fields and keys.
func DecodeDescribe(body []byte) (fields int, keys []string, err error) {
	s, err := parseDescribe(body)
	if err != nil {
		return 0, nil, err
	}
	o := s.schema(object{stamp: fieldStamp, write: true}, 0)
	return len(o.Fields), o.Keys, nil
}

// DecodeJob decodes a bulk job.
func DecodeJob(body []byte) (id string, ended bool, err error) {
	var j job
	err = httpapi.Decode(body, &j)
	return j.ID, j.ended(), err
}

// DecodeBulkCSV reads a CSV of results and counts its rows.
func DecodeBulkCSV(body string) (n int, err error) {
	err = readCSV(strings.NewReader(body), func(csvRow) { n++ })
	if p := (*csv.ParseError)(nil); errors.As(err, &p) {
		return n, errors.New("leaks")
	}
	return n, err
}

// FirstFault classifies a refusal.
func FirstFault(status int, body string) *fault.Error {
	return classify(status, http.Header{}, []byte(body))
}
