package httpapi_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// encoding/json lets the last of repeated names win, matches names whatever
// their case, and rounds whole numbers that go through an any.
func TestDecodeIsStrict(t *testing.T) {
	type into struct {
		Email string         `json:"email"`
		More  map[string]any `json:"more"`
		Any   any            `json:"any"`
		List  []any          `json:"list"`
	}
	var v into
	if err := httpapi.Decode([]byte(`{"EMAIL":"x","email":"y","Email":"z"}`), &v); err != nil || v.Email != "y" {
		t.Errorf("another case overwrote the name: %q, %v", v.Email, err)
	}
	v = into{}
	const big = "9007199254740993"
	if err := httpapi.Decode([]byte(`{"any":`+big+`,"more":{"id":`+big+`},"list":[1.10,`+big+`,null,true,"x"]}`), &v); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%v %v %v", v.Any, v.More["id"], v.List); got != big+" "+big+" [1.10 "+big+" <nil> true x]" {
		t.Errorf("numbers became %s", got)
	}
	if _, ok := v.Any.(json.Number); !ok {
		t.Errorf("a number became a %T", v.Any)
	}
	for name, body := range map[string]string{
		"twice": `{"email":"canary","email":"b"}`, "twice deep": `{"more":{"a":1,"a":2}}`, "cut": `{"email":"canary`,
		"more after": `{"email":"a"} {"email":"canary"}`, "other shape": `{"email":["canary"]}`, "not JSON": `canary`,
	} {
		if err := httpapi.Decode([]byte(body), &v); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUnfitRepliesAreMalformed(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	tests := map[string]answer{
		"nested 65 deep":       {status: 200, body: deep(65)},
		"nested 200,000 deep":  {status: 200, body: deep(200_000)},
		"web page":             {status: 200, body: "<!doctype html>", header: map[string]string{"Content-Type": "text/html"}},
		"page said to be JSON": {status: 200, body: "\n <html>"},
		"XML":                  {status: 200, body: "oops", header: map[string]string{"Content-Type": "application/xml"}},
		"empty":                {status: 200},
		"cut":                  {status: 200, body: `{"a":[1,2`},
		"cut in a string":      {status: 200, body: `{"a":"x\"`},
		"too large":            {status: 200, body: `"` + strings.Repeat("a", 2000) + `"`},
		"other shape":          {status: 200, body: `{"id":{"x":1}}`},
	}
	for name, a := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var into struct {
					ID string `json:"id"`
				}
				r := get()
				r.MaxBytes, r.Into = 1_000_000, &into
				if name == "too large" {
					r.MaxBytes = 1000
				}
				_, err := client(t, &script{answers: []answer{a}}, httpapi.Profile{}).Do(t.Context(), r)
				_ = class(t, err, fault.Malformed)
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		r := get()
		if _, err := client(t, &script{answers: []answer{{status: 200, body: deep(64)}}}, httpapi.Profile{}).Do(t.Context(), r); err != nil {
			t.Error(err)
		}
		r.Method = "DELETE"
		if _, err := client(t, &script{answers: []answer{{status: 204}}}, httpapi.Profile{}).Do(t.Context(), r); err != nil {
			t.Error(err)
		}
	})
}
