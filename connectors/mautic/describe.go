package mautic

import (
	"context"
	_ "embed" // the files beside it
	"net/url"
	"slices"
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
		Type: "mautic", Title: "Mautic", Role: "marketing", About: about, Example: example,
		Config: defaults(), Catalog: standardCatalog, New: newConnector,
	}
}

// standardCatalog is what a new Mautic holds, without asking it.
func standardCatalog() schema.Catalog {
	cat, cfg := schema.Catalog{System: "mautic"}, defaults()
	for _, k := range kinds() {
		cat.Objects = append(cat.Objects, cfg.object(k, k.standardFields()))
	}
	for _, l := range listings() {
		cat.Objects = append(cat.Objects, l.schema())
	}
	for _, t := range tables() {
		cat.Objects = append(cat.Objects, t.schema(cfg))
	}
	return cat
}

const describeFor = 5 * time.Minute

// Describe asks for the fields of contacts and companies, for the stages, for
// the tables of statistics, and tries each list once.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	c.mu.Lock()
	cached, asOf := c.catalog, c.asOf
	c.mu.Unlock()
	if !asOf.IsZero() && time.Since(asOf) < describeFor {
		return cached, nil
	}
	cat := schema.Catalog{System: "mautic"}
	for _, k := range kinds() {
		o, err := c.describe(ctx, k)
		if err != nil {
			return cat, err
		}
		cat.Objects = append(cat.Objects, o)
	}
	for _, l := range listings() {
		_, _, err := c.entries(ctx, l.object, &cursor{})
		if fault.Is(err, fault.Permission) {
			cat.Missing = append(cat.Missing, schema.Gap{Object: l.object, What: fault.As(err).Next, Effect: l.label + " cannot be read"})
			continue
		}
		if err != nil {
			return cat, err
		}
		cat.Objects = append(cat.Objects, l.schema())
	}
	if err := c.describeTables(ctx, &cat); err != nil {
		return cat, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catalog, c.asOf = cat, time.Now()
	return cat, nil
}

// object returns a kind as last described; pages cost no call for it.
func (c *Connector) object(ctx context.Context, k kind) (schema.Object, error) {
	c.mu.Lock()
	o, ok := c.catalog.Object(k.name)
	c.mu.Unlock()
	if ok {
		return o, nil
	}
	cat, err := c.Describe(ctx)
	o, _ = cat.Object(k.name)
	return o, err
}

func (c *Connector) describe(ctx context.Context, k kind) (schema.Object, error) {
	var answer struct {
		Fields bag[property] `json:"fields"`
	}
	if _, err := c.get(ctx, k.name, "/fields/"+k.one, url.Values{"limit": {"1000"}}, &answer); err != nil {
		return schema.Object{}, err
	}
	var fields []schema.Field
	for _, p := range answer.Fields.items {
		if p.Published == nil || *p.Published {
			fields = append(fields, p.field())
		}
	}
	o := c.cfg.object(k, fields)
	if k.name == contacts {
		return o, c.describeStages(ctx, o.Fields)
	}
	return o, nil
}

// describeStages names the stages; without the permission they are numbers.
func (c *Connector) describeStages(ctx context.Context, fields []schema.Field) error {
	list, _, err := c.entries(ctx, "stages", &cursor{})
	if fault.Is(err, fault.Permission) {
		return nil
	}
	i := slices.IndexFunc(fields, func(f schema.Field) bool { return f.Name == "stage" })
	for _, e := range list {
		fields[i].Options = append(fields[i].Options, schema.Option{Value: e.ID.s, Label: e.Name})
	}
	return err
}

// describeTables adds the objects whose tables this Mautic has.
func (c *Connector) describeTables(ctx context.Context, cat *schema.Catalog) error {
	var answer struct {
		Tables bag[string] `json:"availableTables"`
	}
	_, err := c.get(ctx, "statistics", "/stats", nil, &answer)
	if err != nil && !fault.Is(err, fault.Permission) {
		return err
	}
	for _, t := range tables() {
		if slices.Contains(answer.Tables.items, t.name) {
			cat.Objects = append(cat.Objects, t.schema(c.cfg))
			continue
		}
		cat.Missing = append(cat.Missing, schema.Gap{Object: t.object, What: "the statistics table " + t.name, Effect: t.label + " cannot be read"})
	}
	return nil
}
