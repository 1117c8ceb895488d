package hubspot

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
)

// owner is a user or a queue that records can belong to. Its id, not its user
// id, is what hubspot_owner_id holds.
type owner struct {
	ID       text   `json:"id"`
	Email    string `json:"email"`
	First    string `json:"firstName"`
	Last     string `json:"lastName"`
	Type     string `json:"type"`
	UserID   text   `json:"userId"`
	Created  string `json:"createdAt"`
	Updated  string `json:"updatedAt"`
	Archived bool   `json:"archived"`
	Teams    []struct {
		Name    string `json:"name"`
		Primary bool   `json:"primary"`
	} `json:"teams"`
}

func (o *owner) record(asked []string) connectors.Record {
	team := ""
	for _, t := range o.Teams {
		if t.Primary || team == "" {
			team = t.Name
		}
	}
	rec := made("owners", o.ID.s, millis(o.Updated), asked, record.Fields{
		"email": record.Of(record.Email, o.Email), "name": texts(strings.TrimSpace(o.First + " " + o.Last)),
		"first_name": texts(o.First), "last_name": texts(o.Last), "active": record.OfBool(!o.Archived),
		"queue": record.OfBool(o.Type == "QUEUE"), "team": texts(team), "user_id": texts(o.UserID.s),
	})
	rec.Created, rec.Archived = moment(millis(o.Created)), o.Archived
	return rec
}

type ownerPage struct {
	owners []owner
	next   string
	at     int64
}

func (c *Connector) ownerPage(ctx context.Context, after, archived string) (ownerPage, error) {
	var answer struct {
		Results []owner `json:"results"`
		Paging  *paging `json:"paging"`
	}
	q := url.Values{"limit": {"100"}, "archived": {archived}}
	if after != "" {
		q.Set("after", after)
	}
	res, err := c.get(ctx, call{op: "list owners", object: "owners"}, c.path.crm("owners", "?"+q.Encode()), &answer)
	if err != nil {
		return ownerPage{}, expired(err, after)
	}
	p := ownerPage{answer.Results, answer.Paging.after(), timeOf(res)}
	if p.next == after {
		p.next = ""
	}
	return p, nil
}

// ownerChanges lists them all each time: there is no way to ask for changes,
// and a hundred come in one call.
func (c *Connector) ownerChanges(ctx context.Context, cur cursor, q connectors.Query) (connectors.Page, error) {
	got, err := c.ownerPage(ctx, cur.After, "false")
	if err != nil {
		return connectors.Page{}, err
	}
	p := connectors.Page{More: got.next != ""}
	for i := range got.owners {
		p.Records = append(p.Records, got.owners[i].record(q.Fields))
	}
	if cur.Start == 0 {
		cur.Start = got.at
	}
	if !p.More {
		p.CompleteTo, cur.Start = moment(cur.Start), 0
	}
	cur.After = got.next
	p.Next = cur.encode()
	return p, nil
}

func (c *Connector) goneOwners(ctx context.Context, cur cursor) (connectors.Page, error) {
	got, err := c.ownerPage(ctx, cur.After, "true")
	if err != nil {
		return connectors.Page{}, err
	}
	cur.After = got.next
	p := connectors.Page{More: got.next != "", Next: cur.encode()}
	for _, o := range got.owners {
		p.Gone = append(p.Gone, connectors.Gone{Object: "owners", ID: o.ID.s, Kind: connectors.GoneDeleted, At: moment(millis(o.Updated))})
	}
	return p, nil
}

func (c *Connector) readOwners(ctx context.Context, keep func(*owner) bool, fields []string) ([]connectors.Record, error) {
	var records []connectors.Record
	for after, first := "", true; first || after != ""; first = false {
		got, err := c.ownerPage(ctx, after, "false")
		if err != nil {
			return nil, err
		}
		for i := range got.owners {
			if keep(&got.owners[i]) {
				records = append(records, got.owners[i].record(fields))
			}
		}
		after = got.next
	}
	return records, nil
}

func (c *Connector) lookupOwners(ctx context.Context, emails, fields []string) ([][]connectors.Record, error) {
	out := make([][]connectors.Record, len(emails))
	_, err := c.readOwners(ctx, func(o *owner) bool {
		for i, e := range emails {
			if o.Email != "" && strings.EqualFold(strings.TrimSpace(e), o.Email) {
				out[i] = append(out[i], o.record(fields))
			}
		}
		return false
	}, slices.Clone(fields))
	return out, err
}
