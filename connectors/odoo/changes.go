package odoo

import (
	"context"
	"slices"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
)

// Changes reads one page of an object: first all its records, then those
// written since, then those whose addresses were put on the blacklist, which
// writes nothing to the records themselves.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	if q.Object == traces {
		return c.traceChanges(ctx, q)
	}
	k, ok := kindOf(q.Object)
	if !ok {
		return connectors.Page{}, c.unsupported(q.Object, "read changes")
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	d, err := c.decoder(ctx, k, q.Fields)
	if err != nil {
		return connectors.Page{}, err
	}
	if cur.Mode == modeOptOuts {
		return c.optOutChanges(ctx, d, cur)
	}
	where := k.only
	if cur.Mode == modeChanged {
		where = where.and(cur.since())
	}
	rows, more, err := c.walk(ctx, k, where, d.names, &cur)
	if err != nil {
		return connectors.Page{}, err
	}
	p := d.page(rows)
	switch {
	case more:
		return cur.on(p), nil
	case cur.Mode == modeChanged && d.watches():
		cur.Mode, cur.ID = modeOptOuts, 0
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// walk reads one page of a walk by id and moves the cursor to its end. One row
// more is asked for: whether it comes tells whether there is more.
func (c *Connector) walk(ctx context.Context, k kind, where domain, fields []string, cur *cursor) (rows []row, more bool, err error) {
	rows, res, err := c.searchAt(ctx, k.of(), query{
		object: k.name, domain: where.and(term{"id", ">", cur.ID}), fields: fields, order: "id asc", limit: c.cfg.PageSize + 1,
	})
	if err != nil {
		return nil, false, err
	}
	cur.Begin(res)
	if more = len(rows) > c.cfg.PageSize; more {
		rows = rows[:c.cfg.PageSize]
		cur.ID = rows[len(rows)-1].id()
	}
	return rows, more, nil
}

// listedPage is how many entries of the blacklist are looked at in one page.
const listedPage = 100

// blacklist is the model of the addresses that no mail is sent to.
const blacklist = "mail.blacklist"

// optOutChanges reads the records of addresses whose entry in the blacklist
// was written since the cursor: made, archived or restored.
func (c *Connector) optOutChanges(ctx context.Context, d *decoder, cur cursor) (connectors.Page, error) {
	listed, err := c.search(ctx, blacklist, query{
		object: d.kind.name, domain: domain{cur.since(), {"id", ">", cur.Listed}}, fields: []string{"email"}, order: "id asc", limit: listedPage,
	})
	if err != nil {
		return connectors.Page{}, blacklistFault(err)
	}
	if len(listed) == 0 {
		return cur.end(connectors.Page{}, c.cfg.Overlap), nil
	}
	var addresses []string
	for _, l := range listed {
		addresses = append(addresses, l.text("email"))
	}
	rows, more, err := c.walk(ctx, d.kind, d.kind.only.and(term{"email_normalized", "in", addresses}), d.names, &cur)
	if err != nil {
		return connectors.Page{}, err
	}
	p := d.page(rows)
	switch {
	case more:
		return cur.on(p), nil
	case len(listed) == listedPage:
		cur.Listed, cur.ID = listed[len(listed)-1].id(), 0
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// blacklistFault says what to do when the blacklist is not to be seen.
func blacklistFault(err error) error {
	if !fault.Is(err, fault.Permission) {
		return err
	}
	f := *fault.As(err)
	f.Next = "give Tandem's user the role User of Email Marketing in Odoo, which opens the blacklist, or do not map " + optOutField
	return &f
}

// watches tells whether the fields asked for tell of the blacklist.
func (d *decoder) watches() bool {
	return d.kind.email != "" && (slices.Contains(d.asked, optOutField) || slices.Contains(d.asked, "is_blacklisted"))
}

// Gone tells nothing: what is deleted or merged in Odoo leaves no trace.
func (c *Connector) Gone(_ context.Context, q connectors.Query) (connectors.Page, error) {
	return connectors.Page{}, c.unsupported(q.Object, "tell what disappeared")
}
