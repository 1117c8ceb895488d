package salesforcesim

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

const (
	maxPage    = 2000
	locatorFor = 48 * time.Hour
)

// locator is an open result: rows as they were when the query ran.
type locator struct {
	rows    []*row
	writer  *rowWriter
	all     bool
	expires time.Time
	page    int
}

// query answers /query and /queryAll, and the pages that follow.
func (t *Twin) query(c *call, all bool, rest []string) reply {
	if c.method != http.MethodGet {
		return failure(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "HTTP Method '"+c.method+"' not allowed. Allowed are GET")
	}
	if len(rest) == 1 {
		return t.nextPage(c, rest[0])
	}
	text := c.query.Get("q")
	if text == "" {
		return failure(http.StatusBadRequest, "MALFORMED_QUERY", "unexpected token: '<EOF>'")
	}
	_, stale := t.Faults.Take(c.method, c.path, "stale_read")
	t.mu.Lock()
	defer t.mu.Unlock()
	q, parsed, err := t.newRun(text, all, stale, t.object)
	if err != nil {
		return queryFailed(err)
	}
	return t.runQuery(c, q, parsed)
}

// newRun parses a query and finds its object.
func (t *Twin) newRun(text string, all, stale bool, find func(string) *object) (*run, *soql.Query, error) {
	parsed, err := soql.Parse(text)
	if err != nil {
		return nil, nil, err
	}
	o := find(parsed.From.Path)
	if o == nil {
		return nil, nil, soql.NoObject(text, parsed.From.Pos, parsed.From.Path)
	}
	for _, it := range parsed.Select {
		if it.Func == "FIELDS" && (parsed.Limit < 0 || parsed.Limit > 200) && !strings.EqualFold(it.Field.Path, "STANDARD") {
			return nil, nil, &soql.Error{Code: "MALFORMED_QUERY", Message: "The SOQL FIELDS function must have a LIMIT of at most 200"}
		}
	}
	return &run{t: t, o: o, text: text, all: all, stale: stale, alias: parsed.Alias}, parsed, nil
}

func (t *Twin) runQuery(c *call, q *run, parsed *soql.Query) reply {
	if isPlainCount(parsed) {
		rows := q.o.live
		if parsed.Where != nil || q.all || parsed.Limit >= 0 || q.veiled() {
			found, err := q.rows(parsed)
			if err != nil {
				return queryFailed(err)
			}
			rows = len(found)
		}
		return reply{status: http.StatusOK, body: fmt.Appendf(nil, `{"totalSize":%d,"done":true,"records":[]}`, rows)}
	}
	if parsed.HasAggregate() || len(parsed.GroupBy) > 0 {
		groups, err := q.aggregates(parsed)
		if err != nil {
			return queryFailed(err)
		}
		body := fmt.Appendf(nil, `{"totalSize":%d,"done":true,"records":[`, len(groups))
		return reply{status: http.StatusOK, body: append(append(body, bytes.Join(groups, []byte(","))...), "]}"...)}
	}
	rw, err := q.writer(parsed.Select, c.version)
	if err != nil {
		return queryFailed(err)
	}
	rows, err := q.rows(parsed)
	if err != nil {
		return queryFailed(err)
	}
	l := &locator{rows: rows, writer: rw, all: q.all, expires: t.Clock.Now().Add(locatorFor), page: pageSize(c)}
	id := ""
	if len(rows) > l.page {
		id = t.keepLocator(l)
	}
	return t.page(c, id, l, 0)
}

func isPlainCount(q *soql.Query) bool {
	return len(q.Select) == 1 && q.Select[0].Func == "COUNT" && q.Select[0].Field.Path == "" && len(q.GroupBy) == 0
}

var batchSize = regexp.MustCompile(`(?i)batchSize\s*=\s*(\d+)`)

func pageSize(c *call) int {
	if m := batchSize.FindStringSubmatch(c.header.Get("Sforce-Query-Options")); m != nil {
		return min(max(atoi(m[1]), 200), maxPage)
	}
	return maxPage
}

// keepLocator stores an open result and drops those that have expired.
func (t *Twin) keepLocator(l *locator) string {
	now := t.Clock.Now()
	for id, old := range t.locators {
		if !now.Before(old.expires) {
			delete(t.locators, id)
		}
	}
	t.serial++
	id := idOf("01gak0000", t.serial)
	t.locators[id] = l
	return id
}

// nextPage answers a locator with an offset, as in 01g...-2000.
func (t *Twin) nextPage(c *call, name string) reply {
	id, offset, _ := strings.Cut(name, "-")
	at, err := strconv.Atoi(offset)
	_, expired := t.Faults.Take(c.method, c.path, "expired_cursor")
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.locators[id]
	if expired || err != nil || l == nil || !t.Clock.Now().Before(l.expires) || at < 0 || at > len(l.rows) {
		if expired {
			delete(t.locators, id)
		}
		return failure(http.StatusBadRequest, "INVALID_QUERY_LOCATOR", "invalid query locator")
	}
	if _, ok := t.Faults.Take(c.method, c.path, "repeated_page"); ok {
		at = max(0, at-l.page)
	}
	if _, ok := t.Faults.Take(c.method, c.path, "empty_page"); ok {
		return reply{status: http.StatusOK, body: fmt.Appendf(nil, `{"totalSize":%d,"done":false,"nextRecordsUrl":"/services/data/%s/query/%s","records":[]}`, len(l.rows), c.version, name)}
	}
	return t.page(c, id, l, at)
}

func (t *Twin) page(c *call, id string, l *locator, at int) reply {
	rows := l.rows[at:min(at+l.page, len(l.rows))]
	var b bytes.Buffer
	b.Grow(256 * (len(rows) + 1))
	done := at+len(rows) >= len(l.rows)
	fmt.Fprintf(&b, `{"totalSize":%d,"done":%t,`, len(l.rows), done)
	if !done {
		fmt.Fprintf(&b, `"nextRecordsUrl":"%s/services/data/%s/query/%s-%d",`, t.foreign(c), c.version, id, at+len(rows))
	}
	b.WriteString(`"records":`)
	writeRows(&b, l.writer, rows)
	b.WriteByte('}')
	return reply{status: http.StatusOK, body: b.Bytes()}
}

// foreign is another origin for the next link when a fault asks for it.
func (t *Twin) foreign(c *call) string {
	f, ok := t.Faults.Take(c.method, c.path, "foreign_next")
	switch {
	case !ok:
		return ""
	case f.Value == "":
		return "https://elsewhere.example.com"
	}
	return strings.TrimSuffix(f.Value, "/")
}
