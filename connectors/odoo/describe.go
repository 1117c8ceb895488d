package odoo

import (
	"context"
	_ "embed" // the files beside it
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record/schema"
)

//go:embed about.md
var about string

//go:embed example.yaml
var example string

// Factory returns the connector's factory.
func Factory() connectors.Factory {
	return connectors.Factory{
		Type: "odoo", Title: "Odoo", Role: "both", About: about, Example: example,
		Config: defaults(), Catalog: standardCatalog, New: newConnector,
	}
}

// standardCatalog is what a new Odoo with CRM and Email Marketing holds.
func standardCatalog() schema.Catalog {
	cat, cfg := schema.Catalog{System: "odoo"}, defaults()
	for _, k := range kinds() {
		cat.Objects = append(cat.Objects, cfg.object(k, k.standardFields(), lists{}))
	}
	cat.Objects = append(cat.Objects, cfg.traces(), noteObject())
	return cat
}

const describeFor = 5 * time.Minute

// lists are small models that are known by heart.
type lists struct {
	codes  map[int64]string // of countries
	ids    map[string]int64 // of countries by their codes
	stages []row
	html   map[string]bool // fields of formatted text, as model.field
}

func (l lists) stageOptions() []schema.Option {
	var options []schema.Option
	for _, s := range l.stages {
		options = append(options, schema.Option{Value: itoa(s.id()), Label: s.text("name")})
	}
	return options
}

// final tells whether a stage is one of those where a sale is won.
func (l lists) final(stage int64) bool {
	for _, s := range l.stages {
		if s.id() == stage {
			return s.yes("is_won")
		}
	}
	return true // a new one: then the probability alone tells
}

// Describe asks for the fields of each model. One that is not there, or that
// the user may not see, is a gap.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	c.mu.Lock()
	cached, asOf := c.catalog, c.asOf
	c.mu.Unlock()
	if !asOf.IsZero() && time.Since(asOf) < describeFor {
		return cached, nil
	}
	cat := schema.Catalog{System: "odoo"}
	l, err := c.readLists(ctx)
	if err != nil {
		return cat, err
	}
	if err := c.describeAll(ctx, &cat, l); err != nil {
		return cat, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catalog, c.lists, c.asOf = cat, l, time.Now()
	return cat, nil
}

func (c *Connector) describeAll(ctx context.Context, cat *schema.Catalog, l lists) error {
	described := map[string]map[string]property{}
	for _, model := range models() {
		fields, err := c.describe(ctx, model, cat)
		if err != nil {
			return err
		}
		described[model] = fields
		for name, p := range fields {
			l.html[model+"."+name] = p.Type == "html"
		}
	}
	for _, k := range kinds() {
		if len(described[k.of()]) == 0 {
			continue
		}
		o := c.cfg.object(k, described[k.of()], l)
		cat.Objects = append(cat.Objects, o)
		if k.writable && !o.Caps.Update {
			cat.Missing = append(cat.Missing, schema.Gap{Object: k.name, What: "the right to write " + k.of(), Effect: k.label + " are read only"})
		}
	}
	if len(described[traces]) > 0 {
		cat.Objects = append(cat.Objects, c.cfg.traces())
	}
	cat.Objects = append(cat.Objects, noteObject())
	return nil
}

// models are all that objects are made of, each once.
func models() []string {
	list := []string{traces}
	for _, k := range kinds() {
		if !slices.Contains(list, k.of()) {
			list = append(list, k.of())
		}
	}
	return list
}

// describe returns the fields of a model; none, and a gap, if it is not there.
func (c *Connector) describe(ctx context.Context, model string, cat *schema.Catalog) (map[string]property, error) {
	fields := map[string]property{}
	_, err := c.do(ctx, call{
		model: model, method: "fields_get", args: map[string]any{"attributes": attributes()}, op: "describe " + model, object: model, again: true,
	}, &fields)
	gap := schema.Gap{Object: model, Effect: "it can be neither read nor written"}
	switch {
	case fault.Is(err, fault.Missing), fault.Is(err, fault.Invalid): // the latter before JSON-2
		gap.What = "the app of Odoo that it belongs to"
	case fault.Is(err, fault.Permission):
		gap.What = "the right to read " + model
	default:
		return fields, err
	}
	cat.Missing = append(cat.Missing, gap)
	return fields, nil
}

// readLists reads countries and stages; an Odoo without CRM has none of these.
func (c *Connector) readLists(ctx context.Context) (lists, error) {
	l := lists{codes: map[int64]string{}, ids: map[string]int64{}, html: map[string]bool{}}
	rows, err := c.search(ctx, countries, query{fields: []string{"code"}, order: "id asc"})
	if err != nil {
		return l, err
	}
	for _, r := range rows {
		if code := strings.ToUpper(r.text("code")); code != "" {
			l.codes[r.id()], l.ids[code] = code, r.id()
		}
	}
	l.stages, err = c.search(ctx, "crm.stage", query{fields: []string{"name", "is_won"}, order: "sequence asc, id asc"})
	switch fault.ClassOf(err) {
	case fault.Missing, fault.Invalid, fault.Permission:
		err = nil
	default:
	}
	return l, err
}

// object returns an object as last described; pages cost no call for it.
func (c *Connector) object(ctx context.Context, name string) (schema.Object, lists, error) {
	c.mu.Lock()
	o, ok := c.catalog.Object(name)
	l := c.lists
	c.mu.Unlock()
	if ok {
		return o, l, nil
	}
	if _, err := c.Describe(ctx); err != nil {
		return o, l, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if o, ok = c.catalog.Object(name); !ok {
		return o, l, c.unsupported(name, "read")
	}
	return o, c.lists, nil
}
