package salesforce

import (
	"context"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Changes returns one page of an object: of all records by Id, or of what
// changed by (SystemModstamp, Id). Records that were deleted, merged or
// converted meanwhile are in the page's Gone.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	var page connectors.Page
	err := c.fresh(q.Object, func() (err error) {
		page, err = c.changes(ctx, q)
		return err
	})
	return page, err
}

// fresh does something with an object as it was described, and once more with
// a new description if a field turns out to be gone: only that field degrades.
func (c *Connector) fresh(name string, do func() error) error {
	err := do()
	if err != nil && fault.As(err).Code == "INVALID_FIELD" && fault.As(err).Scope != fault.ScopeSystem {
		c.meta.forget(name)
		return do()
	}
	return err
}

func (c *Connector) changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	r, err := c.reader(ctx, q.Object, q.Fields)
	if err != nil {
		return connectors.Page{}, err
	}
	if !r.describe.Queryable || !r.describe.has(r.object.stamp) {
		return connectors.Page{}, fault.ErrUnsupported(c.name, q.Object, "read changes")
	}
	s, err := parseSpan(q.Range)
	if err != nil {
		return connectors.Page{}, err
	}
	p := position{Mode: modeFull, Until: s.Until}
	if q.Cursor != "" {
		if p, err = parseCursor(q.Cursor); err != nil {
			return connectors.Page{}, err
		}
	}
	t := &pass{c: c, r: r, p: p, span: s}
	return t.next(ctx, q.Cursor == "")
}

// reader describes an object, once, and prepares to read the fields asked for.
func (c *Connector) reader(ctx context.Context, name string, asked []string) (*reader, error) {
	o, ok := objectNamed(name)
	if !ok {
		return nil, fault.ErrUnsupported(c.name, name, "read")
	}
	s, err := c.meta.describe(ctx, name, 0)
	if err != nil {
		return nil, err
	}
	c.meta.absent(name, s, asked)
	return &reader{object: o, describe: s, asked: asked, prefix: c.meta.objectOf, actor: c.actor}, nil
}

// pass is one call within a full or delta pass.
type pass struct {
	c    *Connector
	r    *reader
	p    position
	span span
	rest [][]string // columns that had no room in the query
}

func (t *pass) next(ctx context.Context, first bool) (connectors.Page, error) {
	switch {
	case t.p.Mode == modeGone:
		return connectors.Page{}, badCursor("it belongs to deletions")
	case t.p.Mode == modeBulk:
		return t.bulk(ctx)
	case first && t.span.Bulk:
		return t.openBulk(ctx)
	}
	reply, err := t.fetch(ctx)
	if err != nil {
		return connectors.Page{}, err
	}
	if t.p.Until.IsZero() {
		t.p.Until = reply.at
	}
	page := connectors.Page{Records: make([]connectors.Record, 0, len(reply.Records))}
	if err := t.widen(ctx, reply.Records); err != nil {
		return connectors.Page{}, err
	}
	for _, row := range reply.Records {
		t.step(t.r.into(&page, row))
	}
	return t.finish(page, reply)
}

// fetch asks for the page at the position: by its locator, or where there is
// none or it has expired, by the keyset.
func (t *pass) fetch(ctx context.Context) (*queryReply, error) {
	resource := t.resource()
	columns := fieldChunks(t.r.columns(), fieldsInSelect)
	t.rest = columns[1:]
	if t.p.Locator != "" {
		reply, err := t.c.api.more(ctx, resource, t.r.object.name, t.p.Locator)
		if !fault.Is(err, fault.Expired) && !fault.Is(err, fault.Missing) {
			return reply, err
		}
	}
	return t.c.api.query(ctx, resource, t.selection(columns[0]))
}

// resource is queryAll where deleted and archived rows are wanted: for what
// changed, and always for activities, which are archived after a year.
func (t *pass) resource() string {
	if t.r.describe.has(fieldDeleted) && (t.p.Mode == modeDelta || t.r.object.archive) {
		return allQuery
	}
	return plainQuery
}

func (t *pass) selection(columns []string) selection {
	s := selection{object: t.r.object.name, fields: columns, order: fieldID}
	if t.r.object.filter != "" {
		s.where = append(s.where, t.r.object.filter)
	}
	if t.p.Mode == modeDelta {
		from := t.p.From
		if t.p.ID != "" {
			from = t.p.At
		}
		s.order = t.r.object.stamp + ", " + fieldID
		s.where = append(s.where, after(t.r.object.stamp, from, t.p.ID)...)
		return s
	}
	low := t.span
	if t.p.ID != "" {
		low.Low = t.p.ID
	}
	s.where = append(s.where, low.where()...)
	return s
}

// widen reads the columns that had no room in the query's address.
func (t *pass) widen(ctx context.Context, rows []jsonRow) error {
	if len(t.rest) == 0 || len(rows) == 0 {
		return nil
	}
	ids := make([]string, 0, len(rows))
	byID := make(map[string]jsonRow, len(rows))
	for _, row := range rows {
		id := longID(value(row, fieldID))
		ids, byID[id] = append(ids, id), row
	}
	for _, columns := range t.rest {
		for chunk := range slices.Chunk(ids, batchRead) {
			more, err := t.c.api.retrieve(ctx, t.r.object.name, chunk, append([]string{fieldID}, columns...))
			if err != nil {
				return err
			}
			for i, extra := range more {
				byID[chunk[i]].add(extra, columns)
			}
		}
	}
	return nil
}

// add lays columns of the same record over the row.
func (r jsonRow) add(extra jsonRow, columns []string) {
	for _, name := range columns {
		if v, ok := extra[name]; ok {
			r[name] = v
		}
	}
}

// step moves the keyset to a row, never back: a page may be served twice.
func (t *pass) step(stamp time.Time, id string) {
	if !isID(id) {
		return
	}
	if t.p.Mode != modeFull && (stamp.Before(t.p.At) || stamp.Equal(t.p.At) && id <= t.p.ID) {
		return
	}
	if t.p.Mode == modeFull && id <= t.p.ID {
		return
	}
	t.p.At, t.p.ID = stamp, id
}

// finish says where the next page is, or where the next delta begins.
func (t *pass) finish(page connectors.Page, reply *queryReply) (connectors.Page, error) {
	if reply.Done {
		page.CompleteTo = t.complete()
		page.Next = position{Mode: modeDelta, From: page.CompleteTo}.cursor()
		return page, nil
	}
	locator, err := nextLocator(reply)
	if err != nil {
		return connectors.Page{}, err
	}
	if locator == t.p.Locator {
		locator = "" // it leads in a circle: go on by the keyset
	}
	if locator == "" && len(reply.Records) == 0 {
		return connectors.Page{}, malformed("a page without records tells of another but not where it is")
	}
	t.p.Locator = locator
	page.Next, page.More = t.p.cursor(), true
	return page, nil
}

// complete is the time up to which this pass has delivered everything: when it
// began by Salesforce's clock, less the time a transaction may take to commit.
// Without that clock it is the last row's stamp.
func (t *pass) complete() time.Time {
	until := t.p.Until
	if until.IsZero() {
		until = t.p.At
	}
	to := until.Add(-t.c.cfg.Overlap)
	if to.Before(t.p.From) || until.IsZero() {
		return t.p.From
	}
	return to
}
