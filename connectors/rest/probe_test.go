package rest_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/connectors/rest"
)

// TestProbe tries manifests that are right, and wrong in one thing each.
func TestProbe(t *testing.T) {
	const fine = `      list: {path: /rows, query: {since: "{since}", page: "{page}", limit: "{size}"}, records: rows, paging: {by: page}}
      get: {path: "/one/{id}"}
`
	for _, c := range []struct {
		name, old, wrong string
		what             string
		verdict          rest.Verdict
		detail           string
	}{
		{"fine", "", "", "second page", rest.Good, "10 further"},
		{"fine", "", "", "changes", rest.Good, "none older"},
		{"fine", "", "", "get", rest.Good, ""},
		{"a path of rows that leads nowhere", "records: rows", "records: data", "first page", rest.Bad, "no rows at data"},
		{"a parameter that is not heeded", `page: "{page}"`, `seite: "{page}"`, "first page", rest.Good, ""},
		{"a parameter that is not heeded", `page: "{page}"`, `seite: "{page}"`, "second page", rest.Bad, "again and again"},
		{"a filter that is not heeded", `since: "{since}"`, `after_time: "{since}"`, "changes", rest.Bad, "before the moment"},
		{"a wrong time", "updated_at: updated", "updated_at: changed", "updated_at at changed", rest.Bad, "missing in 10 of 10"},
		{"a wrong field", "{name: {}}", "{title: {}}", "fields", rest.Unsure, "in no row: title"},
		{"a wrong kind", "{name: {}}", "{name: {kind: integer}}", "fields", rest.Bad, "10 values cannot be read"},
		{"one page", "page_size: 10", "page_size: 100", "second page", rest.Unsure, "only one"},
		{"a wrong check", "path: /me", "path: /broken", "credentials", rest.Bad, "500"},
	} {
		t.Run(c.name+", "+c.what, func(t *testing.T) {
			y := newToy(t, 25)
			y.answer = func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/broken":
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, `{"id": "500"}`)
				case "/one/1":
					_, _ = io.WriteString(w, `{"id": 1, "name": "Row 1", "updated": "2026-03-01T12:00:00Z"}`)
				default:
					_, _ = io.WriteString(w, `{"id": "a-1"}`)
				}
			}
			text := strings.Replace(y.head()+fine, c.old, c.wrong, 1)
			node, problems := diag.Parse("toy.yaml", []byte(text))
			if problems.HasErrors() {
				t.Fatal(problems)
			}
			found, problems := rest.Probe(t.Context(), connectors.Env{Name: "toy", HTTP: httpapi.Env{AllowLoopback: true}}, node)
			if problems.HasErrors() {
				t.Fatal(problems)
			}
			i := slices.IndexFunc(found, func(f rest.Finding) bool { return f.What == c.what })
			if i < 0 || found[i].Verdict != c.verdict || c.verdict != rest.Bad && !strings.Contains(found[i].Detail, c.detail) {
				t.Errorf("%+v", found)
			}
		})
	}
	node, _ := diag.Parse("toy.yaml", []byte("manifest: {}\n"))
	if _, problems := rest.Probe(t.Context(), connectors.Env{}, node); !problems.HasErrors() {
		t.Error("an empty manifest passes")
	}
}
