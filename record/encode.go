package record

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
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
	got, err := ParseStored(string(b))
	if err != nil {
		return err
	}
	*v = got
	return nil
}

// ParseStored reads the stored form of one value.
func ParseStored(s string) (Value, error) {
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
	return f.AppendEncoded(make([]byte, 0, 16+32*len(f)))
}

// AppendEncoded appends the stored form of f to b.
func (f Fields) AppendEncoded(b []byte) []byte {
	names := make([]string, 0, 32) // on the stack for all but the widest records
	for name, v := range f {
		if !v.IsAbsent() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	b = append(b, '{')
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSONString(b, name)
		b = append(b, ':')
		b = appendStoredJSON(b, f[name])
	}
	return append(b, '}')
}

// appendStoredJSON appends the stored form of v as a JSON string.
func appendStoredJSON(b []byte, v Value) []byte {
	if plainText(v.text) {
		b = append(b, '"')
		b, _ = v.AppendText(b)
		return append(b, '"')
	}
	stored, _ := v.AppendText(nil)
	return appendJSONString(b, string(stored))
}

// DecodeFields reads the stored form of fields; empty input is no fields.
func DecodeFields(b []byte) (Fields, error) { return DecodeFieldsString(string(b)) }

// DecodeFieldsString is DecodeFields for a string, which the values share.
func DecodeFieldsString(s string) (Fields, error) {
	if s == "" {
		return Fields{}, nil
	}
	if f, ok := scanFields(s); ok {
		return f, nil
	}
	var raw map[string]string
	if err := json.Unmarshal([]byte(s), &raw); err != nil {
		return nil, fmt.Errorf("stored fields are damaged: %w", err)
	}
	f := make(Fields, len(raw))
	for name, stored := range raw {
		v, err := ParseStored(stored)
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
	return hex.EncodeToString(h.Sum(nil))
}

// Hash is a short digest of one value, state and kind included.
func (v Value) Hash() string { return Fields{"": v}.Hash() }

func appendJSONString(b []byte, s string) []byte {
	if plainText(s) {
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

// plainText tells whether s stands in a JSON string as it is.
func plainText(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			return utf8.ValidString(s) && !strings.ContainsFunc(s, needsEscape)
		case needsEscape(rune(c)):
			return false
		}
	}
	return true
}

func needsEscape(c rune) bool { return c < 0x20 || c == '"' || c == '\\' || c == 0x7f }
