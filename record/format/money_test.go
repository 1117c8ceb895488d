package format_test

import (
	"math"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/tandem-sync/tandem/record/format"
)

func money(t *testing.T, example, currency string) format.Money {
	t.Helper()
	m, err := format.ParseMoney(example, currency)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMoneyParse(t *testing.T) {
	tests := []struct{ example, currency, text, want string }{
		{"1234.56 | € 1.234,56", "EUR", "€ 3.500,00", "EUR 3500.00"},
		{"1234.56 | € 1.234,56", "EUR", "1000.0", "EUR 1000.00"},
		{"€ 1.234,56", "", "3.500,00 EUR", "EUR 3500.00"},
		{"€ 1.234,56", "", "-€ 0,01", "EUR -0.01"},
		{"($ 1,234.00)", "CAD", "($ 5.00)", "CAD -5.00"},
		{"1,234.56", "JPY", "1,500", "JPY 1500"},
		{"1,234.56", "JPY", "1,500.00", "JPY 1500"},
		{"1234.56", "BHD", "1.234", "BHD 1.234"},
		{"1234.56", "CLF", "1.2345", "CLF 1.2345"},
		{"XXX 1,234.56", "", "USD 12.5", "USD 12.50"},
		{"XXX 1,234.56", "", "12.5 £", "GBP 12.50"},
		{"1234.56", "EUR", "92233720368547758.07", "EUR 92233720368547758.07"},
		{"1234.56", "EUR", "92233720368547758.08", "!"},
		{"1234.56", "JPY", "1.5", "!"},
		{"1234.56", "EUR", "1.005", "!"},
		{"€ 1.234,56", "", "$ 5,00", "!"},
		{"€ 1.234,56", "", "5,00 USD", "!"},
		{"€ 1.234,56", "", "5 € 00", "!"},
		{"XXX 1,234.56", "", "$ 12.5", "!"},
		{"XXX 1,234.56", "", "12.5", "!"},
		{"1234.56", "EUR", "EUR 5", "!"},
		{"1234.56", "EUR", "", "!"},
	}
	for _, tt := range tests {
		a, err := money(t, tt.example, tt.currency).Parse(tt.text)
		got := a.String()
		if err != nil {
			got = "!"
		}
		if got != tt.want {
			t.Errorf("%q read as %q %s: %s, %v; want %s", tt.text, tt.example, tt.currency, got, err, tt.want)
		}
	}
}

func TestMoneyFormatsRefused(t *testing.T) {
	for _, tt := range [][2]string{{"1234.56", ""}, {"$ 12.00", ""}, {"kr 12", ""}, {"1234.56", "EURO"}, {"1234.56", "eur"}, {"€ 12.00", "USD"}, {"12 %", "EUR"}, {"1.234", "EUR"}, {"1234.56 | $ 12.00", "EUR"}} {
		if m, err := format.ParseMoney(tt[0], tt[1]); err == nil {
			t.Errorf("%q in %q was accepted as %v", tt[0], tt[1], m)
		}
	}
}

func TestMoneyFormat(t *testing.T) {
	tests := []struct {
		example, currency string
		amount            format.Amount
		want              string
	}{
		{"€ 1.234,56", "", format.Amount{Minor: -350000, Currency: "EUR"}, "-€ 3.500,00"},
		{"1234.56", "BHD", format.Amount{Minor: 1234, Currency: "BHD"}, "1.234"},
		{"1234", "JPY", format.Amount{Minor: 1500, Currency: "JPY"}, "1500"},
		{"XXX 1,234.56", "", format.Amount{Minor: 1250, Currency: "USD"}, "USD 12.50"},
		{"1234", "EUR", format.Amount{Minor: 1550, Currency: "EUR"}, "!"},
		{"1234.56", "EUR", format.Amount{Minor: 1550, Currency: "USD"}, "!"},
		{"XXX 1,234.56", "", format.Amount{Minor: 1550, Currency: "ZZZ"}, "!"},
	}
	for _, tt := range tests {
		got, err := money(t, tt.example, tt.currency).Format(tt.amount)
		if err != nil {
			got = "!"
		}
		if got != tt.want {
			t.Errorf("%v printed as %q: %q, %v; want %q", tt.amount, tt.example, got, err, tt.want)
		}
	}
}

func TestMinorUnits(t *testing.T) {
	want := map[string]int{"EUR": 2, "USD": 2, "JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3, "CLF": 4, "HUF": 2}
	for code, decimals := range want {
		if got, known := format.MinorUnits(code); !known || got != decimals {
			t.Errorf("%s has %d decimals (known %v), want %d", code, got, known, decimals)
		}
	}
	for _, code := range []string{"", "eur", "EU", "EUR ", " EU", "UR ", "R A", "ZZZ", "XXX"} {
		if _, known := format.MinorUnits(code); known {
			t.Errorf("%q counts as a currency", code)
		}
	}
	if _, err := format.ToMinor(decimal.New(1, 0), "ZZZ"); err == nil {
		t.Error("an unknown currency was converted")
	}
}

func FuzzMoneyRoundTrip(f *testing.F) {
	f.Add(int64(math.MinInt64), 0)
	f.Add(int64(math.MaxInt64), 1)
	f.Fuzz(func(t *testing.T, minor int64, which int) {
		forms := [][2]string{{"€ 1.234,56", "EUR"}, {"1234.56", "BHD"}, {"1 234", "JPY"}, {"(XXX 1,234.56)", ""}, {"12.00 kr", "SEK"}, {"$1,234.56", "USD"}}
		form := forms[int(uint(which)%uint(len(forms)))]
		m := money(t, form[0], form[1])
		a := format.Amount{Minor: minor, Currency: form[1]}
		if a.Currency == "" {
			a.Currency = "CHF"
		}
		text, err := m.Format(a)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := m.Parse(text); err != nil || got != a {
			t.Fatalf("%v printed as %q and read as %v, %v", a, text, got, err)
		}
	})
}
