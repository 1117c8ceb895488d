package format_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/tandem-sync/tandem/record/format"
)

func number(t *testing.T, example string) format.Number {
	t.Helper()
	n, err := format.ParseNumber(example)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNumberParse(t *testing.T) {
	tests := []struct{ example, text, want string }{
		{"1234.56", "1234.56", "1234.56"},
		{"1234.56", "-0.10", "-0.1"},
		{"1234.56", "+7", "7"},
		{"1234.56", ".5", "0.5"},
		{"1234.56", "12345678901234567890.123456789", "12345678901234567890.123456789"},
		{"1234.56", "\u22125", "-5"},
		{"1.234,56", "1.234,56", "1234.56"},
		{"1.234,56", "1234,56", "1234.56"},
		{"1.234,56", "1.234.567", "1234567"},
		{"1.234,56", "0,5", "0.5"},
		{"1 234.56", "1\u202f234.56", "1234.56"},
		{"1 234.56", "12\u00a0345 678.5", "12345678.5"},
		{"1'234.56", "1\u2019234.56", "1234.56"},
		{"€ 3.500,00", "€ 3.500,00", "3500"},
		{"€ 3.500,00", "€3500,00", "3500"},
		{"€ 3.500,00", "3.500,00 €", "3500"},
		{"€ 3.500,00", "-€ 3.500,00", "-3500"},
		{"€ 3.500,00", "€ -3.500,00", "-3500"},
		{"(12.00)", "(12.00)", "-12"},
		{"(12.00)", "12.00", "12"},
		{"(12.00)", "-3", "-3"},
		{"($ 1,234.00)", "($ 1,234.50)", "-1234.5"},
		{"($ 1,234.00)", "$ (1,234.50)", "-1234.5"},
		{"12.00-", "12.50-", "-12.5"},
		{"12,5 %", "12,5 %", "0.125"},
		{"12,5 %", "-12%", "-0.12"},
		{"1.234.567", "12.345", "12345"},
		{"12", "12345", "12345"},
		{"1234.56 | € 1.234,56", "1000.0", "1000"},
		{"1234.56 | € 1.234,56", "€ 3.500,00", "3500"},
		{"1234.56 | € 1.234,56", "€ 3500,00", "3500"},
		// not in the declared format
		{"1234.56", "1,234.56", "!"},
		{"1234.56", "€ 12.00", "!"},
		{"1234.56", "", "!"},
		{"1234.56", "-", "!"},
		{"1234.56", "12.", "!"},
		{"1234.56", "1e5", "!"},
		{"1234.56", "1 2", "!"},
		{"1234.56", "(12)", "!"},
		{"1234.56", "12-", "!"},
		{"1234.56", "NaN", "!"},
		{"1234.56", "٣", "!"},
		{"1234.56", "--5", "!"},
		{"1.234,56", "1.23,5", "!"},
		{"1.234,56", "1234.56", "!"},
		{"1.234,56", "1.2345", "!"},
		{"1.234,56", "1,234.56", "!"},
		{"1.234,56", ".234,5", "!"},
		{"1.234,56", "1..234", "!"},
		{"€ 3.500,00", "$ 3.500,00", "!"},
		{"(12.00)", "-(12.00)", "!"},
		{"(12.00)", "(-12.00)", "!"},
		{"12,5 %", "12,5", "!"},
		{"12", "1.5", "!"},
		{"1234.56", strings.Repeat("9", 61), "!"},
	}
	for _, tt := range tests {
		got, err := number(t, tt.example).Parse(tt.text)
		if tt.want == "!" {
			if !errors.Is(err, format.ErrNoMatch) {
				t.Errorf("%q read as %q: %v, %v; want no match", tt.text, tt.example, got, err)
			} else if len(tt.text) > 3 && strings.Contains(err.Error(), tt.text) && !strings.Contains(tt.example, tt.text) {
				t.Errorf("the error repeats the text: %v", err)
			}
			continue
		}
		if err != nil || got.String() != tt.want {
			t.Errorf("%q read as %q: %v, %v; want %s", tt.text, tt.example, got, err, tt.want)
		}
	}
}

func TestNumberAmbiguous(t *testing.T) {
	if _, err := number(t, "1234.56 | 1.234,56").Parse("3.500"); !errors.Is(err, format.ErrAmbiguous) {
		t.Errorf("3.500 is read two ways and should be refused: %v", err)
	}
}

func TestNumberExamplesThatAreNotClear(t *testing.T) {
	for _, example := range []string{"", "abc", "1.234", "1,234", "€ 1.234,56 EUR", "€ 12 %", "1.23.456", "1;234", "1.234.56,00.1", "#12", "1 234 56"} {
		if n, err := format.ParseNumber(example); err == nil {
			t.Errorf("%q was accepted as %v", example, n)
		}
	}
}

func TestNumberFormat(t *testing.T) {
	tests := []struct{ example, number, want string }{
		{"1234.56", "1234.5", "1234.50"},
		{"1234.56", "1234.567", "1234.567"},
		{"1234.56", "1.10000", "1.10"},
		{"1.234,56", "-1234567.8", "-1.234.567,80"},
		{"1 234.56", "999", "999.00"},
		{"1'234.5", "123456", "123'456.0"},
		{"€ 3.500,00", "-3500", "-€ 3.500,00"},
		{"3.500,00 EUR", "3500", "3.500,00 EUR"},
		{"(12.00)", "-12", "(12.00)"},
		{"12.00-", "-12", "12.00-"},
		{"12,5 %", "0.125", "12,5 %"},
		{"12%", "0.5", "50%"},
		{"12", "3", "3"},
		{"12", "3.0", "3"},
		{"1234.56", "1e3", "1000.00"},
		{"12", "3.5", "!"},
		{"12%", "0.125", "!"},
	}
	for _, tt := range tests {
		got, err := number(t, tt.example).Format(decimal.RequireFromString(tt.number))
		if err != nil {
			got = "!"
		}
		if got != tt.want {
			t.Errorf("%s printed as %q: %q, want %q", tt.number, tt.example, got, tt.want)
		}
	}
}

func examples() []string {
	return []string{"1234.56", "1.234,56", "1 234.5", "1'234.56", "€ 3.500,00", "(12.00)", "12.00-", "12,5 %", "3.500,00 kr", "($ 1,234.00)"}
}

func FuzzNumberRoundTrip(f *testing.F) {
	f.Add(int64(-123456), int32(-2), 0)
	f.Add(int64(5), int32(3), 7)
	f.Fuzz(func(t *testing.T, coefficient int64, exponent int32, which int) {
		all := examples()
		n := number(t, all[int(uint(which)%uint(len(all)))])
		d := decimal.New(coefficient, exponent%20)
		text, err := n.Format(d)
		if err != nil {
			t.Fatal(err)
		}
		got, err := n.Parse(text)
		if err != nil || !got.Equal(d) {
			t.Fatalf("%v printed as %q and read as %v, %v", d, text, got, err)
		}
	})
}

func FuzzNumberParse(f *testing.F) {
	for _, s := range []string{"1.234,56", "(€ 12)", "--", "5 %", "€", "1e9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, example := range examples() {
			n := number(t, example)
			d, err := n.Parse(text)
			if err != nil {
				continue
			}
			again, err := n.Format(d)
			if err != nil {
				t.Fatalf("%q: %v", example, err)
			}
			if back, err := n.Parse(again); err != nil || !back.Equal(d) {
				t.Fatalf("%q: %q became %q", example, text, again)
			}
		}
	})
}
