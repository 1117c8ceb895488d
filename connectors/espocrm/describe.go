package espocrm

import (
	"context"
	_ "embed" // the files beside it
	"net/url"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
	"github.com/tandem-sync/tandem/record/schema"
)

//go:embed about.md
var about string

//go:embed example.yaml
var example string

// Factory returns the connector's factory.
func Factory() connectors.Factory {
	return connectors.Factory{
		Type: "espocrm", Title: "EspoCRM", Role: "sales", About: about, Example: example,
		Config: defaults(), Catalog: standardCatalog, New: newConnector,
	}
}

// standardCatalog is what a new EspoCRM holds, without asking it.
func standardCatalog() schema.Catalog {
	cat, cfg := schema.Catalog{System: "espocrm"}, defaults()
	for _, k := range kinds() {
		cat.Objects = append(cat.Objects, cfg.object(k, standardDefs(k).fields(nil)))
	}
	return cat
}

const describeFor = 5 * time.Minute

// Describe asks for the definitions of all entity types in one call. What the
// user's role hides is not among them.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	c.mu.Lock()
	cached, asOf := c.catalog, c.asOf
	c.mu.Unlock()
	if !asOf.IsZero() && time.Since(asOf) < describeFor {
		return cached, nil
	}
	all := map[string]any{}
	_, err := c.do(ctx, httpapi.Request{Path: "/Metadata", Query: url.Values{"key": {"entityDefs"}}, Op: "describe", Into: &all})
	if err != nil {
		return schema.Catalog{}, err
	}
	if inner, whole := all["entityDefs"].(map[string]any); whole { // a version that does not know the parameter
		all = inner
	}
	cat := schema.Catalog{System: "espocrm"}
	for _, k := range kinds() {
		d, ok := all[k.name].(map[string]any)
		if !ok {
			cat.Missing = append(cat.Missing, schema.Gap{
				Object: k.name, What: "access to " + k.label + " in the role of the API user", Effect: k.label + " cannot be read",
			})
			continue
		}
		k.versioned = defs(d).flag("optimisticConcurrencyControl")
		cat.Objects = append(cat.Objects, c.cfg.object(k, defs(d).fields(all)))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catalog, c.asOf = cat, time.Now()
	return cat, nil
}

// object returns an object as last described; pages cost no call for it.
func (c *Connector) object(ctx context.Context, name string) (schema.Object, error) {
	if _, known := kindOf(name); !known {
		return schema.Object{}, c.unsupported(name, "use")
	}
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
		return o, &fault.Error{
			Class: fault.Permission, Scope: fault.ScopeObject, System: c.name, Object: name, Op: "describe",
			Next: "give the API user's role access to it in EspoCRM: Administration, Roles",
		}
	}
	return o, nil
}
