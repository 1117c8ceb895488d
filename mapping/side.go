package mapping

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tandem-sync/tandem/mapping/expression"
	"github.com/tandem-sync/tandem/record"
)

// side is one direction of one entry, everything about it decided when it was
// compiled.
type side struct {
	field, remote string // as problems name them
	src           string // the field read, unless there is a program
	dst           string // the field given
	kind          record.Kind
	way           direction

	plain   bool // a present value of the kind is the result
	program *expression.Program
	masks   []mask
	table   *table
	convert converter
	rule    string // in a few words

	empty       []string // texts that mean null
	placeholder string
	offered     map[string]bool
	maxLen      int
	truncate    bool
	dropInvalid bool
	blank       bool   // an absent field counts as null
	codeTo      string // the remote field that takes an amount's currency
	codeKind    record.Kind
}

// mask says which texts of a field an expression must not see.
type mask struct {
	field       string
	empty       []string
	placeholder string
}

// reads lists the fields the side needs.
func (s *side) reads() []string {
	if s.program != nil {
		return s.program.Reads()
	}
	return []string{s.src}
}

// apply maps one field. The result is absent where there is nothing to say.
func (s *side) apply(src record.Fields) (record.Value, error) {
	var v record.Value
	if s.program == nil {
		v = src[s.src]
	} else {
		var err error
		if v, err = s.evaluate(src); err != nil {
			return record.Value{}, err
		}
	}
	if !v.IsPresent() {
		return s.nothing(v), nil
	}
	if s.program == nil && s.way == inward {
		if v.Text() == "" || slices.Contains(s.empty, v.Text()) {
			return record.NullOf(s.kind), nil
		}
		if s.placeholder != "" && v.Text() == s.placeholder {
			return record.Value{}, nil
		}
	}
	if s.plain && v.Kind() == s.kind {
		return v, nil
	}
	return s.transform(v, src)
}

// nothing is the result for an absent, null or placeholder value.
func (s *side) nothing(v record.Value) record.Value {
	switch {
	case s.way == outward && s.placeholder != "":
		return record.PlaceholderOf(s.kind, s.placeholder)
	case v.IsNull():
		return record.NullOf(s.kind)
	default:
		return record.Value{}
	}
}

func (s *side) transform(v record.Value, src record.Fields) (record.Value, error) {
	var err error
	if s.table != nil {
		if v, err = s.table.apply(v); err != nil || !v.IsPresent() {
			return s.nothing(v), err
		}
	}
	if v.Text() == "" {
		return s.nothing(record.NullOf(s.kind)), nil
	}
	if v, err = s.convert(v, src); err != nil {
		return record.Value{}, err
	}
	if !v.IsPresent() {
		return s.nothing(v), nil
	}
	return s.finish(v)
}

// finish checks what the other side accepts.
func (s *side) finish(v record.Value) (record.Value, error) {
	if s.way == outward && s.placeholder != "" && v.Text() == s.placeholder {
		return record.PlaceholderOf(s.kind, s.placeholder), nil
	}
	if s.offered != nil {
		for _, word := range v.Members() {
			if !s.offered[word] {
				return record.Value{}, &failure{NotOffered, "the picklist of " + s.dst + " does not offer the value: map it with `values`, or add it there"}
			}
		}
	}
	if s.maxLen == 0 || len(v.Text()) <= s.maxLen || !textual(v.Kind()) {
		return v, nil
	}
	if utf8.RuneCountInString(v.Text()) <= s.maxLen {
		return v, nil
	}
	if !s.truncate {
		return record.Value{}, &failure{TooLong, "the text is longer than " + s.dst + " accepts: shorten it, or set truncate: true"}
	}
	runes := []rune(v.Text())
	return record.Of(v.Kind(), strings.TrimSpace(string(runes[:s.maxLen]))), nil
}

// evaluate runs the expression. Towards the canonical model a field that was
// not read makes the result absent, because it could be anything.
func (s *side) evaluate(src record.Fields) (record.Value, error) {
	reads := s.program.Reads()
	seen := 0
	for _, name := range reads {
		if v := src[name]; v.IsPresent() || v.IsNull() {
			seen++
		}
	}
	if s.way == inward && !s.blank && seen < len(reads) {
		return record.Value{}, nil
	}
	out, err := s.program.Eval(s.masked(src))
	if err != nil {
		return record.Value{}, &failure{Failed, err.Error()}
	}
	if out == nil && seen == 0 && len(reads) > 0 {
		return record.Value{}, nil
	}
	return natural(out, s.kind), nil
}

// masked hides placeholders and texts that mean null from an expression.
func (s *side) masked(src record.Fields) record.Fields {
	copied := false
	for _, m := range s.masks {
		v := src[m.field]
		if !v.IsPresent() || v.Text() != m.placeholder && !slices.Contains(m.empty, v.Text()) {
			continue
		}
		if !copied {
			src, copied = src.Clone(), true
		}
		src[m.field] = record.NullOf(v.Kind())
	}
	return src
}

// natural is the value of an expression's result, before it is converted.
func natural(result any, kind record.Kind) record.Value {
	switch r := result.(type) {
	case string:
		return record.OfString(r)
	case int:
		return record.OfInt(int64(r))
	case bool:
		return record.OfBool(r)
	case []string:
		return record.OfSet(r...)
	case float64:
		if d, ok := expression.Decimal(r); ok {
			return record.OfDecimal(d)
		}
	}
	return record.NullOf(kind)
}

func (s *side) problem(err error) Problem {
	p := Problem{Field: s.field, Remote: s.remote, Reason: Invalid, Err: err}
	if f, ok := errors.AsType[*failure](err); ok {
		p.Reason = f.reason
	}
	return p
}
