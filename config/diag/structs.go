package diag

import (
	"reflect"
	"strings"
)

// field is a struct field that configuration can set.
type field struct {
	name     string
	required bool
	oneOf    []string
	value    reflect.Value
}

// fields lists the configurable fields of a struct, those of inlined structs
// among them.
func fields(v reflect.Value) []field {
	var out []field
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		tag, tagged := sf.Tag.Lookup("yaml")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case !tagged || name == "-":
		case !sf.IsExported() && !sf.Anonymous:
			panic("diag.Decode: " + v.Type().String() + "." + sf.Name + " has a yaml tag but is not exported")
		case hasOption(options, "inline"):
			out = append(out, fields(v.Field(i))...)
		default:
			out = append(out, field{
				name:     name,
				required: hasOption(options, "required"),
				oneOf:    strings.Fields(sf.Tag.Get("oneof")),
				value:    v.Field(i),
			})
		}
	}
	return out
}

func hasOption(options, want string) bool {
	for o := range strings.SplitSeq(options, ",") {
		if o == want {
			return true
		}
	}
	return false
}

func (d *decoder) structure(n Node, v reflect.Value) {
	if !n.IsMap() && !n.IsNull() {
		n.expected(&d.problems, "a mapping")
		return
	}
	known := fields(v)
	names := make([]string, 0, len(known))
	for _, f := range known {
		names = append(names, f.name)
	}
	unknown := d.unknown(n, names)
	for _, f := range known {
		d.field(n, f, unknown)
	}
}

// unknown reports the keys that no field names and returns what each of them
// was probably meant to be, so that a misspelt required key is reported once.
func (d *decoder) unknown(n Node, names []string) map[string]bool {
	meant := map[string]bool{}
	known := make(map[string]bool, len(names))
	for _, name := range names {
		known[name] = true
	}
	for _, key := range n.Keys() {
		if known[key.Name] {
			continue
		}
		meant[Nearest(key.Name, names)] = true
		d.problems.Add(key.Errorf("unknown key %q", key.Name).WithNearest(key.Name, names))
	}
	return meant
}

func (d *decoder) field(n Node, f field, meant map[string]bool) {
	value, present := n.Get(f.name)
	if f.required && (value.IsNull() || value.IsScalar() && value.String() == "") {
		at := n
		if present {
			at = value
		}
		if !meant[f.name] {
			d.problems.Add(at.Errorf("the key %q is required", f.name))
		}
		return
	}
	if present {
		d.value(value, f.value, f.oneOf)
	}
}
