// Package normal brings texts that people type in many ways to the one form
// in which they are compared and stored: e-mail addresses, phone numbers,
// domains, names and countries. It is pure.
package normal

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	maxEmail  = 320 // 64 for the local part, 255 for the domain, and the @
	maxDomain = 253
	maxPhone  = 250
	maxName   = 1000
)

// Trim drops white space and invisible characters (zero-width space, byte
// order mark, joiners) from both ends.
func Trim(text string) string {
	if plainEnds(text) {
		return text
	}
	return strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) || unicode.IsControl(r)
	})
}

func plainEnds(text string) bool {
	return text == "" || plain(text[0]) && plain(text[len(text)-1])
}

func plain(c byte) bool { return c > ' ' && c < 0x7f }

// Email returns the form in which an address is compared: trimmed, in Unicode
// NFC, lower case, the domain in its ASCII form. Dots and +tags are kept,
// because only the receiving server knows whether they matter.
func Email(text string) (string, bool) {
	text = Trim(text)
	at := strings.LastIndexByte(text, '@')
	if at < 1 || len(text) > maxEmail || strings.IndexByte(text[:at], '@') >= 0 {
		return "", false
	}
	local := strings.ToLower(norm.NFC.String(text[:at]))
	if strings.ContainsFunc(local, badInLocal) {
		return "", false
	}
	domain, ok := host(text[at+1:])
	if !ok {
		return "", false
	}
	return local + "@" + domain, true
}

func badInLocal(r rune) bool {
	return r <= ' ' || r == 0x7f || unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`<>()[],;:\"`, r)
}

// host checks a domain name and returns its lower-case ASCII form.
func host(text string) (string, bool) {
	text = strings.TrimSuffix(text, ".")
	if text == "" || len(text) > maxDomain {
		return "", false
	}
	if lower, ok := plainHost(text); ok {
		return lower, true
	}
	ascii, err := idna.Lookup.ToASCII(norm.NFC.String(text))
	if err != nil {
		return "", false
	}
	return plainHost(ascii)
}

// plainHost tells whether text is a sound ASCII host name; it spares IDNA for
// nearly all of them.
func plainHost(text string) (string, bool) {
	label := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c == '.':
			if label == 0 {
				return "", false
			}
			label = 0
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-':
			label++
		default:
			return "", false
		}
		if label > 63 {
			return "", false
		}
	}
	return strings.ToLower(text), label > 0
}

// Domain returns the domain under which an address, a URL or a host name is
// registered: "acme.co.uk" for "https://www.acme.co.uk/contact". An IP address
// or a bare public suffix has none.
func Domain(text string) (string, bool) {
	text = Trim(text)
	if at := strings.LastIndexByte(text, '@'); at >= 0 && !strings.Contains(text, "/") {
		text = text[at+1:]
	}
	if !strings.Contains(text, "//") {
		text = "//" + text
	}
	u, err := url.Parse(text)
	if err != nil {
		return "", false
	}
	name, ok := host(u.Hostname())
	if !ok || !strings.Contains(name, ".") {
		return "", false
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return "", false
	}
	registered, err := publicsuffix.EffectiveTLDPlusOne(name)
	return registered, err == nil
}

// Phone returns the number in E.164. A number without its country code is read
// as one of region, an ISO 3166-1 alpha-2 code; without a region it is none.
// Numbers that cannot exist are none.
func Phone(text, region string) (string, bool) {
	text = Trim(text)
	if len(text) < 3 || len(text) > maxPhone {
		return "", false
	}
	if strings.HasPrefix(text, "00") {
		text = "+" + text[2:]
	}
	if validE164(text) {
		return text, true
	}
	number, err := phonenumbers.Parse(text, strings.ToUpper(region))
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", false
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}

// validE164 recognises most numbers that are in E.164 already, without the cost
// of parsing. What it does not recognise may still be valid.
func validE164(text string) bool {
	if len(text) < 8 || len(text) > 16 || text[0] != '+' {
		return false
	}
	for digits := 1; digits <= 3; digits++ {
		code, err := strconv.ParseInt(text[1:1+digits], 10, 32)
		if err != nil || text[1] == '0' {
			return false
		}
		if phonenumbers.GetRegionCodeForCountryCode(int(code)) == "ZZ" {
			continue
		}
		rest := text[1+digits:]
		national, err := strconv.ParseUint(rest, 10, 64)
		if err != nil || rest[0] < '1' || rest[0] > '9' { // a leading zero needs the full parser
			return false
		}
		number := phonenumbers.PhoneNumber{CountryCode: new(int32(code)), NationalNumber: &national}
		return phonenumbers.IsValidNumber(&number)
	}
	return false
}

// ValidRegion tells whether phone numbers can be read as those of region.
func ValidRegion(region string) bool {
	return phonenumbers.GetCountryCodeForRegion(strings.ToUpper(region)) != 0
}

// Name returns a name folded for comparison: no accents, no case, no
// punctuation but single spaces between words.
func Name(text string) (string, bool) {
	if len(text) > maxName {
		return "", false
	}
	folded := cases.Fold().String(norm.NFKD.String(text))
	var b strings.Builder
	b.Grow(len(folded))
	gap := false
	for _, r := range folded {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	return b.String(), b.Len() > 0
}
