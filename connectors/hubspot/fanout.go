package hubspot

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// parentPage is one page of the parents to read.
type parentPage struct {
	parents []parent
	next    string
	at      int64
	idle    bool // nothing is due: the cursor stays as it is
}

// childPage is one page of what belongs to a parent; next is "" at its end.
type childPage struct {
	records []connectors.Record
	next    string
}

// fanOut reads what HubSpot tells only parent by parent. The parents found wait
// in the cursor, so that a page costs one call and a restart repeats none.
func fanOut(
	ctx context.Context, cur cursor,
	parents func(context.Context, string) (parentPage, error),
	children func(context.Context, parent, cursor) (childPage, error),
) (connectors.Page, error) {
	idle, err := cur.refill(ctx, parents)
	if err != nil {
		return connectors.Page{}, err
	}
	if idle {
		return connectors.Page{Next: cur.encode(), CompleteTo: moment(cur.Deep)}, nil
	}
	var p connectors.Page
	if len(cur.Queue) > 0 {
		got, err := children(ctx, cur.Queue[0], cur)
		switch {
		case fault.Is(err, fault.Missing): // deleted meanwhile
			got = childPage{}
		case err != nil:
			return connectors.Page{}, err
		}
		p.Records = got.records
		if cur.After = got.next; got.next == "" {
			cur.Queue = cur.Queue[1:]
		}
	}
	p.More = len(cur.Queue) > 0 || cur.Token != ""
	if !p.More {
		p.CompleteTo = moment(cur.Start)
		cur = cursor{Mode: modeDelta, From: max(cur.Start-touchMargin, 0), Deep: cur.Start}
	}
	p.Next = cur.encode()
	return p, nil
}

// refill asks for parents where none is left and more are to come.
func (c *cursor) refill(ctx context.Context, parents func(context.Context, string) (parentPage, error)) (idle bool, err error) {
	if len(c.Queue) > 0 || c.Start != 0 && c.Token == "" {
		return false, nil
	}
	found, err := parents(ctx, c.Token)
	if err != nil || found.idle {
		return found.idle, expired(err, c.Token)
	}
	if c.Start == 0 {
		c.Start = max(found.at, 1)
	}
	if found.next == c.Token {
		found.next = ""
	}
	c.Queue, c.Token = found.parents, found.next
	return false, nil
}

// touchMargin is how far touches are read again: they come in late.
const touchMargin = 60_000

type listSearch struct {
	Query  string `json:"query"`
	Offset int    `json:"offset"`
	Count  int    `json:"count"`
}

// listMembers reads who joined lists of contacts. The lists' own page tells
// which of them took someone on since the last pass.
func (c *Connector) listMembers(ctx context.Context, cur cursor, q connectors.Query) (connectors.Page, error) {
	parents := func(ctx context.Context, token string) (parentPage, error) {
		return c.changedLists(ctx, token, cur.From)
	}
	return fanOut(ctx, cur, parents, func(ctx context.Context, of parent, cur cursor) (childPage, error) {
		var answer struct {
			Results []struct {
				Record text `json:"recordId"`
				At     text `json:"membershipTimestamp"`
			} `json:"results"`
			Paging *paging `json:"paging"`
		}
		v := url.Values{"limit": {"250"}}
		if cur.After != "" {
			v.Set("after", cur.After)
		}
		path := c.path.crm("lists", "/"+url.PathEscape(of.ID)+"/memberships/join-order?"+v.Encode())
		if _, err := c.get(ctx, call{op: "list members", object: "list_members"}, path, &answer); err != nil {
			return childPage{}, expired(err, cur.After)
		}
		out := childPage{next: answer.Paging.after()}
		for _, m := range answer.Results {
			at := millis(m.At.s)
			if at < cur.From {
				continue
			}
			out.records = append(out.records, made("list_members", of.ID+":"+m.Record.s, at, q.Fields, record.Fields{
				"list": record.OfString(of.ID), "list_name": texts(of.Name),
				"contact": record.Of(record.Reference, m.Record.s), "at": instants(at),
			}))
		}
		return out, nil
	})
}

func (c *Connector) changedLists(ctx context.Context, token string, from int64) (parentPage, error) {
	var answer struct {
		Lists []struct {
			ID   text            `json:"listId"`
			Name string          `json:"name"`
			Type string          `json:"objectTypeId"`
			More map[string]text `json:"additionalProperties"`
		} `json:"lists"`
		Offset int  `json:"offset"`
		More   bool `json:"hasMore"`
	}
	offset, _ := strconv.Atoi(token) // "" is the first page
	what := call{op: "search lists", object: "list_members", body: listSearch{Offset: offset, Count: 250}, repeat: true}
	res, err := c.post(ctx, what, c.path.crm("lists", "/search"), &answer)
	p := parentPage{at: timeOf(res)}
	for _, l := range answer.Lists {
		added, told := l.More["hs_last_record_added_at"]
		if l.Type == "0-1" && wanted(c.cfg.Lists, l.Name) && (!told || millis(added.s) >= from) && l.More["hs_list_size"].s != "0" {
			p.parents = append(p.parents, parent{l.ID.s, l.Name})
		}
	}
	if answer.More && answer.Offset > offset {
		p.next = strconv.Itoa(answer.Offset)
	}
	return p, err
}

func wanted(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return len(names) == 0
}
