package webhook_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/webhook"
)

const signed = `signature: {header: X-Signature, secret: "${env:FORM_SECRET}"}`

// filled is a connector to which bodies were posted.
func filled(t *testing.T, yaml string, bodies ...string) *webhook.Connector {
	t.Helper()
	c := build(t, connectors.Env{Inbox: &inbox{}}, signed+"\n"+yaml)
	for _, b := range bodies {
		d := post(b)
		if b[0] != '{' && b[0] != '[' {
			d.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		if err := c.Receive(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// shown reads everything: a line for each record, issues as ref!field.
func shown(t *testing.T, c *webhook.Connector, object string, fields ...string) string {
	t.Helper()
	var out []string
	q := connectors.Query{Object: object, Fields: fields}
	for range 100 {
		page, err := c.Changes(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			words := []string{r.ID}
			for _, name := range fields {
				v, there := r.Fields[name]
				if text := strings.Join(v.Members(), "|"); there {
					words = append(words, name+"="+text)
				}
			}
			out = append(out, strings.Join(words, " "))
		}
		for _, i := range page.Issues {
			if !fault.Is(i.Err, fault.Malformed) {
				t.Errorf("the issue is %v", i.Err)
			}
			out = append(out, i.Ref+"!"+i.Field)
		}
		if q.Cursor = page.Next; !page.More {
			return strings.Join(out, "\n")
		}
	}
	t.Fatal("no end")
	return ""
}

const typeform = `{"event_id":"01H","event_type":"form_response","form_response":{"token":"abc","submitted_at":"2026-06-01T10:00:00Z",
"hidden":{"utm_campaign":"spring"},"answers":[
{"type":"text","text":"Ada","field":{"id":"1","ref":"first_name"}},
{"type":"email","email":"ada@x.example","field":{"id":"2","ref":"email"}},
{"type":"choices","choices":{"labels":["red","blue"]},"field":{"id":"3","ref":"interests"}},
{"type":"number","number":42.50,"field":{"id":"4","ref":"amount"}},
{"type":"boolean","boolean":false,"field":{"id":"5","ref":"ok"}}]}}`

func TestPaths(t *testing.T) {
	tests := map[string]string{
		"event_type":           "form_response",
		"form_response[token]": "abc",
		"form_response.answers[field.ref=email].email":              "ada@x.example",
		"form_response.answers[0].text":                             "Ada",
		"form_response.answers[field.id=4].number":                  "42.50",
		"form_response.answers[field.ref=ok].boolean":               "false",
		"form_response.answers[*].type":                             "text, email, choices, number, boolean",
		"form_response.answers[field.ref=interests].choices.labels": "red, blue",
		"form_response.answers[field.ref=interests].choices":        `{"labels":["red","blue"]}`,
	}
	for path, want := range tests {
		c := filled(t, `forms: {f: {id: form_response.token, fields: [{name: v, path: "`+path+`"}]}}`, typeform)
		if got := shown(t, c, "f", "v"); got != "abc v="+want {
			t.Errorf("%s: %q", path, got)
		}
	}
	for _, path := range []string{"none", "form_response.answers[9]", "form_response.answers[field.ref=none].text", "event_type.x", "event_type[0]", "form_response[*]"} {
		c := filled(t, `forms: {f: {id: form_response.token, fields: [{name: v, path: "`+path+`"}]}}`, typeform)
		if got := shown(t, c, "f", "v"); got != "abc" {
			t.Errorf("%s, which is not there: %q", path, got)
		}
	}
}

func TestKinds(t *testing.T) {
	const form = `
zone: Europe/Berlin
forms:
  f:
    id: id
    fields:
      - {name: v, `
	tests := map[string]struct{ field, value, want string }{
		"text":                {"kind: text", `" two\nlines "`, "1 v= two\nlines "},
		"email":               {"kind: email", `" A@x.example "`, "1 v=A@x.example"},
		"number as text":      {"kind: string", `0012.50`, "post:1!"},
		"a long number":       {"kind: string", `12345678901234567890`, "1 v=12345678901234567890"},
		"integer":             {"kind: integer", `"42"`, "1 v=42"},
		"integer with a part": {"kind: integer", `42.5`, "1\npost:1!v"},
		"decimal":             {`kind: decimal, format: "1.234,56"`, `"1.000,5"`, "1 v=1000.5"},
		"money":               {"kind: money, currency: EUR", `42.5`, "1 v=EUR 4250"},
		"boolean":             {"kind: boolean", `"on"`, "1 v=true"},
		"boolean of words":    {"kind: boolean, true_words: [ja], false_words: [nein]", `"Nein"`, "1 v=false"},
		"no boolean":          {"kind: boolean", `"perhaps"`, "1\npost:1!v"},
		"date":                {"kind: date, format: dd.mm.yyyy", `"01.02.2026"`, "1 v=2026-02-01"},
		"instant":             {"kind: instant", `"2026-07-01 12:00"`, "1 v=2026-07-01T10:00:00Z"},
		"instant of seconds":  {"kind: instant, format: unix", `1782900000`, "1 v=2026-07-01T10:00:00Z"},
		"no instant":          {"kind: instant", `"soon"`, "1\npost:1!v"},
		"set of a list":       {"kind: set", `["b","a",""]`, "1 v=a|b"},
		"set of a text":       {`kind: set, separator: ","`, `"b, a"`, "1 v=a|b"},
		"null":                {"kind: string", `null`, "1 v="},
		"empty":               {"kind: string", `""`, "1 v="},
		"a word for none":     {"kind: string, empty: [n/a]", `"n/a"`, "1 v="},
		"an empty list":       {"kind: set", `[]`, "1 v="},
	}
	for name, test := range tests {
		b := `{"id":1,"v":` + test.value + `}`
		if name == "number as text" { // which JSON does not allow
			b = `{"id":1}`
			test.want = "1"
		}
		if got := shown(t, filled(t, form+test.field+"}\n", b), "f", "v"); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func TestEncodedForms(t *testing.T) {
	c := filled(t, `forms: {f: {id: "data[id]", only: {path: type, is: [subscribe, profile]}, fields: [{name: email, path: "data[email]"}, {name: tags, kind: set}]}}`,
		"type=subscribe&data%5Bid%5D=7&data%5Bemail%5D=a%2Bb%40x.example&tags=x&tags=y", "type=cleaned&data%5Bid%5D=8", "type=profile&data%5Bid%5D=9&data%5Bemail%5D=")
	if got := shown(t, c, "f", "email", "tags"); got != "7 email=a+b@x.example tags=x|y\n9 email=" {
		t.Errorf("got %q", got)
	}
}

func TestSeveralRecordsInOnePost(t *testing.T) {
	for _, size := range []string{"1", "2", "10"} {
		top := filled(t, "page_size: "+size+"\nforms: {f: {id: id, only: {path: t, is: [a]}, fields: [{name: v}]}}",
			`[{"id":1,"t":"a","v":"x"},{"id":2,"t":"b"},{"id":3,"t":"a","v":"z"}]`, `{"id":4,"t":"a","v":"q"}`)
		if got := shown(t, top, "f", "v"); got != "1 v=x\n3 v=z\n4 v=q" {
			t.Errorf("pages of %s: %q", size, got)
		}
		under := filled(t, "page_size: "+size+"\nforms: {f: {each: data.rows, fields: [{name: v}]}}", `{"data":{"rows":[{"v":1},{"v":2},{"v":3}]}}`, `{"data":{}}`)
		got := shown(t, under, "f", "v")
		if lines := strings.Split(got, "\n"); len(lines) != 4 || !strings.HasSuffix(lines[0], "-1 v=1") || !strings.HasSuffix(lines[2], "-3 v=3") || lines[3] != "post:2!" {
			t.Errorf("pages of %s: %q", size, got)
		}
	}
}

// Two states of one record cannot stand in one page, for the page would keep
// the later one only, and with it lose what only the first one tells.
func TestEachStateOfARecordComesInItsTurn(t *testing.T) {
	c := filled(t, "forms: {f: {id: id, fields: [{name: email}, {name: city}]}}",
		`{"id":1,"email":"a@x.example"}`, `{"id":2,"email":"b@x.example"}`, `{"id":1,"city":"Graz"}`, `[{"id":3},{"id":3,"city":"Linz"}]`)
	q := connectors.Query{Object: "f", Fields: []string{"email", "city"}}
	var pages []int
	for {
		page, err := c.Changes(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, len(page.Records))
		if q.Cursor = page.Next; !page.More {
			break
		}
	}
	if !slices.Equal(pages, []int{2, 2, 1}) {
		t.Errorf("the pages hold %v", pages)
	}
	if n := c.Consumed(q.Cursor); n != 4 {
		t.Errorf("the cursor has read up to %d", n)
	}
}

func TestRecordsWithoutAnIDOrTime(t *testing.T) {
	c := filled(t, "forms: {f: {id: id, modified: at, fields: [{name: v}]}}", `{"v":1}`, `{"id":2,"at":"soon"}`, `{"id":3,"at":"2026-06-01T10:00:00+02:00"}`)
	page, err := c.Changes(t.Context(), connectors.Query{Object: "f"})
	if err != nil || len(page.Records) != 2 || len(page.Issues) != 1 || page.Issues[0].Ref != "post:1" {
		t.Fatal(page, err)
	}
	if d := time.Since(page.Records[0].Modified); d < 0 || d > time.Minute {
		t.Errorf("without a time it is as of %s ago", d)
	}
	if at := page.Records[1].Modified; !at.Equal(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("the time is %s", at)
	}
}

func TestACursorOfSomethingElseIsExpired(t *testing.T) {
	c := filled(t, "forms: {f: {fields: [{name: v}]}}")
	for _, cur := range []connectors.Cursor{"x", "-1", "1+x", `{"seq":1}`} {
		if _, err := c.Changes(t.Context(), connectors.Query{Object: "f", Cursor: cur}); !fault.Is(err, fault.Expired) {
			t.Errorf("%q: %v", cur, err)
		}
		if c.Consumed(cur) > 1 {
			t.Errorf("%q has read something", cur)
		}
	}
}
