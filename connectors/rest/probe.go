package rest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors"
)

// Verdict is how a trial ended.
type Verdict string

// The verdicts.
const (
	Good   Verdict = "ok"
	Unsure Verdict = "?"  // nothing to try it on, or not as it should be
	Bad    Verdict = "no" // the manifest is wrong, or the system does not do it
)

// Finding is what one trial of a manifest showed. It holds no content of any
// record.
type Finding struct {
	Object  string  `json:"object,omitempty"` // "" for what concerns all
	What    string  `json:"what"`
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail"`
	Err     error   `json:"-"` // of a call that failed
}

// Probe tries a connector's file of this type against the live system. It reads
// only: the account, the first pages of each object, what changed since a
// moment, and one record by its id and by each of its keys. The list holds what
// is wrong with the file; then nothing is tried.
func Probe(ctx context.Context, env connectors.Env, node diag.Node) ([]Finding, diag.List) {
	c, problems := build(env, node)
	if problems.HasErrors() {
		return nil, problems
	}
	defer c.Close()
	p := &probe{c: c}
	account, err := c.Check(ctx)
	if err != nil {
		p.fail("credentials", err)
		return p.found, problems
	}
	p.note("credentials", Good, "account "+account.ID)
	for _, e := range c.api.entities {
		p.entity(ctx, e)
	}
	return p.found, problems
}

type probe struct {
	c      *Connector
	object string
	found  []Finding
}

func (p *probe) note(what string, v Verdict, detail string) {
	p.found = append(p.found, Finding{Object: p.object, What: what, Verdict: v, Detail: detail})
}

func (p *probe) fail(what string, err error) {
	p.found = append(p.found, Finding{Object: p.object, What: what, Verdict: Bad, Detail: err.Error(), Err: err})
}

func (p *probe) entity(ctx context.Context, e *entity) {
	p.object = e.name
	cur := cursor{}
	rows, more, err := p.c.page(ctx, pass{e, e.list, &cur, e.schema.FieldNames()})
	if err != nil {
		p.fail("first page", err)
		return
	}
	p.note("first page", Good, fmt.Sprintf("%d rows", len(rows)))
	if len(rows) == 0 {
		p.note("rows", Unsure, "there are none to look at: make one and try again")
		return
	}
	p.shape(e, rows)
	p.nextPage(ctx, e, cur, rows, more)
	p.changes(ctx, e, rows)
	p.gone(ctx, e)
	p.get(ctx, e, rows[0])
	p.lookup(ctx, e, rows)
}

// shape looks whether the paths lead anywhere.
func (p *probe) shape(e *entity, rows []value) {
	d := newDecoder(e, p.c.api.times.rows, e.schema.FieldNames())
	without := func(what string, is func(value) bool) {
		n := 0
		for _, row := range rows {
			if !is(row) {
				n++
			}
		}
		verdict, detail := Good, fmt.Sprintf("in all %d rows", len(rows))
		if n > 0 {
			verdict, detail = Bad, fmt.Sprintf("missing in %d of %d rows", n, len(rows))
		}
		p.note(what, verdict, detail)
	}
	without("id at "+strings.Join(e.id, "."), func(row value) bool { return row.at(e.id).text != "" })
	if len(e.updated) > 0 {
		without("updated_at at "+strings.Join(e.UpdatedAt, ", "), func(row value) bool { return !d.updated(row).IsZero() })
	}
	d.records(rows)
	if n := len(d.issues); n > 0 {
		p.note("fields", Bad, fmt.Sprintf("%d values cannot be read, first: %v", n, d.issues[0].Err))
	}
	var absent []string
	for _, f := range e.fields {
		if !slices.ContainsFunc(rows, func(row value) bool { return row.at(f.path).sort != nothing }) {
			absent = append(absent, f.name)
		}
	}
	if len(absent) > 0 {
		p.note("fields", Unsure, "in no row: "+strings.Join(absent, ", ")+"; correct path, or set omits_empty if the system leaves out what is empty")
	}
}

// nextPage looks whether the second page is another one.
func (p *probe) nextPage(ctx context.Context, e *entity, cur cursor, first []value, more bool) { //nolint:revive // whether there is more is what the page said
	var rows []value
	if more {
		var err error
		if rows, _, err = p.c.page(ctx, pass{e, e.list, &cur, e.schema.FieldNames()}); err != nil {
			p.fail("second page", err)
			return
		}
	}
	if len(rows) == 0 {
		p.note("second page", Unsure, "there is only one; set page_size to less than there are rows to try it")
		return
	}
	known, fresh := e.list.paging.ids(first), 0
	for _, id := range e.list.paging.ids(rows) {
		if !slices.Contains(known, id) {
			fresh++
		}
	}
	if fresh == 0 {
		p.note("second page", Bad, "it holds nothing but rows of the first: the parameter that pages is not heeded")
		return
	}
	p.note("second page", Good, fmt.Sprintf("%d further rows", fresh))
}

// changes asks what changed since the last change of the first page, and looks
// whether older rows come.
func (p *probe) changes(ctx context.Context, e *entity, rows []value) {
	if !e.delta {
		p.note("changes", Unsure, "the manifest has none: everything is read each time")
		return
	}
	d := newDecoder(e, p.c.api.times.rows, nil)
	var first, last time.Time
	for _, row := range rows {
		at := d.updated(row)
		if last.Before(at) {
			last = at
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	since := p.c.api.times.filter.floor(last)
	if !first.Before(since) {
		p.note("changes", Unsure, "all rows of the first page changed at one moment: too few to tell")
		return
	}
	w := e.list
	if e.changes != nil {
		w = e.changes
	}
	got, _, err := p.c.page(ctx, pass{e, w, &cursor{From: since.UnixNano()}, e.schema.FieldNames()})
	if err != nil {
		p.fail("changes", err)
		return
	}
	older := 0
	for _, row := range got {
		if d.updated(row).Before(since) {
			older++
		}
	}
	switch {
	case older > 0:
		p.note("changes", Bad, fmt.Sprintf("%d of %d rows changed before the moment asked for: the filter is not heeded, or the moment is written in another format or zone", older, len(got)))
	case len(got) == 0:
		p.note("changes", Unsure, "none since the last change there is: the filter leaves out its own moment, or reads it in another zone")
	default:
		p.note("changes", Good, fmt.Sprintf("%d rows since the last change of the first page, none older", len(got)))
	}
}

func (p *probe) gone(ctx context.Context, e *entity) {
	if e.gone == nil {
		return
	}
	rows, _, err := p.c.page(ctx, pass{e, &e.gone.walk, &cursor{}, nil})
	if err != nil {
		p.fail("gone", err)
		return
	}
	for _, row := range rows {
		if row.at(e.gone.id).text == "" {
			p.note("gone", Bad, "a row has no id at "+strings.Join(e.gone.id, "."))
			return
		}
	}
	p.note("gone", Good, fmt.Sprintf("%d rows in the first page", len(rows)))
}

func (p *probe) get(ctx context.Context, e *entity, row value) {
	id := row.at(e.id).text
	if e.get == nil || id == "" {
		return
	}
	got, err := p.c.Read(ctx, e.name, []string{id}, e.schema.FieldNames())
	switch {
	case err != nil:
		p.fail("get", err)
	case len(got) != 1 || got[0].ID != id:
		p.note("get", Bad, "a record of the first page is not found by its id")
	case got[0].Version != newDecoder(e, p.c.api.times.rows, nil).version(row):
		p.note("get", Unsure, "the record shows another version than in the list: name a version, or let both show the same fields")
	default:
		p.note("get", Good, "a record of the first page, by its id")
	}
}

func (p *probe) lookup(ctx context.Context, e *entity, rows []value) {
	for _, key := range e.keys {
		f, _ := e.field(key)
		i := slices.IndexFunc(rows, func(row value) bool { return row.at(f.path).text != "" })
		if i < 0 {
			p.note("lookup by "+key, Unsure, "no row of the first page has one")
			continue
		}
		got, err := p.c.Lookup(ctx, e.name, key, []string{rows[i].at(f.path).text}, []string{key})
		switch {
		case err != nil:
			p.fail("lookup by "+key, err)
		case !slices.ContainsFunc(got[0], func(r connectors.Record) bool { return r.ID == rows[i].at(e.id).text }):
			p.note("lookup by "+key, Bad, "a record of the first page is not found by it")
		default:
			p.note("lookup by "+key, Good, "a record of the first page")
		}
	}
}
