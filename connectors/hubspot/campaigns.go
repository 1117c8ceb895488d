package hubspot

import (
	"context"
	"net/url"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

const campaignRows = 50 // a batch read takes this many

func timeOf(res *httpapi.Response) int64 {
	if res == nil || res.ServerTime.IsZero() {
		return 0
	}
	return res.ServerTime.UnixMilli()
}

func campaignRecords(rows []row, fields []string) ([]connectors.Record, []connectors.Issue) {
	d := newDecoder(schema.Object{Name: "campaigns", Fields: standardFields("campaigns")}, asked{fields: fields})
	records := make([]connectors.Record, 0, len(rows))
	for i := range rows {
		r := &rows[i]
		props := map[string]text{"created_at": {r.Created != "", r.Created}}
		for _, name := range fields { // campaigns leave out what is unset
			if name != "created_at" {
				props[name] = r.Properties[name]
			}
		}
		r.Properties = props
		records = append(records, d.record(r))
	}
	return records, d.issues
}

func (c *Connector) campaignPage(ctx context.Context, after string, fields []string) (page, int64, error) {
	q := url.Values{"limit": {"100"}, "sort": {"-updatedAt"}, "properties": {strings.Join(fields, ",")}}
	if after != "" {
		q.Set("after", after)
	}
	var answer page
	res, err := c.get(ctx, call{op: "list campaigns", object: "campaigns"}, c.path.marketing("campaigns", "?"+q.Encode()), &answer)
	return answer, timeOf(res), expired(err, after)
}

// campaignChanges lists campaigns, newest change first, down to where the pass
// before began. Edits meanwhile push rows to later pages, which only repeats
// them; what jumps to the front belongs to the next pass.
func (c *Connector) campaignChanges(ctx context.Context, cur cursor, q connectors.Query) (connectors.Page, error) {
	answer, at, err := c.campaignPage(ctx, cur.After, q.Fields)
	if err != nil {
		return connectors.Page{}, err
	}
	if cur.Start == 0 {
		cur.Start = at
	}
	var p connectors.Page
	reached := false
	var fresh []row
	for i := range answer.Results {
		if millis(answer.Results[i].Updated) < cur.From {
			reached = true
			break
		}
		fresh = append(fresh, answer.Results[i])
		if cur.Start == 0 {
			cur.Start = millis(answer.Results[i].Updated)
		}
	}
	p.Records, p.Issues = campaignRecords(fresh, q.Fields)
	after := answer.Paging.after()
	p.More = after != "" && after != cur.After && !reached
	cur.After = after
	if !p.More {
		p.CompleteTo = moment(cur.Start)
		cur = cursor{Mode: modeDelta, From: max(cur.Start-listMargin, 0)}
	}
	p.Next = cur.encode()
	return p, nil
}

func (c *Connector) readCampaigns(ctx context.Context, ids, fields []string) ([]connectors.Record, error) {
	var answer batchAnswer
	body := readBody{Inputs: inputsOf(ids), Properties: fields}
	what := call{op: "batch read campaigns", object: "campaigns", body: body, repeat: true}
	path := c.path.marketing("campaigns", "/batch/read?"+url.Values{"properties": {strings.Join(fields, ",")}}.Encode())
	if _, err := c.post(ctx, what, path, &answer); err != nil {
		return nil, err
	}
	records, _ := campaignRecords(answer.Results, fields)
	return records, nil
}

// campaignMembers reads the contacts each campaign influenced. HubSpot tells
// them only in full and by campaign, so the whole is read again no more often
// than configured; between, one call looks at the time.
func (c *Connector) campaignMembers(ctx context.Context, cur cursor, q connectors.Query) (connectors.Page, error) {
	every := c.cfg.MembersEvery.Milliseconds()
	parents := func(ctx context.Context, token string) (parentPage, error) {
		answer, at, err := c.campaignPage(ctx, token, []string{"hs_name"})
		p := parentPage{next: answer.Paging.after(), at: at}
		if cur.Start == 0 && cur.Mode == modeDelta && at-cur.Deep < every {
			return parentPage{at: at, idle: true}, err
		}
		for i := range answer.Results {
			p.parents = append(p.parents, parent{ID: answer.Results[i].ID})
		}
		return p, err
	}
	return fanOut(ctx, cur, parents, func(ctx context.Context, of parent, cur cursor) (childPage, error) {
		q2 := url.Values{"limit": {"100"}}
		if cur.After != "" {
			q2.Set("after", cur.After)
		}
		var answer page
		path := c.path.marketing("campaigns", "/"+of.ID+"/reports/contacts/influencedContacts?"+q2.Encode())
		if _, err := c.get(ctx, call{op: "list campaign members", object: "campaign_members"}, path, &answer); err != nil {
			return childPage{}, expired(err, cur.After)
		}
		out := childPage{next: answer.Paging.after()}
		for i := range answer.Results {
			id := answer.Results[i].ID
			out.records = append(out.records, made("campaign_members", of.ID+":"+id, cur.Start, q.Fields, record.Fields{
				"campaign": record.Of(record.Reference, of.ID), "contact": record.Of(record.Reference, id), "status": record.OfString("influenced"),
			}))
			out.records[i].Version = "influenced"
		}
		return out, nil
	})
}
