package hubspot_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/hubspot"
	"github.com/tandem-sync/tandem/record"
)

func fixtures(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TANDEM_FIXTURES") //nolint:forbidigo // where the recorded answers are
	if dir == "" {
		t.Skip("TANDEM_FIXTURES is not set: the recorded answers are not checked")
	}
	return filepath.Join(dir, "hubspot")
}

func TestRecordedExchanges(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fixtures(t), "grouparoo", "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded exchanges: %v", err)
	}
	seen := map[int]int{}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			var x struct {
				Path     string          `json:"path"`
				Status   int             `json:"status"`
				Response json.RawMessage `json:"response"`
			}
			if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(x.Path, "/crm/v3/objects/") {
				continue
			}
			seen[x.Status]++
			got := hubspot.Classify(x.Status, http.Header{}, x.Response)
			if x.Status == http.StatusTooManyRequests {
				if got == nil || got.Class != fault.RateLimited || got.Code != "SECONDLY" {
					t.Errorf("%s: 429 read as %v", filepath.Base(file), got)
				}
				continue
			}
			if got != nil {
				t.Errorf("%s: %d read as %v", filepath.Base(file), x.Status, got)
			}
			if x.Status == http.StatusNoContent {
				continue
			}
			object := "contacts"
			if strings.Contains(x.Path, "COMPANY") {
				object = "companies"
			}
			if _, issues, err := hubspot.DecodeRecords(object, x.Response); err != nil || issues > 0 {
				t.Errorf("%s: %d issues, %v", filepath.Base(file), issues, err)
			}
		}
		_ = f.Close()
	}
	if seen[200] < 100 || seen[201] == 0 || seen[429] == 0 {
		t.Errorf("too few exchanges: %v", seen)
	}
}

func TestRecordedAnswers(t *testing.T) {
	dir := filepath.Join(fixtures(t), "amp-labs-connectors")
	read := func(name string) []byte {
		t.Helper()
		body, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	for name, want := range map[string][2]int{
		"batch/create/contacts/success.json": {2, 0}, "batch/create/contacts/err-partial-success.json": {1, 1},
		"batch/update/contacts/success.json": {2, 0}, "batch/update/contacts/err-partial-success.json": {1, 1},
		"batch/read/campaigns/multi-207.json": {1, 1}, "batch/read/campaigns/ok-200.json": {2, 0},
		"read/campaigns/1-first-page.json": {2, 0}, "search/contacts/1-first-page.json": {1, 0},
	} {
		got, err := hubspot.DecodeRows(read(name))
		if err != nil || got.Results != want[0] || got.Errors != want[1] {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if got, _ := hubspot.DecodeRows(read("read/campaigns/1-first-page.json")); got.After != "Mg%3D%3D" {
		t.Errorf("after: %q", got.After)
	}
	faults, err := hubspot.RowFaults(read("batch/create/contacts/err-partial-success.json"))
	if err != nil || len(faults) != 1 || faults[0].Class != fault.Conflict || faults[0].Existing != "171591000198" {
		t.Errorf("partial create: %v, %v", faults, err)
	}
	faults, err = hubspot.RowFaults(read("batch/update/contacts/err-partial-success.json"))
	if err != nil || len(faults) != 1 || faults[0].Class != fault.Missing {
		t.Errorf("partial update: %v, %v", faults, err)
	}
	for name, status := range map[string]int{
		"batch/create/contacts/err-conflict.json": 409, "batch/create/contacts/err-many-invalid-properties.json": 400,
		"batch/update/contacts/err-duplicate-ids.json": 400, "metadata-err-schemas-scope.json": 403, "search/error-invalid-object.json": 400,
	} {
		f := hubspot.Classify(status, http.Header{}, read(name))
		want := map[int]fault.Class{409: fault.Conflict, 400: fault.Invalid, 403: fault.Permission}[status]
		if f == nil || f.Class != want {
			t.Errorf("%s: %v", name, f)
		}
	}
	for _, name := range []string{"metadata-contacts-properties-sampled.json", "metadata-deals-properties-sampled.json"} {
		if fields, err := hubspot.DecodeProperties(read(name)); err != nil || len(fields) == 0 {
			t.Errorf("%s: %d fields, %v", name, len(fields), err)
		}
	}
}

func TestClassify(t *testing.T) {
	date := http.Header{"Date": {"Mon, 23 Nov 2026 10:00:00 GMT"}}
	for _, tc := range []struct {
		status   int
		body     string
		class    fault.Class
		code     string
		field    string
		existing string
	}{
		{429, `{"errorType":"RATE_LIMIT","policyName":"DAILY","message":"You have reached your daily limit."}`, fault.Exhausted, "DAILY", "", ""},
		{429, `{"errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}`, fault.RateLimited, "TEN_SECONDLY_ROLLING", "", ""},
		{429, `<html>`, fault.RateLimited, "TEN_SECONDLY_ROLLING", "", ""},
		{409, `{"category":"CONFLICT","message":"Contact already exists. Existing ID: 12345"}`, fault.Conflict, "CONFLICT", "", "12345"},
		{400, `{"category":"VALIDATION_ERROR","message":"x 77 already has that value.","errors":[{"code":"CONFLICTING_UNIQUE_VALUE","context":{"propertyName":["tandem_id"]}}]}`, fault.Conflict, "CONFLICTING_UNIQUE_VALUE", "tandem_id", "77"},
		{423, `{"category":"LOCKED"}`, fault.Locked, "LOCKED", "", ""},
		{477, ``, fault.Transient, "", "", ""},
		{401, `{"category":"EXPIRED_AUTHENTICATION"}`, fault.Auth, "EXPIRED_AUTHENTICATION", "", ""},
		{503, `<html>`, fault.Transient, "", "", ""},
	} {
		f := hubspot.Classify(tc.status, date, []byte(tc.body))
		if f == nil || f.Class != tc.class || f.Code != tc.code || f.Field != tc.field || f.Existing != tc.existing {
			t.Errorf("%d %s: %+v", tc.status, tc.body, f)
		}
		if tc.class == fault.Exhausted && !f.Until.Equal(time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("until %v", f.Until)
		}
	}
	if f := hubspot.Classify(207, nil, nil); f != nil {
		t.Errorf("207: %v", f)
	}
}

func TestPaths(t *testing.T) {
	for what, want := range map[string][2]string{
		"search":    {"/crm/objects/2026-03/contacts/search", "/crm/v3/objects/contacts/search"},
		"links":     {"/crm/associations/2026-03/deals/contacts/batch/read", "/crm/v4/associations/deals/contacts/batch/read"},
		"campaigns": {"/marketing/campaigns/2026-03", "/marketing/v3/campaigns"},
		"events":    {"/events/event-occurrences/2026-03", "/events/v3/events"},
		"account":   {"/account-info/2026-03/details", "/account-info/v3/details"},
		"consent":   {"/communication-preferences/2026-03/definitions", "/communication-preferences/v4/definitions"},
		"token":     {"/oauth/2026-03/token", "/oauth/v3/token"},
	} {
		if got := [2]string{hubspot.Path("2026-03", what), hubspot.Path("v3", what)}; got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
}

func TestStandardCatalog(t *testing.T) {
	cat := hubspot.Factory().Catalog()
	for object, fields := range map[string]map[string]record.Kind{
		"contacts":        {"email": record.Email, "hubspot_owner_id": record.Reference, "createdate": record.Instant, "email_opt_out": record.Boolean},
		"deals":           {"amount": record.Decimal, "hs_is_closed_won": record.Boolean, "associations.contacts": record.Reference},
		"contact_history": {"to": record.String}, "email_events": {"contact": record.Reference}, "campaigns": {"hs_start_date": record.Date},
		"calls": {"hs_timestamp": record.Instant, "hs_call_title": record.String}, "owners": {"email": record.Email},
	} {
		o, ok := cat.Object(object)
		if !ok {
			t.Errorf("no %s", object)
		}
		for name, kind := range fields {
			if f, ok := o.Field(name); !ok || f.Kind != kind {
				t.Errorf("%s.%s: %v %v", object, name, f.Kind, ok)
			}
		}
	}
}

func FuzzCursor(f *testing.F) {
	for _, s := range []string{"", "x", "{}", `{"m":"delta","f":1}`, `{"m":"tie","u":5,"a":"7","x":["1"],"n":{"f":1,"t":2,"h":3}}`, `{"m":"list","q":[{"i":"1"}]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, err := hubspot.ReadCursor(s)
		if err != nil {
			if !fault.Is(err, fault.Expired) {
				t.Fatalf("a cursor not ours is %v", err)
			}
			return
		}
		if twice, err := hubspot.ReadCursor(once); err != nil || twice != once {
			t.Fatalf("%q becomes %q, %v", once, twice, err)
		}
	})
}
