package config

import (
	"slices"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Identity lists, for each canonical object, the fields that propose that two
// records are the same, strongest first.
type Identity struct {
	Person   []string `yaml:"person" doc:"For people."`
	Company  []string `yaml:"company" doc:"For companies."`
	Deal     []string `yaml:"deal" doc:"For deals."`
	Campaign []string `yaml:"campaign" doc:"For campaigns."`
	Activity []string `yaml:"activity" doc:"For activities."`
	Owner    []string `yaml:"owner" doc:"For owners."`
	Pairs    []Pairs  `yaml:"pairs" doc:"Files that tell which records another synchronisation paired. They count before any match by fields."`
}

func defaultIdentity() Identity {
	return Identity{Person: []string{"email", "other_emails"}, Company: []string{"domain"}, Campaign: []string{"name"}, Owner: []string{"email"}}
}

func (i Identity) of(as record.Object) []string {
	switch as {
	case record.Person:
		return i.Person
	case record.Company:
		return i.Company
	case record.Deal:
		return i.Deal
	case record.Campaign:
		return i.Campaign
	case record.Activity:
		return i.Activity
	case record.Owner:
		return i.Owner
	case record.Touch, record.Relation, record.Change:
	}
	return nil
}

// Match returns the fields that propose identity, by canonical object: as
// tandem.yaml says; else those that the connectors' objects name, in the order
// of the connectors; else the defaults.
func (c *Config) Match() map[record.Object][]string {
	written, _ := c.Node.Get("identity")
	out := map[record.Object][]string{}
	for _, as := range record.Objects() {
		fields := c.Identity.of(as)
		if named := c.named(as); !written.Has(string(as)) && len(named) > 0 {
			fields = named
		}
		if len(fields) > 0 {
			out[as] = fields
		}
	}
	return out
}

// named lists the match fields of the objects that are mapped as this one.
func (c *Config) named(as record.Object) []string {
	var out []string
	for _, k := range c.Enabled() {
		for _, o := range k.Objects {
			if o.As != as {
				continue
			}
			for _, f := range o.Match {
				if !slices.Contains(out, f) {
					out = append(out, f)
				}
			}
		}
	}
	return out
}

// identity checks the fields by which records are matched.
func (l *loader) identity(catalog schema.Catalog) {
	written, _ := l.cfg.Node.Get("identity")
	for _, as := range record.Objects() {
		if list, ok := written.Get(string(as)); ok {
			l.matchFields(list, as, catalog)
		}
	}
	for _, k := range l.cfg.Connectors {
		for _, o := range k.Objects {
			list, _ := o.Node.Get("match")
			l.matchFields(list, o.As, catalog)
			if object, _ := catalog.Object(string(o.As)); written.Has(string(o.As)) {
				l.agree(list, object)
			}
		}
	}
}

// agree checks that an object matches by nothing that tandem.yaml leaves out.
func (l *loader) agree(list diag.Node, object schema.Object) {
	for _, item := range list.Items() {
		_, known := object.Field(item.String())
		if known && !slices.Contains(l.cfg.Identity.of(object.As), item.String()) {
			l.problems.Add(item.Errorf("tandem.yaml sets identity.%s without %q", object.As, item.String()).
				WithHint("add it to identity.%s in tandem.yaml, which has the last word, or remove it here", object.As))
		}
	}
}

func (l *loader) matchFields(list diag.Node, as record.Object, catalog schema.Catalog) {
	object, ok := catalog.Object(string(as))
	if !ok {
		return
	}
	for _, item := range list.Items() {
		f, known := l.knownField(item, item.String(), object)
		if known && !matchable(f.Kind) {
			l.problems.Add(item.Errorf("a field of kind %s cannot tell who a record is", f.Kind).
				WithHint("match by an e-mail address, phone number, URL, or a text such as an id"))
		}
	}
}

// place is a node or a key: something a message can point to.
type place interface {
	Errorf(format string, args ...any) diag.Diagnostic
}

func (l *loader) knownField(at place, name string, object schema.Object) (schema.Field, bool) {
	f, ok := object.Field(name)
	if !ok {
		l.problems.Add(at.Errorf("%s has no field %q", object.Name, name).
			WithHint("%s", nearestOr(name, object.FieldNames(), "declare it under fields in tandem.yaml")))
	}
	return f, ok
}

func matchable(k record.Kind) bool {
	switch k {
	case record.Email, record.Phone, record.URL, record.String, record.Set, record.Integer:
		return true
	default:
		return false
	}
}
