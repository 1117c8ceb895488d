package config

import (
	"regexp"
	"slices"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Field is a custom canonical field.
type Field struct {
	Name    string   `yaml:"name,required" doc:"Name in field maps and policies: small letters, digits and underscores."`
	Kind    Kind     `yaml:"kind,required" doc:"Kind of its values."`
	Label   string   `yaml:"label" doc:"What people call it."`
	Options []string `yaml:"options" doc:"For enum and set: the only values allowed."`
	To      string   `yaml:"to" doc:"For reference: the canonical object referred to."`
}

// Kind is the kind of a custom field.
type Kind struct{ of record.Kind }

// Of returns the kind.
func (k Kind) Of() record.Kind { return k.of }

// DecodeNode reads the name of a kind.
func (k *Kind) DecodeNode(n diag.Node) diag.List {
	var problems diag.List
	name := n.Str(&problems)
	if len(problems) > 0 {
		return problems
	}
	kind, ok := record.ParseKind(name)
	if !ok {
		return diag.List{n.Errorf("%q is not a kind of value", name).WithHint("%s", nearestOrAll(name, record.KindNames()))}
	}
	k.of = kind
	return nil
}

func (Kind) shape() shape {
	return shape{name: "kind", schema: map[string]any{"type": "string", "enum": record.KindNames()}}
}

func (f Field) schema() schema.Field {
	out := schema.Field{Name: f.Name, Kind: f.Kind.of, Label: f.Label, RefersTo: f.To, Custom: true, Closed: len(f.Options) > 0}
	if out.Label == "" {
		out.Label = f.Name
	}
	for _, o := range f.Options {
		out.Options = append(out.Options, schema.Option{Value: o, Label: o})
	}
	return out
}

var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// fields checks the custom fields against the model and each other.
func (l *loader) fields() {
	list, _ := l.cfg.Node.Get("fields")
	l.objectKeys(list)
	for _, key := range list.Keys() {
		as := record.Object(key.Name)
		standard, known := schema.Canonical().Object(key.Name)
		node, _ := list.Get(key.Name)
		items := node.Items()
		if !known || len(items) != len(l.cfg.Fields[as]) {
			continue
		}
		seen := standard.FieldNames()
		for i, f := range l.cfg.Fields[as] {
			l.field(as, f, items[i], seen)
			seen = append(seen, f.Name)
		}
	}
}

func (l *loader) field(as record.Object, f Field, n diag.Node, seen []string) {
	kind := f.Kind.of
	switch {
	case f.Name == "": // reported as missing
	case !fieldName.MatchString(f.Name) || f.Name == defaultKey:
		l.problems.Add(n.At("name").Errorf("%q cannot be the name of a field", f.Name).WithHint("use small letters, digits and underscores, a letter first; default is taken"))
	case slices.Contains(seen, f.Name):
		l.problems.Add(n.At("name").Errorf("%s has a field %q already", as, f.Name).WithHint("standard fields need no entry here; otherwise choose another name"))
	}
	if len(f.Options) > 0 && kind != record.Enum && kind != record.Set {
		l.problems.Errorf(n.At("options"), "only a field of kind enum or set has options")
	}
	switch {
	case kind == record.Reference && !record.Object(f.To).Valid():
		l.problems.Add(n.At("to").Errorf("a reference names the canonical object it refers to").WithNearest(f.To, objectNames()))
	case kind != record.Reference && f.To != "":
		l.problems.Errorf(n.At("to"), "only a field of kind reference refers to an object")
	}
}

// objectKeys reports the keys of a mapping that are no canonical object.
func (l *loader) objectKeys(n diag.Node) {
	for _, key := range n.Keys() {
		if !record.Object(key.Name).Valid() {
			l.problems.Add(key.Errorf("%q is not a canonical object", key.Name).WithNearest(key.Name, objectNames()))
		}
	}
}

func objectNames() []string {
	var names []string
	for _, o := range record.Objects() {
		names = append(names, string(o))
	}
	return names
}
