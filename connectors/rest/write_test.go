package rest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

func change(op, id string, fields record.Fields) connectors.Op {
	return connectors.Op{ID: op, Kind: connectors.Update, Object: "rows", RemoteID: id, Fields: fields}
}

func outcome(r []connectors.Result) map[string]string {
	out := map[string]string{}
	for _, one := range r {
		out[one.Op] = string(one.Status)
		if one.Err != nil {
			out[one.Op] += " " + fault.ClassOf(one.Err).String()
		}
	}
	return out
}

// TestFates plays what batches are answered with.
func TestFates(t *testing.T) {
	ops := []connectors.Op{change("a", "1", nil), change("b", "2", nil), change("c", "3", nil)}
	for name, c := range map[string]struct {
		answer, reply string
		want          map[string]string
	}{
		"all by place":        {"{rows: rows}", `{"rows": [{"id": 1}, {"id": 2}, {"id": 3}]}`, map[string]string{"a": "applied", "b": "applied", "c": "applied"}},
		"by the key of each":  {"{rows: rows, errors: bad}", `{"rows": {"0": {"id": 1}, "2": {"id": 3}}, "bad": {"1": {}}}`, map[string]string{"a": "applied", "b": "rejected invalid", "c": "applied"}},
		"a list that shrank":  {"{rows: rows}", `{"rows": [{"id": 1}, {"id": 3}]}`, map[string]string{"a": "applied"}},
		"places that clash":   {"{rows: rows, errors: bad}", `{"rows": [{"id": 2}, {"id": 3}], "bad": {"0": {}}}`, map[string]string{}},
		"errors alone":        {"{errors: bad, error_key: who, error_status: code}", `{"bad": [{"who": "2", "code": 404}]}`, map[string]string{"a": "applied", "b": "rejected missing", "c": "applied"}},
		"keys in any order":   {"{rows: rows, row_key: op, errors: bad, error_key: [op, ids]}", `{"rows": [{"op": "c", "id": 3}], "bad": [{"ids": ["1", "2"]}]}`, map[string]string{"a": "rejected invalid", "b": "rejected invalid", "c": "applied"}},
		"nothing":             {"{rows: rows}", `{}`, map[string]string{}},
		"another shape":       {"{rows: rows, errors: bad}", `{"rows": "3", "bad": [7]}`, map[string]string{"a": "rejected invalid"}},
		"another record's id": {"{rows: rows}", `{"rows": [{"id": 9}, {"id": 2}]}`, map[string]string{"b": "applied"}},
	} {
		t.Run(name, func(t *testing.T) {
			y := newToy(t, 0)
			y.answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.reply) }
			conn := y.connect(y.head() + "      list: {path: /rows, records: rows}\n" +
				`      update: {path: /batch, batch: 10, row: {id: "{id}", op: "{op}", "...": "{fields}"}, body: {all: "{rows}"}, answer: ` + c.answer + "}\n")
			results, err := conn.Write(t.Context(), ops)
			if err != nil {
				t.Fatal(err)
			}
			if got := outcome(results); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// TestRulesAndWaits tells what a failure is taken for and when to come back.
func TestRulesAndWaits(t *testing.T) {
	rules := []string{
		"  errors:", "    code: error.code", "    message: error.text", "    existing: error.id", "    field: error.field", "    rules:",
		"      - {status: [200], at: error.code, is: [GONE], class: missing}",
		"      - {status: [403], at: error.code, is: [QUOTA], class: exhausted, until: X-Reset, until_is: unix}",
		"      - {at: error.text, has: duplicate, class: conflict}",
		"      - {status: [400], at: error.code, is: [BUSY, LOCK], class: locked, scope: row, next: try again later}",
	}
	at := time.Now().Add(3 * time.Hour).Truncate(time.Second)
	for _, c := range []struct {
		status int
		body   string
		class  fault.Class
		check  func(*fault.Error) bool
	}{
		{200, `{"error": {"code": "GONE"}}`, fault.Missing, func(f *fault.Error) bool { return f.Code == "GONE" }},
		{403, `{"error": {"code": "QUOTA"}}`, fault.Exhausted, func(f *fault.Error) bool { return f.Until.Equal(at) }},
		{403, `{"error": {"code": "OTHER"}}`, fault.Permission, func(f *fault.Error) bool { return f.Next != "" }},
		{422, `{"error": {"text": "A Duplicate of ann@example.com", "id": 77, "field": "email"}}`, fault.Conflict, func(f *fault.Error) bool {
			return f.Existing == "77" && f.Field == "email" && !strings.Contains(f.Error(), "ann@")
		}},
		{400, `{"error": {"code": "busy"}}`, fault.Locked, func(f *fault.Error) bool { return f.Next == "try again later" }},
		{422, `not json`, fault.Invalid, func(f *fault.Error) bool { return f.Code == "" }},
		{409, `{"error": {"id": 5}}`, fault.Conflict, func(f *fault.Error) bool { return f.Existing == "5" }},
	} {
		y := newToy(t, 0)
		y.answer = func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Reset", strconv.FormatInt(at.Unix(), 10))
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.body)
		}
		conn := y.connect(y.head(rules...) + "      list: {path: /rows, records: rows}\n" + `      update: {path: "/rows/{id}", body: "{fields}"}` + "\n")
		results, err := conn.Write(t.Context(), []connectors.Op{change("a", "1", record.Fields{"name": record.OfString("x")})})
		if len(results) == 1 {
			err = results[0].Err
		}
		if f := fault.As(err); err == nil || f.Class != c.class || !c.check(f) {
			t.Errorf("%d %s: %v", c.status, c.body, err)
		}
	}
}

// TestValues writes and reads one of each kind.
func TestValues(t *testing.T) {
	y := newToy(t, 0)
	y.rows = []map[string]any{{
		"id": 1, "updated": toyEpoch, "name": "", "a.b": "dotted", "n": "5.00", "amount": 3.50, "flag": "1", "day": "2026-03-02T10:00:00Z",
		"at": 1772445600, "tags": []string{"b", "a"}, "words": "x;y", "none": "n/a", "owner": map[string]any{"id": 7}, "extra": "more", "gone": false,
	}, {"id": 2, "gone": "2026-03-01T00:00:00Z"}, {"name": "no id"}, {"id": 4, "n": "many", "tags": map[string]any{}}}
	text := strings.Replace(y.head(), "      fields: {name: {}}\n", `      gone_if: gone
      omits_empty: true
      extras: .
      fields:
        name: {}
        dotted: {path: 'a\.b', write: deep.er.b}
        n: {kind: integer}
        amount: {kind: decimal}
        flag: {kind: boolean}
        day: {kind: date}
        at: {kind: instant, format: unix}
        tags: {kind: set}
        words: {kind: set, separator: ;}
        none: {empty: [n/a]}
        missing: {}
        owner: {kind: reference, path: owner.id}
`, 1)
	c := y.connect(text + "      list: {path: /rows, records: rows}\n" + `      update: {path: "/rows/{id}", body: "{fields}"}` + "\n")
	fields := []string{"name", "dotted", "n", "amount", "flag", "day", "at", "tags", "words", "none", "missing", "owner", "extra"}
	p, err := c.Changes(t.Context(), connectors.Query{Object: "rows", Fields: fields})
	if err != nil {
		t.Fatal(err)
	}
	want := record.Fields{
		"name": record.NullOf(record.String), "dotted": record.OfString("dotted"), "n": record.OfInt(5), "amount": record.Of(record.Decimal, "3.5"),
		"flag": record.OfBool(true), "day": record.Of(record.Date, "2026-03-02"), "at": record.OfInstant(time.Unix(1772445600, 0)),
		"tags": record.OfSet("a", "b"), "words": record.OfSet("x", "y"), "none": record.NullOf(record.String),
		"missing": record.NullOf(record.String), "owner": record.Of(record.Reference, "7"), "extra": record.OfString("more"),
	}
	if got := p.Records[0].Fields; !got.Equal(want) {
		t.Errorf("read other values of %v", got.Diff(want))
	}
	if len(p.Records) != 2 || len(p.Gone) != 1 || p.Gone[0].ID != "2" || len(p.Issues) != 2 {
		t.Errorf("%d records, %d gone, %d issues", len(p.Records), len(p.Gone), len(p.Issues))
	}
	cat, err := c.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := cat.Objects[0].Field("extra"); !ok || !f.ReadOnly {
		t.Error("a further field of the rows is not described")
	}
	delete(want, "extra")
	if _, err := c.Write(t.Context(), []connectors.Op{change("a", "1", want)}); err != nil {
		t.Fatal(err)
	}
	sent, err := json.Marshal(y.body[len(y.body)-1])
	if err != nil {
		t.Fatal(err)
	}
	const body = `{"amount":3.5,"at":1772445600,"day":"2026-03-02","deep":{"er":{"b":"dotted"}},"flag":true,"missing":null,"n":5,"name":null,"none":null,"owner":"7","tags":["a","b"],"words":"x;y"}`
	if string(sent) != body {
		t.Errorf("sent %s", sent)
	}
}

// TestClocksPutBack asks from before the hour that comes twice.
func TestClocksPutBack(t *testing.T) {
	y := newToy(t, 1)
	y.rows[0]["updated"] = time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)
	c := y.connect(y.head("  times: {filter: 'yyyy-mm-dd hh:mm:ss', zone: Europe/Berlin}") +
		"      overlap: 1s\n" + `      list: {path: /rows, query: {changed: "{since}"}, records: rows}` + "\n")
	q := connectors.Query{Object: "rows", Cursor: connectors.Cursor(fmt.Sprintf(`{"f":%d,"b":"-"}`, time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC).UnixNano()))}
	if _, err := c.Changes(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if got := y.seen[0].URL.Query().Get("changed"); got != "2026-10-25 01:30:00" {
		t.Errorf("asked since %s, which is an hour that comes twice", got)
	}
}

// TestPathsStayBelowTheBase keeps ids from leaving the path they stand in.
func TestPathsStayBelowTheBase(t *testing.T) {
	y := newToy(t, 0)
	var paths []string
	y.answer = func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.EscapedPath())
		_, _ = io.WriteString(w, "{}")
	}
	c := y.connect(y.head() + "      list: {path: /rows, records: rows}\n" + `      update: {path: "/rows/{id}", body: "{fields}"}` + "\n")
	for _, id := range []string{"../admin", "..", ".", "", "a b?x#y"} {
		results, err := c.Write(t.Context(), []connectors.Op{change("a", id, nil)})
		if err != nil {
			t.Fatal(err)
		}
		if status := results[0].Status; (status == connectors.Applied) != (len(id) > 2) {
			t.Errorf("an update of %q is %s", id, status)
		}
	}
	if want := []string{"/rows/..%2Fadmin", "/rows/a%20b%3Fx%23y"}; !reflect.DeepEqual(paths, want) {
		t.Errorf("called %q", paths)
	}
}
