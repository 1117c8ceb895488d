package propose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// found is a remote field that is not mapped.
type found struct {
	system *System
	object *Object
	remote schema.Object
	field  schema.Field
}

// shared proposes a canonical field for each name that fields of two systems
// have in common, if a customer made one of them: what both vendors bring is in
// the model already or is not worth it.
func (p *Proposal) shared(canonical schema.Catalog, systems []System) {
	for _, model := range canonical.Objects {
		names := unmapped(model, systems)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			fields := names[name]
			apart := slices.ContainsFunc(fields, func(f found) bool { return f.system != fields[0].system })
			custom := slices.ContainsFunc(fields, func(f found) bool { return f.field.Custom })
			writable := slices.ContainsFunc(fields, func(f found) bool { return !f.field.ReadOnly })
			if apart && custom && writable {
				p.join(model, fields)
			}
		}
	}
}

// unmapped lists the fields of one canonical object that no map uses, by folded
// name.
func unmapped(model schema.Object, systems []System) map[string][]found {
	out := map[string][]found{}
	for i := range systems {
		s := &systems[i]
		for j := range s.Objects {
			o := &s.Objects[j]
			remote, ok := s.Catalog.Object(o.Name)
			if !ok || string(o.As) != model.Name {
				continue
			}
			for _, f := range remote.Fields {
				own := fold(f.Name) == "tandemid" // our key, where it takes no part
				if f.Kind != record.Reference && !own && !slices.Contains(o.Remotes, f.Name) && !strings.Contains(f.Name, ".") {
					out[fold(f.Name)] = append(out[fold(f.Name)], found{s, o, remote, f})
				}
			}
		}
	}
	return out
}

// join proposes one canonical field and an entry for each of the fields.
func (p *Proposal) join(model schema.Object, fields []found) {
	first := fields[0].field
	c := Custom{As: record.Object(model.Name), Name: snake(first.Name), Kind: first.Kind, Label: cmp.Or(first.Label, first.Name)}
	if _, taken := model.Field(c.Name); taken || c.Name == "" {
		return
	}
	for _, f := range fields[1:] {
		if f.field.Kind != c.Kind && c.Doubt == "" {
			c.Doubt = fmt.Sprintf("%s in %s %s, %s in %s %s", c.Kind, fields[0].system.Name, fields[0].object.Name, f.field.Kind, f.system.Name, f.object.Name)
		}
	}
	if c.Kind == record.Enum || c.Kind == record.Set {
		c.Doubt = cmp.Or(c.Doubt, differ(fields))
	}
	p.Custom = append(p.Custom, c)
	model.Fields = append(slices.Clone(model.Fields), schema.Field{Name: c.Name, Kind: c.Kind, Label: c.Label, Custom: true})
	for _, f := range fields {
		e := Entry{Field: c.Name, Remote: f.field.Name, In: f.field.ReadOnly || f.field.Volatile, Doubt: c.Doubt}
		if e.Doubt == "" {
			e.compile(model, f.remote)
		}
		p.add(f.system, f.object, e)
	}
}

// differ says how the picklists of the fields differ.
func differ(fields []found) string {
	first := values(fields[0].field)
	for _, f := range fields[1:] {
		for _, v := range values(f.field) {
			if !slices.Contains(first, v) {
				return fmt.Sprintf("%s %s offers %q and %s %s does not: say what it means there in values:",
					f.system.Name, f.object.Name, v, fields[0].system.Name, fields[0].object.Name)
			}
		}
		if len(values(f.field)) != len(first) {
			return fmt.Sprintf("%s %s offers fewer values than %s %s: say what they mean there in values:",
				f.system.Name, f.object.Name, fields[0].system.Name, fields[0].object.Name)
		}
	}
	return ""
}

func values(f schema.Field) []string {
	var out []string
	for _, o := range f.Options {
		if !o.Gone {
			out = append(out, o.Value)
		}
	}
	return out
}

// snake makes the name of a canonical field.
func snake(s string) string {
	s = strings.TrimSuffix(s, "__c")
	var b strings.Builder
	lower := false
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			if lower {
				b.WriteByte('_')
			}
			b.WriteRune(r + 'a' - 'A')
		case (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9' && b.Len() > 0):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
		lower = r >= 'a' && r <= 'z'
	}
	return strings.Trim(b.String(), "_")
}
