package hubspot

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// walk reads the rows of one CRM object page by page: all of them by list, then
// what changed by search. The cursor says where it is.
type walk struct {
	c     *Connector
	kind  kind
	asked asked
	only  *filter // a further condition on what search finds
}

// step is one page of a walk.
type step struct {
	rows       []row
	next       cursor
	more       bool
	completeTo time.Time
}

func (w walk) page(ctx context.Context, q connectors.Query) (step, error) {
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return step{}, err
	}
	if cur.Mode == modeList {
		return w.list(ctx, cur, q.Range)
	}
	return w.search(ctx, cur)
}

// list reads one page in order of id. Within a range, `after` is an id: that is
// checked, so that no account where it means something else loses rows.
func (w walk) list(ctx context.Context, cur cursor, span string) (step, error) {
	rg, err := readRange(span)
	if err != nil {
		return step{}, err
	}
	if cur.After == "" && rg.Over > 0 {
		cur.After = strconv.FormatInt(rg.Over, 10)
	}
	var answer page
	res, err := w.listPage(ctx, cur.After, &answer)
	if err != nil {
		return step{}, err
	}
	after := answer.Paging.after()
	if after == cur.After && after != "" { // the page before, or none: ask again
		return w.again(cur)
	}
	cur.Empty = 0
	if cur.Start == 0 {
		cur.Start = startOf(rg, res, answer.Results)
	}
	rows, past, err := rg.within(answer.Results)
	if err != nil {
		return step{}, w.malformed(err.Error())
	}
	for i := range rows {
		rows[i].listedLinks(w.asked.links)
	}
	if w.tooLong(longestQuery) {
		if rows, err = w.fill(ctx, rows); err != nil {
			return step{}, err
		}
	}
	s := step{rows: rows, more: after != "" && !past}
	cur.After = after
	s.next = cur
	if !s.more {
		s.next, s.completeTo = firstDelta(cur.Start), moment(cur.Start)
	}
	return s, nil
}

// again asks for the same page once more, but not for ever.
func (w walk) again(cur cursor) (step, error) {
	if cur.Empty++; cur.Empty > maxEmpty {
		return step{}, w.malformed("the pages do not move on; ask HubSpot's support")
	}
	return step{next: cur, more: true}, nil
}

// startOf is HubSpot's time when a first read began.
func startOf(rg idRange, res *httpapi.Response, rows []row) int64 {
	if rg.Start != 0 {
		return rg.Start
	}
	if !res.ServerTime.IsZero() {
		return res.ServerTime.UnixMilli()
	}
	newest := int64(0)
	for i := range rows {
		newest = max(newest, millis(rows[i].Updated))
	}
	return newest
}

type orderError string

func (e orderError) Error() string { return string(e) }

// within keeps the rows of a range and tells whether its end was passed.
func (r idRange) within(rows []row) (kept []row, past bool, err error) {
	if r.Over == 0 && r.To == 0 {
		return rows, false, nil
	}
	last := r.Over
	for i := range rows {
		id := idNumber(rows[i].ID)
		if id <= last {
			return nil, false, orderError("the list is not in order of id: set ranges: 1")
		}
		if r.To > 0 && id > r.To {
			return rows[:i], true, nil
		}
		last = id
	}
	return rows, r.To > 0 && last == r.To, nil
}

func (w walk) tooLong(most int) bool { return w.asked.length() > most }

func (w walk) pageSize() int {
	if len(w.asked.history) > 0 {
		return historyRows
	}
	return listPage
}

func (w walk) listPage(ctx context.Context, after string, into *page) (*httpapi.Response, error) {
	q := url.Values{"limit": {strconv.Itoa(w.pageSize())}, "archived": {"false"}}
	set := func(name string, values []string) {
		if len(values) > 0 {
			q.Set(name, strings.Join(values, ","))
		}
	}
	if !w.tooLong(longestQuery) {
		set("properties", w.asked.props)
	}
	set("propertiesWithHistory", w.asked.history)
	set("associations", w.asked.links)
	if after != "" {
		q.Set("after", after)
	}
	what := call{op: "list " + w.kind.name, object: w.kind.name}
	res, err := w.c.get(ctx, what, w.c.path.object(w.kind.name, "?"+q.Encode()), into)
	return res, expired(err, after)
}

// expired turns a refused page token into what it means.
func expired(err error, after string) error {
	f := fault.As(err)
	if err == nil || after == "" || f.Class != fault.Invalid || f.Status != http.StatusBadRequest || f.Field != "" {
		return err
	}
	e := *f
	e.Class, e.Scope = fault.Expired, fault.ScopeObject
	return &e
}

func (w walk) malformed(detail string) error {
	return &fault.Error{Class: fault.Malformed, Scope: fault.ScopeObject, System: w.c.name, Object: w.kind.name, Op: "read " + w.kind.name, Detail: detail}
}

// fill reads the rows again by batch, for values a list or search cannot carry.
func (w walk) fill(ctx context.Context, rows []row) ([]row, error) {
	ids := make([]string, len(rows))
	at := make(map[string]*row, len(rows))
	for i := range rows {
		ids[i], at[rows[i].ID] = rows[i].ID, &rows[i]
	}
	filled := make([]row, 0, len(rows))
	for chunk := range slices.Chunk(ids, w.pageSize()) {
		found, err := w.c.batchRead(ctx, w.kind, w.asked, "", chunk)
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			if was := at[r.ID]; was != nil {
				r.links, r.all = was.links, was.all
			}
			filled = append(filled, r)
		}
	}
	return filled, nil
}

// Split divides a first read into ranges of ids of about the same width. It
// asks for the newest id and how many there are, and for the oldest id.
func (w walk) split(ctx context.Context, q connectors.Query) ([]connectors.Query, error) {
	var newest, oldest page
	body := searchBody{Sorts: []sortRule{{"hs_object_id", "DESCENDING"}}, Limit: 1, Properties: []string{"hs_object_id"}}
	res, err := w.c.searchCall(ctx, w.kind, body, &newest)
	if err != nil || len(newest.Results) == 0 || newest.Total < splitFrom {
		return []connectors.Query{q}, err
	}
	what := call{op: "list " + w.kind.name, object: w.kind.name}
	if _, err = w.c.get(ctx, what, w.c.path.object(w.kind.name, "?limit=1&archived=false"), &oldest); err != nil || len(oldest.Results) == 0 {
		return []connectors.Query{q}, err
	}
	low, high := idNumber(oldest.Results[0].ID)-1, idNumber(newest.Results[0].ID)
	n := int64(w.c.cfg.Ranges)
	if low < 0 || high-low < n || res.ServerTime.IsZero() {
		return []connectors.Query{q}, nil
	}
	ranges := make([]connectors.Query, 0, n)
	for i := range n {
		r := idRange{Over: low + (high-low)*i/n, To: low + (high-low)*(i+1)/n, Start: res.ServerTime.UnixMilli()}
		if i == n-1 {
			r.To = 0 // what the index does not show yet is there too
		}
		part := q
		part.Range = r.encode()
		ranges = append(ranges, part)
	}
	return ranges, nil
}

const splitFrom = 1000
