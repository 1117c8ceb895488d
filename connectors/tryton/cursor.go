package tryton

import (
	"encoding/json"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// cursor is where a pass stands. A pass walks by id through all that changed
// since From, so records with one time are no trouble; those that change while
// it walks are in the next one.
type cursor struct {
	From  int64 `json:"f,omitempty"` // microseconds since 1970; 0 is everything
	Start int64 `json:"s,omitempty"` // when the pass began, in seconds
	ID    int64 `json:"i,omitempty"` // the last one read
}

func readCursor(c connectors.Cursor) (cursor, error) {
	var cur cursor
	if c == "" {
		return cur, nil
	}
	if err := json.Unmarshal([]byte(c), &cur); err != nil {
		return cur, fault.New(fault.Expired, fault.ScopeObject, "the stored cursor is not one of this connector; read from the beginning")
	}
	return cur, nil
}

// since is the condition that some date of a record, or of those below it, is
// in the pass. The date of writing is empty until the first write.
func (c cursor) since(below ...string) []any {
	if c.From == 0 {
		return nil
	}
	from, either := stamp(time.UnixMicro(c.From)), []any{"OR"}
	for _, prefix := range append([]string{""}, below...) {
		either = append(either, []any{prefix + "write_date", ">=", from}, []any{prefix + "create_date", ">=", from})
	}
	return either
}

// begin notes when the pass began, by Tryton's clock where it tells it.
func (c *cursor) begin(res *httpapi.Response) {
	if c.Start != 0 {
		return
	}
	now := res.ServerTime
	if now.IsZero() {
		now = time.Now()
	}
	c.Start = now.Unix()
}

// move ends a page: the walk goes on after the last row, or the pass ends and
// the next one reaches back before its begin.
func (c cursor) move(p connectors.Page, rows []row, size int, overlap time.Duration) (connectors.Page, error) {
	if p.More = len(rows) >= size; p.More {
		c.ID = rows[len(rows)-1].id()
	} else {
		from := time.Unix(c.Start, 0).Add(-overlap)
		c, p.CompleteTo = cursor{From: from.UnixMicro()}, from.UTC()
	}
	b, err := json.Marshal(c)
	p.Next = connectors.Cursor(b)
	return p, err
}
