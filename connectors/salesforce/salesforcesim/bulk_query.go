package salesforcesim

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// bulkColumn is one column of a bulk query's result.
type bulkColumn struct {
	name string
	get  getter
}

// prepareQuery runs a job's query, so that its rows are those of now.
func (t *Twin) prepareQuery(j *job) *reply {
	q, parsed, err := t.newRun(j.query, j.operation == "queryAll", false, t.object)
	if err != nil {
		r := queryFailed(err)
		return &r
	}
	j.object = q.o.name
	if parsed.HasAggregate() || len(parsed.GroupBy) > 0 || parsed.Offset > 0 {
		r := failure(http.StatusBadRequest, "API_ERROR", "Aggregate functions, GROUP BY and OFFSET are not supported in bulk queries")
		return &r
	}
	for _, it := range parsed.Select {
		if it.Child != nil || it.TypeOf || it.Func == "FIELDS" {
			r := failure(http.StatusBadRequest, "API_ERROR", "Child queries, TYPEOF and FIELDS are not supported in bulk queries")
			return &r
		}
		p, err := q.resolve(it.Field)
		if err == nil && p.field.typ == "address" {
			err = &soql.Error{Code: "FUNCTIONALITY_NOT_ENABLED", Message: "Selecting compound data not supported in Bulk Query"}
		}
		if err != nil {
			r := queryFailed(err)
			return &r
		}
		j.columns = append(j.columns, bulkColumn{strings.Join(p.names, "."), bulkValue(p)})
	}
	rows, err := q.rows(parsed)
	if err != nil {
		r := queryFailed(err)
		return &r
	}
	j.rows, j.processed = rows, len(rows)
	return nil
}

// bulkValue writes instants as the bulk API does, with a Z.
func bulkValue(p path) getter {
	if p.field.typ != "datetime" {
		return p.get
	}
	return func(r *row) (string, bool) {
		s, ok := p.get(r)
		return strings.Replace(s, "+0000", "Z", 1), ok
	}
}

// bulkPage is how many rows a results page has when the caller names none.
const bulkPage = 50000

func (t *Twin) queryResults(c *call, j *job) reply {
	if j.state != "JobComplete" {
		return failure(http.StatusBadRequest, "INVALIDJOBSTATE", "Job must be in JobComplete to get its results")
	}
	at := 0
	if l := c.query.Get("locator"); l != "" {
		raw, err := base64.RawURLEncoding.DecodeString(l)
		n, bad := strconv.Atoi(string(raw))
		if _, expired := t.Faults.Take(c.method, c.path, "expired_cursor"); err != nil || bad != nil || n > len(j.rows) || expired {
			return failure(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
		}
		at = n
	}
	most := bulkPage
	if n := atoi(c.query.Get("maxRecords")); n > 0 {
		most = n
	}
	rows := j.rows[at:min(at+most, len(j.rows))]
	next := "null"
	if at+len(rows) < len(j.rows) {
		next = base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(at + len(rows))))
	}
	return reply{
		status: http.StatusOK, body: j.resultCSV(rows), kind: "text/csv",
		header: map[string]string{"Sforce-Locator": next, "Sforce-NumberOfRecords": strconv.Itoa(len(rows))},
	}
}

// resultCSV quotes every value, as the vendor does.
func (j *job) resultCSV(rows []*row) []byte {
	var b bytes.Buffer
	comma := string(j.comma())
	end := "\n"
	if j.lineEnding == "CRLF" {
		end = "\r\n"
	}
	for i, col := range j.columns {
		if i > 0 {
			b.WriteString(comma)
		}
		quote(&b, col.name)
	}
	b.WriteString(end)
	for _, r := range rows {
		for i, col := range j.columns {
			if i > 0 {
				b.WriteString(comma)
			}
			s, _ := col.get(r)
			quote(&b, s)
		}
		b.WriteString(end)
	}
	return b.Bytes()
}

func quote(b *bytes.Buffer, s string) {
	b.WriteByte('"')
	b.WriteString(strings.ReplaceAll(s, `"`, `""`))
	b.WriteByte('"')
}
