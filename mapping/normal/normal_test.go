package normal_test

import (
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/mapping/normal"
)

type normalise func(string) (string, bool)

func check(t *testing.T, f normalise, cases map[string]string) {
	t.Helper()
	for in, want := range cases {
		got, ok := f(in)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", in, got, ok, want)
		}
		if again, _ := f(got); ok && again != got {
			t.Errorf("%q: not stable: %q becomes %q", in, got, again)
		}
	}
}

func TestEmail(t *testing.T) {
	check(t, normal.Email, map[string]string{
		" Ada@Example.COM ":                 "ada@example.com",
		"\u200bada@example.com\ufeff":       "ada@example.com",
		"a.d.a+x@gmail.com":                 "a.d.a+x@gmail.com",
		"jose\u0301@m\u00fcnchen.example":   "jos\u00e9@xn--mnchen-3ya.example",
		"jos\u00e9@mu\u0308nchen.example":   "jos\u00e9@xn--mnchen-3ya.example",
		"o'brien@example.com.":              "o'brien@example.com",
		"ada":                               "",
		"@example.com":                      "",
		"ada@":                              "",
		"a b@example.com":                   "",
		"Ada <ada@example.com>":             "",
		"a@b@c.example":                     "",
		"ada@exa mple.com":                  "",
		"ada@example..com":                  "",
		strings.Repeat("a", 400) + "@b.com": "",
		"a\nb@example.com":                  "",
	})
}

func TestDomain(t *testing.T) {
	check(t, normal.Domain, map[string]string{
		"https://www.acme.co.uk/contact?x=a@b.de": "acme.co.uk",
		"acme.com":                     "acme.com",
		"WWW.Acme.com:8080":            "acme.com",
		"ada@mail.acme.de":             "acme.de",
		"tandem.github.io":             "tandem.github.io",
		"https://m\u00fcnchen.example": "xn--mnchen-3ya.example",
		"co.uk":                        "",
		"localhost":                    "",
		"192.168.1.1":                  "",
		"http://[::1]/":                "",
		"not a url":                    "",
		"":                             "",
	})
}

func TestPhone(t *testing.T) {
	for _, tt := range []struct{ in, region, want string }{
		{"030 / 9018-20", "DE", "+4930901820"},
		{"0049 30 901820", "", "+4930901820"},
		{"+49 (0)30 901820", "", "+4930901820"},
		{"(212) 555-0123", "us", "+12125550123"},
		{"(212) 555-0123", "", ""},
		{"+1 (555) 000", "US", ""},
		{"n/a", "DE", ""},
		{"", "DE", ""},
		{strings.Repeat("1", 5000), "DE", ""},
	} {
		if got, ok := normal.Phone(tt.in, tt.region); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%.20q in %q: got %q, %v; want %q", tt.in, tt.region, got, ok, tt.want)
		}
	}
	if !normal.ValidRegion("de") || normal.ValidRegion("XX") || normal.ValidRegion("") {
		t.Error("ValidRegion is wrong")
	}
}

func TestName(t *testing.T) {
	check(t, normal.Name, map[string]string{
		"  Jos\u00e9   GARC\u00cdA-L\u00f3pez ": "jose garcia lopez",
		"O\u2019Brien":                          "obrien",
		"Stra\u00dfe":                           "strasse",
		"\u738b\u5c0f\u660e":                    "\u738b\u5c0f\u660e",
		"...":                                   "",
	})
}

func TestCountry(t *testing.T) {
	check(t, normal.Country, map[string]string{
		"DE": "DE", "de": "DE", "DEU": "DE", "Germany": "DE", "Deutschland": "DE", "brasil": "BR", "Brazil": "BR",
		"Korea, South": "KR", "UK": "GB", "England": "GB", "U.S.A.": "US", "United States": "US", "\u00d6sterreich": "AT",
		"Czech Republic": "CZ", "C\u00f4te d'Ivoire": "CI", "Viet Nam": "VN", "The Netherlands": "NL", "T\u00fcrkiye": "TR",
		"France": "FR", "NA": "NA", "India": "IN", "south africa": "ZA", "Russian Federation": "RU",
		"Atlantis": "", "": "", "unknown": "", "XX": "", "??": "", "x": "",
	})
	if name, ok := normal.CountryName("DE"); name != "Germany" || !ok {
		t.Errorf("CountryName: %q", name)
	}
	if code, ok := normal.CountryAlpha3("DE"); code != "DEU" || !ok {
		t.Errorf("CountryAlpha3: %q", code)
	}
	if _, ok := normal.CountryName("ZZ"); ok {
		t.Error("ZZ has a name")
	}
}

func FuzzNormal(f *testing.F) {
	for _, s := range []string{"ada@example.com", "+49 30 901820", "https://a.de", "M\u00fcller", "Brasil", "\xff", "@", "//", "a@xn--"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, fn := range map[string]normalise{
			"email": normal.Email, "domain": normal.Domain, "country": normal.Country, "name": normal.Name,
			"phone": func(s string) (string, bool) { return normal.Phone(s, "DE") },
		} {
			got, ok := fn(s)
			if again, still := fn(got); ok && (again != got || !still) {
				t.Errorf("%s: %q gives %q, which gives %q", name, s, got, again)
			}
		}
	})
}

func BenchmarkPhone(b *testing.B) {
	for b.Loop() {
		normal.Phone("+4930901820", "DE")
	}
}

func BenchmarkEmail(b *testing.B) {
	for b.Loop() {
		normal.Email("Ada.Lovelace@Example.com")
	}
}

func BenchmarkCountry(b *testing.B) {
	for b.Loop() {
		normal.Country("Germany")
	}
}
