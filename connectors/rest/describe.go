package rest

import (
	"context"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

const describeFor = 5 * time.Minute

// Describe returns what the manifest says. Only objects with extras cost a
// call: their first page is looked at for further fields.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	c.mu.Lock()
	cached, asOf := c.catalog, c.asOf
	c.mu.Unlock()
	if !asOf.IsZero() && time.Since(asOf) < describeFor {
		return cached, nil
	}
	cat := schema.Catalog{System: "rest"}
	for _, e := range c.api.entities {
		o := e.schema
		if e.Extras != "" {
			extras, err := c.extras(ctx, e)
			if err != nil {
				return cat, err
			}
			o.Fields = append(slices.Clone(o.Fields), extras...)
		}
		cat.Objects = append(cat.Objects, o)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catalog, c.asOf = cat, time.Now()
	return cat, nil
}

// extras finds the fields that rows hold and the manifest does not name.
func (c *Connector) extras(ctx context.Context, e *entity) ([]schema.Field, error) {
	rows, _, err := c.page(ctx, pass{e, e.list, &cursor{}, nil})
	if err != nil {
		return nil, err
	}
	var found []schema.Field
	for _, row := range rows {
		at := row.at(e.extras)
		for i, name := range at.keys {
			known := slices.ContainsFunc(e.fields, func(f field) bool { return slices.Equal(f.path, append(slices.Clone(e.extras), name)) })
			twice := slices.ContainsFunc(found, func(f schema.Field) bool { return f.Name == name })
			if _, named := e.schema.Field(name); known || twice || named || at.items[i].sort == object || at.items[i].sort == list {
				continue
			}
			found = append(found, schema.Field{Name: name, Label: name, Kind: record.String, ReadOnly: true, Custom: true})
		}
	}
	return found, nil
}

// field returns a field of the manifest, or one of the extras.
func (e *entity) field(name string) (field, bool) {
	i := slices.IndexFunc(e.fields, func(f field) bool { return f.name == name })
	if i >= 0 {
		return e.fields[i], true
	}
	if e.Extras == "" {
		return field{}, false
	}
	return field{name: name, kind: record.String, path: append(slices.Clone(e.extras), name), put: path{name}}, true
}

// remote are the names by which the system knows fields, for {fields}.
func (e *entity) remote(names []string) []string {
	var out []string
	for _, name := range names {
		if f, ok := e.field(name); ok && len(f.path) > 0 {
			out = append(out, f.path[len(f.path)-1])
		}
	}
	return out
}

func (e *entity) describe() schema.Object {
	o := schema.Object{Name: e.name, Label: e.Label, As: record.Object(e.As), Keys: e.keys}
	if o.Label == "" {
		o.Label = e.name
	}
	if e.delta {
		o.Lag = e.Overlap
	}
	for _, f := range e.fields {
		own := schema.Field{
			Name: f.name, Label: f.Label, Kind: f.kind, Empty: f.Empty, RefersTo: f.RefersTo, MaxLen: f.MaxLength,
			ReadOnly: f.ReadOnly, Required: f.Required, Unique: f.Unique, Volatile: f.Volatile, Closed: f.Closed,
		}
		if own.Label == "" {
			own.Label = f.name
		}
		for _, word := range f.Options {
			own.Options = append(own.Options, schema.Option{Value: word, Label: word})
		}
		o.Fields = append(o.Fields, own)
	}
	o.Caps = e.capabilities()
	return o
}

func (e *entity) capabilities() schema.Capabilities {
	create, update, archive := e.writes[connectors.Create], e.writes[connectors.Update], e.writes[connectors.Archive]
	caps := schema.Capabilities{
		Changes: e.list != nil, Gone: e.gone != nil, Read: e.get != nil, Lookup: e.lookup != nil && len(e.keys) > 0,
		Create: create != nil, Update: update != nil, Archive: archive != nil, PageSize: e.PageSize,
	}
	if e.list != nil && e.list.paging.By == "page" && !e.list.paging.Stable {
		caps.PageSize *= 2 // with the page before, read again
	}
	if e.get != nil {
		caps.BatchRead = e.get.batch
	}
	for _, w := range e.writes {
		caps.BatchWrite = max(caps.BatchWrite, w.batch)
	}
	if update != nil {
		caps.Conditional = update.uses("version") || update.row != nil && update.row.uses("version")
		caps.Echo = update.answer.tells() && (create == nil || create.answer.tells())
	}
	return caps
}
