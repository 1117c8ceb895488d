package mapping

import (
	"strings"

	"github.com/tandem-sync/tandem/mapping/normal"
	"github.com/tandem-sync/tandem/record"
)

// toText writes any value as text, in the declared form where there is one.
func (f *forms) toText(kind record.Kind) converter {
	return func(v record.Value, _ record.Fields) (record.Value, error) {
		s, err := f.spell(v)
		if err == nil && s == "" {
			return record.NullOf(kind), nil
		}
		return record.Of(kind, s), err
	}
}

func (f *forms) spell(v record.Value) (string, error) {
	switch v.Kind() {
	case record.Boolean:
		return f.word(v), nil
	case record.Set:
		return f.joined(v)
	case record.Integer, record.Decimal:
		return f.spellNumber(v)
	case record.Money:
		return f.spellMoney(v)
	case record.Date, record.Instant:
		return f.spellTime(v)
	case record.Country:
		return f.spellCountry(v)
	default:
		return v.Text(), nil
	}
}

// joined writes a set as text. A member that holds the separator would come
// back as two.
func (f *forms) joined(v record.Value) (string, error) {
	var members []string
	for _, m := range v.Members() {
		if strings.Contains(m, f.separator) {
			return "", &failure{Invalid, "a member of the set holds the separator: declare another `separator`"}
		}
		if m = strings.TrimSpace(m); m != "" {
			members = append(members, m)
		}
	}
	return strings.Join(members, f.separator), nil
}

func (f *forms) word(v record.Value) string {
	yes, _ := v.Bool()
	switch {
	case yes && len(f.yes) > 0:
		return f.yes[0]
	case !yes && len(f.no) > 0:
		return f.no[0]
	default:
		return v.Text()
	}
}

func (f *forms) spellCountry(v record.Value) (string, error) {
	var name string
	ok := true
	switch f.country {
	case "name":
		name, ok = normal.CountryName(v.Text())
	case "alpha3":
		name, ok = normal.CountryAlpha3(v.Text())
	default:
		name = v.Text()
	}
	if !ok {
		return "", invalid(record.Country, "a country with a name")
	}
	return name, nil
}

// toWord gives one word: an enum's or a reference's text.
func (f *forms) toWord(kind record.Kind) converter {
	return func(v record.Value, _ record.Fields) (record.Value, error) {
		switch v.Kind() {
		case record.Set:
			members := v.Members()
			if len(members) != 1 {
				return record.Value{}, invalid(kind, "one word, but there are several")
			}
			return record.Of(kind, members[0]), nil
		case record.Boolean:
			return record.Of(kind, f.word(v)), nil
		default:
			return v.WithKind(kind), nil
		}
	}
}

// toNormal reads what people type as a phone number, address, URL or country.
func (f *forms) toNormal(kind record.Kind) converter {
	read := func(s string) (string, bool) { return s, true }
	want := "text"
	switch kind {
	case record.Phone:
		read = func(s string) (string, bool) { return normal.Phone(s, f.region) }
		want = "a number that exists, with its country code or a declared region"
	case record.Email:
		read, want = address, "name@domain"
	case record.URL:
		read, want = absolute, "a web address"
	case record.Country:
		read, want = normal.Country, "a country by code or name"
	default: // the other kinds have converters of their own
	}
	return func(v record.Value, _ record.Fields) (record.Value, error) {
		s := normal.Trim(v.Text())
		if s == "" {
			return record.NullOf(kind), nil
		}
		out, ok := read(s)
		if !ok || !textual(v.Kind()) {
			return record.Value{}, invalid(kind, want)
		}
		return record.Of(kind, out), nil
	}
}

// address keeps an e-mail address as given, if it is one.
func address(s string) (string, bool) {
	_, ok := normal.Email(s)
	return s, ok
}

// absolute completes a web address typed without its scheme.
func absolute(s string) (string, bool) {
	if _, err := record.Parse(record.URL, s); err == nil && strings.Contains(s, "://") {
		return s, true
	}
	if _, ok := normal.Domain(s); !ok || strings.ContainsAny(s, "@ ") {
		return "", false
	}
	_, err := record.Parse(record.URL, "https://"+s)
	return "https://" + s, err == nil
}

// fromNormal writes a canonical value to a remote field of such a kind.
func (f *forms) fromNormal(kind record.Kind) converter {
	return func(v record.Value, _ record.Fields) (record.Value, error) {
		if v.Kind() == record.Country && kind != record.Country {
			s, err := f.spellCountry(v)
			return record.Of(kind, s), err
		}
		return v.WithKind(kind), nil
	}
}

func (f *forms) toSet(v record.Value, _ record.Fields) (record.Value, error) {
	if v.Kind() == record.Set {
		return v, nil
	}
	parts := strings.Split(v.Text(), f.separator)
	for i, p := range parts {
		parts[i] = strings.TrimSpace(p)
		if strings.Contains(p, "\x1f") {
			return record.Value{}, invalid(record.Set, "members without control characters")
		}
	}
	return record.OfSet(parts...), nil
}

func (f *forms) toBoolean(v record.Value, _ record.Fields) (record.Value, error) {
	if v.Kind() == record.Boolean {
		return v, nil
	}
	text := strings.TrimSpace(v.Text())
	if len(f.yes) > 0 {
		switch {
		case fold(f.yes, text):
			return record.OfBool(true), nil
		case fold(f.no, text):
			return record.OfBool(false), nil
		}
		return record.Value{}, invalid(record.Boolean, "one of the declared words for true and false")
	}
	out, err := record.Parse(record.Boolean, text)
	if err != nil {
		return record.Value{}, invalid(record.Boolean, "true or false")
	}
	return out, nil
}

func fold(words []string, text string) bool {
	for _, w := range words {
		if strings.EqualFold(w, text) {
			return true
		}
	}
	return false
}
