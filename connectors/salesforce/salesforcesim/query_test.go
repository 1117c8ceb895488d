package salesforcesim_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

func seedLeads(t *testing.T, twin *salesforcesim.Twin, n int, stamp func(i int) time.Time) {
	t.Helper()
	i := 0
	_, _, err := twin.BulkSeed("Lead", []string{"LastName", "Company", "Email"}, func() (salesforcesim.SeedRow, bool) {
		i++
		return salesforcesim.SeedRow{Values: []string{fmt.Sprintf("Person %d", i), "Acme", fmt.Sprintf("p%d@example.com", i)}, Created: stamp(i)}, i <= n
	})
	must(t, err)
}

func TestKeysetReadsEveryRowOnce(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	base := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	seedLeads(t, c.twin, 2500, func(i int) time.Time { return base.Add(time.Duration(i/900) * time.Second) })
	seen := map[string]bool{}
	where := ""
	for {
		a := c.query("SELECT Id, SystemModstamp FROM Lead " + where + " ORDER BY SystemModstamp, Id LIMIT 700")
		rows := a.list("records")
		if len(rows) == 0 {
			break
		}
		last, _ := rows[len(rows)-1].(map[string]any)
		for _, r := range rows {
			row, _ := r.(map[string]any)
			id := fmt.Sprint(row["Id"])
			if seen[id] {
				t.Fatalf("%s twice", id)
			}
			seen[id] = true
		}
		stamp := strings.Replace(fmt.Sprint(last["SystemModstamp"]), "+0000", "Z", 1)
		where = fmt.Sprintf("WHERE (SystemModstamp > %s OR (SystemModstamp = %s AND Id > '%s'))", stamp, stamp, last["Id"])
	}
	if len(seen) != 2500 {
		t.Errorf("%d rows", len(seen))
	}
}

func TestLocators(t *testing.T) {
	t.Parallel()
	clock := simkit.NewClock(nil)
	c := start(t, salesforcesim.Options{Clock: clock, TokenTTL: 1000 * time.Hour})
	seedLeads(t, c.twin, 450, func(int) time.Time { return time.Time{} })
	first := c.do("GET", "query?q="+url.QueryEscape("SELECT Id FROM Lead"), "", "Sforce-Query-Options", "batchSize=200")
	c.expect("first", first, 200, `"totalSize":450,"done":false,"nextRecordsUrl":"/services/data/v67.0/query/01g`)
	next, _ := first.at("nextRecordsUrl").(string)
	c.fault(simkit.Fault{Kind: "empty_page", Times: 1})
	if a := c.do("GET", next, ""); len(a.list("records")) != 0 || a.at("nextRecordsUrl") != next {
		t.Errorf("empty page: %s", a.body)
	}
	c.fault(simkit.Fault{Kind: "repeated_page", Times: 1})
	if a := c.do("GET", next, ""); a.at("records", 0, "Id") != first.at("records", 0, "Id") {
		t.Error("page did not repeat")
	}
	c.fault(simkit.Fault{Kind: "foreign_next", Times: 1, Value: "http://127.0.0.1:1"})
	c.expect("foreign", c.do("GET", next, ""), 200, `"nextRecordsUrl":"http://127.0.0.1:1/services/data/`)
	second := c.do("GET", next, "")
	last, _ := second.at("nextRecordsUrl").(string)
	c.expect("last", c.do("GET", last, ""), 200, `"done":true`)
	clock.Advance(49 * time.Hour)
	c.expect("expired", c.do("GET", next, ""), 400, `[{"message":"invalid query locator","errorCode":"INVALID_QUERY_LOCATOR"}]`)
}

func TestRelationshipsAndAggregates(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	account, err := c.twin.Create("Account", salesforcesim.Fields{"Name": "Müller & Söhne \"GmbH\""}, "")
	must(t, err)
	contact, err := c.twin.Create("Contact", salesforcesim.Fields{"LastName": "Brandt", "AccountId": account[:15], "Email": "b@example.com"}, "")
	must(t, err)
	deal, err := c.twin.Create("Opportunity", salesforcesim.Fields{"Name": "Deal", "AccountId": account, "StageName": "Closed Won", "CloseDate": "2026-11-01", "Amount": "3500.75"}, "")
	must(t, err)
	_, err = c.twin.Create("OpportunityContactRole", salesforcesim.Fields{"OpportunityId": deal, "ContactId": contact, "Role": "Influencer"}, "")
	must(t, err)
	task, err := c.twin.Create("Task", salesforcesim.Fields{"WhoId": contact, "Subject": "Call", "Status": "Completed"}, "")
	must(t, err)
	c.expect("deal", c.query("SELECT Id, Amount, IsWon, Probability, Account.Name, Owner.Name, CreatedBy.Name, (SELECT ContactId, Role, Contact.Email FROM OpportunityContactRoles) FROM Opportunity WHERE Account.Name LIKE 'Müll%'"), 200,
		`"Amount":3500.75,"IsWon":true,"Probability":100.0,`, `"Name":"Müller & Söhne \"GmbH\""`, `"OpportunityContactRoles":{"totalSize":1,"done":true,"records":[{"attributes":{"type":"OpportunityContactRole"`, `"Contact":{"attributes":{"type":"Contact"`)
	c.expect("polymorphic", c.query("SELECT Who.Name, Who.Type FROM Task WHERE AccountId = '"+account[:15]+"' AND Who.Type = 'Contact'"), 200, `"Name":"Brandt","Type":"Contact"`)
	c.expect("by type", c.query("SELECT TYPEOF Who WHEN Contact THEN LastName, Email ELSE Id END FROM Task"), 200, `"LastName":"Brandt"`)
	c.expect("semi-join", c.query("SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Email = 'B@example.com')"), 200, `"totalSize":1`)
	c.expect("count", c.query("SELECT count() FROM Contact"), 200, `{"totalSize":1,"done":true,"records":[]}`)
	c.expect("grouped", c.query("SELECT StageName, COUNT(Id) n, SUM(Amount) FROM Opportunity GROUP BY StageName"), 200, `{"attributes":{"type":"AggregateResult"},"StageName":"Closed Won","n":1,"expr0":3500.75}`)
	c.expect("all fields", c.query("SELECT FIELDS(ALL) FROM Task LIMIT 200"), 200, `"IsClosed":true`, task)
	c.expect("history", c.query("SELECT StageName, Opportunity.Name FROM OpportunityHistory WHERE OpportunityId = '"+deal+"'"), 200, `"totalSize":1`)
	c.expect("bulk of users", c.query("SELECT Name, IsActive FROM User WHERE IsActive = false"), 200, `"Name":"Gone","IsActive":false`)
	c.expect("queue", c.query("SELECT Id, Name FROM Group WHERE Type = 'Queue'"), 200, `"Inbound Leads"`)
}

func TestQueryRefusals(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{HiddenFields: []string{"Contact.HasOptedOutOfEmail"}, HistoryOff: []string{"Lead"}})
	for soql, want := range map[string]string{
		"SELECT Nope FROM Lead":                                   "No such column 'Nope' on entity 'Lead'",
		"SELECT HasOptedOutOfEmail FROM Contact":                  "No such column 'HasOptedOutOfEmail'",
		"SELECT Id FROM Accout":                                   "sObject type 'Accout' is not supported.",
		"SELECT Id FROM LeadHistory":                              "INVALID_TYPE",
		"SELECT Id FROM Lead WHERE":                               "MALFORMED_QUERY",
		"SELECT Id, Foo.Name FROM Lead":                           "Didn't understand relationship 'Foo'",
		"SELECT FIELDS(ALL) FROM Lead":                            "MALFORMED_QUERY",
		"SELECT Id FROM Lead WHERE AnnualRevenue = '1'":           "must be of type double and should not be enclosed in quotes",
		"SELECT Id FROM Lead WHERE Id = 'xyz'":                    "invalid ID field: xyz",
		"SELECT Id FROM Lead WHERE Description = 'x'":             "can not be filtered",
		"SELECT Status, COUNT(Id) FROM Lead":                      "must be grouped or aggregated",
		"SELECT Id, (SELECT Id FROM Nope) FROM Account":           "INVALID_TYPE",
		"SELECT Id FROM Lead WHERE SystemModstamp > '2026-01-01'": "must be of type dateTime",
		"SELECT Id FROM Lead ORDER BY Nope":                       "INVALID_FIELD",
		"SELECT Id FROM Lead LIMIT 1 OFFSET 2001":                 "NUMBER_OUTSIDE_VALID_RANGE",
	} {
		a := c.query(soql)
		if a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %s", soql, a.status, a.body)
		}
	}
}

func TestDeletedAndMergedRows(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	master, loser, gone := c.lead("Master", "m@example.com"), c.lead("Loser", "l@example.com"), c.lead("Gone", "")
	task, err := c.twin.Create("Task", salesforcesim.Fields{"WhoId": loser, "Subject": "Call"}, "")
	must(t, err)
	must(t, c.twin.Merge("Lead", master, loser))
	must(t, c.twin.Delete("Lead", gone))
	c.expect("query", c.query("SELECT Id FROM Lead"), 200, `"totalSize":1`)
	c.expect("queryAll", c.do("GET", "queryAll?q="+url.QueryEscape("SELECT Id, IsDeleted, MasterRecordId FROM Lead WHERE IsDeleted = true ORDER BY Id"), ""), 200, `"totalSize":2`, `"IsDeleted":true,"MasterRecordId":"`+master+`"`)
	c.expect("re-parented", c.query("SELECT WhoId FROM Task WHERE Id = '"+task+"'"), 200, master)
	c.expect("get", c.do("GET", "sobjects/Lead/"+gone, ""), 404, "NOT_FOUND")
	c.expect("patch", c.do("PATCH", "sobjects/Lead/"+gone, `{"LastName":"x"}`), 404, `"message":"entity is deleted"`, "ENTITY_IS_DELETED")
	now := time.Now().UTC()
	window := "?start=" + url.QueryEscape(now.Add(-time.Hour).Format(time.RFC3339)) + "&end=" + url.QueryEscape(now.Add(time.Hour).Format(time.RFC3339))
	a := c.expect("deleted", c.do("GET", "sobjects/Lead/deleted/"+window, ""), 200, "earliestDateAvailable", "latestDateCovered")
	if len(a.list("deletedRecords")) != 2 {
		t.Errorf("deleted: %s", a.body)
	}
	c.expect("updated", c.do("GET", "sobjects/Lead/updated"+window, ""), 200, `"ids":["`+master+`"]`)
	must(t, c.twin.Undelete("Lead", gone))
	c.expect("back", c.do("GET", "sobjects/Lead/"+gone[:15], ""), 200, gone)
	if c.twin.Undelete("Lead", loser) == nil {
		t.Error("a merged row came back")
	}
}
