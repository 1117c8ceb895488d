package rest_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// toy is a small API that pages in every way there is.
type toy struct {
	*httptest.Server
	t    *testing.T
	mu   sync.Mutex
	rows []map[string]any
	seen []*http.Request // lists asked for
	body []map[string]any
	// before is called before each list is answered.
	before func(n int)
	// answer, if set, answers everything but lists.
	answer http.HandlerFunc
}

var toyEpoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) //nolint:gochecknoglobals // a constant but for its type

func newToy(t *testing.T, n int) *toy {
	t.Helper()
	y := &toy{t: t}
	for i := range n {
		y.rows = append(y.rows, map[string]any{"id": i + 1, "name": fmt.Sprintf("Row %d", i+1), "updated": toyEpoch.Add(time.Duration(i/4) * time.Second)})
	}
	y.Server = httptest.NewServer(http.HandlerFunc(y.serve))
	t.Cleanup(y.Close)
	return y
}

func (y *toy) serve(w http.ResponseWriter, r *http.Request) {
	y.mu.Lock()
	defer y.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	var in map[string]any
	if r.Body != nil && json.NewDecoder(r.Body).Decode(&in) == nil {
		y.body = append(y.body, in)
	}
	if r.URL.Path != "/rows" || r.Method != http.MethodGet {
		if y.answer != nil {
			y.answer(w, r)
			return
		}
		fmt.Fprint(w, `{"id": "account-1"}`)
		return
	}
	y.seen = append(y.seen, r.Clone(r.Context()))
	if y.before != nil {
		y.before(len(y.seen))
	}
	y.list(w, r)
}

func (y *toy) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	number := func(name string, fallback int) int {
		if n, err := strconv.Atoi(q.Get(name)); err == nil {
			return n
		}
		return fallback
	}
	rows := slices.Clone(y.rows)
	if since, err := time.Parse(time.RFC3339, q.Get("since")); err == nil {
		rows = slices.DeleteFunc(rows, func(r map[string]any) bool { return updated(r).Before(since) })
	}
	if q.Get("sort") == "updated" {
		slices.SortStableFunc(rows, func(a, b map[string]any) int {
			return cmp.Or(updated(a).Compare(updated(b)), cmp.Compare(id(a), id(b)))
		})
	}
	if after := number("after", -1); after >= 0 {
		rows = slices.DeleteFunc(rows, func(r map[string]any) bool { return id(r) <= after })
	}
	total, size := len(rows), number("limit", 10)
	from := number("offset", (number("page", 1)-1)*size) + number("cursor", 0)
	rows = rows[min(from, total):]
	out := map[string]any{"total": total, "rows": rows[:min(size, len(rows))], "next": nil, "more": len(rows) > size}
	if len(rows) > size {
		q.Set("cursor", strconv.Itoa(number("cursor", 0)+size))
		out["next"], out["url"] = q.Get("cursor"), y.URL+"/rows?"+q.Encode()
		w.Header().Set("Link", `<`+y.URL+`/rows?x>; rel="self", <`+y.URL+"/rows?"+q.Encode()+`>; rel="next"`)
	}
	_ = json.NewEncoder(w).Encode(out)
}

func updated(r map[string]any) time.Time {
	at, _ := r["updated"].(time.Time)
	return at
}

func id(r map[string]any) int {
	n, _ := r["id"].(int)
	return n
}

// touch edits a row, which moves it to the end of those sorted by time.
func (y *toy) touch(n int, at time.Time) {
	i := slices.IndexFunc(y.rows, func(r map[string]any) bool { return id(r) == n })
	y.rows[i]["updated"] = at
}

func (y *toy) remove(n int) {
	y.rows = slices.DeleteFunc(y.rows, func(r map[string]any) bool { return id(r) == n })
}

// head is a connector's file whose manifest reads the toy's rows; what follows
// goes on with the object `rows`.
func (y *toy) head(more ...string) string {
	return strings.Join(append([]string{
		"base_url: " + y.URL, "manifest:", "  auth: {kind: none}", "  check: {path: /me, account: id}",
	}, more...), "\n") + `
  objects:
    rows:
      updated_at: updated
      page_size: 10
      fields: {name: {}}
`
}

func (y *toy) connect(text string, secrets ...string) system {
	y.t.Helper()
	return build(y.t, connectors.Env{Name: "toy", HTTP: httpapi.Env{AllowLoopback: true}}, text, secrets...)
}

// drain reads a pass to its end.
func drain(t *testing.T, c connectors.Connector, q connectors.Query) (map[string]connectors.Record, connectors.Cursor) {
	t.Helper()
	records := map[string]connectors.Record{}
	for range 500 {
		p, err := c.Changes(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range p.Issues {
			t.Errorf("issue: %v", i.Err)
		}
		for _, r := range p.Records {
			records[r.ID] = r
		}
		if q.Cursor = p.Next; !p.More {
			return records, p.Next
		}
	}
	t.Fatal("no end of pages")
	return nil, ""
}
