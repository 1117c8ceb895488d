package httpapi_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func TestCleanDropsPersonalData(t *testing.T) {
	tests := map[string]string{
		`Property values were not valid: "jane.doe+x@a-b.example"`:      `Property values were not valid: [value]`,
		"contact jane@example.com exists":                               "contact [e-mail] exists",
		"jane%40example.com":                                            "[e-mail]",
		"call +43 (660) 123-4567 now":                                   "call [number] now",
		"phone 06601234567":                                             "phone [number]",
		"Contact already exists. Existing ID: 12345":                    "Contact already exists. Existing ID: 12345",
		"No such column 'Custom_Field__c' on 'Smith'":                   "No such column 'Custom_Field__c' on [value]",
		"see https://a.example/x?token=abc for more":                    "see [address] for more",
		"Bearer abc.def.ghi refused":                                    "[credential] refused",
		"one\r\nlevel=error\x1b[31m two":                                "one level=error [31m two",
		"DUPLICATE_VALUE: value not unique: [Müller, jürgen@ö.example]": "DUPLICATE_VALUE: value not unique: [value]",
	}
	for in, want := range tests {
		if got := httpapi.Clean(in); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", in, got, want)
		}
	}
	if got := httpapi.Clean(strings.Repeat("ä ", 100_000)); len([]rune(got)) > 300 {
		t.Errorf("a long text keeps %d letters", len([]rune(got)))
	}
}

func TestNothingSecretInErrorsAndLogs(t *testing.T) {
	var log bytes.Buffer
	for _, a := range []answer{
		{err: &url.Error{Op: "Get", URL: "https://api.example.com/?hapikey=canary-key-1&email=canary@person.example", Err: errors.New("broken at canary-key-1")}},
		status(400),
		{status: 500, body: "canary@person.example canary-key-1"},
		{status: 200, body: `canary-key-1`},
	} {
		synctest.Test(t, func(t *testing.T) {
			c, err := httpapi.New(httpapi.Env{Transport: &script{answers: []answer{a}}, Log: zerolog.New(&log).Level(zerolog.TraceLevel)}, httpapi.Profile{}, "crm", "https://api.example.com", httpapi.ServiceKey(secret.New("canary-key-1")))
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range []httpapi.Request{get(), post()} {
				var into map[string]any
				r.Into = &into
				_, err := c.Do(t.Context(), r)
				for _, verb := range []string{"%v", "%+v", "%#v"} {
					if text := fmt.Sprintf(verb, err); err == nil || strings.Contains(text, "canary") {
						t.Errorf("the error shows it: %s", text)
					}
				}
				for e := errors.Unwrap(err); e != nil; e = errors.Unwrap(e) {
					if strings.Contains(fmt.Sprintf("%+v", e), "canary") {
						t.Errorf("a wrapped error shows it: %v", e)
					}
				}
			}
		})
	}
	if strings.Contains(log.String(), "canary") || !strings.Contains(log.String(), "read contacts") {
		t.Errorf("the log reads %s", log.String())
	}
}

func TestMetricsSurviveReloadAndStayFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		for range 3 { // a reload builds every client anew
			c, err := httpapi.New(httpapi.Env{Transport: &script{answers: []answer{ok()}}, Metrics: reg}, httpapi.Profile{}, "crm", "https://api.example.com", httpapi.NoAuth())
			if err != nil {
				t.Fatal(err)
			}
			for i := range 200 {
				r := get()
				r.Op = fmt.Sprintf("read %d canary", i)
				if i == 0 {
					r.Op = "read"
				}
				if _, err := c.Do(t.Context(), r); err != nil {
					t.Fatal(err)
				}
			}
		}
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]int{}
		for _, f := range families {
			found[f.GetName()] = len(f.GetMetric())
			if f.GetName() == "tandem_api_call_seconds" && f.GetMetric()[0].GetHistogram().GetSchema() == 0 && len(f.GetMetric()[0].GetHistogram().GetPositiveSpan()) == 0 {
				t.Error("the histogram is not native")
			}
		}
		if n := found["tandem_api_calls_total"]; n == 0 || n > 65 {
			t.Errorf("%d series of calls: %v", n, found)
		}
	})
}
