package csv

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// mostAnew is how often a file may change while it is read before that is told
// as trouble.
const mostAnew = 5

// Changes returns one page of rows. Only files whose content changed since the
// cursor are read.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	t, err := c.table(q.Object)
	if err != nil {
		return connectors.Page{}, err
	}
	cur, ok := parseCursor(q.Cursor)
	if !ok {
		return connectors.Page{}, t.fault(fault.Expired, "read on", errors.New("the cursor is not one of this connector's"))
	}
	start := time.Now()
	page := connectors.Page{}
	for len(page.Records)+len(page.Issues) < t.cfg.PageSize {
		if ctx.Err() != nil {
			return connectors.Page{}, t.fault(fault.Canceled, "read "+t.name, ctx.Err())
		}
		p, done, err := t.resume(ctx, &cur)
		if err != nil {
			return connectors.Page{}, err
		}
		if done {
			page.CompleteTo = start
			page.Next = cur.text()
			return page, nil
		}
		err = t.fill(ctx, p, &cur, q.Fields, &page)
		p.source.close()
		if err != nil {
			return connectors.Page{}, err
		}
	}
	page.More, page.Next = true, cur.text()
	return page, nil
}

// resume opens the file the cursor is in, or the next one that changed.
func (t *table) resume(ctx context.Context, cur *cursor) (place, bool, error) {
	names, err := t.list()
	if err != nil {
		return place{}, false, err
	}
	if cur.Name != "" {
		p, err := t.at(ctx, cur.Name, cur.At, cur.Line)
		switch {
		case err == nil && p.source.digest == cur.Of:
			return p, false, nil
		case err == nil:
			p.source.close()
		case !fault.Is(err, fault.Missing):
			return place{}, false, err
		}
		if cur.Anew++; cur.Anew > mostAnew {
			return place{}, false, t.fault(fault.Transient, "read "+cur.Name, errors.New("the file keeps changing while it is read"))
		}
		cur.Name, cur.Of, cur.At, cur.Line = "", "", 0, 0
	}
	have := make(map[string]string, len(names))
	for _, name := range names {
		p, err := t.at(ctx, name, 0, 0)
		if err != nil {
			return place{}, false, err
		}
		if cur.Have[name] != p.source.digest {
			cur.Name, cur.Of = name, p.source.digest
			return p, false, nil
		}
		have[name] = p.source.digest
		p.source.close()
	}
	cur.Have, cur.Anew = have, 0 // files that are no more are forgotten
	return place{}, true, nil
}

// fill takes rows into the page until it is full or the file ends.
func (t *table) fill(ctx context.Context, p place, cur *cursor, asked []string, page *connectors.Page) error {
	before := *page
	for n := 0; len(page.Records)+len(page.Issues) < t.cfg.PageSize; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return t.fault(fault.Canceled, "read "+t.name, ctx.Err())
		}
		in, err := p.next()
		if errors.Is(err, io.EOF) {
			cur.Have[cur.Name] = cur.Of
			cur.Name, cur.Of, cur.At, cur.Line = "", "", 0, 0
			break
		}
		if err != nil {
			return t.fault(fault.Transient, "read "+p.source.name, cause(err))
		}
		got := t.take(p, in, asked)
		if got.record != nil {
			page.Records = append(page.Records, *got.record)
		}
		page.Issues = append(page.Issues, got.issues...)
		cur.At, cur.Line = p.rows.offset, p.rows.line
	}
	if p.source.steady() {
		return nil
	}
	// Written to in place meanwhile: what was read of it counts for nothing.
	delete(cur.Have, p.source.name)
	cur.Name, cur.Of = p.source.name, "changed"
	page.Records, page.Issues = before.Records, before.Issues
	return nil
}

// Split returns the query alone: a file is read in one go.
func (c *Connector) Split(_ context.Context, q connectors.Query) ([]connectors.Query, error) {
	if _, err := c.table(q.Object); err != nil {
		return nil, err
	}
	return []connectors.Query{q}, nil
}
