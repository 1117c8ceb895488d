package mapping

import (
	"github.com/tandem-sync/tandem/mapping/expression"
	"github.com/tandem-sync/tandem/record"
)

// Explain maps one record both ways and shows every step: what is read, each
// function call of an expression, the value map, and the result. Its lines
// hold values, for the person who asked.
func (m *Map) Explain(raw, golden record.Fields) []Line {
	// Parts of expressions are compiled again on their own; that they are
	// allowed was checked with the whole.
	scope := m.scope
	scope.Open, scope.Fields = true, nil
	var lines []Line
	for _, s := range m.ins {
		lines = append(lines, s.explain(raw, scope)...)
	}
	for _, s := range m.outs {
		lines = append(lines, s.explain(golden, scope)...)
	}
	return lines
}

func (s *side) explain(src record.Fields, scope expression.Scope) []Line {
	line := Line{Field: s.field, Remote: s.remote, Out: s.way == outward}
	var lines []Line
	step := func(name string, v record.Value, err error) {
		line.Step, line.Value, line.Err = name, v, err
		lines = append(lines, line)
	}
	for _, name := range s.reads() {
		step("read "+name, src[name], nil)
	}
	v := src[s.src]
	if s.program != nil {
		for _, call := range s.program.Calls() {
			if part, err := s.part(call, src, scope); part.IsPresent() || err != nil {
				step(call, part, err)
			}
		}
		var err error
		if v, err = s.evaluate(src); err != nil || v.IsPresent() {
			step(s.program.Source(), v, err)
		}
	}
	if s.table != nil && v.IsPresent() {
		mapped, err := s.table.apply(v)
		step("values", mapped, err)
	}
	result, err := s.apply(src)
	step("result", result, err)
	return lines
}

// part evaluates one call of the side's expression by itself.
func (s *side) part(call string, src record.Fields, scope expression.Scope) (record.Value, error) {
	if call == s.program.Source() {
		return record.Value{}, nil // the whole is a step of its own
	}
	program, mistakes := expression.Compile(call, scope)
	if len(mistakes) > 0 {
		return record.Value{}, nil
	}
	out, err := program.Eval(s.masked(src))
	if err != nil {
		return record.Value{}, &failure{Failed, err.Error()}
	}
	return natural(out, record.String), nil
}
