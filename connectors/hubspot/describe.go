package hubspot

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record/schema"
)

const (
	describeFor = 5 * time.Minute
	binDays     = 90 * 24 * time.Hour // how long HubSpot keeps what was deleted
)

// Describe asks for the properties of every CRM object, for the pipelines, and
// tries each further source once.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	c.mu.Lock()
	cached, asOf := c.catalog, c.asOf
	c.mu.Unlock()
	if !asOf.IsZero() && time.Since(asOf) < describeFor {
		return cached, nil
	}
	cat, err := c.describeCRM(ctx)
	if err != nil {
		return schema.Catalog{}, err
	}
	for _, o := range c.derivedObjects() {
		base, needs := baseOf(o.Name)
		if _, ok := cat.Object(base); ok || !needs {
			cat.Objects = append(cat.Objects, o)
		}
	}
	gaps, err := c.probe(ctx)
	if err != nil {
		return schema.Catalog{}, err
	}
	cat.Missing = append(cat.Missing, gaps...)
	for _, g := range gaps {
		cat.Objects = slices.DeleteFunc(cat.Objects, func(o schema.Object) bool { return o.Name == g.Object })
	}
	c.mu.Lock()
	c.catalog, c.asOf = cat, time.Now()
	c.mu.Unlock()
	return cat, nil
}

// describeCRM describes the CRM objects that may be read.
func (c *Connector) describeCRM(ctx context.Context) (schema.Catalog, error) {
	cat := schema.Catalog{System: "hubspot"}
	for _, k := range kinds() {
		o, err := c.describe(ctx, k)
		if fault.Is(err, fault.Permission) {
			cat.Missing = append(cat.Missing, schema.Gap{Object: k.name, What: fault.As(err).Next, Effect: k.name + " cannot be read"})
			continue
		}
		if err != nil {
			return schema.Catalog{}, err
		}
		cat.Objects = append(cat.Objects, o)
		if !slices.Contains(o.Keys, c.cfg.Key) && k.name != "emails" {
			cat.Missing = append(cat.Missing, schema.Gap{
				Object: k.name, What: "a property " + c.cfg.Key + " with unique values (check --create-fields makes it)",
				Effect: "records made there by Tandem are not known again after a lost reply",
			})
		}
	}
	return cat, nil
}

// describe reads one CRM object's properties.
func (c *Connector) describe(ctx context.Context, k kind) (schema.Object, error) {
	var answer struct {
		Results []property `json:"results"`
	}
	path := c.path.crm("properties", "/"+k.name)
	if _, err := c.get(ctx, call{op: "read properties", object: k.name}, path, &answer); err != nil {
		return schema.Object{}, err
	}
	fields := make([]schema.Field, 0, len(answer.Results)+4)
	for _, p := range answer.Results {
		fields = append(fields, p.field(k.name))
	}
	if k.name == "deals" {
		if err := c.pipelines(ctx, fields); err != nil {
			return schema.Object{}, err
		}
	}
	o := c.cfg.object(k, fields)
	c.mu.Lock()
	c.schemas[k.name] = o
	c.mu.Unlock()
	return o, nil
}

// fieldsOf returns an object as last described; it asks at most once, and again
// only by Describe, so that pages cost no call of their own.
func (c *Connector) fieldsOf(ctx context.Context, k kind) (schema.Object, error) {
	c.mu.Lock()
	o, ok := c.schemas[k.name]
	c.mu.Unlock()
	if ok {
		return o, nil
	}
	return c.describe(ctx, k)
}

// pipelines fills in the options of pipeline and dealstage. Stages of several
// pipelines can have the same name, so their labels name the pipeline too.
func (c *Connector) pipelines(ctx context.Context, fields []schema.Field) error {
	var answer struct {
		Results []struct {
			ID       string `json:"id"`
			Label    string `json:"label"`
			Archived bool   `json:"archived"`
			Stages   []struct {
				ID       string `json:"id"`
				Label    string `json:"label"`
				Archived bool   `json:"archived"`
			} `json:"stages"`
		} `json:"results"`
	}
	if _, err := c.get(ctx, call{op: "read pipelines", object: "deals"}, c.path.crm("pipelines", "/deals"), &answer); err != nil {
		return err
	}
	var lines, stages []schema.Option
	for _, p := range answer.Results {
		lines = append(lines, schema.Option{Value: p.ID, Label: p.Label, Gone: p.Archived})
		for _, s := range p.Stages {
			stages = append(stages, schema.Option{Value: s.ID, Label: p.Label + " / " + s.Label, Gone: p.Archived || s.Archived})
		}
	}
	for i := range fields {
		switch fields[i].Name {
		case "pipeline":
			fields[i].Options, fields[i].Closed = lines, true
		case "dealstage":
			fields[i].Options, fields[i].Closed = stages, true
		}
	}
	return nil
}

// source is something beside the CRM that a tier or scope may lack.
type source struct {
	object, path, effect string
	body                 any
}

func (c *Connector) sources() []source {
	one := "?" + url.Values{"limit": {"1"}}.Encode()
	return []source{
		{"campaigns", c.path.marketing("campaigns", one), "campaigns and their members stay empty", nil},
		{"list_members", c.path.crm("lists", "/search"), "list membership stays empty", listSearch{Count: 1}},
		{"form_submissions", c.path.marketing("forms", one), "form submissions stay empty", nil},
		{"email_events", emailEvents + one, "opens, clicks and bounces of marketing e-mail stay empty", nil},
		{"events", c.path.events("/event-types"), "event occurrences stay empty", nil},
		{"owners", c.path.crm("owners", one), "owners cannot be mapped", nil},
		{"emails", c.path.object("emails", one), "e-mails to and from people stay empty", nil},
		{"contacts." + optOutField, c.path.consent("/definitions"), "opt-outs cannot be written", nil},
	}
}

// probe asks each source for one row and notes what is refused.
func (c *Connector) probe(ctx context.Context) ([]schema.Gap, error) {
	var gaps []schema.Gap
	for _, s := range c.sources() {
		if slices.Contains(defaults().Sources, s.object) && !c.reads(s.object) {
			continue
		}
		err := c.try(ctx, s)
		if err == nil {
			continue
		}
		if class := fault.ClassOf(err); class != fault.Permission && class != fault.Missing {
			return nil, err
		}
		gap := schema.Gap{Object: s.object, What: fault.As(err).Next, Effect: s.effect}
		gaps = append(gaps, gap)
		if s.object == "campaigns" {
			gap.Object = "campaign_members"
			gaps = append(gaps, gap)
		}
	}
	return gaps, nil
}

func (c *Connector) try(ctx context.Context, s source) error {
	what := call{op: "try " + s.object, object: s.object, body: s.body, repeat: true}
	var err error
	if s.body == nil {
		_, err = c.get(ctx, what, s.path, nil)
	} else {
		_, err = c.post(ctx, what, s.path, nil)
	}
	return err
}

// reads tells whether a further source is to be read.
func (c *Connector) reads(source string) bool {
	return c.cfg.offers(source) && (source != "events" || len(c.cfg.Events) > 0)
}
