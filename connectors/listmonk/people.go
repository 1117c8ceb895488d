package listmonk

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
)

// selected reads all subscribers that a condition holds for, by id. All are on
// one page: the condition itself limits them.
func (c *Connector) selected(ctx context.Context, cond string) ([]subscriber, error) {
	rows, _, err := c.page(ctx, cond)
	return rows, err
}

func (c *Connector) page(ctx context.Context, cond string) ([]subscriber, *httpapi.Response, error) {
	var answer data[pageOf[subscriber]]
	res, err := c.get(ctx, subscribers, "/subscribers", url.Values{"query": {cond}, "per_page": {"all"}, "order_by": {"created_at"}, "order": {"asc"}}, &answer)
	rows := answer.Data.Results
	slices.SortFunc(rows, func(a, b subscriber) int { return int(a.ID - b.ID) })
	return rows, res, err
}

// walk reads one page of those that a condition holds for and moves the cursor
// to its end.
func (c *Connector) walk(ctx context.Context, cond string, cur *cursor, size int) (rows []subscriber, more bool, err error) {
	rows, res, err := c.page(ctx, paged(cond, cur.ID, size+1))
	if err != nil {
		return nil, false, err
	}
	cur.Begin(res)
	if len(rows) > size {
		rows, more = rows[:size], true
		cur.ID = rows[size-1].ID
	}
	return rows, more, nil
}

// subscriberChanges reads one page of subscribers, or of their subscriptions:
// first all, then what was added or changed, then opt-outs of which no date
// tells. A hard bounce blocklists without moving any, and in early versions so
// does whoever unsubscribes.
func (c *Connector) subscriberChanges(ctx context.Context, q connectors.Query, cur cursor) (connectors.Page, error) {
	o, err := c.object(ctx, q.Object)
	if err != nil {
		return connectors.Page{}, err
	}
	watch := q.Object == subscriptions || slices.ContainsFunc(q.Fields, tellsOptOut)
	cond := map[string]string{modeAll: "TRUE", modeChanged: changedSince(cur.From), modeOptOuts: c.cfg.unknownOptOut(cur.Known)}[cur.Mode]
	rows, more, err := c.walk(ctx, cond, &cur, c.cfg.PageSize)
	if err != nil {
		return connectors.Page{}, err
	}
	d := c.decoder(o, q.Fields)
	p := connectors.Page{Records: d.records(rows)}
	p.Issues = d.issues
	cur.note(rows, c.cfg.Counted)
	switch {
	case more:
		return cur.on(p), nil
	case watch && cur.Mode == modeChanged:
		cur.watch()
		return cur.on(p), nil
	case cur.Mode != modeChanged:
		cur.learn()
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// tellsOptOut tells which fields an opt-out changes.
func tellsOptOut(field string) bool {
	return field == optOutField || field == "status" || field == "lists" || strings.HasPrefix(field, listPrefix)
}

// subscriptionsOf are the subscriptions of a subscriber as records.
func (d *decoder) subscriptionsOf(s *subscriber) []connectors.Record {
	person := strconv.FormatInt(s.ID, 10)
	var out []connectors.Record
	for _, l := range s.Lists {
		list := strconv.FormatInt(l.ID, 10)
		changed := l.Updated
		if changed.IsZero() {
			changed = s.changed()
		}
		out = append(out, d.keep(connectors.Record{
			Object: subscriptions, ID: person + "-" + list, Version: l.Status + "-" + strconv.FormatInt(l.Updated.UnixMicro(), 36),
			Modified: changed.UTC(), Created: l.Created.UTC(),
			Fields: record.Fields{
				"person": record.Of(record.Reference, person), "campaign": record.Of(record.Reference, list), "kind": record.OfString("list_member"),
				"status": record.Of(record.Enum, l.Status), "at": instant(l.Created),
			},
		}))
	}
	return out
}

func instant(t time.Time) record.Value {
	if t.IsZero() {
		return record.NullOf(record.Instant)
	}
	return record.OfInstant(t)
}
