package soql

import (
	"fmt"
	"strconv"
	"strings"
)

type tokenKind int

const (
	tokEnd tokenKind = iota
	tokWord
	tokString
	tokNumber
	tokTime
	tokSign
)

type token struct {
	kind tokenKind
	text string
	pos  int
}

func lex(text string) ([]token, error) {
	var out []token
	for i := 0; i < len(text); {
		c := text[i]
		switch c {
		case ' ', '\t', '\n', '\r':
			i++
		case '\'':
			s, next, err := lexString(text, i)
			if err != nil {
				return nil, err
			}
			out = append(out, token{tokString, s, i})
			i = next
		default:
			t, next, err := lexOther(text, i)
			if err != nil {
				return nil, err
			}
			out = append(out, t)
			i = next
		}
	}
	return append(out, token{tokEnd, "<EOF>", len(text)}), nil
}

func lexOther(text string, i int) (token, int, error) {
	c := text[i]
	switch {
	case isLetter(c):
		j := i
		for j < len(text) && (isLetter(text[j]) || isDigit(text[j]) || text[j] == '.') {
			j++
		}
		return token{tokWord, text[i:j], i}, j, nil
	case isDigit(c), (c == '-' || c == '+' || c == '.') && i+1 < len(text) && (isDigit(text[i+1]) || text[i+1] == '.'):
		t, next := lexNumber(text, i)
		return t, next, nil
	case strings.IndexByte("(),=<>!:", c) >= 0:
		if i+1 < len(text) && isPair(text[i:i+2]) {
			return token{tokSign, text[i : i+2], i}, i + 2, nil
		}
		return token{tokSign, string(c), i}, i + 1, nil
	}
	return token{}, 0, ErrorAt("MALFORMED_QUERY", text, i, fmt.Sprintf("unexpected char: '%c'", c))
}

func isPair(s string) bool { return s == "!=" || s == "<=" || s == ">=" || s == "<>" }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// lexNumber reads a number, or a date or instant, which begins as one.
func lexNumber(text string, i int) (token, int) {
	j := i + 1
	for j < len(text) && (isDigit(text[j]) || strings.IndexByte("-:.+TZtzeE", text[j]) >= 0) {
		j++
	}
	s := text[i:j]
	if len(s) >= 10 && s[4] == '-' && s[7] == '-' {
		return token{tokTime, s, i}, j
	}
	return token{tokNumber, s, i}, j
}

func lexString(text string, start int) (string, int, error) {
	var b strings.Builder
	for i := start + 1; i < len(text); i++ {
		switch c := text[i]; c {
		case '\'':
			return b.String(), i + 1, nil
		case '\\':
			i++
			if i >= len(text) {
				break
			}
			r, next, ok := unescape(text, i)
			if !ok {
				return "", 0, &Error{Code: "MALFORMED_QUERY", Message: fmt.Sprintf("Illegal character sequence '\\%c' in string literal '%s'", text[i], text[start:min(len(text), i+2)])}
			}
			b.WriteString(r)
			i = next
		default:
			b.WriteByte(c)
		}
	}
	return "", 0, ErrorAt("MALFORMED_QUERY", text, start, "line 1:"+strconv.Itoa(start)+" mismatched character '<EOF>' expecting '''")
}

// escapedWild marks a % or _ that LIKE must take as it stands.
const escapedWild = "\x00"

func unescape(text string, i int) (string, int, bool) {
	switch text[i] {
	case '\'', '"', '\\':
		return text[i : i+1], i, true
	case 'n', 'N':
		return "\n", i, true
	case 'r', 'R':
		return "\r", i, true
	case 't', 'T':
		return "\t", i, true
	case 'b', 'B':
		return "\b", i, true
	case 'f', 'F':
		return "\f", i, true
	case '_', '%':
		return escapedWild + text[i:i+1], i, true
	case 'u':
		var r rune
		if i+4 < len(text) {
			if _, err := fmt.Sscanf(text[i+1:i+5], "%04x", &r); err == nil {
				return string(r), i + 4, true
			}
		}
	}
	return "", i, false
}
