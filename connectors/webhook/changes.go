package webhook

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// cursor is where a read of the inbox goes on: after a post, and so many
// records into the next one.
type cursor struct {
	seq  int64
	into int
}

func parseCursor(c connectors.Cursor) (cursor, bool) {
	if c == "" {
		return cursor{}, true
	}
	head, tail, more := strings.Cut(string(c), "+")
	seq, err := strconv.ParseInt(head, 10, 64)
	out := cursor{seq: seq}
	if err == nil && more {
		out.into, err = strconv.Atoi(tail)
	}
	return out, err == nil && out.seq >= 0 && out.into >= 0
}

func (c cursor) text() connectors.Cursor {
	out := strconv.FormatInt(c.seq, 10)
	if c.into > 0 {
		out += "+" + strconv.Itoa(c.into)
	}
	return connectors.Cursor(out)
}

// Consumed tells up to which post a cursor has read.
func (*Connector) Consumed(c connectors.Cursor) int64 {
	cur, _ := parseCursor(c) // what is no cursor has read nothing
	return cur.seq
}

// Changes returns one page of the records in the posts after the cursor.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	f, ok := c.forms[q.Object]
	if !ok {
		return connectors.Page{}, fault.ErrUnsupported(c.name, q.Object, "find the object")
	}
	cur, ok := parseCursor(q.Cursor)
	if !ok {
		return connectors.Page{}, c.fault(fault.Expired, "read on", errors.New("the cursor is not one of this connector's"))
	}
	start := time.Now()
	posts, err := c.after(ctx, cur.seq, c.cfg.PageSize)
	if err != nil {
		return connectors.Page{}, err
	}
	page := connectors.Page{More: len(posts) == c.cfg.PageSize}
	seen := map[string]bool{}
	for _, d := range posts {
		if full := f.take(d, q.Fields, &cur, seen, &page); full {
			page.More = true
			break
		}
		cur = cursor{seq: d.Seq}
	}
	if page.Next = cur.text(); !page.More {
		page.CompleteTo = start
	}
	return page, nil
}

// form makes records of posts.
type form struct {
	system, name       string
	cfg                Form
	page               int
	only, each, id, at path
	when               field
	fields             []field
}

func newForm(system, name string, cfg Config) *form {
	f := &form{system: system, name: name, cfg: cfg.Forms[name], page: cfg.PageSize}
	for _, p := range []struct {
		into *path
		text string
	}{{&f.only, f.cfg.Only.Path}, {&f.each, f.cfg.Each}, {&f.id, f.cfg.ID}, {&f.at, f.cfg.Modified}} {
		*p.into, _ = parsePath(p.text) // decode has checked it, and the rest
	}
	f.when, _ = newField(Field{Name: "modified", Kind: "instant", Format: f.cfg.ModifiedFormat}, cfg.Zone)
	for _, c := range f.cfg.Fields {
		field, _ := newField(c, cfg.Zone)
		f.fields = append(f.fields, field)
	}
	return f
}

func (f *form) describe() schema.Object {
	o := schema.Object{Name: f.name, Label: f.name, As: record.Object(f.cfg.As), Caps: schema.Capabilities{Changes: true, PageSize: f.page}}
	for i := range f.fields {
		o.Fields = append(o.Fields, f.fields[i].describe())
	}
	return o
}

// entry is one record of a post.
type entry struct {
	connectors.Delivered
	n    int // its place in the post
	id   string
	body any
}

// take adds the records of one post from where the cursor stands. It tells when
// the page is full before the post ends, or holds a record of the same id
// already: each state of a record counts, and a page can hold but one of them.
func (f *form) take(d connectors.Delivered, asked []string, cur *cursor, seen map[string]bool, page *connectors.Page) (full bool) {
	items, err := f.items(d)
	if err != nil {
		page.Issues = append(page.Issues, f.issue(entry{Delivered: d}, "", err))
		return false
	}
	for i := cur.into; i < len(items); i++ {
		e := entry{Delivered: d, n: i, id: f.idOf(d, i, items), body: items[i]}
		if len(page.Records) == f.page || seen[e.id] && e.id != "" {
			cur.into = i
			return true
		}
		cur.into = i + 1
		if e.id == "" {
			page.Issues = append(page.Issues, f.issue(e, "", errors.New("the post has no id where `id` says")))
			continue
		}
		seen[e.id] = true
		f.add(e, asked, page)
	}
	return false
}

// items are the records of a post; none if it is of another object.
func (f *form) items(d connectors.Delivered) ([]any, error) {
	body, err := read(d.Body)
	if err != nil {
		return nil, err
	}
	if f.each.text != "" {
		if !f.mine(body) {
			return nil, nil
		}
		body, _ = f.each.find(body)
		list, ok := body.([]any)
		if !ok {
			return nil, errors.New("the post has no list where `each` says")
		}
		return list, nil
	}
	list, ok := body.([]any)
	if !ok {
		list = []any{body}
	}
	return slices.DeleteFunc(slices.Clone(list), func(item any) bool { return !f.mine(item) }), nil
}

func (f *form) mine(body any) bool {
	if f.only.text == "" {
		return true
	}
	v, ok := f.only.find(body)
	return ok && slices.Contains(f.cfg.Only.Is, plain(v))
}

// idOf is the id that the post gives, or else the post's own.
func (f *form) idOf(d connectors.Delivered, i int, items []any) string {
	if f.id.text != "" {
		v, _ := f.id.find(items[i])
		return strings.TrimSpace(plain(v))
	}
	id := d.Key
	if len(items) > 1 {
		id += "-" + strconv.Itoa(i+1)
	}
	return id
}

func (f *form) add(e entry, asked []string, page *connectors.Page) {
	rec := connectors.Record{
		Object: f.name, ID: e.id, Version: strconv.FormatInt(e.Seq, 10), Modified: e.At.UTC(), Fields: record.Fields{},
	}
	if f.at.text != "" {
		raw, _ := f.at.find(e.body)
		if v, err := f.when.value(raw); err == nil && v.IsPresent() {
			rec.Modified, _ = v.Time()
		}
	}
	for j := range f.fields {
		field := &f.fields[j]
		raw, there := field.at.find(e.body)
		if !there || !slices.Contains(asked, field.Name) {
			continue
		}
		v, err := field.value(raw)
		if err != nil {
			page.Issues = append(page.Issues, f.issue(e, field.Name, err))
			continue
		}
		rec.Fields[field.Name] = v
	}
	page.Records = append(page.Records, rec)
}

func (f *form) issue(e entry, name string, err error) connectors.Issue {
	ref, scope := "post:"+strconv.FormatInt(e.Seq, 10), fault.ScopeRow
	if e.n > 0 {
		ref += "." + strconv.Itoa(e.n+1)
	}
	if name != "" {
		scope = fault.ScopeField
	}
	return connectors.Issue{Object: f.name, Ref: ref, Field: name, Err: &fault.Error{
		Class: fault.Malformed, Scope: scope, System: f.system, Object: f.name, Op: "read " + ref, Field: name, Err: err,
	}}
}
