package salesforcesim_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
)

var update = flag.Bool("update", false, "rewrite the golden shapes")

// shape is the set of JSON paths of a value with the types seen at each.
type shape map[string]map[string]bool

func shapeOf(text string) shape {
	var v any
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	s := shape{}
	if err := dec.Decode(&v); err != nil {
		s.add("$", "not JSON")
		return s
	}
	s.walk("$", v)
	return s
}

func (s shape) add(path, typ string) {
	if s[path] == nil {
		s[path] = map[string]bool{}
	}
	s[path][typ] = true
}

func (s shape) walk(path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		s.add(path, "object")
		for k, item := range v {
			s.walk(path+"."+k, item)
		}
	case []any:
		s.add(path, "array")
		for _, item := range v {
			s.walk(path+"[]", item)
		}
	case string:
		s.add(path, "string")
	case bool:
		s.add(path, "boolean")
	case nil:
		s.add(path, "null")
	default:
		s.add(path, "number")
	}
}

func (s shape) String() string {
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "%s %s\n", path, strings.Join(slices.Sorted(maps.Keys(s[path])), "|"))
	}
	return b.String()
}

// differs lists the paths that only one side has, and types that do not agree;
// null agrees with everything. skip names path prefixes that may differ.
func (s shape) differs(recorded shape, skip ...string) []string {
	var out []string
	skipped := func(path string) bool {
		return slices.ContainsFunc(skip, func(p string) bool { return strings.HasPrefix(path, p) })
	}
	for _, path := range slices.Sorted(maps.Keys(recorded)) {
		held, ok := s[path]
		if skipped(path) {
			continue
		}
		if !ok {
			out = append(out, "missing "+path)
			continue
		}
		for typ := range held {
			if typ != "null" && !recorded[path][typ] && !recorded[path]["null"] {
				out = append(out, fmt.Sprintf("%s is %s", path, typ))
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(s)) {
		if _, ok := recorded[path]; !ok && !skipped(path) {
			out = append(out, "more "+path)
		}
	}
	return out
}

// showcase is one answer of each kind.
func showcase(t *testing.T) map[string]string {
	t.Helper()
	c := start(t, salesforcesim.Options{Rotate: true})
	out := map[string]string{}
	keep := func(name string, a answer) answer { out[name] = a.body; return a }
	keep("token_refresh", c.form("/services/oauth2/token", "grant_type", "refresh_token", "client_id", c.twin.ClientID, "refresh_token", c.twin.RefreshToken))
	keep("token_error", c.form("/services/oauth2/token", "grant_type", "refresh_token", "client_id", c.twin.ClientID, "refresh_token", "x"))
	keep("userinfo", c.do("GET", "/services/oauth2/userinfo", ""))
	keep("versions", c.do("GET", "/services/data", ""))
	keep("limits", c.do("GET", "limits", ""))
	made := keep("create", c.do("POST", "sobjects/Account", `{"Name":"Acme","BillingCity":"Bonn","Tandem_Id__c":"a1"}`))
	account, _ := made.at("id").(string)
	keep("upsert", c.do("PATCH", "sobjects/Account/Tandem_Id__c/a2", `{"Name":"Other"}`))
	contact, _ := c.do("POST", "sobjects/Contact", `{"LastName":"Brandt","AccountId":"`+account+`"}`).at("id").(string)
	deal, _ := c.do("POST", "sobjects/Opportunity", `{"Name":"D","StageName":"Prospecting","CloseDate":"2026-12-01","Amount":5,"AccountId":"`+account+`"}`).at("id").(string)
	c.do("POST", "sobjects/OpportunityContactRole", `{"OpportunityId":"`+deal+`","ContactId":"`+contact+`"}`)
	keep("get_account", c.do("GET", "sobjects/Account/"+account, ""))
	keep("get_contact", c.do("GET", "sobjects/Contact/"+contact, ""))
	keep("get_lead", c.do("GET", "sobjects/Lead/"+c.lead("L", ""), ""))
	keep("query", c.query("SELECT Id, AccountId, Amount, Account.Name, (SELECT Id, ContactId FROM OpportunityContactRoles) FROM Opportunity"))
	keep("query_error", c.query("SELECT Nope FROM Lead"))
	keep("aggregate", c.query("SELECT AccountId, COUNT(Id) FROM Contact GROUP BY AccountId"))
	keep("collection", c.do("POST", "composite/sobjects", `{"records":[{"attributes":{"type":"Lead"},"LastName":"A","Company":"X"},{"attributes":{"type":"Lead"},"LastName":"A"}]}`))
	keep("collection_empty", c.do("POST", "composite/sobjects", `{"records":[]}`))
	keep("composite", c.do("POST", "composite", `{"compositeRequest":[{"referenceId":"one","method":"GET","url":"/services/data/v67.0/query?q=SELECT Id FROM Account LIMIT 1"}]}`))
	keep("describe_lead", c.do("GET", "sobjects/Lead/describe", ""))
	keep("describe_global", c.do("GET", "sobjects", ""))
	keep("record_count", c.do("GET", "limits/recordCount?sObjects=Account", ""))
	c.do("DELETE", "sobjects/Contact/"+contact, "")
	keep("delete_error", c.do("DELETE", "sobjects/Contact/"+contact, ""))
	window := "?start=" + time.Now().UTC().Add(-time.Hour).Format("2006-01-02T15:04:05Z") + "&end=" + time.Now().UTC().Add(time.Hour).Format("2006-01-02T15:04:05Z")
	keep("deleted", c.do("GET", "sobjects/Contact/deleted/"+window, ""))
	keep("updated", c.do("GET", "sobjects/Account/updated/"+window, ""))
	job, _ := keep("job_open", c.do("POST", "jobs/ingest", `{"object":"Lead","operation":"upsert","externalIdFieldName":"Tandem_Id__c"}`)).at("id").(string)
	c.do("PUT", "jobs/ingest/"+job+"/batches", "LastName,Company\nA,B\n")
	keep("job_closed", c.do("PATCH", "jobs/ingest/"+job, `{"state":"UploadComplete"}`))
	keep("job_done", c.do("GET", "jobs/ingest/"+job, ""))
	keep("job_query", c.do("POST", "jobs/query", `{"operation":"query","query":"SELECT Id FROM Account"}`))
	c.twin.ExpireTokens()
	keep("expired", c.do("GET", "limits", ""))
	return out
}

// TestShapes keeps the shapes of the answers as they were agreed on.
func TestShapes(t *testing.T) {
	t.Parallel()
	for name, body := range showcase(t) {
		file := filepath.Join("testdata", "shapes", name+".txt")
		got := shapeOf(body).String()
		if *update {
			must(t, os.WriteFile(file, []byte(got), 0o600))
			continue
		}
		want, err := os.ReadFile(file)
		must(t, err)
		if got != string(want) {
			t.Errorf("%s has another shape (run with -update to accept it):\n%s", name, got)
		}
	}
}
