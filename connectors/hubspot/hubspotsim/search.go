package hubspotsim

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	searchBody   = 3000
	searchWindow = 10_000
	searchPage   = 200
)

type searchRequest struct {
	FilterGroups []struct {
		Filters []filterSpec `json:"filters"`
	} `json:"filterGroups"`
	Sorts      []sortSpec `json:"sorts"`
	Query      string     `json:"query"`
	Limit      looseInt   `json:"limit"`
	After      looseInt   `json:"after"`
	Properties []string   `json:"properties"`
}

// sortSpec is a sort rule; the older form is a bare property name, with a
// minus before it for descending.
type sortSpec struct {
	PropertyName string `json:"propertyName"`
	Direction    string `json:"direction"`
}

// UnmarshalJSON takes both forms of a sort rule.
func (s *sortSpec) UnmarshalJSON(b []byte) error {
	var name string
	if json.Unmarshal(b, &name) == nil {
		s.PropertyName = strings.TrimPrefix(name, "-")
		if s.PropertyName != name {
			s.Direction = "DESCENDING"
		}
		return nil
	}
	type plain sortSpec
	return json.Unmarshal(b, (*plain)(s))
}

// looseInt is a whole number that clients send as a number or as a string.
type looseInt int

// UnmarshalJSON takes 5 and "5".
func (n *looseInt) UnmarshalJSON(b []byte) error {
	text := strings.Trim(string(b), `"`)
	if text == "" || text == "null" {
		return nil
	}
	i, err := strconv.Atoi(text)
	*n = looseInt(i)
	return err
}

func (t *Twin) searchObjects(c *call) error {
	tb, err := c.table()
	if err != nil {
		return err
	}
	q, err := t.readSearch(c, tb)
	if err != nil {
		return err
	}
	limit, after := q.limit, q.after
	if _, ok := c.fault("repeated_page"); ok {
		after = max(0, after-limit)
	}
	total, rows := t.find(tb, q, after, min(limit, searchWindow-after))
	var next *paging
	if end := after + len(rows); end < total {
		next = &paging{}
		next.Next.After = strconv.Itoa(end)
	}
	if _, ok := c.fault("empty_page"); ok {
		rows, next = nil, &paging{}
		next.Next.After = strconv.Itoa(after)
	}
	if fault, ok := c.fault("foreign_next"); ok && next != nil {
		next.Next.Link = fault.Value + c.r.URL.Path
	}
	t.mergeFault(c, tb)
	out := append([]byte(`{"total":`), strconv.Itoa(total)...)
	out = append(out, `,"results":[`...)
	out = t.appendRecords(out, tb, rows, q.view)
	out = appendPaging(append(out, ']'), next)
	return c.raw(http.StatusOK, append(out, '}'))
}

// readSearch decodes a search and refuses what is beyond HubSpot's bounds.
func (t *Twin) readSearch(c *call, tb *table) (*searchQuery, error) {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if err != nil || len(body) > searchBody*20 {
		return nil, invalid("Invalid input: the request body is too long")
	}
	var req searchRequest
	if err := json.Unmarshal(body, &req); err != nil {
		return nil, invalid("Invalid input JSON")
	}
	if err := bounded(&req, body); err != nil {
		return nil, err
	}
	if req.After > 0 {
		if _, ok := c.fault("expired_cursor"); ok {
			return nil, invalid("Invalid paging parameter 'after': %d", req.After)
		}
	}
	q := &searchQuery{limit: int(req.Limit), after: int(req.After), text: strings.ToLower(req.Query), view: tb.readView(req.Properties, nil)}
	if q.limit == 0 {
		q.limit = 10
	}
	if q.groups, err = compileGroups(tb, &req); err != nil {
		return nil, err
	}
	q.sort = sortSpec{PropertyName: tb.created}
	if len(req.Sorts) == 1 {
		q.sort = req.Sorts[0]
	}
	if tb.defs[q.sort.PropertyName] == nil {
		return nil, invalid("There was a problem with the request: unknown sort property %s", q.sort.PropertyName)
	}
	t.indexLag(c, q)
	return q, nil
}

func compileGroups(tb *table, req *searchRequest) ([][]filter, error) {
	var groups [][]filter
	for _, g := range req.FilterGroups {
		group := make([]filter, 0, len(g.Filters))
		for _, spec := range g.Filters {
			f, err := compile(tb, spec)
			if err != nil {
				return nil, err
			}
			group = append(group, f)
		}
		groups = append(groups, group)
	}
	return groups, nil
}

func bounded(req *searchRequest, body []byte) error {
	filters, values := 0, 0
	for _, g := range req.FilterGroups {
		if len(g.Filters) > 6 {
			return invalid("Maximum number of filters per group is 6, but found %d", len(g.Filters))
		}
		filters += len(g.Filters)
		for _, f := range g.Filters {
			values += len(f.Values)
		}
	}
	switch {
	case len(req.FilterGroups) > 5:
		return invalid("Maximum number of filter groups is 5, but found %d", len(req.FilterGroups))
	case filters > 18:
		return invalid("Maximum number of filters is 18, but found %d", filters)
	case len(body) > searchBody:
		return invalid("The request body is too long: the maximum is %d characters, but found %d", searchBody, len(body))
	case len(req.Sorts) > 1:
		return invalid("Maximum number of sorts is 1, but found %d", len(req.Sorts))
	case req.Limit < 0 || req.Limit > searchPage:
		return invalid("Invalid limit %d: it must be between 1 and %d", req.Limit, searchPage)
	case req.After < 0 || req.After >= searchWindow:
		return invalid("There was a problem with the request: paging beyond %d results is not supported", searchWindow)
	}
	return nil
}

// indexLag hides from a search what the index has not seen yet.
func (t *Twin) indexLag(c *call, q *searchQuery) {
	q.until, q.fresh = 1<<62, 1<<62
	now := t.now()
	lag := t.opt.Lag
	if fault, ok := c.fault("lag"); ok {
		lag = fault.Duration(5 * time.Second)
	}
	if lag > 0 {
		q.until = now - lag.Milliseconds()
	}
	if fault, ok := c.fault("late_visible"); ok {
		q.late = map[int64]bool{}
		for _, id := range fault.Rows {
			q.late[number(id)] = true
		}
		q.fresh = now - fault.Duration(5*time.Second).Milliseconds()
	}
}
