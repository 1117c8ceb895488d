package record

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// scanFields reads stored fields as Encode writes them, several times faster
// than encoding/json and without a copy of what needs none. It says false for
// anything else, which the general decoder then reads or refuses.
func scanFields(s string) (Fields, bool) {
	if len(s) < 2 || s[0] != '{' || !utf8.ValidString(s) {
		return nil, false
	}
	// Each field has two strings; names and values rarely contain a comma
	// after a quote, so this is close.
	f := make(Fields, 1+strings.Count(s, `",`))
	if s == "{}" {
		return f, true
	}
	for rest := s[1:]; ; {
		name, tail, ok := scanString(rest)
		if !ok || tail == "" || tail[0] != ':' {
			return nil, false
		}
		stored, tail, ok := scanString(tail[1:])
		if !ok || tail == "" {
			return nil, false
		}
		v, err := ParseStored(stored)
		if err != nil {
			return nil, false
		}
		f[name] = v
		switch {
		case tail == "}":
			return f, true
		case tail[0] != ',':
			return nil, false
		}
		rest = tail[1:]
	}
}

// scanString reads a JSON string at the beginning of s and returns the rest.
func scanString(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", "", false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return s[1:i], s[i+1:], true
		case c == '\\':
			return scanEscaped(s, i)
		case c < 0x20:
			return "", "", false
		}
	}
	return "", "", false
}

// scanEscaped reads a string whose first backslash is at i.
func scanEscaped(s string, i int) (text, rest string, ok bool) {
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			err := json.Unmarshal([]byte(s[:i+1]), &text)
			return text, s[i+1:], err == nil
		}
	}
	return "", "", false
}
