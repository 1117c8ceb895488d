package httpapi

import (
	"regexp"
	"strings"
	"unicode"
)

const (
	longestDetail = 300
	longestWord   = 120
)

var (
	emailRE  = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+'\-]+(?:@|%40)[\p{L}\p{N}.\-]+`)
	urlRE    = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.\-]*://[^\s"'<>]+`)
	numberRE = regexp.MustCompile(`\+?\d(?:[\s().\-/]{0,2}\d){6,}`)
	quotedRE = regexp.MustCompile(`"[^"]*"|“[^”]*”|'[^']*'|` + "`[^`]*`" + `|\[[^\]]*\]`)
	bearerRE = regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+[\w.~+/=\-]+`)
	nameRE   = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(?:_+[A-Za-z0-9]+)+$`)
)

// Clean makes a text of a vendor fit for errors and logs: one line, cut, with
// e-mail addresses, long numbers, addresses of pages and quoted values
// replaced. Quoted names of fields stay where they cannot be anything else
// (they contain an underscore).
func Clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	if len(text) > 8*longestDetail {
		text = strings.ToValidUTF8(text[:8*longestDetail], "")
	}
	// What is replaced is marked by a control character first, so that brackets
	// put in here are not taken for the vendor's.
	text = urlRE.ReplaceAllString(text, "\x01")
	text = emailRE.ReplaceAllString(text, "\x02")
	text = bearerRE.ReplaceAllString(text, "\x03")
	text = quotedRE.ReplaceAllStringFunc(text, func(s string) string {
		if nameRE.MatchString(strings.Trim(s, "\"“”'`[]")) {
			return s
		}
		return "\x04"
	})
	text = numberRE.ReplaceAllString(text, "[number]")
	text = strings.NewReplacer("\x01", "[address]", "\x02", "[e-mail]", "\x03", "[credential]", "\x04", "[value]").Replace(text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > longestDetail {
		text = string(runes[:longestDetail-1]) + "…"
	}
	return text
}

// word keeps of a code, field name or id what such a thing may consist of.
func word(text string) string {
	if emailRE.MatchString(text) {
		return ""
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-.:/ ", r) {
			return r
		}
		return -1
	}, text)
	if len(text) > longestWord {
		text = strings.ToValidUTF8(text[:longestWord], "")
	}
	return text
}
