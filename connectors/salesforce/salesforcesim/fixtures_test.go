package salesforcesim_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

func fixtures(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TANDEM_FIXTURES") //nolint:forbidigo // where the recorded answers are
	if dir == "" {
		t.Skip("TANDEM_FIXTURES is not set: shapes are not compared with recorded answers")
	}
	return filepath.Join(dir, "salesforce")
}

// TestShapesAsRecorded compares the twin's answers with real ones.
func TestShapesAsRecorded(t *testing.T) {
	t.Parallel()
	dir := fixtures(t)
	answers := showcase(t)
	for _, c := range []struct {
		name, file string
		skip       []string
	}{
		{"token_refresh", "restforce/refresh_success_response.json", []string{"$.refresh_token", "$.token_type", "$.scope"}},
		{"token_error", "restforce/refresh_error_response.json", nil},
		{"expired", "restforce/expired_session_response.json", nil},
		{"versions", "restforce/services_data_success_response.json", nil},
		{"create", "amp-labs-connectors/create-ok.json", nil},
		{"deleted", "restforce/sobject/get_deleted_success_response.json", nil},
		{"updated", "restforce/sobject/get_updated_success_response.json", nil},
		{"aggregate", "restforce/sobject/query_aggregate_success_response.json", []string{"$.records[].CampaignId", "$.records[].AccountId"}},
		{"query", "amp-labs-connectors/read-opportunity-with-contacts.json", []string{"$.records[].Account", "$.records[].Name", "$.records[].StageName", "$.records[].OpportunityContactRoles.records[].Role"}},
		{"query_error", "amp-labs-connectors/unknown-field.json", nil},
		{"collection", "amp-labs-connectors/batch/create/contacts/partial-but-allOrNone.json", []string{"$[].id"}},
		{"collection_empty", "amp-labs-connectors/batch/create/contacts/err-bad-request.json", nil},
		{"delete_error", "amp-labs-connectors/crm/delete/not-found.json", nil},
		{"job_open", "amp-labs-connectors/bulk/write/launch-job-opportunity.json", nil},
		{"job_closed", "amp-labs-connectors/bulk/write/update-job-opportunity.json", nil},
		{"job_done", "amp-labs-connectors/bulk/info/success.json", nil},
		{"job_query", "amp-labs-connectors/bulk/read-launch-job-account.json", nil},
		{"describe_lead", "cumulusci/tests/shared_cassettes/GET_sobjects_Lead_describe.yaml", []string{"$.urls"}},
		{"describe_global", "cumulusci/tests/shared_cassettes/GET_sobjects_Global_describe.yaml", []string{"$.sobjects[].urls"}},
		{"composite", "cumulusci/utils/http/tests/cassettes/TestCompositeParallelSalesforce.test_composite_parallel_salesforce.yaml", []string{"$.compositeResponse[].body.records[].Name"}},
	} {
		recorded := recordedJSON(t, filepath.Join(dir, c.file))
		if diff := shapeOf(answers[c.name]).differs(shapeOf(recorded), c.skip...); diff != nil {
			t.Errorf("%s is not as recorded in %s:\n%s", c.name, c.file, strings.Join(diff, "\n"))
		}
	}
}

// recordedJSON reads a JSON file, or the last JSON body of a cassette.
func recordedJSON(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	must(t, err)
	if filepath.Ext(file) == ".json" {
		return string(raw)
	}
	var doc any
	must(t, yaml.Unmarshal(raw, &doc))
	body := ""
	eachString(doc, func(key, s string) {
		if key == "string" && json.Valid([]byte(s)) {
			body = s
		}
	})
	return body
}

func eachString(v any, do func(key, s string)) { eachUnder("", v, do) }

func eachUnder(key string, v any, do func(key, s string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			eachUnder(k, item, do)
		}
	case []any:
		for _, item := range v {
			eachUnder(key, item, do)
		}
	case string:
		do(key, v)
	}
}

// TestRecordsAsRecorded compares whole records read by id.
func TestRecordsAsRecorded(t *testing.T) {
	t.Parallel()
	dir := fixtures(t)
	answers := showcase(t)
	newer := []string{"$.Tandem_Id__c", "$.HasOptedOut", "$.DoNotCall", "$.LastTransferDate", "$.RecordTypeId"}
	for _, object := range []string{"Account", "Contact", "Lead"} {
		recorded := firstRecord(t, dir, object)
		for _, d := range shapeOf(answers["get_"+strings.ToLower(object)]).differs(shapeOf(recorded)) {
			path := d[strings.Index(d, "$"):]
			isNewer := slices.ContainsFunc(newer, func(p string) bool { return strings.HasPrefix(path, p) })
			if !isNewer && !strings.Contains(d, "__c") && !strings.Contains(d, "Address.") && !strings.HasSuffix(d, " is object") {
				t.Errorf("%s: %s", object, d)
			}
		}
	}
}

func firstRecord(t *testing.T, dir, object string) string {
	t.Helper()
	found := ""
	eachExchange(t, dir, func(e exchange) {
		if found == "" && e.Method == http.MethodGet && e.Status == 200 && regexp.MustCompile(`/sobjects/`+object+`/[0-9a-zA-Z]{18}$`).MatchString(e.Path) {
			found = string(e.Response)
		}
	})
	return found
}

type exchange struct {
	Method   string          `json:"method"`
	Path     string          `json:"path"`
	Status   int             `json:"status"`
	Response json.RawMessage `json:"response"`
}

func eachExchange(t *testing.T, dir string, do func(exchange)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "grouparoo", "*.jsonl"))
	must(t, err)
	for _, file := range files {
		raw, err := os.ReadFile(file)
		must(t, err)
		lines := bufio.NewScanner(bytes.NewReader(raw))
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			var e exchange
			must(t, json.Unmarshal(lines.Bytes(), &e))
			do(e)
		}
		must(t, lines.Err())
	}
}

// TestRecordedQueriesParse reads every query that real clients sent.
func TestRecordedQueriesParse(t *testing.T) {
	t.Parallel()
	dir := fixtures(t)
	seen := map[string]bool{}
	collect := func(target string) {
		if _, q, ok := strings.Cut(target, "?q="); ok {
			if plain, err := url.QueryUnescape(q); err == nil {
				seen[strings.TrimSpace(plain)] = true
			}
		}
	}
	eachExchange(t, dir, func(e exchange) { collect(e.Path) })
	must(t, filepath.WalkDir(filepath.Join(dir, "cumulusci"), func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		raw, err := os.ReadFile(path)
		var doc any
		if err == nil && yaml.Unmarshal(raw, &doc) == nil {
			eachString(doc, func(key, s string) {
				if key == "uri" {
					collect(s)
				}
				var body any
				if key == "body" && json.Unmarshal([]byte(s), &body) == nil {
					eachString(body, func(_, s string) { collect(s) })
				}
			})
		}
		return err
	}))
	for q := range seen {
		if _, err := soql.Parse(q); err != nil {
			t.Errorf("%s: %v", q, err)
		}
	}
	if len(seen) < 100 {
		t.Errorf("only %d queries found", len(seen))
	}
}
