package mapping

import (
	"slices"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/mapping/expression"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Filter is a compiled inclusion filter. A nil Filter includes everything.
type Filter struct {
	program *expression.Program
	masks   []mask
}

// CompileFilter checks an inclusion filter, an expression over the remote
// fields that says whether a record takes part. A null node gives no filter.
// A remote object without fields is one that is not known: any field passes.
func CompileFilter(node diag.Node, remote schema.Object) (*Filter, diag.List) {
	if node.IsNull() {
		return nil, nil
	}
	b := newBuilder(schema.Object{}, remote, Options{})
	b.inScope.Open = len(remote.Fields) == 0
	program, mistakes := expression.Compile(node.Str(&b.problems), b.inScope)
	for _, m := range mistakes {
		b.problems.Add(located(node, m))
	}
	if program == nil {
		return nil, b.problems
	}
	if t := program.Result(); t != expression.Bool && t != expression.Any {
		b.problems.Add(node.Errorf("a filter must be true or false, this one gives %s", t))
	}
	f := &Filter{program: program}
	for _, name := range program.Reads() {
		if rf, ok := remote.Field(name); ok && len(rf.Empty) > 0 {
			f.masks = append(f.masks, mask{field: name, empty: rf.Empty})
		}
	}
	return f, b.problems
}

// Includes tells whether the record takes part; a filter that gives null leaves
// it out. An error means that the record cannot be judged and is to be
// quarantined: a field the filter needs was not read, or it failed.
func (f *Filter) Includes(raw record.Fields) (bool, error) {
	if f == nil {
		return true, nil
	}
	for _, name := range f.program.Reads() {
		if raw[name].IsAbsent() {
			return false, &failure{Failed, "the inclusion filter needs " + name + ", which was not read"}
		}
	}
	s := side{masks: f.masks}
	v, err := f.program.Eval(s.masked(raw))
	if err != nil {
		return false, &failure{Failed, err.Error()}
	}
	switch v := v.(type) {
	case nil:
		return false, nil
	case bool:
		return v, nil
	default:
		return false, &failure{Failed, "the inclusion filter gave neither true nor false"}
	}
}

// RemoteFields lists the remote fields the filter reads, sorted.
func (f *Filter) RemoteFields() []string {
	if f == nil {
		return nil
	}
	return slices.Clone(f.program.Reads())
}
