package rest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

type way struct{ name, query, paging string }

func ways() []way {
	return []way{
		{"page", `page: "{page}", limit: "{size}"`, "{by: page}"},
		{"page from nought, with a total", `page: "{page}", limit: "{size}"`, "{by: page, total: total}"},
		{"page, stable", `page: "{page}", limit: "{size}"`, "{by: page, stable: true, more: more}"},
		{"offset", `offset: "{offset}", limit: "{size}"`, "{by: offset}"},
		{"offset, until short", `offset: "{offset}", limit: "{size}"`, "{by: offset, until: short}"},
		{"offset with a total", `offset: "{offset}", limit: "{size}"`, "{by: offset, total: total}"},
		{"offset, advancing", `offset: "{offset}", limit: "{size}", sort: updated`, "{by: offset, advance: true, total: total}"},
		{"page, advancing", `page: "{page}", limit: "{size}", sort: updated`, "{by: page, advance: true}"},
		{"cursor", `cursor: "{cursor}", limit: "{size}"`, "{by: cursor, next: next}"},
		{"next_url", `limit: "{size}"`, "{by: next_url, next: url}"},
		{"link", `limit: "{size}"`, "{by: link}"},
		{"keyset", `after: "{last.id}", limit: "{size}"`, "{by: keyset}"},
		{"keyset with a total", `after: "{last.id}", limit: "{size}"`, "{by: keyset, start: 0, total: total}"},
	}
}

func (w way) object() string {
	return fmt.Sprintf("      list: {path: /rows, query: {since: \"{since}\", %s}, records: rows, paging: %s}\n", w.query, w.paging)
}

// TestPaging reads everything and then what changed, in every way to page, with
// full pages and without.
func TestPaging(t *testing.T) {
	for _, w := range ways() {
		for _, n := range []int{0, 1, 10, 11, 30, 47} {
			t.Run(fmt.Sprintf("%s, %d rows", w.name, n), func(t *testing.T) {
				y := newToy(t, n)
				c := y.connect(y.head() + w.object())
				got, next := drain(t, c, connectors.Query{Object: "rows", Fields: []string{"name"}})
				if len(got) != n {
					t.Fatalf("%d rows of %d", len(got), n)
				}
				if n == 0 {
					return
				}
				y.touch(1, time.Now().UTC().Truncate(time.Second))
				got, _ = drain(t, c, connectors.Query{Object: "rows", Fields: []string{"name"}, Cursor: next})
				if _, ok := got["1"]; !ok || len(got) != 1 {
					t.Errorf("of one change %d rows were read", len(got))
				}
			})
		}
	}
}

// TestRowsThatMove edits or deletes rows that were read while others are still
// to come, which pushes those to places that were read already.
func TestRowsThatMove(t *testing.T) {
	for _, w := range ways() {
		if strings.Contains(w.paging, "stable") || strings.Contains(w.name, "cursor") || strings.Contains(w.name, "next") || w.name == "link" || strings.Contains(w.name, "keyset with") {
			continue // what the system counts by itself is its own to get right
		}
		for name, move := range map[string]func(*toy, int){
			"deleted": func(y *toy, n int) { y.remove(n) },
			"edited":  func(y *toy, n int) { y.touch(n, toyEpoch.Add(time.Duration(n)*time.Hour)) },
		} {
			t.Run(w.name+", "+name, func(t *testing.T) {
				y := newToy(t, 60)
				sorted := w
				if w.name != "keyset" && !strings.Contains(w.query, "sort") {
					sorted.query += ", sort: updated"
				}
				c := y.connect(y.head() + sorted.object())
				gone := 0
				y.before = func(n int) {
					if n == 3 || n == 5 { // several at once, the last row of a page among them
						for range 7 {
							gone++
							move(y, gone)
						}
						move(y, 10+gone)
					}
				}
				got, _ := drain(t, c, connectors.Query{Object: "rows", Fields: []string{"name"}})
				for i := 30; i <= 60; i++ {
					if _, ok := got[strconv.Itoa(i)]; !ok {
						t.Errorf("row %d was passed over", i)
					}
				}
			})
		}
	}
}

// TestForeignAddress tells that no address of another host is called, and that
// a key in the address is not kept in a cursor.
func TestForeignAddress(t *testing.T) {
	hits := 0
	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits++ }))
	defer stranger.Close()
	y := newToy(t, 0)
	y.answer = func(w http.ResponseWriter, r *http.Request) {
		to := y.URL + "/list/two?key=sesame-0123&x=1"
		if r.URL.Path == "/list/two" {
			to = stranger.URL + "/list/three"
		}
		_, _ = fmt.Fprintf(w, `{"rows": [{"id": 1}], "url": %q}`, to)
	}
	text := strings.Replace(y.head(), "{kind: none}", "{kind: query, name: key}", 1) +
		"      list: {path: /list, records: rows, paging: {by: next_url, next: url}}\n"
	text = strings.Replace(text, "      updated_at: updated\n", "", 1) + "auth: {token: '${env:KEY}'}\n"
	c := y.connect(text, "KEY", "sesame-0123")
	p, err := c.Changes(t.Context(), connectors.Query{Object: "rows"})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(p.Next), "sesame") {
		t.Errorf("the cursor holds the key: %s", p.Next)
	}
	_, err = c.Changes(t.Context(), connectors.Query{Object: "rows", Cursor: p.Next})
	if !fault.Is(err, fault.Forbidden) || hits > 0 {
		t.Errorf("a foreign address: %v, %d calls of it", err, hits)
	}
	if err != nil && strings.Contains(err.Error(), "sesame") {
		t.Errorf("the error shows the key: %v", err)
	}
}

// TestUnheededFilter stops a walk that would never end or miss rows.
func TestUnheededFilter(t *testing.T) {
	y := newToy(t, 30)
	y.touch(1, toyEpoch.Add(time.Hour)) // not sorted
	c := y.connect(y.head() + `      list: {path: /rows, query: {since: "{since}", page: "{page}"}, records: rows, paging: {by: page, advance: true}}` + "\n")
	q := connectors.Query{Object: "rows"}
	for range 20 {
		p, err := c.Changes(t.Context(), q)
		if err != nil {
			if !fault.Is(err, fault.Malformed) || !strings.Contains(err.Error(), "sorted") {
				t.Errorf("rows that are not sorted: %v", err)
			}
			return
		}
		q.Cursor = p.Next
		if !p.More {
			break
		}
	}
	t.Error("rows that are not sorted by time were taken for sorted")
}

// TestWrongRecords tells a path that leads nowhere from a system without rows.
func TestWrongRecords(t *testing.T) {
	y := newToy(t, 3)
	c := y.connect(y.head() + "      list: {path: /rows, records: data}\n")
	if _, err := c.Changes(t.Context(), connectors.Query{Object: "rows"}); !fault.Is(err, fault.Malformed) || !strings.Contains(err.Error(), "no rows at data") {
		t.Errorf("a path that leads nowhere: %v", err)
	}
}
