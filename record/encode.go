package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"
)

// The stored form of fields is one JSON object, names in order, each value a
// string: the first byte tells the state ('-' null, '~' placeholder, '='
// present), the second the kind as a letter, the rest is the canonical text.
// It is compact, exact (no number is ever a float) and readable by SQL.

const kindLetters = "stidmbDIeSpEuCr"

// MarshalText returns the stored form of v. An absent value has none.
func (v Value) MarshalText() ([]byte, error) { return v.AppendText(nil) }

// AppendText appends the stored form of v to b.
func (v Value) AppendText(b []byte) ([]byte, error) {
	var state byte
	switch v.state {
	case Null:
		state = '-'
	case Placeholder:
		state = '~'
	case Present:
		state = '='
	case Absent:
		return b, errors.New("an absent value cannot be stored: leave the field out")
	}
	b = append(b, state, kindLetters[v.kind])
	return append(b, v.text...), nil
}

// UnmarshalText reads the stored form.
func (v *Value) UnmarshalText(b []byte) error {
	got, err := parseStored(string(b))
	if err != nil {
		return err
	}
	*v = got
	return nil
}

func parseStored(s string) (Value, error) {
	if len(s) < 2 {
		return Value{}, fmt.Errorf("stored value of %d bytes is damaged: want at least 2", len(s))
	}
	var v Value
	switch s[0] {
	case '-':
		v.state = Null
	case '~':
		v.state = Placeholder
	case '=':
		v.state = Present
	default:
		return Value{}, errors.New("stored value is damaged: unknown state")
	}
	for i := range len(kindLetters) {
		if kindLetters[i] == s[1] {
			v.kind, v.text = Kind(i), s[2:]
			return v, nil
		}
	}
	return Value{}, errors.New("stored value is damaged: unknown kind")
}

// Encode returns the stored form of f. Equal fields give equal bytes.
func (f Fields) Encode() []byte {
	b := make([]byte, 0, 16+32*len(f))
	b = append(b, '{')
	for _, name := range slices.Sorted(maps.Keys(f)) {
		v := f[name]
		if v.IsAbsent() {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = appendJSONString(b, name)
		b = append(b, ':')
		stored, _ := v.AppendText(nil)
		b = appendJSONString(b, string(stored))
	}
	return append(b, '}')
}

// DecodeFields reads the stored form of fields; empty input is no fields.
func DecodeFields(b []byte) (Fields, error) {
	if len(b) == 0 {
		return Fields{}, nil
	}
	var raw map[string]string
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("stored fields are damaged: %w", err)
	}
	f := make(Fields, len(raw))
	for name, s := range raw {
		v, err := parseStored(s)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", name, err)
		}
		f[name] = v
	}
	return f, nil
}

// Hash is a short digest of f's values, equal for equal fields. It is not
// meant to withstand an attacker.
func (f Fields) Hash() string {
	h := fnv.New128a()
	_, _ = h.Write(f.Encode())
	return fmt.Sprintf("%x", h.Sum(nil))
}

// Hash is a short digest of one value, state and kind included.
func (v Value) Hash() string { return Fields{"": v}.Hash() }

func appendJSONString(b []byte, s string) []byte {
	plain := utf8.ValidString(s)
	for i := 0; plain && i < len(s); i++ {
		plain = s[i] >= 0x20 && s[i] != '"' && s[i] != '\\' && s[i] != 0x7f
	}
	if plain {
		b = append(b, '"')
		b = append(b, s...)
		return append(b, '"')
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		return strconv.AppendQuoteToASCII(b, s)
	}
	return append(b, quoted...)
}
