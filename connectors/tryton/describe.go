package tryton

import (
	"context"
	_ "embed" // the files beside it
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

//go:embed about.md
var about string

//go:embed example.yaml
var example string

// Factory returns the connector's factory.
func Factory() connectors.Factory {
	return connectors.Factory{
		Type: "tryton", Title: "Tryton", Role: "sales", About: about, Example: example,
		Config: defaults(), Catalog: standardCatalog, New: newConnector,
	}
}

const (
	// batch is how many records a call reads or writes. It is one transaction
	// over there: more would keep others waiting.
	batch       = 200
	describeFor = 5 * time.Minute
)

// order of the objects.
func objectNames() []string {
	return []string{parties, opportunities, notes, listMembers, activities}
}

func standardCatalog() schema.Catalog {
	c := &Connector{cfg: defaults()}
	c.cfg.OptOut = "the category of the configuration"
	return c.describe(nil)
}

func (c *Connector) describe(missing map[string]bool) schema.Catalog {
	cat := schema.Catalog{System: "tryton"}
	tables := c.tables()
	for _, name := range objectNames() {
		switch {
		case missing[name]:
			cat.Missing = append(cat.Missing, schema.Gap{
				Object: name, What: "the module that has " + name + ", or the right to read it", Effect: tables[name].object.Label + " cannot be read",
			})
		case name == parties:
			cat.Objects = append(cat.Objects, c.party())
		default:
			cat.Objects = append(cat.Objects, tables[name].object)
		}
	}
	return cat
}

func (c *Connector) party() schema.Object {
	o := schema.Object{
		Name: parties, Label: "Parties", As: record.Person, Keys: []string{"email", "code"}, Lag: c.cfg.Overlap,
		Caps: schema.Capabilities{
			Changes: true, Read: true, Lookup: true, Create: true, Update: true, Archive: true, Conditional: true,
			BatchRead: batch, BatchWrite: batch, PageSize: c.cfg.PageSize,
		},
		Fields: []schema.Field{
			{Name: "name", Label: "Name", Kind: record.String},
			{Name: "code", Label: "Code", Kind: record.String, ReadOnly: true, Unique: true},
			{Name: "email", Label: "First e-mail address", Kind: record.Email},
			{Name: "phone", Label: "First phone number", Kind: record.Phone},
			{Name: "mobile", Label: "First mobile number", Kind: record.Phone},
			{Name: "website", Label: "First website", Kind: record.String},
			{Name: "street", Label: "First address: street", Kind: record.String},
			{Name: "postal_code", Label: "First address: postal code", Kind: record.String},
			{Name: "city", Label: "First address: city", Kind: record.String},
			{Name: "categories", Label: "Categories", Kind: record.Set, ReadOnly: true},
			{Name: leadField, Label: "State of the newest lead or opportunity; only lead can be written, where there is none", Kind: record.Enum, Options: states(), Closed: true},
			{Name: "created_at", Label: "Created", Kind: record.Instant, ReadOnly: true},
		},
	}
	if c.cfg.OptOut != "" {
		o.Fields = append(o.Fields, schema.Field{Name: optOutField, Label: "Opted out: has the category of the configuration", Kind: record.Boolean})
	}
	return o
}

// Describe asks which of the models are there and may be read.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	c.mu.Lock()
	cached, asOf := c.catalog, c.asOf
	c.mu.Unlock()
	if !asOf.IsZero() && time.Since(asOf) < describeFor {
		return cached, nil
	}
	missing := map[string]bool{}
	for _, name := range objectNames() {
		m := method{object: name, name: "search_count", op: "count " + name, harmless: true}
		_, err := c.call(ctx, m, nil, nil, []any{[]any{"id", "=", 0}})
		switch {
		case err == nil:
		case fault.Is(err, fault.Permission), fault.Is(err, fault.Invalid): // Python names a model that it does not have
			missing[name] = true
		default:
			return schema.Catalog{}, err
		}
	}
	cat := c.describe(missing)
	category, err := c.optOutCategory(ctx)
	if err != nil {
		return cat, err
	}
	if c.cfg.OptOut != "" && category == 0 {
		cat.Missing = append(cat.Missing, schema.Gap{
			Object: parties, What: "the party category that opt_out_category names", Effect: "nobody is known to have opted out, and no opt-out can be written",
		})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catalog, c.asOf, c.category = cat, time.Now(), category
	return cat, nil
}

func (c *Connector) optOutCategory(ctx context.Context) (int64, error) {
	if c.cfg.OptOut == "" {
		return 0, nil
	}
	var found []any
	m := method{object: "party.category", name: "search", op: "look up the opt-out category", harmless: true}
	if _, err := c.call(ctx, m, nil, &found, []any{[]any{"name", "=", c.cfg.OptOut}}, 0, 1, nil); err != nil || len(found) == 0 {
		return 0, err
	}
	return integer(found[0]), nil
}

// ready makes sure that the account has been described, and returns the object.
func (c *Connector) ready(ctx context.Context, name string) (schema.Object, error) {
	c.mu.Lock()
	o, ok := c.catalog.Object(name)
	c.mu.Unlock()
	if ok {
		return o, nil
	}
	cat, err := c.Describe(ctx)
	if err != nil {
		return o, err
	}
	if o, ok = cat.Object(name); !ok {
		return o, c.unsupported(name, "read or write")
	}
	return o, nil
}
