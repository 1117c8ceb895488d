package listmonk

import (
	"context"
	_ "embed" // the files beside it
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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
		Type: "listmonk", Title: "listmonk", Role: "marketing", About: about, Example: example,
		Config: defaults(), Catalog: standardCatalog, New: newConnector,
	}
}

const (
	subscribers   = "subscribers"
	subscriptions = "subscriptions"
	lists         = "lists"
	campaigns     = "campaigns"
	activities    = "activities"
	bounces       = "bounces"

	optOutField = "email_opt_out"
	listPrefix  = "list_"

	batchRead = 200
	// batchWrite rows are read by one call and written one by one. More would
	// leave more time between the two for others to write.
	batchWrite = 20
	// longestName is what early versions take, in bytes.
	longestName = 200

	describeFor = 5 * time.Minute
)

// standardCatalog is what a new listmonk of the newest version holds.
func standardCatalog() schema.Catalog {
	cfg := defaults()
	return schema.Catalog{System: "listmonk", Objects: []schema.Object{
		cfg.subscribers(nil), cfg.subscriptions(), listing(lists), listing(campaigns), cfg.activities(), cfg.bounces(),
	}}
}

// Describe asks for the lists, and whether this version tells of bounces and of
// what single subscribers did.
func (c *Connector) Describe(ctx context.Context) (schema.Catalog, error) {
	c.mu.Lock()
	cached, asOf := c.catalog, c.asOf
	c.mu.Unlock()
	if !asOf.IsZero() && time.Since(asOf) < describeFor {
		return cached, nil
	}
	known, _, err := c.allLists(ctx)
	if err != nil {
		return schema.Catalog{}, err
	}
	cat := schema.Catalog{System: "listmonk", Objects: []schema.Object{
		c.cfg.subscribers(known), c.cfg.subscriptions(), listing(lists), listing(campaigns),
	}}
	early, err := c.probe(ctx, &cat, c.cfg.activities(), "/subscribers/1/activity", nil)
	if err != nil {
		return cat, err
	}
	if early { // told all the same, in another way
		cat.Objects = append(cat.Objects, c.cfg.activities())
	}
	lacks, err := c.probe(ctx, &cat, c.cfg.bounces(), "/bounces", url.Values{"per_page": {"1"}})
	if err != nil {
		return cat, err
	}
	if lacks {
		cat.Missing = append(cat.Missing, schema.Gap{Object: bounces, What: "a version of listmonk that keeps bounces", Effect: "Bounces cannot be read"})
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.catalog, c.asOf, c.early = cat, time.Now(), early
	return cat, nil
}

// probe adds an object if this version has what it is read from, and the right
// to it is given. It tells whether the version lacks it.
func (c *Connector) probe(ctx context.Context, cat *schema.Catalog, o schema.Object, path string, query url.Values) (lacks bool, err error) {
	res, err := c.get(ctx, o.Name, path, query, nil)
	switch {
	case err == nil, fault.Is(err, fault.Missing) && res != nil && res.Status == http.StatusBadRequest: // of nobody, but it is there
		cat.Objects = append(cat.Objects, o)
	case fault.Is(err, fault.Missing):
		return true, nil
	case fault.Is(err, fault.Permission):
		cat.Missing = append(cat.Missing, schema.Gap{Object: o.Name, What: fault.As(err).Next, Effect: o.Label + " cannot be read"})
	default:
		return false, err
	}
	return false, nil
}

func (c *Connector) isEarly() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.early
}

// object returns the object as last described; pages cost no call for it.
func (c *Connector) object(ctx context.Context, name string) (schema.Object, error) {
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
		return o, c.unsupported(name, "read changes")
	}
	return o, nil
}

func (c Config) subscribers(known []listed) schema.Object {
	o := schema.Object{
		Name: subscribers, Label: "Subscribers", As: record.Person, Keys: []string{"email"}, Lag: c.Overlap,
		Caps: schema.Capabilities{
			Changes: true, Read: true, Lookup: true, Create: true, Update: true, Archive: true, Echo: true,
			BatchRead: batchRead, BatchWrite: batchWrite, PageSize: c.PageSize,
		},
		Fields: []schema.Field{
			{Name: "email", Label: "E-mail address", Kind: record.Email, Required: true, Unique: true},
			{Name: "name", Label: "Name", Kind: record.String, MaxLen: longestName},
			{Name: optOutField, Label: "Opted out: blocklisted, or unsubscribed from all lists that count", Kind: record.Boolean},
			{Name: "status", Label: "Status", Kind: record.Enum, ReadOnly: true, Options: options("enabled", "disabled", blocklisted)},
			{Name: "lists", Label: "Names of the lists subscribed to", Kind: record.Set, ReadOnly: true},
			{Name: "uuid", Label: "UUID, as in links", Kind: record.String, ReadOnly: true, Unique: true},
			{Name: "created_at", Label: "Created", Kind: record.Instant, ReadOnly: true},
			{Name: "updated_at", Label: "Updated", Kind: record.Instant, ReadOnly: true},
		},
	}
	for _, l := range known {
		o.Fields = append(o.Fields, schema.Field{
			Name: listPrefix + strconv.FormatInt(l.ID, 10), Label: "Subscription to " + l.Name, Kind: record.Enum, ReadOnly: true,
			Options: subscriptionStates(), Custom: true,
		})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Attribs)) {
		kind, _ := record.ParseKind(c.Attribs[name]) // checked with the configuration
		o.Fields = append(o.Fields, schema.Field{Name: attribPrefix + name, Label: name, Kind: kind, Custom: true, Empty: []string{""}})
	}
	return o
}

func options(values ...string) []schema.Option {
	var list []schema.Option
	for _, v := range values {
		list = append(list, schema.Option{Value: v, Label: v})
	}
	return list
}

func subscriptionStates() []schema.Option { return options("unconfirmed", "confirmed", unsubscribed) }

func (c Config) subscriptions() schema.Object {
	return schema.Object{
		Name: subscriptions, Label: "Subscriptions", As: record.Relation, Lag: c.Overlap, Caps: schema.Capabilities{Changes: true},
		Fields: []schema.Field{
			reference("person", "Subscriber", subscribers), reference("campaign", "List", lists),
			{Name: "kind", Label: "Kind", Kind: record.String, ReadOnly: true},
			{Name: "status", Label: "Status", Kind: record.Enum, ReadOnly: true, Options: subscriptionStates()},
			{Name: "at", Label: "Since when; not told by early versions", Kind: record.Instant, ReadOnly: true},
		},
	}
}

func (c Config) activities() schema.Object {
	return schema.Object{
		Name: activities, Label: "Views and clicks", As: record.Touch, Lag: c.Overlap, Caps: schema.Capabilities{Changes: true},
		Fields: []schema.Field{
			reference("person", "Subscriber", subscribers), reference("campaign", "Campaign", campaigns),
			{Name: "kind", Label: "Kind", Kind: record.Enum, ReadOnly: true, Options: options("open", "click")},
			{Name: "at", Label: "When last; before version 6 to the pass that saw it", Kind: record.Instant, ReadOnly: true},
			{Name: "subject", Label: "Name of the campaign", Kind: record.String, ReadOnly: true},
			{Name: "count", Label: "How often; from version 6", Kind: record.Integer, ReadOnly: true},
			{Name: "page", Label: "Page clicked, without its query; from version 6", Kind: record.String, ReadOnly: true},
		},
	}
}

func (c Config) bounces() schema.Object {
	return schema.Object{
		Name: bounces, Label: "Bounces", As: record.Touch, Lag: c.Overlap, Caps: schema.Capabilities{Changes: true},
		Fields: []schema.Field{
			reference("person", "Subscriber", subscribers), reference("campaign", "Campaign", campaigns),
			{Name: "kind", Label: "Kind", Kind: record.String, ReadOnly: true},
			{Name: "status", Label: "Type", Kind: record.Enum, ReadOnly: true, Options: options("hard", "soft", "complaint")},
			{Name: "at", Label: "When", Kind: record.Instant, ReadOnly: true},
			{Name: "source", Label: "Who told", Kind: record.String, ReadOnly: true},
		},
	}
}

func reference(name, label, to string) schema.Field {
	return schema.Field{Name: name, Label: label, Kind: record.Reference, RefersTo: to, ReadOnly: true}
}
