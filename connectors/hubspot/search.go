package hubspot

import (
	"context"
	"strconv"

	"github.com/tandem-sync/tandem/connectors/httpapi"
)

type filter struct {
	Property string `json:"propertyName"`
	Operator string `json:"operator"`
	Value    string `json:"value,omitempty"`

	Values []string `json:"values,omitempty"`
}

type filterGroup struct {
	Filters []filter `json:"filters"`
}

type sortRule struct {
	Property  string `json:"propertyName"`
	Direction string `json:"direction"`
}

type searchBody struct {
	Groups     []filterGroup `json:"filterGroups,omitempty"`
	Sorts      []sortRule    `json:"sorts"`
	Limit      int           `json:"limit"`
	Properties []string      `json:"properties"`
}

func (c *Connector) searchCall(ctx context.Context, k kind, body searchBody, into *page) (*httpapi.Response, error) {
	what := call{op: "search " + k.name, object: k.name, body: body, repeat: true}
	return c.post(ctx, what, c.path.object(k.name, "/search"), into)
}

// query is the search that continues at a cursor.
func (w walk) query(cur cursor) searchBody {
	at := func(ms int64) string { return strconv.FormatInt(ms, 10) }
	modified := w.kind.modified
	b := searchBody{Limit: searchPage, Properties: []string{modified}}
	if !w.byBatch() {
		b.Properties = append(b.Properties, w.asked.props...)
	}
	var f []filter
	if cur.Mode == modeTie {
		f = []filter{{Property: modified, Operator: "EQ", Value: at(cur.Upper)}, {Property: "hs_object_id", Operator: "GT", Value: cur.After}}
		b.Sorts = []sortRule{{"hs_object_id", "ASCENDING"}}
	} else {
		f = []filter{{Property: modified, Operator: "GTE", Value: at(cur.from())}}
		if cur.Upper > 0 {
			f = append(f, filter{Property: modified, Operator: "LTE", Value: at(cur.Upper)})
		}
		if len(cur.Skip) > 0 {
			f = append(f, filter{Property: "hs_object_id", Operator: "NOT_IN", Values: cur.Skip})
		}
		b.Sorts = []sortRule{{modified, "DESCENDING"}}
	}
	if w.only != nil {
		f = append(f, *w.only)
	}
	b.Groups = []filterGroup{{f}}
	return b
}

// from is where a pass reaches back to; its first look reaches to where the
// pass before looked, to see whether anything is different.
func (c cursor) from() int64 {
	if c.Start == 0 && c.Seen != nil {
		return c.Seen.From
	}
	return c.From
}

// byBatch tells whether search finds the rows and batch read their values.
func (w walk) byBatch() bool { return len(w.asked.history) > 0 || w.tooLong(longestSearch) }

func (w walk) stamp(r *row) int64 {
	if ms := millis(r.value(w.kind.modified)); ms > 0 {
		return ms
	}
	return millis(r.Updated)
}

func (w walk) search(ctx context.Context, cur cursor) (step, error) {
	var answer page
	res, err := w.c.searchCall(ctx, w.kind, w.query(cur), &answer)
	if err != nil {
		return step{}, err
	}
	more := answer.Paging.after() != ""
	if w.stray(cur, answer.Results) || len(answer.Results) == 0 && more {
		return w.again(cur)
	}
	cur.Empty = 0
	first := cur.Start == 0
	if first {
		cur = w.begin(cur, res, &answer)
		if cur.Seen != nil && *cur.Seen == *cur.Now {
			return w.finish(cur, nil), nil // as the pass before saw it: nothing to read again
		}
		cur.Seen = nil
	}
	s := w.finish(cur, answer.Results)
	switch {
	case more:
		s = w.advance(cur, answer.Results)
	case cur.Mode == modeTie && cur.Upper > cur.From:
		s = w.below(cur, answer.Results)
	}
	if w.byBatch() {
		if s.rows, err = w.fill(ctx, s.rows); err != nil {
			return step{}, err
		}
	}
	return s, w.c.readLinks(ctx, w.kind.name, s.rows, w.asked.links)
}

// begin notes what the first page of a pass shows.
func (w walk) begin(cur cursor, res *httpapi.Response, answer *page) cursor {
	now := sight{From: cur.from(), Total: answer.Total}
	if len(answer.Results) > 0 {
		now.Newest = w.stamp(&answer.Results[0])
	}
	cur.Now = &now
	switch {
	case !res.ServerTime.IsZero():
		cur.Start = res.ServerTime.UnixMilli()
	default:
		cur.Start = max(now.Newest, cur.From)
	}
	return cur
}

// stray tells whether no row is what was asked for: a page that came twice. A
// single row may be newer than the index that found it.
func (w walk) stray(cur cursor, rows []row) bool {
	for i := range rows {
		at := w.stamp(&rows[i])
		switch {
		case cur.Mode == modeTie && idNumber(rows[i].ID) > idNumber(cur.After):
			return false
		case cur.Mode == modeDelta && at >= cur.from() && (cur.Upper == 0 || at <= cur.Upper):
			return false
		}
	}
	return len(rows) > 0
}

// advance moves the cursor past a page that has more after it.
func (w walk) advance(cur cursor, rows []row) step {
	oldest := w.oldest(rows)
	cur.Skip = nil
	switch {
	case cur.Mode == modeTie:
		cur.After = rows[len(rows)-1].ID
	case oldest == cur.Upper:
		cur.Mode, cur.After = modeTie, "0"
	case oldest < cur.From:
		return w.finish(cur, rows)
	default:
		cur.Upper, cur.Skip = oldest, w.edge(rows, oldest)
	}
	return step{rows: rows, next: cur, more: true}
}

// edge lists the rows of a page's last instant, so that the next page, which
// begins at that instant, need not bring them again. As many as the body holds.
func (w walk) edge(rows []row, at int64) []string {
	var ids []string
	room := longestSearch - w.asked.length()
	if w.byBatch() {
		room = longestSearch
	}
	for i := range rows {
		if size := len(rows[i].ID) + 3; w.stamp(&rows[i]) == at && size < room {
			ids, room = append(ids, rows[i].ID), room-size
		}
	}
	return ids
}

func (w walk) oldest(rows []row) int64 {
	oldest := w.stamp(&rows[0])
	for i := range rows {
		oldest = min(oldest, w.stamp(&rows[i]))
	}
	return oldest
}

// below goes on under the instant that was walked by id.
func (walk) below(cur cursor, rows []row) step {
	cur.Mode, cur.After, cur.Upper, cur.Skip = modeDelta, "", cur.Upper-1, nil
	return step{rows: rows, next: cur, more: true}
}

func (w walk) finish(cur cursor, rows []row) step {
	o := overlap{w.c.cfg.Overlap.Milliseconds(), w.c.cfg.DeepOverlap.Milliseconds()}
	return step{rows: rows, next: cur.nextPass(o), completeTo: moment(max(cur.Start-o.each, 0))}
}
