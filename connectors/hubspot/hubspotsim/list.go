package hubspotsim

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
)

// list answers a page of all records in order of id; after is the id of the
// last record of the page before.
func (t *Twin) list(c *call) error {
	tb, err := c.table()
	if err != nil {
		return err
	}
	v := c.view(tb)
	most := 100
	if len(v.history) > 0 {
		most = 50
	}
	limit, err := c.limit(10, most)
	if err != nil {
		return err
	}
	after, err := c.after64()
	if err != nil {
		return err
	}
	from := tb.following(after)
	archived := c.query("archived") == "true"
	shown := func(r *record) bool { return (r.archived != 0) == archived }
	if _, ok := c.fault("repeated_page"); ok {
		from = tb.back(from, limit, shown)
	}
	var rows []*record
	i := from
	for ; i < len(tb.recs) && len(rows) < limit; i++ {
		if shown(tb.recs[i]) {
			rows = append(rows, tb.recs[i])
		}
	}
	var next *paging
	if last := len(rows); last == limit && slices.ContainsFunc(tb.recs[i:], shown) {
		next = c.next(itoa(rows[last-1].id))
	}
	if _, ok := c.fault("empty_page"); ok {
		rows, next = nil, c.next(itoa(after))
	}
	t.mergeFault(c, tb)
	return c.raw(http.StatusOK, t.appendPage(nil, tb, rows, v, next))
}

func (c *call) after64() (int64, error) {
	text := c.query("after")
	if text == "" {
		return 0, nil
	}
	_, expired := c.fault("expired_cursor")
	after, err := strconv.ParseInt(text, 10, 64)
	if err != nil || expired {
		return 0, invalid("Invalid paging parameter 'after': %s", text)
	}
	return after, nil
}

// following returns the position of the first record after an id.
func (tb *table) following(id int64) int {
	i, found := slices.BinarySearchFunc(tb.recs, id, func(r *record, id int64) int { return cmp.Compare(r.id, id) })
	if found {
		i++
	}
	return i
}

// back goes back over the page of shown records before a position.
func (tb *table) back(from, limit int, shown func(*record) bool) int {
	for from > 0 && limit > 0 {
		from--
		if shown(tb.recs[from]) {
			limit--
		}
	}
	return from
}

func (t *Twin) appendPage(b []byte, tb *table, rows []*record, v view, next *paging) []byte {
	b = append(b, `{"results":[`...)
	b = t.appendRecords(b, tb, rows, v)
	b = append(b, ']')
	b = appendPaging(b, next)
	return append(b, '}')
}

func (t *Twin) appendRecords(b []byte, tb *table, rows []*record, v view) []byte {
	for i, r := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = t.appendRecord(b, tb, r, v)
	}
	return b
}

func appendPaging(b []byte, next *paging) []byte {
	if next == nil {
		return b
	}
	b = appendString(append(b, `,"paging":{"next":{"after":`...), next.Next.After)
	if next.Next.Link != "" {
		b = appendString(append(b, `,"link":`...), next.Next.Link)
	}
	return append(b, `}}`...)
}
