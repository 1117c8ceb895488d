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

const (
	makeAccount = `{"method":"POST","url":"/services/data/v67.0/sobjects/Account","referenceId":"acc","body":{"Name":"Acme"}}`
	makeContact = `{"method":"POST","url":"/services/data/v67.0/sobjects/Contact","referenceId":"con","body":{"LastName":%q,"AccountId":"@{acc.id}"}}`
)

func TestCompositeSeries(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	body := func(last string, allOrNone bool) string {
		return fmt.Sprintf(`{"allOrNone":%t,"compositeRequest":[`+makeAccount+`,`+makeContact+`]}`, allOrNone, last)
	}
	c.expect("references", c.do("POST", "composite", body("Brandt", true)), 200, `"httpStatusCode":201,"referenceId":"con"`, `"Location":"/services/data/v67.0/sobjects/Contact/003`)
	c.expect("joined", c.query("SELECT Account.Name FROM Contact"), 200, `"Name":"Acme"`)
	c.expect("rolled back", c.do("POST", "composite", body("", true)), 200, "PROCESSING_HALTED", "REQUIRED_FIELD_MISSING")
	if c.twin.Len("Account") != 1 {
		t.Errorf("%d accounts after a roll-back", c.twin.Len("Account"))
	}
	c.expect("kept", c.do("POST", "composite", body("", false)), 200, `"httpStatusCode":201`, `"httpStatusCode":400`)
	if c.twin.Len("Account") != 2 {
		t.Errorf("%d accounts", c.twin.Len("Account"))
	}
	c.expect("unknown object", c.do("POST", "composite", `{"compositeRequest":[{"referenceId":"x","method":"GET","url":"/services/data/v67.0/sobjects/Foo"}]}`), 200, `"errorCode":"NOT_FOUND"`, `"httpStatusCode":404`)
	c.expect("collections in a series", c.do("POST", "composite", `{"compositeRequest":[{"referenceId":"x","method":"POST","url":"/services/data/v67.0/composite/sobjects","body":{"records":[{"attributes":{"type":"Account"},"Name":"B"}]}}]}`), 200, `"success":true`)
	c.expect("broken reference", c.do("POST", "composite", `{"compositeRequest":[{"referenceId":"x","method":"GET","url":"/services/data/v67.0/sobjects/Account/@{no.id}"}]}`), 200, "Invalid reference")
}

func TestBatchGraphAndTree(t *testing.T) {
	t.Parallel()
	c := start(t, salesforcesim.Options{})
	c.expect("batch", c.do("POST", "composite/batch", `{"haltOnError":true,"batchRequests":[{"method":"GET","url":"v67.0/limits"},{"method":"GET","url":"v67.0/sobjects/Nope"},{"method":"GET","url":"v67.0/limits"}]}`), 200,
		`"hasErrors":true`, `"statusCode":404`, "BATCH_PROCESSING_HALTED")
	var graphs []string
	for i := range 16 {
		last := ""
		if i == 15 {
			last = "Good"
		}
		graphs = append(graphs, fmt.Sprintf(`{"graphId":"g%d","compositeRequest":[`+makeAccount+`,`+makeContact+`]}`, i, last))
	}
	a := c.expect("graph", c.do("POST", "composite/graph", `{"graphs":[`+strings.Join(graphs, ",")+`]}`), 200, `"isSuccessful":false`, "Too many graph failures")
	if a.at("graphs", 15, "isSuccessful") != false || c.twin.Len("Account") != 0 {
		t.Error("graphs after the fourteenth failure were tried")
	}
	c.expect("tree", c.do("POST", "composite/tree/Account", `{"records":[{"attributes":{"type":"Account","referenceId":"a"},"Name":"A","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"c"},"LastName":"L"}]}}]}`), 201, `"hasErrors":false`, `"referenceId":"c"`)
	c.expect("bad tree", c.do("POST", "composite/tree/Account", `{"records":[{"attributes":{"type":"Account","referenceId":"a"},"Name":"A","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"c"}}]}}]}`), 400, `"hasErrors":true`, "REQUIRED_FIELD_MISSING")
	if c.twin.Len("Account") != 1 || c.twin.Len("Contact") != 1 {
		t.Errorf("%d accounts, %d contacts", c.twin.Len("Account"), c.twin.Len("Contact"))
	}
}

func TestDescribeAndCustomFields(t *testing.T) {
	t.Parallel()
	clock := simkit.NewClock(nil)
	c := start(t, salesforcesim.Options{Clock: clock, NoTandemID: true, HiddenFields: []string{"Contact.Email"}})
	a := c.do("GET", "sobjects/Contact/describe", "")
	if strings.Contains(a.body, `"name":"Email"`) || strings.Contains(a.body, "Tandem_Id__c") {
		t.Error("a field is shown that should not be there")
	}
	c.expect("hidden", c.do("POST", "sobjects/Contact", `{"LastName":"A","Email":"a@example.com"}`), 400, "No such column 'Email'")
	since := a.header.Get("Last-Modified")
	c.expect("unchanged", c.do("GET", "sobjects/Contact/describe", "", "If-Modified-Since", since), http.StatusNotModified)
	clock.Advance(time.Minute)
	field := `{"FullName":"Contact.Tandem_Id__c","Metadata":{"label":"Tandem Id","type":"Text","length":64,"externalId":true,"unique":true}}`
	c.expect("add", c.do("POST", "tooling/sobjects/CustomField", field), 201, `"success":true`)
	c.expect("twice", c.do("POST", "tooling/sobjects/CustomField", field), 400, "DUPLICATE_DEVELOPER_NAME")
	c.expect("listed", c.do("GET", "tooling/query?q=SELECT+Id,DeveloperName+FROM+CustomField+WHERE+DeveloperName='Tandem_Id'", ""), 200, `"totalSize":1`)
	c.expect("changed", c.do("GET", "sobjects/Contact/describe", "", "If-Modified-Since", since), 200, `"externalId":true`)
	c.expect("usable", c.do("PATCH", "sobjects/Contact/Tandem_Id__c/x1", `{"LastName":"A"}`), 201)
	c.expect("basic", c.do("GET", "sobjects/Contact", ""), 200, `"objectDescribe"`, `"keyPrefix":"003"`)
	must(t, c.twin.SetFieldVisible("Contact.Email"))
	c.expect("visible again", c.query("SELECT Email FROM Contact"), 200)
}
