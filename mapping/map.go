package mapping

import (
	"slices"

	"github.com/tandem-sync/tandem/mapping/expression"
	"github.com/tandem-sync/tandem/record"
)

// Map is one object's compiled field map. It never changes and may be used
// from several goroutines at once.
type Map struct {
	ins, outs []*side
	entries   []Entry
	remote    []string
	fields    []string
	outFields []string
	revision  string
	kinds     map[string]record.Kind // of remote fields, as far as known
	canonical map[string]record.Kind
	scope     expression.Scope // what explanations compile parts of expressions in
}

// In maps a raw record to canonical fields. Absent stays absent, null stays
// null, a placeholder is absent. An expression is absent where a field it
// reads is, unless the entry says `absent: blank`. A field that cannot be
// mapped is absent from the result and named in the problems. References stay
// remote ids.
func (m *Map) In(raw record.Fields) (record.Fields, []Problem) {
	out := make(record.Fields, len(m.ins))
	var problems []Problem
	for _, s := range m.ins {
		v, err := s.apply(raw)
		switch {
		case err != nil:
			problems = s.report(problems, err)
		case !v.IsAbsent():
			out[s.dst] = v
		}
	}
	return out, problems
}

// Out maps canonical fields to the raw fields that a write would carry: only
// those with an out side, null where the field is to be cleared. A value in
// state Placeholder stands where the system requires something and there is
// nothing to say; it must never overwrite a value. References are expected to
// be remote ids already.
func (m *Map) Out(golden record.Fields) (record.Fields, []Problem) {
	out := make(record.Fields, len(m.outs))
	var problems []Problem
	for _, s := range m.outs {
		v, err := s.apply(golden)
		if err == nil && s.codeTo != "" {
			err = s.code(golden[s.src], out)
		}
		switch {
		case err != nil:
			problems = s.report(problems, err)
		case !v.IsAbsent():
			out[s.dst] = v
		}
	}
	return out, problems
}

// code puts an amount's currency beside it. Two amounts of one record that
// share the field must share the currency.
func (s *side) code(amount record.Value, out record.Fields) error {
	_, currency, ok := amount.Money()
	if !ok {
		return nil
	}
	if other, set := out[s.codeTo]; set && other.Text() != currency {
		return &failure{Currency, "another amount of the record sets " + s.codeTo + " to another currency"}
	}
	out[s.codeTo] = record.Of(s.codeKind, currency)
	return nil
}

func (s *side) report(problems []Problem, err error) []Problem {
	if p := s.problem(err); !s.dropInvalid || p.Reason != Invalid {
		return append(problems, p)
	}
	return problems
}

// RemoteFields lists the remote fields to ask for: all that In reads and all
// that Out writes, sorted.
func (m *Map) RemoteFields() []string { return slices.Clone(m.remote) }

// CanonicalFields lists the canonical fields that In can give, sorted.
func (m *Map) CanonicalFields() []string { return slices.Clone(m.fields) }

// OutFields lists the remote fields that Out can give, sorted.
func (m *Map) OutFields() []string { return slices.Clone(m.outFields) }

// Entries describes the entries in the order written.
func (m *Map) Entries() []Entry { return slices.Clone(m.entries) }

// Revision is a hash of what the map means. Layout, comments and the order of
// entries do not change it.
func (m *Map) Revision() string { return m.revision }
