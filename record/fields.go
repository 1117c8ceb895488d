package record

import (
	"maps"
	"slices"
)

// Fields are values by field name. A field that is not in the map is absent.
type Fields map[string]Value

// Names returns the field names in order.
func (f Fields) Names() []string { return slices.Sorted(maps.Keys(f)) }

// Clone returns a copy that can be changed without changing f.
func (f Fields) Clone() Fields { return maps.Clone(f) }

// Merge returns f with every value of over that is not absent laid over it.
// Neither is changed.
func (f Fields) Merge(over Fields) Fields {
	out := make(Fields, len(f)+len(over))
	maps.Copy(out, f)
	for name, v := range over {
		if !v.IsAbsent() {
			out[name] = v
		}
	}
	return out
}

// Diff returns the names of fields that are not the same in both, in order.
// Absent and missing are the same.
func (f Fields) Diff(other Fields) []string {
	var names []string
	for name, v := range f {
		if other[name] != v {
			names = append(names, name)
		}
	}
	for name, v := range other {
		if _, both := f[name]; !both && !v.IsAbsent() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Equal tells whether f and other hold the same values.
func (f Fields) Equal(other Fields) bool { return len(f.Diff(other)) == 0 }
