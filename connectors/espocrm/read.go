package espocrm

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// longestText is where EspoCRM cuts texts in lists, without a word.
const longestText = 10_000

// Changes reads one page of an object: first all by id, then what was changed,
// then those whose opt-outs were logged.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	o, err := c.object(ctx, q.Object)
	if err != nil {
		return connectors.Page{}, err
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	d := newDecoder(o, q.Fields)
	if cur.Mode == modeOptOuts {
		return c.optOuts(ctx, d, cur)
	}
	a := ask{kind: d.kind, attrs: d.attrs(), order: d.kind.stamp, most: c.cfg.PageSize, conds: byChange(d.kind.stamp, cur)}
	if cur.Mode == modeAll {
		a.order, a.conds = "id", byID(cur)
	}
	found, res, err := c.list(ctx, a)
	if err != nil {
		return connectors.Page{}, err
	}
	cur.Begin(res)
	if err := c.whole(ctx, d, found.rows); err != nil {
		return connectors.Page{}, err
	}
	p := connectors.Page{Records: d.records(found.rows), Issues: d.issues}
	switch n := len(found.rows); {
	case found.more && n > 0:
		last := found.rows[n-1]
		cur.Time, cur.ID = last.text(d.kind.stamp), last.text("id")
		return cur.on(p), nil
	case cur.Mode == modeChanged && slices.Contains(q.Fields, optOutField) && slices.Contains(parents(), o.Name) && c.logs():
		cur.Mode, cur.Time, cur.ID = modeOptOuts, "", ""
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

func byID(cur cursor) []cond {
	if cur.ID == "" {
		return nil
	}
	return []cond{where("id", "greaterThan", cur.ID)}
}

// byChange is the rest of a walk by (time, id), in which EspoCRM sorts.
func byChange(stamp string, cur cursor) []cond {
	if cur.ID == "" {
		return []cond{where(stamp, "greaterThanOrEquals", cur.from())}
	}
	return []cond{anyOf(
		where(stamp, "greaterThan", cur.Time),
		allOf(where(stamp, "equals", cur.Time), where("id", "greaterThan", cur.ID)),
	)}
}

// logs tells whether the campaigns' log is to be seen.
func (c *Connector) logs() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.catalog.Object(logbook)
	return ok
}

// optOuts reads those who used the link in a mail, which moves no modifiedAt
// but is logged. An opt-out set on another record with the same address is
// not: it is seen when the record is read for another reason.
func (c *Connector) optOuts(ctx context.Context, d *decoder, cur cursor) (connectors.Page, error) {
	log, _ := kindOf(logbook)
	conds := append(byChange(log.stamp, cur), where("action", "equals", "Opted Out"), where("parentType", "equals", d.kind.name))
	found, _, err := c.list(ctx, ask{kind: log, attrs: []string{"id", log.stamp, "parentId"}, order: log.stamp, most: c.cfg.PageSize, conds: conds})
	if err != nil {
		return connectors.Page{}, err
	}
	var ids []string
	for _, r := range found.rows {
		ids = append(ids, r.text("parentId"))
	}
	rows, err := c.byIDs(ctx, d, ids)
	if err != nil {
		return connectors.Page{}, err
	}
	p := connectors.Page{Records: d.records(rows), Issues: d.issues}
	if n := len(found.rows); found.more && n > 0 {
		cur.Time, cur.ID = found.rows[n-1].text(log.stamp), found.rows[n-1].text("id")
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// whole reads those rows singly whose texts a list has cut.
func (c *Connector) whole(ctx context.Context, d *decoder, rows []row) error {
	for i, r := range rows {
		if !slices.ContainsFunc(d.fields, func(f schema.Field) bool { return maybeCut(f, r) }) {
			continue
		}
		one, err := c.one(ctx, d.kind.name, r.text("id"))
		if fault.Is(err, fault.Missing) {
			continue
		}
		if err != nil {
			return err
		}
		rows[i] = one
	}
	return nil
}

func maybeCut(f schema.Field, r row) bool {
	return f.Kind == record.Text && utf8.RuneCountInString(r.text(f.Name)) >= longestText
}

func (c *Connector) one(ctx context.Context, object, id string) (row, error) {
	var r row
	_, err := c.do(ctx, httpapi.Request{Path: pathOf(object, id), Op: "read " + object, Object: object, Into: &r})
	return r, err
}
