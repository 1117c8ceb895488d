package mautic

import (
	"context"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// listing is a short list that is read whole each time: a Mautic has some
// hundreds of these at most.
type listing struct {
	object, label string
	as            record.Object
	kind          string // what a campaign of this sort is called
}

const listPage = 200

func listings() []listing {
	return []listing{
		{"campaigns", "Campaigns", record.Campaign, "campaign"},
		{"emails", "E-mails", record.Campaign, "email"},
		{"segments", "Segments", record.Campaign, "segment"},
		{"users", "Users", record.Owner, ""},
	}
}

func listOf(object string) (listing, bool) {
	i := slices.IndexFunc(listings(), func(l listing) bool { return l.object == object })
	if i < 0 {
		return listing{}, false
	}
	return listings()[i], true
}

func (l listing) schema() schema.Object {
	o := schema.Object{Name: l.object, Label: l.label, As: l.as, Caps: schema.Capabilities{Changes: true, PageSize: listPage}}
	field := func(name, label string, k record.Kind) {
		o.Fields = append(o.Fields, schema.Field{Name: name, Label: label, Kind: k, ReadOnly: true})
	}
	field("name", "Name", record.String)
	field("isPublished", "Published", record.Boolean)
	if l.as == record.Owner {
		field("email", "E-mail address", record.Email)
		return o
	}
	field("kind", "Kind", record.String)
	field("description", "Description", record.Text)
	field("dateAdded", "Added", record.Instant)
	return o
}

// entry is one campaign, e-mail, segment, stage or user.
type entry struct {
	ID          text   `json:"id"`
	Name        string `json:"name"`
	First       string `json:"firstName"`
	Last        string `json:"lastName"`
	Email       string `json:"email"`
	Description text   `json:"description"`
	Published   *bool  `json:"isPublished"`
	Added       stamp  `json:"dateAdded"`
	Modified    stamp  `json:"dateModified"`
}

func (e *entry) value(l listing, field string) record.Value {
	switch field {
	case "name":
		return orNull(record.String, strings.TrimSpace(e.Name+" "+e.First+" "+e.Last))
	case "email":
		return orNull(record.Email, e.Email)
	case "description":
		return orNull(record.Text, e.Description.s)
	case "kind":
		return record.OfString(l.kind)
	case "dateAdded":
		return ofStamp(e.Added)
	}
	if e.Published == nil {
		return record.NullOf(record.Boolean)
	}
	return record.OfBool(*e.Published)
}

// entries reads one page of a list, by id.
func (c *Connector) entries(ctx context.Context, name string, cur *cursor) (list []entry, more bool, err error) {
	var conds []cond
	if len(cur.At) == 1 {
		conds = []cond{where("id", "gt", cur.At[0])}
	}
	var answer struct {
		Total     text       `json:"total"`
		Campaigns bag[entry] `json:"campaigns"`
		Emails    bag[entry] `json:"emails"`
		Segments  bag[entry] `json:"lists"`
		Users     bag[entry] `json:"users"`
		Stages    bag[entry] `json:"stages"`
	}
	res, err := c.get(ctx, name, "/"+name, ask(listPage, conds, "id"), &answer)
	if err != nil {
		return nil, false, err
	}
	cur.Begin(res)
	page := slices.Concat(answer.Campaigns.items, answer.Emails.items, answer.Segments.items, answer.Users.items, answer.Stages.items)
	if n := len(page); n > 0 && answer.Total.number() > int64(n) {
		cur.At, more = []string{page[n-1].ID.s}, true
	}
	return page, more, nil
}

// listChanges reads one page of a list; a pass is the whole list.
func (c *Connector) listChanges(ctx context.Context, l listing, q connectors.Query) (connectors.Page, error) {
	cur, err := readCursor(q.Cursor)
	if err != nil {
		return connectors.Page{}, err
	}
	list, more, err := c.entries(ctx, l.object, &cur)
	if err != nil {
		return connectors.Page{}, err
	}
	var p connectors.Page
	for i := range list {
		e := &list[i]
		rec := connectors.Record{Object: l.object, ID: e.ID.s, Modified: e.Modified.Time, Created: e.Added.Time, Fields: record.Fields{}}
		if e.Modified.IsZero() {
			rec.Modified = e.Added.Time
		}
		var all []record.Value
		for _, f := range l.schema().Fields {
			v := e.value(l, f.Name)
			all = append(all, v)
			if slices.Contains(q.Fields, f.Name) {
				rec.Fields[f.Name] = v
			}
		}
		rec.Version = fingerprint(all)
		p.Records = append(p.Records, rec)
	}
	if more {
		return cur.on(p), nil
	}
	return cur.end(p, 0), nil
}
