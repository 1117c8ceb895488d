package expression

import "github.com/tandem-sync/tandem/mapping/normal"

// Parsing these costs far more than their length says.
const (
	phoneCost   = 8000
	countryCost = 400
)

func normalFunctions() []function {
	one := []any{new(func(string) string)}
	return []function{
		{"email", one, orNull(0, normal.Email), "email(text)", "The e-mail address in its normal form, null if it is none."},
		{"domain", one, orNull(100, normal.Domain), "domain(text)", "The registered domain of an address, URL or host, null if there is none."},
		{"fold", one, orNull(0, normal.Name), "fold(text)", "The text without case, accents and punctuation, for comparing."},
		{
			"phone",
			[]any{new(func(string, string) string), new(func(string) string)},
			phone,
			"phone(text[, region])", "The phone number in E.164, null if it is none; region is the country of numbers without a country code.",
		},
		{
			"country",
			[]any{new(func(string, string) string), new(func(string) string)},
			country,
			`country(text[, form])`, `The country as ISO 3166 alpha-2 code, or in the form "name" or "alpha3"; null if it is none.`,
		},
	}
}

func orNull(cost int, f func(string) (string, bool)) call {
	return func(b *budget, args []any) (any, error) {
		s, ok := argument(args, 0)
		if err := b.spend(cost + len(s)); err != nil || !ok {
			return nil, err
		}
		out, ok := f(s)
		if !ok {
			return nil, nil
		}
		return out, nil
	}
}

func phone(b *budget, args []any) (any, error) {
	region := or(args, 1, "")
	return orNull(phoneCost, func(s string) (string, bool) { return normal.Phone(s, region) })(b, args)
}

func country(b *budget, args []any) (any, error) {
	form := or(args, 1, "alpha2")
	return orNull(countryCost, func(s string) (string, bool) {
		code, ok := normal.Country(s)
		switch {
		case !ok:
			return "", false
		case form == "name":
			return normal.CountryName(code)
		case form == "alpha3":
			return normal.CountryAlpha3(code)
		default:
			return code, true
		}
	})(b, args)
}
