package config

import (
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// policies checks what is written under policies against the model and the
// connectors.
func (l *loader) policies(catalog schema.Catalog) {
	written, _ := l.cfg.Node.Get("policies")
	l.objectKeys(written)
	for _, key := range written.Keys() {
		object, ok := catalog.Object(key.Name)
		if !ok {
			continue
		}
		fields, _ := written.Get(key.Name)
		set := l.cfg.Policies[record.Object(key.Name)]
		for _, field := range fields.Keys() {
			if field.Name == defaultKey {
				l.defaultPolicy(set.Default)
				continue
			}
			if f, known := l.knownField(field, field.Name, object); known {
				l.policy(object, f, set.Fields[field.Name])
			}
		}
	}
}

// particulars says which rules a key belongs to.
func particulars(key string) []string {
	switch key {
	case "owners":
		return []string{RuleOwner}
	case "order", "back":
		return []string{RuleRatchet}
	case "keep":
		return []string{RuleUnion}
	case "others":
		return []string{RuleOwner, RuleRatchet, RuleMax}
	default:
		return nil // for every rule
	}
}

func (l *loader) defaultPolicy(p Policy) {
	l.particulars(p)
	switch p.Rule {
	case RuleMax, RuleRatchet, RuleUnion, RuleConsent:
		l.problems.Add(p.Node.At("rule").Errorf("the rule %s does not fit every kind of field, so it cannot be the default", p.Rule).
			WithHint("set it on the fields it is meant for"))
	}
}

func (l *loader) policy(object schema.Object, f schema.Field, p Policy) {
	l.particulars(p)
	at := p.Node.At("rule")
	if want := optOut(object, f.Name); want && p.Rule != RuleConsent {
		l.problems.Add(at.Errorf("%s is always decided by consent: an opt-out wins everywhere and stays", f.Name).
			WithHint("remove this line"))
		return
	}
	if kinds := kindsFor(p.Rule); kinds != nil && !slices.Contains(kinds, f.Kind) {
		l.problems.Add(at.Errorf("the rule %s does not fit %s, which is of kind %s", p.Rule, f.Name, f.Kind).
			WithHint("it fits: %s", joined(kindNames(kinds))))
	}
	if p.Rule == RuleRatchet {
		l.stages(f, p)
	}
}

// particulars checks what is said beside the rule's name.
func (l *loader) particulars(p Policy) {
	for _, key := range p.Node.Keys() {
		if rules := particulars(key.Name); rules != nil && p.Rule != "" && !slices.Contains(rules, p.Rule) {
			l.problems.Add(key.Errorf("the key %s has no meaning for the rule %s", key.Name, p.Rule).WithHint("it belongs to: %s", joined(rules)))
		}
	}
	if p.Rule == RuleOwner && len(p.Owners) == 0 {
		l.problems.Add(p.Node.Errorf("the rule owner needs owners").WithHint("write {rule: owner, owners: [sales]}"))
	}
	if p.Rule == RuleRatchet && len(p.Order) == 0 {
		l.problems.Add(p.Node.Errorf("the rule ratchet needs the order of the stages").WithHint("write {rule: ratchet, order: [first, second, third]}"))
	}
	l.deciders(p, "owners")
	l.deciders(p, "tie")
	l.deciders(p, "first", FirstNewest, FirstHold)
}

// deciders checks a list of connectors and roles.
func (l *loader) deciders(p Policy, key string, also ...string) {
	list, _ := p.Node.Get(key)
	items := list.Items()
	allowed := slices.Concat(roles(), also, []string{ownSystem}, l.names)
	for i, item := range items {
		name := item.String()
		switch {
		case !slices.Contains(allowed, name):
			l.problems.Add(item.Errorf("%q is neither a connector nor a role", name).WithHint("%s", nearestOrAll(name, allowed)))
		case name == FirstHold && i < len(items)-1:
			l.problems.Warnf(item, "what stands after hold is never reached")
		}
	}
}

func (l *loader) stages(f schema.Field, p Policy) {
	order, _ := p.Node.Get("order")
	back, _ := p.Node.Get("back")
	for i, item := range order.Items() {
		name := item.String()
		if slices.Contains(p.Order[:min(i, len(p.Order))], name) {
			l.problems.Errorf(item, "the stage %q is in the order twice", name)
		}
		if !f.Allows(name) {
			l.problems.Add(item.Errorf("%s has no option %q", f.Name, name).WithNearest(name, optionNames(f)))
		}
	}
	for _, item := range back.Items() {
		if name := item.String(); !slices.Contains(p.Order, name) {
			l.problems.Add(item.Errorf("the stage %q is not in the order", name).WithNearest(name, p.Order))
		}
	}
}

// optOut tells the standard fields that carry consent.
func optOut(object schema.Object, field string) bool {
	return object.As == record.Person && (field == "email_opt_out" || field == "phone_opt_out")
}

// kindsFor lists the kinds a rule fits; nil for all.
func kindsFor(rule string) []record.Kind {
	switch rule {
	case RuleConsent:
		return []record.Kind{record.Boolean}
	case RuleUnion:
		return []record.Kind{record.Set}
	case RuleMax:
		return []record.Kind{record.Integer, record.Decimal, record.Money, record.Date, record.Instant}
	case RuleRatchet:
		return []record.Kind{record.Enum, record.String, record.Text}
	default:
		return nil
	}
}

func kindNames(kinds []record.Kind) []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.String())
	}
	return names
}

func optionNames(f schema.Field) []string {
	var names []string
	for _, o := range f.Options {
		names = append(names, o.Value)
	}
	return names
}

func joined(words []string) string { return strings.Join(words, ", ") }
