package salesforce_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/salesforce"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/record"
)

func TestLongID(t *testing.T) {
	for short, long := range map[string]string{
		"003ak00000luKU1": "003ak00000luKU1AAM", "750ak000009BWKL": "750ak000009BWKLAA4", "001RM000003oLru": "001RM000003oLruYAE",
		"003ak00000luKU1AAM": "003ak00000luKU1AAM", "not an id": "not an id", "": "", "00Q-k00000luKU1": "00Q-k00000luKU1",
	} {
		if got := salesforce.LongID(short); got != long {
			t.Errorf("%q is %q, want %q", short, got, long)
		}
	}
}

func TestCutsRiseBetweenTheBounds(t *testing.T) {
	lo, hi := "00Qak0000000001AAA", "00Qak00000zzZZ9AAA"
	cuts := salesforce.Cuts(lo, hi, 8)
	if len(cuts) != 7 || !slices.IsSorted(cuts) || cuts[0] <= lo || cuts[6] >= hi {
		t.Errorf("cuts %v", cuts)
	}
	if c := salesforce.Cuts(lo, "003ak0000000009AAA", 4); c != nil {
		t.Errorf("ids of two objects were cut at %v", c)
	}
}

func TestQuoteHoldsWhateverItIsGiven(t *testing.T) {
	for text, want := range map[string]string{
		"O'Brien": `'O\'Brien'`, "' OR Name != '": `'\' OR Name != \''`, `\`: `'\\'`, `\'`: `'\\\''`, "a\nb\x00": `'a\nb\u0000'`, "Ω": "'Ω'",
	} {
		if got := salesforce.Quote(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

// What is looked up stays a value, whatever it says.
func TestLookupCannotBeInjected(t *testing.T) {
	twin := organisation(t, salesforcesim.Options{})
	c := dial(t, twin)
	evil := []string{"O'Brien", "' OR Name != '", `\' OR Id != \'`, "x') OR (Name != '", "line\nbreak", "100%_"}
	want := map[string]string{}
	for _, v := range append(evil, "innocent") {
		id, err := twin.Create("Account", salesforcesim.Fields{"Name": v, "Tandem_Id__c": v}, "")
		if err != nil {
			t.Fatal(err)
		}
		want[v] = id
	}
	found, err := c.Lookup(t.Context(), "Account", "Tandem_Id__c", evil, []string{"Name"})
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range evil {
		if len(found[i]) != 1 || found[i][0].ID != want[v] {
			t.Errorf("%q finds %d records", v, len(found[i]))
		}
	}
	if _, err := c.Lookup(t.Context(), "Account", "Name", evil, nil); !fault.Is(err, fault.Unsupported) {
		t.Errorf("a look-up by no key: %v, want unsupported", err)
	}
}

func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "{}", `{"m":"full"}`, `{"m":"delta","f":"2026-11-23T00:00:00Z","i":"00Qak0000000001AAA","l":"01gak-2000"}`, `{"m":"bulk","j":"750ak000009BWKLAA4","s":2000}`, `{"m":"full","l":"../../x"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		again, err := salesforce.ReadCursor(s)
		if err != nil {
			if !fault.Is(err, fault.Expired) {
				t.Fatalf("error %v, want expired", err)
			}
			return
		}
		if twice, err := salesforce.ReadCursor(again); err != nil || twice != again {
			t.Fatalf("%s becomes %s: %v", again, twice, err)
		}
	})
}

func TestClassify(t *testing.T) {
	for body, want := range map[string]struct {
		status int
		class  fault.Class
	}{
		`[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`:           {403, fault.Exhausted},
		`[{"message":"ConcurrentPerOrgLongTxn Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`: {403, fault.RateLimited},
		`[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`:                  {401, fault.Auth},
		`[{"message":"x","errorCode":"INVALID_QUERY_LOCATOR"}]`:                                        {400, fault.Expired},
		`[{"message":"x","errorCode":"SERVER_UNAVAILABLE"}]`:                                           {503, fault.Transient},
		`{"error":"invalid_grant","error_description":"expired access/refresh token"}`:                 {400, fault.Auth},
		`[{"message":"x","errorCode":"API_DISABLED_FOR_ORG"}]`:                                         {403, fault.Permission},
		`[{"message":"x","errorCode":"SOMETHING_NEW"}]`:                                                {500, fault.Transient},
		`<html>`:  {502, fault.Transient},
		`[1,"x"]`: {404, fault.Missing},
	} {
		if f := salesforce.FirstFault(want.status, body); f == nil || f.Class != want.class {
			t.Errorf("%s: %+v, want %s", body, f, want.class)
		}
	}
	if f := salesforce.Classify(200, http.Header{}, []byte("{}")); f != nil {
		t.Errorf("a good reply is %v", f)
	}
	f := salesforce.FirstFault(400, `[{"message":"duplicate value found: Tandem_Id__c duplicates value on record with id: 00Qak00000luKU1","errorCode":"DUPLICATE_VALUE","fields":[]}]`)
	if f.Class != fault.Conflict || f.Existing != salesforce.LongID("00Qak00000luKU1") {
		t.Errorf("duplicate: %+v", f)
	}
	f = salesforce.BulkErr("INVALID_FIELD:Failed to deserialize field at col 3. Due to, 'x@y.com' is not a valid value for the type xsd:date:CloseDate --")
	if f.Class != fault.Invalid || f.Field != "CloseDate" || strings.Contains(f.Error(), "x@y.com") {
		t.Errorf("bulk error: %v", f)
	}
}

func TestLimitsAndInstances(t *testing.T) {
	seen := salesforce.Observe(http.Header{"Sforce-Limit-Info": {"api-usage=18/15000; per-app-api-usage=17/250(appName=x)"}})
	if len(seen) != 1 || seen[0].Remaining != 14_982 {
		t.Errorf("seen %+v", seen)
	}
	for raw, want := range map[string]bool{
		"https://acme.my.salesforce.com": true, "https://na1.salesforce.com": true, "https://evil.com": false, "http://acme.my.salesforce.com": false,
		"https://salesforce.com.evil.com": false, "https://evilsalesforce.com": false, "https://acme.my.salesforce.com:8443": false, "https://u@acme.my.salesforce.com": false,
	} {
		if u, err := url.Parse(raw); err != nil || salesforce.Allowed(u) != want {
			t.Errorf("%s: allowed is not %v", raw, want)
		}
	}
}

func TestCanonical(t *testing.T) {
	in := record.Fields{"A": record.OfString(" x "), "B": record.OfString(" "), "C": record.NullOf(record.Boolean), "D": record.Of(record.Email, "A@B.com"), "E": record.OfInt(1)}
	before := in.Clone()
	out := (&salesforce.Connector{}).Canonical("Lead", in)
	want := record.Fields{"A": record.OfString("x"), "B": record.NullOf(record.String), "C": record.OfBool(false), "D": record.Of(record.Email, "a@b.com"), "E": record.OfInt(1)}
	if !out.Equal(want) || !in.Equal(before) {
		t.Errorf("differs in %v, input changed in %v", out.Diff(want), in.Diff(before))
	}
}

// Every recorded answer is understood by the parser for its kind.
func TestRecordedAnswers(t *testing.T) {
	root := os.Getenv("TANDEM_FIXTURES") //nolint:forbidigo // where the recorded answers are
	if root == "" {
		t.Skip("TANDEM_FIXTURES is not set: recorded answers are not tested")
	}
	n := map[string]int{}
	err := filepath.WalkDir(filepath.Join(root, "salesforce"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch filepath.Ext(path) {
		case ".json":
			accept(t, n, path, raw)
		case ".jsonl":
			lines(t, n, path, raw)
		case ".yaml":
			cassette(t, n, path, raw)
		case ".csv":
			if rows, err := salesforce.DecodeBulkCSV(string(raw)); err != nil || rows != 1 {
				t.Errorf("%s: %d rows, %v", path, rows, err)
			}
			n["csv"]++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("answers by kind: %v", n)
	for _, kind := range []string{"describe", "query", "rows", "errors", "job", "csv"} {
		if n[kind] == 0 {
			t.Errorf("no recorded answer of kind %s was met", kind)
		}
	}
}

func lines(t *testing.T, n map[string]int, path string, raw []byte) {
	t.Helper()
	in := bufio.NewScanner(bytes.NewReader(raw))
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var exchange struct {
			Status   int             `json:"status"`
			Response json.RawMessage `json:"response"`
		}
		if err := json.Unmarshal(in.Bytes(), &exchange); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		accept(t, n, path, exchange.Response)
	}
}

func cassette(t *testing.T, n map[string]int, path string, raw []byte) {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(raw, &root); err != nil {
		return // cassettes that include others are not all plain YAML
	}
	var walk func(*yaml.Node)
	walk = func(node *yaml.Node) {
		for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
			if v := node.Content[i+1]; node.Content[i].Value == "string" && v.Kind == yaml.ScalarNode {
				accept(t, n, path, []byte(v.Value))
			}
		}
		for _, c := range node.Content {
			walk(c)
		}
	}
	walk(&root)
}

// accept tells the kind of an answer by its shape and gives it to its parser.
func accept(t *testing.T, n map[string]int, path string, body []byte) {
	t.Helper()
	var object map[string]json.RawMessage
	var list []map[string]json.RawMessage
	kind, err := "other", error(nil)
	has := func(m map[string]json.RawMessage, names ...string) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return m[name] == nil })
	}
	switch {
	case json.Unmarshal(body, &object) == nil && has(object, "fields", "name", "fields") && !has(object, "columns") && bytes.HasPrefix(bytes.TrimSpace(object["fields"]), []byte("[")):
		kind = "describe"
		var fields int
		if fields, _, err = salesforce.DecodeDescribe(body); fields == 0 && err == nil {
			t.Errorf("%s: a description without fields", path)
		}
	case has(object, "totalSize", "records") && !has(object, "compositeResponse"):
		kind = "query"
		_, _, err = salesforce.DecodeQuery(body, nil)
	case has(object, "state", "operation"):
		kind = "job"
		_, _, err = salesforce.DecodeJob(body)
	case json.Unmarshal(body, &list) == nil && len(list) > 0 && has(list[0], "success"):
		kind = "rows"
		var results []connectors.Result
		results, err = salesforce.DecodeRowResults(body)
		for _, r := range results {
			if r.Status != connectors.Applied && (fault.ClassOf(r.Err) == fault.Unclassified || strings.Contains(r.Err.Error(), "@")) {
				t.Errorf("%s: row error %v", path, r.Err)
			}
		}
	case len(list) > 0 && has(list[0], "errorCode"):
		kind = "errors"
		if f := salesforce.FirstFault(http.StatusBadRequest, string(body)); f.Code == "" || f.Class == fault.Unclassified {
			t.Errorf("%s: %v", path, f)
		}
	}
	n[kind]++
	if err != nil {
		t.Errorf("%s: %s: %v", path, kind, err)
	}
}
