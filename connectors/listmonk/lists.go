package listmonk

import (
	"context"
	"hash/fnv"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// listed is a list or a campaign.
type listed struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Type    string    `json:"type"`
	Tags    []string  `json:"tags"`
	Created time.Time `json:"created_at"`
	Updated time.Time `json:"updated_at"`

	Optin string `json:"optin"`

	Subject string    `json:"subject"`
	Status  string    `json:"status"`
	Started time.Time `json:"started_at"`
	Sent    int64     `json:"sent"`
	Views   int64     `json:"views"`
	Clicks  int64     `json:"clicks"`
	Bounces int64     `json:"bounces"`
}

// listing is an object that is read whole each time: the counts of a campaign
// do not move its date, and there are some hundreds at most.
func listing(name string) schema.Object {
	o := schema.Object{Name: name, Label: "Lists", As: record.Campaign, Caps: schema.Capabilities{Changes: true}}
	field := func(name, label string, k record.Kind) {
		o.Fields = append(o.Fields, schema.Field{Name: name, Label: label, Kind: k, ReadOnly: true})
	}
	field("name", "Name", record.String)
	field("kind", "Kind: list, or campaign", record.String)
	field("type", "Type", record.String)
	field("tags", "Tags", record.Set)
	field("created_at", "Created", record.Instant)
	if name == lists {
		field("optin", "Opt-in: single or double", record.String)
		return o
	}
	o.Label = "Campaigns"
	field("subject", "Subject", record.String)
	field("status", "Status", record.String)
	field("started_at", "First sent", record.Instant)
	for _, count := range []string{"sent", "views", "clicks", "bounces"} {
		field(count, "Count of "+count, record.Integer)
	}
	return o
}

func (e *listed) fields(object string) record.Fields {
	text := func(s string) record.Value {
		v, _ := decodeText(record.String, s) // a String is never refused
		return v
	}
	f := record.Fields{
		"name": text(e.Name), "kind": text("list"), "type": text(e.Type), "tags": record.OfSet(e.Tags...), "created_at": instant(e.Created),
	}
	if object == lists {
		f["optin"] = text(e.Optin)
		return f
	}
	f["kind"], f["subject"], f["status"], f["started_at"] = text("campaign"), text(e.Subject), text(e.Status), instant(e.Started)
	f["sent"], f["views"], f["clicks"], f["bounces"] = record.OfInt(e.Sent), record.OfInt(e.Views), record.OfInt(e.Clicks), record.OfInt(e.Bounces)
	return f
}

func (c *Connector) allLists(ctx context.Context) ([]listed, *httpapi.Response, error) {
	var answer data[pageOf[listed]]
	res, err := c.get(ctx, lists, "/lists", url.Values{"per_page": {"all"}}, &answer)
	return answer.Data.Results, res, err
}

func (c *Connector) listChanges(ctx context.Context, q connectors.Query, cur cursor) (connectors.Page, error) {
	all, res, err := c.allLists(ctx)
	if err != nil {
		return connectors.Page{}, err
	}
	return whole(q, cur, all, res), nil
}

func (c *Connector) campaignChanges(ctx context.Context, q connectors.Query, cur cursor) (connectors.Page, error) {
	all, res, err := c.allCampaigns(ctx)
	if err != nil {
		return connectors.Page{}, err
	}
	return whole(q, cur, all, res), nil
}

func (c *Connector) allCampaigns(ctx context.Context) ([]listed, *httpapi.Response, error) {
	var answer data[pageOf[listed]]
	res, err := c.get(ctx, campaigns, "/campaigns", url.Values{"per_page": {"all"}, "no_body": {"true"}}, &answer)
	return answer.Data.Results, res, err
}

// whole is the one page of an object that is read whole.
func whole(q connectors.Query, cur cursor, all []listed, res *httpapi.Response) connectors.Page {
	cur.Begin(res)
	d := &decoder{asked: q.Fields}
	var p connectors.Page
	for i := range all {
		fields := all[i].fields(q.Object)
		p.Records = append(p.Records, d.keep(connectors.Record{
			Object: q.Object, ID: strconv.FormatInt(all[i].ID, 10), Version: fingerprint(fields),
			Modified: all[i].Updated.UTC(), Created: all[i].Created.UTC(), Fields: fields,
		}))
	}
	slices.SortFunc(p.Records, func(a, b connectors.Record) int { return a.Created.Compare(b.Created) })
	return cur.end(p, 0)
}

// fingerprint tells whether fields differ from those of another time.
func fingerprint(f record.Fields) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(f.Hash())) // never fails
	return strconv.FormatUint(h.Sum64(), 36)
}
