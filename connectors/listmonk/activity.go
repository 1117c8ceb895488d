package listmonk

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
)

// activePage is how many subscribers' activity is read for one page: each is a
// call.
const activePage = 50

// activity is what one subscriber did: of each campaign how often it was
// viewed, of each link how often it was clicked, and when last.
type activity struct {
	Views []struct {
		ID    int64     `json:"id"`
		Count int64     `json:"view_count"`
		At    time.Time `json:"last_viewed_at"`
	} `json:"campaign_views"`
	Clicks []struct {
		Link     int64     `json:"link_id"`
		URL      string    `json:"url"`
		Campaign int64     `json:"campaign_id"`
		Count    int64     `json:"click_count"`
		At       time.Time `json:"last_clicked_at"`
	} `json:"link_clicks"`
}

// activityChanges reads what those did who viewed or clicked since the cursor.
// Only listmonk's own page on a subscriber tells when that was; early versions
// have none.
func (c *Connector) activityChanges(ctx context.Context, q connectors.Query, cur cursor) (connectors.Page, error) {
	o, err := c.object(ctx, activities)
	if err != nil {
		return connectors.Page{}, err
	}
	if c.isEarly() {
		return c.earlyActivity(ctx, q, cur)
	}
	rows, more, err := c.walk(ctx, activeSince(cur.From), &cur, activePage)
	if err != nil {
		return connectors.Page{}, err
	}
	d := c.decoder(o, q.Fields)
	var p connectors.Page
	for i := range rows {
		person := strconv.FormatInt(rows[i].ID, 10)
		var answer data[activity]
		if _, err := c.get(ctx, activities, "/subscribers/"+person+"/activity", nil, &answer); err != nil {
			return connectors.Page{}, err
		}
		p.Records = append(p.Records, d.activitiesOf(person, answer.Data)...)
	}
	if err := c.nameCampaigns(ctx, q, p.Records); err != nil {
		return connectors.Page{}, err
	}
	if more {
		return cur.on(p), nil
	}
	return cur.end(p, c.cfg.Overlap), nil
}

// nameCampaigns adds the names of the campaigns that were viewed or clicked, so
// that a reader elsewhere needs no campaign there.
func (c *Connector) nameCampaigns(ctx context.Context, q connectors.Query, records []connectors.Record) error {
	if len(records) == 0 || !slices.Contains(q.Fields, "subject") {
		return nil
	}
	all, _, err := c.allCampaigns(ctx)
	if err != nil {
		return err
	}
	for _, r := range records {
		id, _, _ := strings.Cut(strings.TrimLeft(r.ID[strings.Index(r.ID, "-"):], "-vc"), "-")
		r.Fields["subject"] = subject(id, all)
	}
	return nil
}

func subject(campaign string, all []listed) record.Value {
	i := slices.IndexFunc(all, func(l listed) bool { return strconv.FormatInt(l.ID, 10) == campaign })
	if i < 0 {
		return record.NullOf(record.String)
	}
	return record.OfString(all[i].Name)
}

func (d *decoder) activitiesOf(person string, did activity) []connectors.Record {
	var out []connectors.Record
	add := func(id, kind, page string, campaign, count int64, at time.Time) {
		f := record.Fields{
			"person": record.Of(record.Reference, person), "campaign": record.NullOf(record.Reference), "kind": record.Of(record.Enum, kind),
			"at": instant(at), "count": record.OfInt(count), "page": record.NullOf(record.String),
		}
		if campaign != 0 {
			f["campaign"] = record.Of(record.Reference, strconv.FormatInt(campaign, 10))
		}
		if page != "" {
			f["page"] = record.OfString(page)
		}
		out = append(out, d.keep(connectors.Record{Object: activities, ID: person + id, Version: fingerprint(f), Modified: at.UTC(), Fields: f}))
	}
	for _, v := range did.Views {
		add("-v-"+strconv.FormatInt(v.ID, 10), "open", "", v.ID, v.Count, v.At)
	}
	for _, k := range did.Clicks {
		add("-c-"+strconv.FormatInt(k.Campaign, 10)+"-"+strconv.FormatInt(k.Link, 10), "click", bare(k.URL), k.Campaign, k.Count, k.At)
	}
	return out
}

// bare is an address without its query, which may hold personal data.
func bare(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return u.String()
}

const (
	bouncePage = 50
	// bounceLate is how old a bounce may be when it becomes known: it bears the
	// date of the mail that told it.
	bounceLate = 24 * time.Hour
)

type bounce struct {
	ID       int64     `json:"id"`
	Type     string    `json:"type"`
	Source   string    `json:"source"`
	Created  time.Time `json:"created_at"`
	Person   int64     `json:"subscriber_id"`
	Campaign *struct {
		ID int64 `json:"id"`
	} `json:"campaign"`
}

// bounceChanges reads bounces from the latest back to the cursor: they cannot
// be asked for by date. One that comes in meanwhile only repeats a row.
func (c *Connector) bounceChanges(ctx context.Context, q connectors.Query, cur cursor) (connectors.Page, error) {
	o, err := c.object(ctx, bounces)
	if err != nil {
		return connectors.Page{}, err
	}
	cur.ID++ // the number of the page
	var answer data[pageOf[bounce]]
	res, err := c.get(ctx, bounces, "/bounces", url.Values{
		"order_by": {"created_at"}, "order": {"desc"}, "page": {strconv.FormatInt(cur.ID, 10)}, "per_page": {strconv.Itoa(bouncePage)},
	}, &answer)
	if err != nil {
		return connectors.Page{}, err
	}
	cur.Begin(res)
	d := c.decoder(o, q.Fields)
	var p connectors.Page
	old := false
	for _, b := range answer.Data.Results {
		old = old || b.Created.Unix() < cur.From
		f := record.Fields{
			"person": record.Of(record.Reference, strconv.FormatInt(b.Person, 10)), "campaign": record.NullOf(record.Reference),
			"kind": record.OfString("bounce"), "status": record.Of(record.Enum, b.Type), "at": instant(b.Created), "source": record.OfString(b.Source),
		}
		if b.Campaign != nil && b.Campaign.ID != 0 {
			f["campaign"] = record.Of(record.Reference, strconv.FormatInt(b.Campaign.ID, 10))
		}
		p.Records = append(p.Records, d.keep(connectors.Record{
			Object: bounces, ID: strconv.FormatInt(b.ID, 10), Version: fingerprint(f), Modified: b.Created.UTC(), Created: b.Created.UTC(), Fields: f,
		}))
	}
	if len(p.Records) > 0 && !old && int(cur.ID)*answer.Data.PerPage < answer.Data.Total {
		return cur.on(p), nil
	}
	return cur.end(p, bounceLate), nil
}
