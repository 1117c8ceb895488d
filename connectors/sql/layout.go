package sql

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// layout is a table as its database describes it and the configuration reads it.
type layout struct {
	c        *Connector
	name     string // of the object
	cfg      Table
	columns  []column
	at       map[string]int
	id       *column
	modified []*column // which of them is not null first counts
	created  *column
	deleted  *column
	overlap  time.Duration
	asOf     time.Time
}

func (l *layout) column(name string) *column {
	i, ok := l.at[name]
	if !ok {
		return nil
	}
	return &l.columns[i]
}

// layout returns what is known of a table, asking again after a while.
func (c *Connector) layout(ctx context.Context, object string) (*layout, error) {
	cfg, ok := c.cfg.Tables[object]
	if !ok {
		return nil, fault.ErrUnsupported(c.name, object, "find the object")
	}
	c.mu.Lock()
	l := c.known[object]
	c.mu.Unlock()
	if l != nil && time.Since(l.asOf) < keptFor {
		return l, nil
	}
	var all []found
	err := c.query(ctx, object, "describe "+object, func(ctx context.Context, q querier) (err error) {
		if cfg.Query != "" {
			all, err = c.describeQuery(ctx, q, cfg)
			return err
		}
		schema, name := c.split(cfg.Table)
		all, err = c.d.describe(ctx, q, schema, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	if l, err = newLayout(c, object, cfg, all); err != nil {
		f := &fault.Error{Class: fault.Missing, Scope: fault.ScopeObject, System: c.name, Object: object, Op: "describe " + object, Err: err}
		f.Next = "correct `table` or the names of columns, and grant the user SELECT on the table"
		return nil, f
	}
	c.mu.Lock()
	c.known[object] = l
	c.mu.Unlock()
	return l, nil
}

// describeQuery lets the database tell the types of a query that finds nothing.
func (c *Connector) describeQuery(ctx context.Context, q querier, cfg Table) ([]found, error) {
	rows, err := q.QueryContext(ctx, "SELECT * FROM ("+cfg.Query+") AS "+c.d.quote(rowAlias)+" LIMIT 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // it has no rows
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	out := make([]found, len(types))
	for i, t := range types {
		out[i] = c.d.typed(t)
	}
	return out, rows.Err()
}

// split takes the schema off a table's name.
func (*Connector) split(table string) (schema, name string) {
	if schema, name, ok := strings.Cut(table, "."); ok {
		return schema, name
	}
	return "", table
}

func newLayout(c *Connector, object string, cfg Table, all []found) (*layout, error) {
	if len(all) == 0 {
		return nil, errors.New("there is no such table, or the user may not see it")
	}
	l := &layout{c: c, name: object, cfg: cfg, at: map[string]int{}, overlap: cfg.Overlap, asOf: time.Now()}
	for _, f := range all {
		if f.store == asOther {
			continue
		}
		spec := Column{Name: f.name}
		if i := slices.IndexFunc(cfg.Columns, func(s Column) bool { return s.Name == f.name }); i >= 0 {
			spec = cfg.Columns[i]
		}
		col, err := newColumn(f, spec, c.cfg.Zone)
		if err != nil {
			return nil, errors.New("column " + f.name + ": " + err.Error())
		}
		l.at[f.name] = len(l.columns)
		l.columns = append(l.columns, col)
	}
	for _, spec := range cfg.Columns {
		if l.column(spec.Name) == nil {
			return nil, errors.New("there is no column " + spec.Name + " that can be read")
		}
	}
	return l, l.roles()
}

// roles finds the columns that have one.
func (l *layout) roles() error {
	one := func(name string, into **column) error {
		if name == "" {
			return nil
		}
		if *into = l.column(name); *into == nil {
			return errors.New("there is no column " + name + " that can be read")
		}
		return nil
	}
	if err := errors.Join(one(l.cfg.ID, &l.id), one(l.cfg.Created, &l.created), one(l.cfg.Deleted, &l.deleted)); err != nil {
		return err
	}
	for _, name := range l.cfg.Modified {
		var col *column
		if err := one(name, &col); err != nil {
			return err
		}
		l.modified = append(l.modified, col)
		if err := l.timed(col); err != nil {
			return err
		}
	}
	if l.created != nil {
		return l.timed(l.created)
	}
	return nil
}

// timed makes sure that a column is read as a time, and that the overlap covers
// how coarse its times are and what summer time sets back.
func (l *layout) timed(col *column) error {
	if col.kind != record.Instant {
		spec := col.spec
		spec.Kind, spec.Currency, spec.Empty = record.Instant.String(), "", nil
		as, err := newColumn(col.found, spec, orText(spec.Zone, l.c.cfg.Zone))
		if err != nil || col.store == asInteger && !as.counted() {
			return errors.New("column " + col.name + " cannot be read as a time")
		}
		if col.store == asInteger && spec.Format == "" {
			return errors.New("column " + col.name + " is a number: say with format whether it is unix or unix_ms")
		}
		as.kind = record.Instant
		col.layout, col.number = as.layout, nil
		*col = as
	}
	if col.store == asDate {
		l.overlap = max(l.overlap, 24*time.Hour)
	}
	if !col.counted() && col.store != asZoneStamp {
		l.overlap += setBack(col.zone, time.Now())
	}
	return nil
}

// setBack is how far the clocks of a zone go back within a year.
func setBack(zone *time.Location, now time.Time) time.Duration {
	var low, high int
	for month := range 12 {
		_, offset := now.AddDate(0, month, 0).In(zone).Zone()
		if month == 0 {
			low, high = offset, offset
		}
		low, high = min(low, offset), max(high, offset)
	}
	return time.Duration(high-low) * time.Second
}

const (
	batchRead  = 500
	batchWrite = 200
)

func (l *layout) object() schema.Object {
	o := schema.Object{Name: l.name, Label: l.name, As: record.Object(l.cfg.As), Lag: l.overlap, Keys: l.keys(), Caps: schema.Capabilities{
		Changes: true, Gone: l.deleted != nil, Read: true, BatchRead: batchRead, PageSize: l.c.cfg.PageSize,
	}}
	o.Caps.Lookup = len(o.Keys) > 0
	if l.cfg.Write {
		o.Caps.Create, o.Caps.Update, o.Caps.Conditional, o.Caps.Echo, o.Caps.BatchWrite = true, true, true, true, batchWrite
		o.Caps.Archive = l.deleted != nil
	}
	for i := range l.columns {
		f := l.columns[i].describe(l.cfg.Write)
		if l.reserved(&l.columns[i]) {
			f.ReadOnly, f.Required = true, false
		}
		o.Fields = append(o.Fields, f)
	}
	return o
}

// reserved tells whether a column is set by the database or by us.
func (l *layout) reserved(col *column) bool {
	return col == l.deleted || col == l.id && (col.hasDefault || col.computed) || l.cfg.Touch && slices.Contains(l.modified, col)
}

// keys are the columns that can be looked up, those of the configuration first.
func (l *layout) keys() []string {
	var out []string
	add := func(col *column) {
		if (col.unique || col.spec.Unique) && !l.reserved(col) && !slices.Contains(out, col.name) {
			if _, ok := col.keyArg("1"); ok || col.store == asUUID {
				out = append(out, col.name)
			}
		}
	}
	for _, spec := range l.cfg.Columns {
		if spec.Name != l.cfg.ID {
			add(l.column(spec.Name))
		}
	}
	for i := range l.columns {
		if &l.columns[i] != l.id {
			add(&l.columns[i])
		}
	}
	if add(l.id); l.cfg.Query != "" {
		return slices.DeleteFunc(out, func(name string) bool { return !l.column(name).spec.Unique })
	}
	return out
}

// standardCatalog shows what a table can do; the columns are its own.
func standardCatalog() schema.Catalog {
	c := &Connector{cfg: Config{PageSize: defaultPage}, d: postgres()}
	cat := schema.Catalog{System: "sql"}
	for name, cfg := range map[string]Table{
		"people": {As: "person", ID: "id", Modified: []string{"updated_at"}, Deleted: "deleted_at", Write: true, Overlap: defaultOverlap},
		"orders": {As: "deal", ID: "id", Modified: []string{"updated_at"}, Query: "SELECT", Overlap: defaultOverlap},
	} {
		l, err := newLayout(c, name, cfg, []found{
			{name: "id", store: asInteger, hasDefault: true, unique: true},
			{name: "email", store: asText, unique: true, maxLen: 200},
			{name: "updated_at", store: asZoneStamp, scale: -1},
			{name: "deleted_at", store: asZoneStamp, scale: -1},
		})
		if err == nil {
			cat.Objects = append(cat.Objects, l.object())
		}
	}
	slices.SortFunc(cat.Objects, func(a, b schema.Object) int { return strings.Compare(b.Name, a.Name) })
	return cat
}
