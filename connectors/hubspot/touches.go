package hubspot

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
)

// emailEvents is the one address without a version: HubSpot tells recipients'
// opens and clicks over all contacts nowhere else.
const emailEvents = "/email/public/v1/events"

const eventPage = 1000

// formSubmissions reads what people sent by forms, newest first, form by form.
func (c *Connector) formSubmissions(ctx context.Context, cur cursor, q connectors.Query) (connectors.Page, error) {
	p, err := fanOut(ctx, cur, c.formPage, func(ctx context.Context, of parent, cur cursor) (childPage, error) {
		return c.submissionPage(ctx, of, cur, q.Fields)
	})
	if err != nil {
		return p, err
	}
	return p, c.nameContacts(ctx, p.Records, q.Fields)
}

func (c *Connector) formPage(ctx context.Context, token string) (parentPage, error) {
	var answer struct {
		Results []struct {
			ID   string `json:"id"`
			Name string `json:"name"`
		} `json:"results"`
		Paging *paging `json:"paging"`
	}
	v := url.Values{"limit": {"100"}}
	if token != "" {
		v.Set("after", token)
	}
	res, err := c.get(ctx, call{op: "list forms", object: "form_submissions"}, c.path.marketing("forms", "?"+v.Encode()), &answer)
	p := parentPage{next: answer.Paging.after(), at: timeOf(res)}
	for _, f := range answer.Results {
		if wanted(c.cfg.Forms, f.Name) {
			p.parents = append(p.parents, parent{f.ID, f.Name})
		}
	}
	return p, err
}

func (c *Connector) submissionPage(ctx context.Context, of parent, cur cursor, asked []string) (childPage, error) {
	var answer struct {
		Results []struct {
			ID     string `json:"conversionId"`
			At     int64  `json:"submittedAt"`
			Page   string `json:"pageUrl"`
			Values []struct {
				Name  string `json:"name"`
				Value text   `json:"value"`
			} `json:"values"`
		} `json:"results"`
		Paging *paging `json:"paging"`
	}
	v := url.Values{"limit": {"50"}}
	if cur.After != "" {
		v.Set("after", cur.After)
	}
	path := "/form-integrations/v1/submissions/forms/" + url.PathEscape(of.ID) + "?" + v.Encode()
	if _, err := c.get(ctx, call{op: "list form submissions", object: "form_submissions"}, path, &answer); err != nil {
		return childPage{}, expired(err, cur.After)
	}
	out := childPage{next: answer.Paging.after()}
	for _, s := range answer.Results {
		if s.At < cur.From {
			return childPage{records: out.records}, nil
		}
		f := record.Fields{"form": record.OfString(of.ID), "form_name": texts(of.Name), "at": instants(s.At), "email": record.NullOf(record.Email)}
		pageFields(f, s.Page)
		for _, value := range s.Values {
			if value.Name == "email" {
				f["email"] = record.Of(record.Email, value.Value.s)
			}
		}
		id := s.ID
		if id == "" { // older submissions have no id of their own
			id = of.ID + ":" + strconv.FormatInt(s.At, 10) + ":" + f.Hash()[:12]
		}
		out.records = append(out.records, touch("form_submissions", id, s.At, asked, f))
	}
	return out, nil
}

// pageFields takes a page's address apart; the tags in it are what a touch is
// counted by.
func pageFields(f record.Fields, page string) {
	u, err := url.Parse(page)
	if err != nil {
		u = &url.URL{}
	}
	tags := u.Query()
	for _, tag := range []string{"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"} {
		f[tag] = texts(tags.Get(tag))
	}
	u.RawQuery, u.Fragment = "", ""
	f["page"] = texts(u.String())
}

// touch keeps the address in a record until nameContacts has used it.
func touch(object, id string, at int64, asked []string, f record.Fields) connectors.Record {
	return made(object, id, at, append([]string{"email"}, asked...), f)
}

// nameContacts finds the contacts of addresses, where they are asked for, a
// hundred in a call.
func (c *Connector) nameContacts(ctx context.Context, records []connectors.Record, fields []string) error {
	emails := make([]string, len(records))
	for i := range records {
		emails[i] = records[i].Fields["email"].Text()
		if !slices.Contains(fields, "email") {
			delete(records[i].Fields, "email")
		}
	}
	if !slices.Contains(fields, "contact") || len(records) == 0 {
		return nil
	}
	found, err := c.Lookup(ctx, "contacts", "email", emails, []string{"email"})
	if err != nil {
		return err
	}
	for i := range records {
		id := ""
		if len(found[i]) == 1 {
			id = found[i][0].ID
		}
		records[i].Fields["contact"] = record.Of(record.Reference, id)
	}
	return nil
}

// emailEventChanges reads what happened to marketing e-mails, newest first.
func (c *Connector) emailEventChanges(ctx context.Context, cur cursor, q connectors.Query) (connectors.Page, error) {
	var answer struct {
		Events []struct {
			ID        string `json:"id"`
			Created   int64  `json:"created"`
			Type      string `json:"type"`
			Recipient string `json:"recipient"`
			Campaign  text   `json:"emailCampaignId"`
			URL       string `json:"url"`
		} `json:"events"`
		More   bool `json:"hasMore"`
		Offset text `json:"offset"`
	}
	v := url.Values{"limit": {strconv.Itoa(eventPage)}, "startTimestamp": {strconv.FormatInt(max(cur.From, 1), 10)}}
	if cur.After != "" {
		v.Set("offset", cur.After)
	}
	if len(c.cfg.EmailEvents) == 1 {
		v.Set("eventType", c.cfg.EmailEvents[0])
	}
	res, err := c.get(ctx, call{op: "list e-mail events", object: "email_events"}, emailEvents+"?"+v.Encode(), &answer)
	if err != nil {
		return connectors.Page{}, expired(err, cur.After)
	}
	var p connectors.Page
	for _, e := range answer.Events {
		if len(c.cfg.EmailEvents) == 0 || slices.Contains(c.cfg.EmailEvents, e.Type) {
			p.Records = append(p.Records, touch("email_events", e.ID, e.Created, q.Fields, record.Fields{
				"type": record.Of(record.Enum, e.Type), "at": instants(e.Created), "email": record.Of(record.Email, e.Recipient),
				"email_campaign": texts(e.Campaign.s), "url": texts(strings.TrimSpace(e.URL)),
			}))
		}
	}
	if cur.Start == 0 {
		cur.Start = max(timeOf(res), 1)
	}
	p.More = answer.More && answer.Offset.s != cur.After
	cur.After = answer.Offset.s
	if !p.More {
		p.CompleteTo = moment(cur.Start)
		cur = cursor{Mode: modeDelta, From: max(cur.Start-touchMargin, 0)}
	}
	p.Next = cur.encode()
	return p, c.nameContacts(ctx, p.Records, q.Fields)
}

// eventChanges reads the occurrences of the configured event types, type by
// type.
func (c *Connector) eventChanges(ctx context.Context, cur cursor, q connectors.Query) (connectors.Page, error) {
	if cur.Start == 0 {
		for _, t := range c.cfg.Events {
			cur.Queue = append(cur.Queue, parent{ID: t})
		}
	}
	var at int64
	none := func(context.Context, string) (parentPage, error) { return parentPage{}, nil }
	if len(cur.Queue) > 0 && cur.Start == 0 {
		first, now, err := c.occurrences(ctx, cur.Queue[0], cur, q.Fields)
		if err != nil {
			return connectors.Page{}, err
		}
		at = now
		cur.Start = max(at, 1)
		return fanOut(ctx, cur, none, func(context.Context, parent, cursor) (childPage, error) { return first, nil })
	}
	return fanOut(ctx, cur, none, func(ctx context.Context, of parent, cur cursor) (childPage, error) {
		got, _, err := c.occurrences(ctx, of, cur, q.Fields)
		return got, err
	})
}

func (c *Connector) occurrences(ctx context.Context, of parent, cur cursor, asked []string) (childPage, int64, error) {
	var answer struct {
		Results []struct {
			ID         string          `json:"id"`
			Object     string          `json:"objectType"`
			ObjectID   text            `json:"objectId"`
			Type       string          `json:"eventType"`
			At         string          `json:"occurredAt"`
			Properties map[string]text `json:"properties"`
		} `json:"results"`
		Paging *paging `json:"paging"`
	}
	v := url.Values{"eventType": {of.ID}, "limit": {strconv.Itoa(eventPage)}, "sort": {"occurredAt"}}
	if cur.From > 0 {
		v.Set("occurredAfter", moment(cur.From).Format("2006-01-02T15:04:05.000Z"))
	}
	if cur.After != "" {
		v.Set("after", cur.After)
	}
	res, err := c.get(ctx, call{op: "list events", object: "events"}, c.path.events("?"+v.Encode()), &answer)
	if err != nil {
		return childPage{}, 0, expired(err, cur.After)
	}
	out := childPage{next: answer.Paging.after()}
	for _, e := range answer.Results {
		contact := ""
		if strings.EqualFold(e.Object, "CONTACT") {
			contact = e.ObjectID.s
		}
		out.records = append(out.records, made("events", e.ID, millis(e.At), asked, record.Fields{
			"type": record.OfString(e.Type), "at": instants(millis(e.At)), "contact": record.Of(record.Reference, contact),
			"object": texts(e.Object + "/" + e.ObjectID.s), "page": texts(e.Properties["hs_url"].s), "campaign": texts(e.Properties["hs_utm_campaign"].s),
		}))
	}
	return out, timeOf(res), nil
}
