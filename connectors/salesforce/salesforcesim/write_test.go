package salesforcesim_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

func TestSingleRecords(t *testing.T) {
	t.Parallel()
	clock := simkit.NewClock(nil)
	c := start(t, salesforcesim.Options{Clock: clock})
	a := c.expect("create", c.do("POST", "sobjects/Lead/", `{"LastName":"Smith","Company":"Acme","Email":"s@example.com"}`), 201, `"success":true`, `"errors":[]`)
	id, _ := a.at("id").(string)
	got := c.expect("get", c.do("GET", "sobjects/Lead/"+id, ""), 200, `"Name":"Smith"`, `"Status":"Open - Not Contacted"`, `"Address":null`, `"Rating":null`, `"HasOptedOutOfEmail":false`)
	read := got.header.Get("Last-Modified")
	clock.Advance(time.Minute)
	must(t, c.twin.Edit("Lead", id, salesforcesim.Fields{"City": "Köln"}, ""))
	c.expect("conditional write", c.do("PATCH", "sobjects/Lead/"+id, `{"City":"Bonn"}`, "If-Unmodified-Since", read), 412)
	c.expect("unconditional", c.do("PATCH", "sobjects/Lead/"+id[:15], `{"City":null}`), 204)
	c.expect("some fields", c.do("GET", "sobjects/Lead/"+id+"?fields=City,LastModifiedById", ""), 200, `"City":null,"LastModifiedById":"`+c.twin.Users().Integration+`"}`)
	c.expect("not modified", c.do("GET", "sobjects/Lead/"+id, "", "If-Modified-Since", clock.Now().Add(time.Second).Format(http.TimeFormat)), 304)
	c.expect("delete", c.do("DELETE", "sobjects/Lead/"+id, ""), 204)
	c.expect("again", c.do("DELETE", "sobjects/Lead/"+id, ""), 404, "ENTITY_IS_DELETED")
	c.expect("unknown", c.do("GET", "sobjects/Lead/00Qak0000009999EAA", ""), 404, `"errorCode":"NOT_FOUND"`)
}

func TestUpsert(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	c.expect("made", c.do("PATCH", "sobjects/Lead/Tandem_Id__c/a%2F1", `{"LastName":"Smith","Company":"Acme"}`), 201, `"created":true`)
	c.expect("changed", c.do("PATCH", "sobjects/Lead/Tandem_Id__c/a%2F1", `{"City":"Bonn"}`), 200, `"created":false`)
	c.lead("One", "same@example.com")
	c.lead("Two", "same@example.com")
	if a := c.expect("several", c.do("PATCH", "sobjects/Lead/Email/same@example.com", `{"City":"Bonn"}`), 300, "/services/data/v67.0/sobjects/Lead/00Q"); len(a.list()) != 2 {
		t.Error(a.body)
	}
	c.expect("no key", c.do("PATCH", "sobjects/Lead/City/x", `{}`), 404, "Provided external ID field does not exist or is not accessible: City")
	a := c.expect("many", c.do("PATCH", "composite/sobjects/Lead/Tandem_Id__c", `{"records":[
		{"attributes":{"type":"Lead"},"Tandem_Id__c":"a/1","City":"Köln"},{"attributes":{"type":"Lead"},"Tandem_Id__c":"b","LastName":"B","Company":"X"},
		{"attributes":{"type":"Lead"},"Tandem_Id__c":"b","LastName":"B"},{"attributes":{"type":"Lead"},"LastName":"B"}]}`), 200)
	for i, want := range []string{`"created":false`, `"created":true`, "Duplicate external id specified: b", "MISSING_ARGUMENT"} {
		if row := fmt.Sprint(a.at(i)); !strings.Contains(a.body, want) {
			t.Errorf("row %d: %s", i, row)
		}
	}
}

func TestRowErrors(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{
		CustomFields:   []salesforcesim.CustomField{{Object: "Lead", Name: "Grade__c", Type: "picklist", Values: []string{"A", "B"}, Restricted: true}},
		Rules:          []salesforcesim.Rule{{Object: "Lead", Field: "Company", Message: "No test companies.", Fails: func(get func(string) string) bool { return get("Company") == "Test" }}},
		DuplicateEmail: []string{"Contact"},
	})
	c.expect("seed", c.do("POST", "sobjects/Lead", `{"LastName":"A","Company":"X","Tandem_Id__c":"t1"}`), 201)
	id := c.lead("Converted", "")
	_, err := c.twin.ConvertLead(id, "", "")
	must(t, err)
	inactive := c.twin.Users().Inactive
	long := strings.Repeat("x", 41)
	for row, want := range map[string]string{
		`{"LastName":"A"}`: `{"statusCode":"REQUIRED_FIELD_MISSING","message":"Required fields are missing: [Company]","fields":["Company"]}`,
		`{"LastName":"A","Company":"X","Email":"bad"}`:                 `"INVALID_EMAIL_ADDRESS","message":"Email: invalid email address: bad","fields":["Email"]`,
		`{"LastName":"A","Company":"X","FirstName":"` + long + `"}`:    `"STRING_TOO_LONG","message":"First Name: data value too large: ` + long + ` (max length=40)"`,
		`{"LastName":"A","Company":"X","Grade__c":"C"}`:                `"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST","message":"Grade: bad value for restricted picklist field: C"`,
		`{"LastName":"A","Company":"X","Tandem_Id__c":"T1"}`:           `"DUPLICATE_VALUE","message":"duplicate value found: Tandem_Id__c duplicates value on record with id: 00Q`,
		`{"LastName":"A","Company":"Test"}`:                            `"FIELD_CUSTOM_VALIDATION_EXCEPTION","message":"No test companies.","fields":["Company"]`,
		`{"LastName":"A","Company":"X","Foo":"C"}`:                     `"INVALID_FIELD","message":"No such column 'Foo' on sobject of type Lead","fields":[]`,
		`{"LastName":"A","Company":"X","MasterRecordId":"` + id + `"}`: `"INVALID_FIELD_FOR_INSERT_UPDATE","message":"Unable to create/update fields: MasterRecordId. Please check`,
		`{"LastName":"A","Company":"X","OwnerId":"00Gak0000009999"}`:   `"INVALID_CROSS_REFERENCE_KEY"`,
		`{"LastName":"A","Company":"X","OwnerId":"` + inactive + `"}`:  `"INACTIVE_OWNER_OR_USER"`,
		`{"LastName":"A","Company":"X","OwnerId":"x"}`:                 `"MALFORMED_ID"`,
	} {
		body := `{"records":[` + strings.Replace(row, "{", `{"attributes":{"type":"Lead"},`, 1) + `]}`
		a := c.do("POST", "composite/sobjects", body)
		if a.status != 200 || !strings.Contains(a.body, want) || !strings.HasPrefix(a.body, `[{"success":false,"errors":[`) {
			t.Errorf("%s: %d %s", row, a.status, a.body)
		}
	}
	c.expect("converted", c.do("PATCH", "sobjects/Lead/"+id, `{"City":"x"}`), 400, "CANNOT_UPDATE_CONVERTED_LEAD")
	c.expect("wrong JSON type", c.do("POST", "composite/sobjects", `{"records":[{"attributes":{"type":"Lead"},"LastName":"A","Company":"X","DoNotCall":"maybe"}]}`), 400, "JSON_PARSER_ERROR")
	c.expect("contact", c.do("POST", "sobjects/Contact", `{"LastName":"A","Email":"d@example.com"}`), 201)
	c.expect("duplicate", c.do("POST", "sobjects/Contact", `{"LastName":"B","Email":"D@example.com"}`), 400, `"duplicateResult":{"allowSave":true`, `"errorCode":"DUPLICATES_DETECTED"`, `"matchRecords":[{`)
	c.expect("allowed", c.do("POST", "sobjects/Contact", `{"LastName":"B","Email":"D@example.com"}`, "Sforce-Duplicate-Rule-Header", "allowSave=true"), 201)
}

func TestCollections(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	a, b := c.lead("A", ""), c.lead("B", "")
	body := `{"allOrNone":%t,"records":[{"attributes":{"type":"Lead"},"id":"` + a + `","City":"Bonn"},{"attributes":{"type":"Lead"},"Id":"` + b[:15] + `","Email":"bad"},{"attributes":{"type":"Lead"},"City":"x"}]}`
	got := c.expect("mixed", c.do("PATCH", "composite/sobjects", fmt.Sprintf(body, false)), 200, `[{"id":"`+a+`","success":true,"errors":[]},{"success":false`, `"Id not specified in an update call"`)
	if len(got.list()) != 3 {
		t.Error(got.body)
	}
	must(t, c.twin.Edit("Lead", a, salesforcesim.Fields{"City": nil}, ""))
	c.expect("all or none", c.do("PATCH", "composite/sobjects", fmt.Sprintf(body, true)), 200, "ALL_OR_NONE_OPERATION_ROLLED_BACK")
	if r, _ := c.twin.Get("Lead", a); r.Fields["City"] != "" {
		t.Errorf("not rolled back: %v", r.Fields["City"])
	}
	c.expect("retrieve", c.do("POST", "composite/sobjects/Lead", `{"ids":["`+a+`","00Qak0000009999EAA"],"fields":["Id","LastName"]}`), 200, `"LastName":"A"},null]`)
	c.expect("retrieve by get", c.do("GET", "composite/sobjects/Lead?ids="+b+"&fields=LastName", ""), 200, `"LastName":"B"}]`)
	c.expect("delete", c.do("DELETE", "composite/sobjects?ids="+a+","+b+",00Qak0000009999EAA&allOrNone=false", ""), 200, `{"success":false`)
	c.expect("empty", c.do("POST", "composite/sobjects", `{"records":[]}`), 400, `[{"message":"At least 1 record is required","errorCode":"REQUIRED_FIELD_MISSING"}]`)
	c.expect("too many", c.do("POST", "composite/sobjects", `{"records":[`+strings.Repeat(`{},`, 200)+`{}]}`), 400, "EXCEEDED_ID_LIMIT")
	if c.twin.Len("Lead") != 0 {
		t.Errorf("%d leads left", c.twin.Len("Lead"))
	}
}

func TestConversionAndAssignment(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	queue := c.twin.Users().Queue
	assigning := start(t, salesforcesim.Options{AssignTo: map[string]string{"Lead": queue}})
	a := assigning.do("POST", "sobjects/Lead", `{"LastName":"A","Company":"X"}`)
	if r, _ := assigning.twin.Get("Lead", fmt.Sprint(a.at("id"))); r.Fields["OwnerId"] != queue {
		t.Errorf("assignment rule did not run: %v", r.Fields["OwnerId"])
	}
	a = assigning.do("POST", "sobjects/Lead", `{"LastName":"A","Company":"X"}`, "Sforce-Auto-Assign", "FALSE")
	if r, _ := assigning.twin.Get("Lead", fmt.Sprint(a.at("id"))); r.Fields["OwnerId"] != assigning.twin.Users().Integration {
		t.Errorf("assignment rule ran: %v", r.Fields["OwnerId"])
	}
	id := c.lead("Brandt", "b@example.com")
	out, err := c.twin.ConvertLead(id, "", "Big deal")
	must(t, err)
	c.expect("lead", c.query("SELECT IsConverted, ConvertedContactId, ConvertedOpportunityId, Status FROM Lead WHERE Id = '"+id+"'"), 200, `"IsConverted":true,"ConvertedContactId":"`+out.Contact+`","ConvertedOpportunityId":"`+out.Opportunity+`","Status":"Closed - Converted"`)
	c.expect("role", c.query("SELECT ContactId FROM OpportunityContactRole WHERE OpportunityId = '"+out.Opportunity+"'"), 200, out.Contact)
	c.expect("history", c.query("SELECT Field, OldValue, NewValue FROM LeadHistory WHERE LeadId = '"+id+"'"), 200, `"Field":"Status"`)
}
