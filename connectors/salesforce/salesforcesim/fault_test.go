package salesforcesim_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

func TestVendorFaults(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	id := c.lead("A", "a@example.com")
	c.expect("control", c.do("POST", "/__sim/fault", `{"kind":"rate_limit","times":1,"path_prefix":"/services/data/v60.0/query"}`), 204)
	c.expect("rate limit", c.query("SELECT Id FROM Lead"), 403, "REQUEST_LIMIT_EXCEEDED")
	c.fault(simkit.Fault{Kind: "rate_limit_daily", Times: 1})
	if a := c.expect("daily", c.query("SELECT Id FROM Lead"), 403, "TotalRequests Limit exceeded."); a.header.Get("Sforce-Limit-Info") != "api-usage=100000/100000" {
		t.Errorf("%v", a.header)
	}
	c.fault(simkit.Fault{Kind: "rate_limit_secondly", Times: 1})
	c.expect("secondly", c.query("SELECT Id FROM Lead"), 503, "SERVER_UNAVAILABLE")
	c.fault(simkit.Fault{Kind: "server_error", Times: 1, Value: "500"})
	c.expect("server error", c.query("SELECT Id FROM Lead"), 500, "UNKNOWN_EXCEPTION")
	patch := `{"records":[{"attributes":{"type":"Lead"},"id":"` + id + `","City":"Bonn"}]}`
	c.fault(simkit.Fault{Kind: "row_lock", Times: 1, Rows: []string{"elsewhere"}})
	c.expect("other row", c.do("PATCH", "composite/sobjects", patch), 200, `"success":true`)
	c.fault(simkit.Fault{Kind: "row_lock", Times: 1, Rows: []string{id}})
	c.expect("lock", c.do("PATCH", "composite/sobjects", patch), 200, "UNABLE_TO_LOCK_ROW")
	c.fault(simkit.Fault{Kind: "row_error", Times: 1, Value: "STORAGE_LIMIT_EXCEEDED"})
	c.expect("row", c.do("PATCH", "composite/sobjects", patch), 200, "STORAGE_LIMIT_EXCEEDED")
	c.twin.Faults.Reset()
	c.fault(simkit.Fault{Kind: "whole_batch_error", Rows: []string{"Bonn"}})
	c.expect("batch", c.do("PATCH", "composite/sobjects", patch), 400, "JSON_PARSER_ERROR")
	c.expect("without it", c.do("PATCH", "composite/sobjects", strings.Replace(patch, "Bonn", "Ulm", 1)), 200, `"success":true`)
}

func TestReplyLostChangesState(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	c.fault(simkit.Fault{Kind: "reply_lost", Times: 1, Method: http.MethodPost})
	if _, err := c.try("POST", "sobjects/Lead", `{"LastName":"A","Company":"X"}`); err == nil {
		t.Fatal("the reply came")
	}
	if c.twin.Len("Lead") != 1 {
		t.Errorf("%d leads", c.twin.Len("Lead"))
	}
}

func TestTimesOfRows(t *testing.T) {
	t.Parallel()
	clock := simkit.NewClock(nil)
	c := start(t, salesforcesim.Options{Clock: clock})
	id := c.lead("A", "")
	clock.Advance(time.Hour)
	c.fault(simkit.Fault{Kind: "lag", Times: 1, Value: "5m"})
	c.expect("late commit", c.do("PATCH", "sobjects/Lead/"+id, `{"City":"Bonn"}`), 204)
	since := clock.Now().Add(-time.Minute).Format(time.RFC3339)
	c.expect("behind the cursor", c.query("SELECT Id FROM Lead WHERE SystemModstamp >= "+since), 200, `"totalSize":0`)
	c.fault(simkit.Fault{Kind: "late_visible", Times: 1, Value: "1m"})
	c.expect("hidden", c.do("PATCH", "sobjects/Lead/"+id, `{"City":"Ulm"}`), 204)
	c.expect("queries see the old", c.query("SELECT City FROM Lead"), 200, `"City":"Bonn"`)
	c.expect("reads by id the new", c.do("GET", "sobjects/Lead/"+id+"?fields=City", ""), 200, `"City":"Ulm"`)
	clock.Advance(2 * time.Minute)
	c.expect("visible", c.query("SELECT City FROM Lead WHERE SystemModstamp >= "+since), 200, `"City":"Ulm"`)
	c.fault(simkit.Fault{Kind: "stale_read", Times: 2})
	c.expect("stale", c.query("SELECT City FROM Lead"), 200, `"City":"Bonn"`)
	c.expect("stale by id", c.do("POST", "composite/sobjects/Lead", `{"ids":["`+id+`"],"fields":["City"]}`), 200, `"City":"Bonn"`)
	c.expect("again", c.query("SELECT City FROM Lead"), 200, `"City":"Ulm"`)
}

func TestMergeFaultAndAutomations(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	a, b := c.lead("A", ""), c.lead("B", "")
	c.fault(simkit.Fault{Kind: "merge", Times: 1, Rows: []string{a, b}})
	c.expect("merged first", c.query("SELECT Id FROM Lead"), 200, `"totalSize":1`)
	c.expect("control", c.do("POST", "/__sim/automation", `{"kind":"rewrite_field","object":"Lead","field":"City","value":"upper:"}`), 204)
	c.twin.Automations.Add(simkit.Automation{Kind: simkit.Rival, Object: "Lead", Field: "Rating", Value: "Hot"})
	c.expect("write", c.do("PATCH", "sobjects/Lead/"+a, `{"City":"Bonn"}`), 204)
	c.expect("rewritten", c.query("SELECT City, Rating, LastModifiedBy.Name, SystemModstamp FROM Lead WHERE Id = '"+a+"'"), 200, `"City":"BONN"`, `"Rating":"Hot"`, `"Name":"Rival Sync"`)
	counts := c.twin.Counts()
	if counts.Reads != 2 || counts.Writes != 1 || counts.Routes["PATCH /sobjects/Lead/{id}"] != 1 || counts.Auth != 1 {
		t.Errorf("counts: %+v", counts)
	}
}

func TestFormulaMovesNoStamp(t *testing.T) {
	t.Parallel()
	clock := simkit.NewClock(nil)
	c := start(t, salesforcesim.Options{Clock: clock, CustomFields: []salesforcesim.CustomField{{Object: "Lead", Name: "Age__c", Type: "double", Formula: func(func(string) string) string { return strconv.FormatInt(clock.Now().Unix(), 10) + ".0" }}}})
	id := c.lead("A", "")
	q := "SELECT Age__c, SystemModstamp FROM Lead WHERE Id = '" + id + "'"
	first := c.query(q)
	clock.Advance(time.Minute)
	second := c.query(q)
	if first.at("records", 0, "Age__c") == second.at("records", 0, "Age__c") || first.at("records", 0, "SystemModstamp") != second.at("records", 0, "SystemModstamp") {
		t.Errorf("%s\n%s", first.body, second.body)
	}
	c.expect("calculated", c.do("PATCH", "sobjects/Lead/"+id, `{"Age__c":1}`), 400, "INVALID_FIELD_FOR_INSERT_UPDATE")
}
