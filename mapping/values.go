package mapping

import (
	"maps"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// What happens to a value that a value map does not have.
const (
	unmappedHold    = "hold"
	unmappedPass    = "pass"
	unmappedDrop    = "drop"
	unmappedDefault = "default"
)

// table is one direction of a value map.
type table struct {
	to       map[string]string
	policy   string
	fallback string
}

func (t *table) apply(v record.Value) (record.Value, error) {
	if v.Kind() != record.Set {
		word, keep, err := t.word(v.Text())
		if err != nil || !keep {
			return record.Value{}, err
		}
		return record.OfString(word), nil
	}
	members := v.Members()
	kept := make([]string, 0, len(members))
	for _, m := range members {
		word, keep, err := t.word(m)
		if err != nil {
			return record.Value{}, err
		}
		if keep {
			kept = append(kept, word)
		}
	}
	return record.OfSet(kept...), nil
}

func (t *table) word(text string) (word string, keep bool, err error) {
	if to, ok := t.to[text]; ok {
		return to, true, nil
	}
	switch t.policy {
	case unmappedPass:
		return text, true, nil
	case unmappedDrop:
		return "", false, nil
	case unmappedDefault:
		return t.fallback, true, nil
	default:
		return "", false, &failure{Unmapped, "the value map has no entry for the value: add one, or set `unmapped`"}
	}
}

// valueMap is a value map as written, remote to canonical, in order.
type valueMap struct {
	pairs []valuePair
	node  diag.Node
}

type valuePair struct {
	remote, canonical string
	key               diag.Key
	value             diag.Node
}

func readValues(n diag.Node, problems *diag.List) *valueMap {
	if !n.IsMap() {
		problems.Add(n.Errorf("expected a mapping of remote values to canonical ones, or the name of a picklist, found %s", n.Kind()))
		return nil
	}
	vm := &valueMap{node: n}
	for _, key := range n.Keys() {
		value, _ := n.Get(key.Name)
		vm.pairs = append(vm.pairs, valuePair{key.Name, value.Str(problems), key, value})
	}
	return vm
}

// values makes both directions of an entry's value map.
func (b *builder) values(c *entryConf, cf, rf schema.Field) (in, out *table) {
	if c.Labels {
		return b.labels(c, rf)
	}
	if c.Values.IsNull() {
		if !c.OutValues.IsNull() || !c.Unmapped.IsNull() {
			b.problems.Add(c.node.Errorf("`out_values` and `unmapped` need `values`"))
		}
		return nil, nil
	}
	vm := b.valueMap(c.Values)
	if vm == nil {
		return nil, nil
	}
	in, out = &table{to: map[string]string{}}, &table{to: map[string]string{}}
	clashes := b.fill(vm, cf, rf, in, out)
	b.outValues(c, cf, rf, out, clashes)
	b.unmapped(c, cf, in, out)
	return in, out
}

func (b *builder) valueMap(n diag.Node) *valueMap {
	if !n.IsScalar() {
		return readValues(n, &b.problems)
	}
	vm, ok := b.picklists[n.String()]
	if !ok {
		b.problems.Add(n.Errorf("unknown picklist %q", n.String()).WithNearest(n.String(), slices.Sorted(maps.Keys(b.picklists))))
		return nil
	}
	return vm
}

// fill enters the pairs in both directions and returns the canonical values
// that several remote ones mean, with the place of the second one.
func (b *builder) fill(vm *valueMap, cf, rf schema.Field, in, out *table) map[string]diag.Key {
	clashes := map[string]diag.Key{}
	for _, p := range vm.pairs {
		remote := b.option(p.key.Errorf, p.remote, rf)
		b.allowed(p.value, p.canonical, cf)
		if other, dup := in.to[remote]; dup && other != p.canonical {
			b.problems.Add(p.key.Errorf("%q is the same remote value as another one above, with another meaning", p.remote))
		}
		in.to[remote] = p.canonical
		if first, dup := out.to[p.canonical]; dup && first != remote {
			if _, known := clashes[p.canonical]; !known {
				clashes[p.canonical] = p.key
			}
			continue
		}
		out.to[p.canonical] = remote
	}
	return clashes
}

// outValues lays the explicit reverse over the implied one; what stays
// ambiguous is a warning where the entry has an out side.
func (b *builder) outValues(c *entryConf, cf, rf schema.Field, out *table, clashes map[string]diag.Key) {
	if !c.OutValues.IsNull() {
		vm := readValues(c.OutValues, &b.problems)
		if vm == nil {
			return
		}
		for _, p := range vm.pairs {
			b.allowed(c.OutValues, p.remote, cf)
			out.to[p.remote] = b.option(p.value.Errorf, p.canonical, rf)
			delete(clashes, p.remote)
		}
	}
	if _, has := c.directions(); !has || !c.Out.IsNull() {
		return
	}
	for canonical, key := range clashes {
		d := key.Errorf("several remote values mean %q; %q is written back", canonical, out.to[canonical])
		d.Severity = diag.Warning
		b.problems.Add(d.WithHint("say which with out_values: {%s: ...}", canonical))
	}
}

func (b *builder) unmapped(c *entryConf, cf schema.Field, in, out *table) {
	in.policy, out.policy = unmappedHold, unmappedHold
	if c.Unmapped.IsNull() {
		return
	}
	word := c.Unmapped.Str(&b.problems)
	switch word {
	case unmappedHold, unmappedPass, unmappedDrop:
		in.policy, out.policy = word, word
	default:
		b.allowed(c.Unmapped, word, cf)
		in.policy, in.fallback = unmappedDefault, word
	}
}

// option finds the picklist value that a value or a label names.
func (b *builder) option(errorf func(string, ...any) diag.Diagnostic, text string, rf schema.Field) string {
	if len(rf.Options) == 0 {
		return text
	}
	known := make([]string, 0, len(rf.Options))
	for _, o := range rf.Options {
		if o.Value == text {
			return text
		}
		known = append(known, o.Value)
	}
	for _, o := range rf.Options {
		if strings.EqualFold(o.Label, text) {
			return o.Value
		}
	}
	d := errorf("remote field %s does not offer %q", rf.Name, text).WithNearest(text, known)
	if !rf.Closed {
		d.Severity = diag.Warning
	}
	b.problems.Add(d)
	return text
}

func (b *builder) allowed(n diag.Node, word string, cf schema.Field) {
	if cf.Name == "" {
		return
	}
	if !cf.Allows(word) {
		known := make([]string, len(cf.Options))
		for i, o := range cf.Options {
			known[i] = o.Value
		}
		b.problems.Add(n.Errorf("field %s has no value %q", cf.Name, word).WithNearest(word, known))
		return
	}
	if _, err := record.Parse(cf.Kind, word); err != nil && cf.Kind != record.Set {
		b.problems.Add(n.Errorf("%q does not fit field %s: %v", word, cf.Name, err))
	}
}

// labels maps a picklist's values to what people call them.
func (b *builder) labels(c *entryConf, rf schema.Field) (in, out *table) {
	if len(rf.Options) == 0 && !b.offline {
		b.problems.Add(c.at("labels").Errorf("remote field %s has no picklist, so its values have no labels", rf.Name))
		return nil, nil
	}
	in = &table{to: map[string]string{}, policy: unmappedPass}
	out = &table{to: map[string]string{}, policy: unmappedPass}
	for _, o := range rf.Options {
		if first, dup := out.to[o.Label]; dup {
			b.problems.Add(c.at("labels").Warnf("two values of %s have the label %q; %q is written back", rf.Name, o.Label, first))
		} else {
			out.to[o.Label] = o.Value
		}
		in.to[o.Value] = o.Label
	}
	return in, out
}
