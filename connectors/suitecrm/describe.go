package suitecrm

import (
	"context"
	_ "embed" // the files beside it
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
		Type: "suitecrm", Title: "SuiteCRM", Role: "sales", About: about, Example: example,
		Config: defaults(), Catalog: standardCatalog, New: newConnector,
	}
}

// standardCatalog is what a new SuiteCRM holds, without asking it.
func standardCatalog() schema.Catalog {
	cat, cfg := schema.Catalog{System: "suitecrm"}, defaults()
	for _, k := range kinds() {
		cat.Objects = append(cat.Objects, cfg.object(k, fieldsOf(standardDefs(k))))
	}
	return cat
}

const describeFor = 5 * time.Minute

// Describe asks for the fields of each module.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	c.mu.Lock()
	cached, asOf := c.catalog, c.asOf
	c.mu.Unlock()
	if !asOf.IsZero() && time.Since(asOf) < describeFor {
		return cached, nil
	}
	cat := schema.Catalog{System: "suitecrm"}
	for _, k := range kinds() {
		var answer struct {
			Data struct {
				Attributes map[string]def `json:"attributes"`
			} `json:"data"`
		}
		_, err := c.get(ctx, k.name, "/meta/fields/"+k.name, nil, &answer)
		if fault.Is(err, fault.Permission) {
			cat.Missing = append(cat.Missing, schema.Gap{
				Object: k.name, What: "access to " + k.label + " in the role of the API's user", Effect: k.label + " cannot be read",
			})
			continue
		}
		if err != nil {
			return cat, err
		}
		cat.Objects = append(cat.Objects, c.cfg.object(k, fieldsOf(answer.Data.Attributes)))
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
			Next: "give the role of the API's user access to it in SuiteCRM: Admin, Role Management",
		}
	}
	return o, nil
}
