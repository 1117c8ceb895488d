package mapping

import (
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Map is one object's compiled field map. It never changes and may be used
// from several goroutines at once.
type Map struct {
	entries  []Entry
	remote   []string
	fields   []string
	revision string
}

// Compile checks one object's `fields:` list against the canonical and the
// remote object and returns the map with every problem found. The map may be
// used when the list holds no error.
func Compile(node diag.Node, canonical, remote schema.Object, opts Options) (*Map, diag.List) {
	return &Map{}, nil
}

// CompileOffline compiles as Compile does where the remote schema is not
// known: only the canonical side is checked.
func CompileOffline(node diag.Node, canonical schema.Object, opts Options) (*Map, diag.List) {
	return &Map{}, nil
}

// In maps a raw record to canonical fields. Absent stays absent, null stays
// null, a placeholder is absent. A field that cannot be mapped is absent from
// the result and named in the problems. References stay remote ids.
func (m *Map) In(raw record.Fields) (record.Fields, []Problem) { return record.Fields{}, nil }

// Out maps canonical fields to the raw fields that a write would carry: only
// those with an out side, null where the field is to be cleared. A value in
// state Placeholder stands where the system requires something and there is
// nothing to say; it must never overwrite a value. References are expected to
// be remote ids already.
func (m *Map) Out(golden record.Fields) (record.Fields, []Problem) { return record.Fields{}, nil }

// RemoteFields lists the remote fields to ask for: all that In reads and all
// that Out writes, sorted.
func (m *Map) RemoteFields() []string { return m.remote }

// CanonicalFields lists the canonical fields that In can give, sorted.
func (m *Map) CanonicalFields() []string { return m.fields }

// Entries describes the entries in the order written.
func (m *Map) Entries() []Entry { return m.entries }

// Revision is a hash of what the map means. Layout, comments and the order of
// entries do not change it.
func (m *Map) Revision() string { return m.revision }

// Explain maps one record and shows every step.
func (m *Map) Explain(raw, golden record.Fields) []Line { return nil }

// Filter is a compiled inclusion filter.
type Filter struct{}

// CompileFilter checks an inclusion filter, an expression over the remote
// fields that says whether a record takes part.
func CompileFilter(node diag.Node, remote schema.Object) (*Filter, diag.List) { return &Filter{}, nil }

// Includes tells whether the record takes part. An error means that the record
// cannot be judged and is to be quarantined, not left out.
func (f *Filter) Includes(raw record.Fields) (bool, error) { return true, nil }

// RemoteFields lists the remote fields the filter reads, sorted.
func (f *Filter) RemoteFields() []string { return nil }

// TestResult is the outcome of one of a configuration's own mapping tests.
type TestResult struct {
	Name   string
	Passed bool
}

// RunTests runs the `tests:` list of an object against its map, offline. Each
// difference is a located diagnostic.
func RunTests(node diag.Node, m *Map) ([]TestResult, diag.List) { return nil, nil }

// Normal returns the form in which match keys are compared: e-mail trimmed and
// lower-cased with an IDNA domain, phone in E.164, a URL as the domain it is
// registered under, other text folded. ok is false where the text is none.
func Normal(kind record.Kind, text string) (normal string, ok bool) { return text, text != "" }
