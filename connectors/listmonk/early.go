package listmonk

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
)

// Early versions do not tell what a single subscriber did. But they can be
// asked who viewed or clicked a campaign between two moments, and so a view or
// click is known to a pass, if not to the second. A pass asks about the time
// since the one before, up to a little before its begin, so that none is told
// twice and one that is stored late is not missed.

// did is a table of what subscribers did, and what a row of it is called.
type did struct{ table, kind, letter string }

func views() did { return did{"campaign_views", "open", "v"} }

func clicks() did { return did{"link_clicks", "click", "c"} }

// between holds for who did this with one of the campaigns in the time that the
// pass asks about.
func (w did) between(campaigns []int64, cur cursor, overlap time.Duration) string {
	at := func(unix int64) string { return quote(time.Unix(unix, 0).UTC().Format(time.RFC3339)) }
	return fmt.Sprintf("id IN (SELECT subscriber_id FROM %s WHERE campaign_id IN (%s) AND created_at >= %s AND created_at < %s)",
		w.table, numbers(campaigns), at(cur.From), at(cur.Start-int64(overlap.Seconds())))
}

// earlyActivity reads one page: those who viewed, or clicked, one campaign. It
// goes on with the next campaign of which there are any.
func (c *Connector) earlyActivity(ctx context.Context, q connectors.Query, cur cursor) (connectors.Page, error) {
	all, res, err := c.allCampaigns(ctx)
	if err != nil {
		return connectors.Page{}, err
	}
	cur.Begin(res)
	what := views()
	if cur.Clicks {
		what = clicks()
	}
	if cur.ID == 0 {
		if cur.Campaign, err = c.nextActive(ctx, what, all, cur); err != nil {
			return connectors.Page{}, err
		}
	}
	switch {
	case cur.Campaign == 0 && cur.Clicks:
		return cur.end(connectors.Page{}, c.cfg.Overlap), nil
	case cur.Campaign == 0:
		cur.Clicks = true
		return cur.on(connectors.Page{}), nil
	}
	rows, more, err := c.walk(ctx, what.between([]int64{cur.Campaign}, cur, c.cfg.Overlap), &cur, c.cfg.PageSize)
	if err != nil {
		return connectors.Page{}, err
	}
	p := connectors.Page{Records: c.earlyRecords(q, what, rows, cur, all)}
	if !more {
		cur.ID = 0
	}
	return cur.on(p), nil
}

func (c *Connector) earlyRecords(q connectors.Query, what did, rows []subscriber, cur cursor, all []listed) []connectors.Record {
	at := time.Unix(cur.Start, 0).Add(-c.cfg.Overlap).UTC()
	if i := slices.IndexFunc(all, func(l listed) bool { return l.ID == cur.Campaign }); cur.From == 0 && i >= 0 && !all[i].Started.IsZero() {
		at = all[i].Started.UTC() // of long ago it is only known that it was later
	}
	d := &decoder{asked: q.Fields}
	campaign := strconv.FormatInt(cur.Campaign, 10)
	out := make([]connectors.Record, len(rows))
	for i := range rows {
		person := strconv.FormatInt(rows[i].ID, 10)
		out[i] = d.keep(connectors.Record{
			Object: activities, ID: person + "-" + what.letter + "-" + campaign, Version: strconv.FormatInt(at.Unix(), 36), Modified: at,
			Fields: record.Fields{
				"person": record.Of(record.Reference, person), "campaign": record.Of(record.Reference, campaign), "kind": record.Of(record.Enum, what.kind),
				"at": record.OfInstant(at), "count": record.NullOf(record.Integer), "page": record.NullOf(record.String), "subject": subject(campaign, all),
			},
		})
	}
	return out
}

// nextActive finds the first campaign after the cursor's that somebody did this
// with, by halves; 0 if there is none.
func (c *Connector) nextActive(ctx context.Context, what did, all []listed, cur cursor) (int64, error) {
	var ids []int64
	for _, l := range all {
		if l.ID > cur.Campaign {
			ids = append(ids, l.ID)
		}
	}
	slices.Sort(ids)
	anybody := func(ids []int64) (bool, error) {
		if len(ids) == 0 {
			return false, nil
		}
		rows, err := c.selected(ctx, paged(what.between(ids, cur, c.cfg.Overlap), 0, 1))
		return len(rows) > 0, err
	}
	found, err := anybody(ids)
	for found && err == nil && len(ids) > 1 {
		half := len(ids) / 2
		var first bool
		if first, err = anybody(ids[:half]); first {
			ids = ids[:half]
		} else {
			ids = ids[half:]
		}
	}
	if err != nil || !found {
		return 0, err
	}
	return ids[0], nil
}
