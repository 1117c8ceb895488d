package hubspot

import (
	"context"

	"github.com/tandem-sync/tandem/connectors"
)

// Split divides a first read of a CRM object, or of what is read through one.
func (c *Connector) Split(ctx context.Context, q connectors.Query) ([]connectors.Query, error) {
	w, ok := c.walkOf(q)
	if !ok || q.Cursor != "" || q.Range != "" || c.cfg.Ranges < 2 {
		return []connectors.Query{q}, nil
	}
	return w.split(ctx, q)
}

// walkOf says how an object is read, if through a CRM object.
func (c *Connector) walkOf(q connectors.Query) (walk, bool) {
	base, derived := baseOf(q.Object)
	if !derived {
		k, ok := kindOf(q.Object)
		return walk{c: c, kind: k, asked: k.ask(q.Fields)}, ok
	}
	k, _ := kindOf(base)
	a := k.ask(nil)
	if q.Object == "deal_contacts" {
		a.links = []string{"contacts"}
	} else {
		a.history = historyOf(base)
	}
	return walk{c: c, kind: k, asked: a}, true
}

// Changes reads one page of an object.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	w, ok := c.walkOf(q)
	if !ok {
		return c.otherChanges(ctx, q)
	}
	var d *decoder
	if w.kind.name == q.Object {
		o, err := c.fieldsOf(ctx, w.kind)
		if err != nil {
			return connectors.Page{}, err
		}
		d = newDecoder(o, w.asked)
	}
	s, err := w.page(ctx, q)
	if err != nil {
		return connectors.Page{}, err
	}
	p := connectors.Page{Next: s.next.encode(), More: s.more, CompleteTo: s.completeTo}
	for i := range s.rows {
		switch {
		case d != nil:
			p.Records = append(p.Records, d.record(&s.rows[i]))
		case q.Object == "deal_contacts":
			p.Records = append(p.Records, dealContacts(&s.rows[i], q.Fields)...)
		default:
			p.Records = append(p.Records, historyRecords(q.Object, &s.rows[i], w.asked.history, q.Fields)...)
		}
	}
	if d != nil {
		p.Issues = d.issues
	}
	return p, nil
}

// otherChanges reads what has no search: each has a way of its own.
func (c *Connector) otherChanges(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	if q.Object != "owners" && !c.cfg.offers(q.Object) {
		return connectors.Page{}, c.unsupported(q.Object, "read changes")
	}
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	switch q.Object {
	case "owners":
		return c.ownerChanges(ctx, cur, q)
	case "campaigns":
		return c.campaignChanges(ctx, cur, q)
	case "campaign_members":
		return c.campaignMembers(ctx, cur, q)
	case "list_members":
		return c.listMembers(ctx, cur, q)
	case "form_submissions":
		return c.formSubmissions(ctx, cur, q)
	case "email_events":
		return c.emailEventChanges(ctx, cur, q)
	case "events":
		return c.eventChanges(ctx, cur, q)
	}
	return connectors.Page{}, c.unsupported(q.Object, "read changes")
}
