package salesforcesim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

func (c *client) ingest(operation, csv string) string {
	c.t.Helper()
	a := c.expect("job", c.do("POST", "jobs/ingest", `{"object":"Lead","operation":"`+operation+`","externalIdFieldName":"Tandem_Id__c","contentType":"CSV","lineEnding":"LF"}`), 200, `"state":"Open"`, `"contentUrl":"services/data/v67.0/jobs/ingest/750`)
	id, _ := a.at("id").(string)
	c.expect("upload", c.do("PUT", "jobs/ingest/"+id+"/batches", csv, "Content-Type", "text/csv"), 201)
	c.expect("close", c.do("PATCH", "jobs/ingest/"+id, `{"state":"UploadComplete"}`), 200, `"state":"UploadComplete"`)
	return id
}

func TestBulkIngest(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{BulkPolls: 2})
	csv := "Tandem_Id__c,LastName,Company,Email\nk1,Smith,\"Acme, \"\"Inc\"\"\",s@example.com\nk2,Jones,X,bad\nk3,,X,\n"
	id := c.ingest("upsert", csv)
	c.expect("early", c.do("GET", "jobs/ingest/"+id+"/successfulResults", ""), 400)
	for range 2 {
		c.expect("poll", c.do("GET", "jobs/ingest/"+id, ""), 200, `"state":"InProgress"`)
	}
	c.expect("done", c.do("GET", "jobs/ingest/"+id, ""), 200, `"state":"JobComplete"`, `"numberRecordsProcessed":3`, `"numberRecordsFailed":2`)
	c.expect("good", c.do("GET", "jobs/ingest/"+id+"/successfulResults", ""), 200, "sf__Id,sf__Created,Tandem_Id__c", ",true,k1,Smith,\"Acme, \"\"Inc\"\"\"")
	c.expect("bad", c.do("GET", "jobs/ingest/"+id+"/failedResults", ""), 200, "sf__Id,sf__Error,", "INVALID_EMAIL_ADDRESS:Email: invalid email address: bad:Email --,k2", "REQUIRED_FIELD_MISSING")
	c.expect("left", c.do("GET", "jobs/ingest/"+id+"/unprocessedrecords", ""), 200)
	c.expect("list", c.do("GET", "jobs/ingest", ""), 200, id, `"done":true`)
	again := c.ingest("upsert", "Tandem_Id__c,Company\nk1,#N/A\n")
	c.do("GET", "jobs/ingest/"+again, "")
	c.do("GET", "jobs/ingest/"+again, "")
	c.expect("required", c.do("GET", "jobs/ingest/"+again, ""), 200, `"numberRecordsFailed":1`)
	c.expect("bad header", c.do("GET", "jobs/ingest/"+c.ingest("insert", "Nope\nx\n"), ""), 200, `"state":"InProgress"`)
	c.expect("delete", c.do("DELETE", "jobs/ingest/"+id, ""), 204)
	c.expect("gone", c.do("GET", "jobs/ingest/"+id, ""), 404)
}

func TestBulkFaults(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	var b strings.Builder
	b.WriteString("Tandem_Id__c,LastName,Company\n")
	for i := range 10 {
		fmt.Fprintf(&b, "k%d,P%d,X\n", i, i)
	}
	lines := func(id, what string) int {
		return strings.Count(c.do("GET", "jobs/ingest/"+id+"/"+what, "").body, "\n") - 1
	}
	c.fault(simkit.Fault{Kind: "bulk_partial", Times: 1})
	id := c.ingest("upsert", b.String())
	c.expect("partial", c.do("GET", "jobs/ingest/"+id, ""), 200, `"state":"Failed"`, "errorMessage")
	if lines(id, "successfulResults") != 5 || lines(id, "unprocessedrecords") != 5 || c.twin.Len("Lead") != 5 {
		t.Errorf("partial: %d %d", lines(id, "successfulResults"), lines(id, "unprocessedrecords"))
	}
	c.fault(simkit.Fault{Kind: "bulk_stuck", Times: 1})
	id = c.ingest("upsert", b.String())
	for range 3 {
		c.expect("stuck", c.do("GET", "jobs/ingest/"+id, ""), 200, `"state":"InProgress"`)
	}
	c.expect("abort", c.do("PATCH", "jobs/ingest/"+id, `{"state":"Aborted"}`), 200, `"state":"Aborted"`)
	if lines(id, "unprocessedrecords") != 10 {
		t.Errorf("aborted: %d left", lines(id, "unprocessedrecords"))
	}
	c.fault(simkit.Fault{Kind: "bulk_abort", Times: 1})
	c.expect("aborted", c.do("GET", "jobs/ingest/"+c.ingest("upsert", b.String()), ""), 200, `"state":"Aborted"`)
}

func TestBulkQuery(t *testing.T) {
	t.Parallel()
	clock := simkit.NewClock(nil)
	c := start(t, salesforcesim.Options{Clock: clock, BulkTime: time.Minute, TokenTTL: 1000 * time.Hour})
	seedLeads(t, c.twin, 25, func(int) time.Time { return time.Time{} })
	a := c.expect("job", c.do("POST", "jobs/query", `{"operation":"query","query":"SELECT Id, Name, Owner.Name, SystemModstamp FROM Lead"}`), 200, `"state":"UploadComplete"`, `"object":"Lead"`)
	id, _ := a.at("id").(string)
	c.expect("working", c.do("GET", "jobs/query/"+id, ""), 200, `"state":"InProgress"`)
	clock.Advance(2 * time.Minute)
	c.expect("done", c.do("GET", "jobs/query/"+id, ""), 200, `"state":"JobComplete"`, `"numberRecordsProcessed":25`)
	locator, rows := "", 0
	for range 5 {
		a := c.expect("page", c.do("GET", "jobs/query/"+id+"/results?maxRecords=10&locator="+locator, ""), 200, `"Id","Name","Owner.Name","SystemModstamp"`, `Z"`)
		rows += strings.Count(a.body, "\n") - 1
		if locator = a.header.Get("Sforce-Locator"); locator == "null" {
			break
		}
	}
	if rows != 25 || locator != "null" {
		t.Errorf("%d rows, locator %q", rows, locator)
	}
	c.expect("aggregate", c.do("POST", "jobs/query", `{"operation":"query","query":"SELECT COUNT(Id) FROM Lead"}`), 400)
	clock.Advance(8 * 24 * time.Hour)
	c.expect("results gone", c.do("GET", "jobs/query/"+id+"/results", ""), 404)
}
