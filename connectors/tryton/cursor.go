package tryton

import (
	"time"

	"github.com/tandem-sync/tandem/connectors"
)

// cursor is where a pass stands. A pass walks by id through all that changed
// since From, so records with one time are no trouble; those that change while
// it walks are in the next one.
type cursor struct {
	connectors.Pass

	ID int64 `json:"i,omitempty"` // the last one read
}

func readCursor(c connectors.Cursor) (cursor, error) {
	cur := cursor{}
	err := connectors.DecodeCursor(c, &cur)
	return cur, err
}

// since is the condition that some date of a record, or of those below it, is
// in the pass. The date of writing is empty until the first write.
func (c cursor) since(below ...string) []any {
	if c.From == 0 {
		return nil
	}
	from, either := stamp(c.Since()), []any{"OR"}
	for _, prefix := range append([]string{""}, below...) {
		either = append(either, []any{prefix + "write_date", ">=", from}, []any{prefix + "create_date", ">=", from})
	}
	return either
}

// move ends a page: the walk goes on after the last row, or the pass ends and
// the next one reaches back before its begin.
func (c cursor) move(p connectors.Page, rows []row, size int, overlap time.Duration) connectors.Page {
	if p.More = len(rows) >= size; p.More {
		c.ID = rows[len(rows)-1].id()
	} else {
		c = cursor{Pass: c.After(overlap)}
		p.CompleteTo = c.Since()
	}
	p.Next = connectors.EncodeCursor(c)
	return p
}
