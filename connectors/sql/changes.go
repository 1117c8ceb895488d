package sql

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// Changes returns one page of rows.
func (c *Connector) Changes(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	l, err := c.layout(ctx, q.Object)
	if err != nil {
		return connectors.Page{}, err
	}
	return l.changesWalk().page(ctx, q)
}

// Gone returns one page of rows that are marked as removed.
func (c *Connector) Gone(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	if cfg, ok := c.cfg.Tables[q.Object]; !ok || cfg.Deleted == "" {
		return connectors.Page{}, fault.ErrUnsupported(c.name, q.Object, "tell deletions")
	}
	l, err := c.layout(ctx, q.Object)
	if err != nil {
		return connectors.Page{}, err
	}
	q.Fields = nil
	page, err := l.goneWalk().page(ctx, q)
	for _, r := range page.Records {
		page.Gone = append(page.Gone, connectors.Gone{Object: l.name, ID: r.ID, Kind: connectors.GoneDeleted, At: r.Modified})
	}
	page.Records = nil
	return page, err
}

// page reads on from a cursor, through both phases of a pass.
func (w *walk) page(ctx context.Context, q connectors.Query) (connectors.Page, error) {
	cur, ok := parseCursor(q.Cursor)
	if !ok {
		f := fault.New(fault.Expired, fault.ScopeObject, "the cursor is not one of this connector's")
		f.System, f.Object, f.Op = w.c.name, w.name, "read on"
		return connectors.Page{}, f
	}
	p := &pass{walk: w, fields: q.Fields, cur: cur}
	err := w.c.query(ctx, w.name, "read "+w.name, func(ctx context.Context, db querier) error {
		p.q = db
		return p.fill(ctx)
	})
	if err != nil {
		return connectors.Page{}, err
	}
	return p.page, nil
}

// pass fills one page.
type pass struct {
	*walk
	q      querier
	fields []string
	cur    cursor
	page   connectors.Page
}

func (p *pass) fill(ctx context.Context) error {
	if p.cur.Begun == 0 {
		now, err := p.now(ctx, p.q)
		if err != nil {
			return err
		}
		if p.cur.Begun = now.UnixMilli(); !p.bare() {
			p.cur.Phase = phaseTimed
		}
	}
	for {
		room := p.c.cfg.PageSize - len(p.page.Records) - len(p.page.Issues)
		n, err := p.step(ctx, max(room, 1))
		if err != nil {
			return err
		}
		if n >= room {
			p.page.More, p.page.Next = true, p.cur.text()
			return nil
		}
		if p.cur.Phase == phaseTimed || len(p.by) == 0 {
			p.page.Next, p.page.CompleteTo = p.cur.end(p.walk).text(), time.UnixMilli(p.cur.Begun).Add(-p.overlap).UTC()
			return nil
		}
		p.cur.Phase, p.cur.ID = phaseTimed, ""
	}
}

// now asks the database for the time. SQLite runs on this machine.
func (w *walk) now(ctx context.Context, db querier) (time.Time, error) {
	text := w.c.d.clock
	if text == "" {
		return time.Now(), nil
	}
	now := time.Time{}
	err := ask(ctx, db, text, nil, func(row []any) error {
		digits, _ := plain(row[0])
		ms, err := strconv.ParseInt(digits, 10, 64)
		now = time.UnixMilli(ms)
		return err
	})
	return now, err
}

// step reads up to n rows of a phase.
func (p *pass) step(ctx context.Context, n int) (int, error) {
	sel := p.selected(p.fields)
	s := sel.begin()
	s.add(" WHERE ")
	p.where(s, &p.cur)
	if s.add(" ORDER BY "); p.cur.Phase == phaseTimed {
		s.add(p.stamp, ", ")
	}
	s.add(p.order, " LIMIT ", strconv.Itoa(n))
	read := 0
	err := s.rows(ctx, p.q, func(raw []any) error {
		read++
		p.take(sel.take(raw))
		return nil
	})
	return read, err
}

// take puts a row on the page and moves the cursor behind it.
func (p *pass) take(r row) {
	if p.cur.ID = r.record.ID; p.cur.Phase == phaseTimed {
		p.cur.At = r.stamp
	}
	if r.record.ID == "" {
		p.page.Issues = append(p.page.Issues, p.issue("a row without an id", "", errors.New("the id is empty")))
		return
	}
	if p.cur.Later && r.record.Modified.IsZero() { // when it changed is not known, but that it did
		r.record.Modified = time.UnixMilli(p.cur.Begun).UTC()
	}
	p.page.Records, p.page.Issues = append(p.page.Records, r.record), append(p.page.Issues, r.issues...)
}

// where narrows a walk to what is behind the cursor.
func (w *walk) where(s *statement, cur *cursor) {
	s.add(w.alive())
	if cur.Phase != phaseTimed {
		if w.stamp != "" {
			s.add(" AND ", w.c.d.timeless(w.stamp))
		}
		if cur.ID != "" {
			s.add(" AND ", w.order, " > ")
			s.bind(w.idArg(cur.ID), w.id)
		}
		return
	}
	at, id := cur.At, cur.ID
	if at == "" {
		at, id = cur.From, cur.After
	}
	if at == "" {
		s.add(" AND ", w.c.d.timed(w.stamp))
		return
	}
	// The first comparison lets an index be used.
	s.add(" AND ", w.stamp, " >= ")
	s.bind(w.arg(at), w.by[0])
	if id != "" {
		s.add(" AND (", w.stamp, " > ")
		s.bind(w.arg(at), w.by[0])
		s.add(" OR ", w.order, " > ")
		s.bind(w.idArg(id), w.id)
		s.add(")")
	}
}

// alive tells the rows of the walk by their mark of removal.
func (w *walk) alive() string {
	if w.deleted == nil {
		return "1 = 1"
	}
	live := w.c.d.live(w.c.d.quote(w.deleted.name), w.deleted)
	if w.gone {
		return "NOT (" + live + ")"
	}
	return live
}

func (l *layout) idArg(id string) any {
	if arg, ok := l.id.keyArg(id); ok {
		return arg
	}
	return id
}

// selection is what is asked of each row.
type selection struct {
	*layout
	by     []*column
	stamp  string // the expression of the time as it is sorted by
	moment string // and as it is written
	fields []*column
	lead   string // an expression before all others
	lock   string // what ends the SELECT
}

// row is one row taken apart.
type row struct {
	record connectors.Record
	stamp  string // the time it is sorted by
	lead   any
	issues []connectors.Issue
}

func (w *walk) selected(fields []string) *selection {
	s := &selection{layout: w.layout, by: w.by, stamp: w.stamp, moment: w.moment}
	for _, name := range fields {
		if col := w.column(name); col != nil && !slices.Contains(s.fields, col) {
			s.fields = append(s.fields, col)
		}
	}
	return s
}

func (sel *selection) begin() *statement {
	d := sel.c.d
	s := &statement{d: d}
	s.add("SELECT ", orText(sel.lead, "0"), ", ", d.read(sel.id), ", ", d.text(orText(sel.stamp, "NULL")), ", ", d.text(orText(sel.moment, "NULL")), ", ",
		d.digest(d, sel.columns), ", ")
	if sel.created == nil {
		s.add("NULL, ")
	} else {
		s.add(d.read(sel.created), ", ")
	}
	if sel.deleted == nil {
		s.add("0")
	} else {
		s.add("CASE WHEN ", d.live(d.quote(sel.deleted.name), sel.deleted), " THEN 0 ELSE 1 END")
	}
	for _, col := range sel.fields {
		s.add(", ", d.read(col))
	}
	s.add(" FROM ", sel.source())
	return s
}

func (l *layout) source() string {
	if l.cfg.Query != "" {
		return "(" + l.cfg.Query + ") AS " + l.c.d.quote(rowAlias)
	}
	return l.table() + " AS " + l.c.d.quote(rowAlias)
}

func (l *layout) table() string {
	schema, name := l.c.split(l.cfg.Table)
	if schema != "" {
		return l.c.d.quote(schema) + "." + l.c.d.quote(name)
	}
	return l.c.d.quote(name)
}

// take makes a record of a row.
func (sel *selection) take(raw []any) row {
	r := row{lead: raw[0]}
	id, _ := plain(raw[1])
	r.stamp, _ = plain(raw[2])
	digest, _ := plain(raw[4])
	removed, _ := plain(raw[6])
	rec := connectors.Record{Object: sel.name, ID: id, Version: sel.version(digest), Archived: removed == "1", Fields: record.Fields{}}
	if len(sel.by) > 0 {
		rec.Modified = timeIn(sel.by[0], raw[3])
	}
	if sel.created != nil {
		rec.Created = timeIn(sel.created, raw[5])
	}
	for i, col := range sel.fields {
		v, err := col.read(raw[7+i])
		if err != nil {
			r.issues = append(r.issues, sel.issue(id, col.name, err))
			continue
		}
		rec.Fields[col.name] = v
	}
	r.record = rec
	return r
}

// timeIn is the time in a column, zero if it cannot be read.
func timeIn(col *column, raw any) time.Time {
	v, err := col.read(raw)
	if err != nil {
		return time.Time{}
	}
	if t, ok := v.Time(); ok {
		return t
	}
	return time.Time{}
}

// version is the digest of a row; SQLite has none, and gives the row itself.
func (l *layout) version(digest string) string {
	if l.c.cfg.Driver != driverSQLite {
		return digest
	}
	const enough = 16
	sum := sha256.Sum256([]byte(digest))
	return hex.EncodeToString(sum[:enough])
}

func (l *layout) issue(ref, field string, err error) connectors.Issue {
	scope := fault.ScopeRow
	if field != "" {
		scope = fault.ScopeField
	}
	return connectors.Issue{Object: l.name, Ref: ref, Field: field, Err: &fault.Error{
		Class: fault.Malformed, Scope: scope, System: l.c.name, Object: l.name, Op: "read " + strings.TrimSpace("row "+field), Field: field, Err: err,
	}}
}
