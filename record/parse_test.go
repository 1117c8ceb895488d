package record_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tandem-sync/tandem/record"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const bad = "\x00refused"
	cases := []struct {
		kind     record.Kind
		in, want string
	}{
		{record.String, " a ", " a "},
		{record.Text, "a\nb", "a\nb"},
		{record.Enum, "x", "x"},
		{record.Reference, "id", "id"},
		{record.Integer, "-7", "-7"},
		{record.Integer, "007", "7"},
		{record.Integer, "1e3", "1000"},
		{record.Integer, "5.0", "5"},
		{record.Integer, "-0", "0"},
		{record.Integer, "1.5", bad},
		{record.Integer, "1e999999999", bad},
		{record.Integer, "1e-999999999", bad},
		{record.Integer, "x", bad},
		{record.Integer, strings.Repeat("9", 65), bad},
		{record.Decimal, "1.50", "1.5"},
		{record.Decimal, "-0.0", "0"},
		{record.Decimal, "1e2", "100"},
		{record.Decimal, "1e65", bad},
		{record.Decimal, "1,5", bad},
		{record.Decimal, "NaN", bad},
		{record.Money, "EUR 350000", "EUR 350000"},
		{record.Money, "EUR -1", "EUR -1"},
		{record.Money, "EUR +5", "EUR 5"},
		{record.Money, "EUR 007", "EUR 7"},
		{record.Money, "eur 5", bad},
		{record.Money, "EU 5", bad},
		{record.Money, "123 5", bad},
		{record.Money, "EUR", bad},
		{record.Money, "EUR 5.0", bad},
		{record.Money, "EUR  5", bad},
		{record.Boolean, "YES", "true"},
		{record.Boolean, "1", "true"},
		{record.Boolean, "False", "false"},
		{record.Boolean, "no", "false"},
		{record.Boolean, "on", bad},
		{record.Date, "2026-11-23", "2026-11-23"},
		{record.Date, "2026-02-29", bad},
		{record.Date, "2026-1-2", bad},
		{record.Date, "2026-11-23T00:00:00Z", bad},
		{record.Instant, "2026-11-23T08:30:00+02:00", "2026-11-23T06:30:00Z"},
		{record.Instant, "2026-11-23T08:30:00.500+0000", "2026-11-23T08:30:00.5Z"},
		{record.Instant, "2026-11-24", bad},
		{record.Instant, "9999-12-31T23:59:59-01:00", bad},
		{record.Instant, "0000-01-01T00:00:00+01:00", bad},
		{record.Set, "b\x1fa\x1fb\x1f", "a\x1fb"},
		{record.Phone, "+4930123456", "+4930123456"},
		{record.Phone, "030123", bad},
		{record.Phone, "+1", bad},
		{record.Phone, "+49 30", bad},
		{record.Phone, "+1234567890123456", bad},
		{record.Email, "A@b.example", "A@b.example"},
		{record.Email, "@b", bad},
		{record.Email, "a@", bad},
		{record.Email, "a b@c", bad},
		{record.Email, "a", bad},
		{record.URL, "https://x.example", "https://x.example"},
		{record.URL, "x.example", bad},
		{record.URL, "https://x\x7f", bad},
		{record.Country, "DE", "DE"},
		{record.Country, "de", bad},
		{record.Country, "DEU", bad},
		{record.Country, "12", bad},
		{record.Country, "Ä", bad},
	}
	for _, c := range cases {
		v, err := record.Parse(c.kind, c.in)
		var pe *record.ParseError
		switch {
		case c.want == bad && !errors.As(err, &pe):
			t.Errorf("%s %q is %q, want it refused (%v)", c.kind, c.in, v.Text(), err)
		case c.want == bad && len(c.in) > 3 && strings.Contains(err.Error(), c.in):
			t.Errorf("%s: the error carries the value", c.kind)
		case c.want != bad && (err != nil || v.Text() != c.want || v.Kind() != c.kind || !v.IsPresent()):
			t.Errorf("%s %q is %q, %v; want %q", c.kind, c.in, v.Text(), err, c.want)
		}
	}
	for _, name := range record.KindNames() {
		k, ok := record.ParseKind(name)
		if v, err := record.Parse(k, ""); !ok || k.String() != name || err != nil || v != record.NullOf(k) {
			t.Errorf("%s: empty text is %s, %v", name, v, err)
		}
	}
}

// FuzzParse holds that what Parse gives is canonical: parsed again it is the
// same, and it survives storing.
func FuzzParse(f *testing.F) {
	for i := range record.KindNames() {
		for _, s := range []string{"", "1", "-0.00", "1e30", "EUR +1", "yes", "2026-11-23", "2026-11-23T08:30:00.100Z", "b\x1fa", "+4930", "a@b", "x:y", "DE"} {
			f.Add(uint8(i), s)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, text string) {
		k := record.Kind(int(kind) % len(record.KindNames()))
		v, err := record.Parse(k, text)
		if err != nil {
			return
		}
		if again, err := record.Parse(k, v.Text()); (err != nil || again != v) && text != "" {
			t.Fatalf("%s %q gives %q, and that %q, %v", k, text, v.Text(), again.Text(), err)
		}
		b, err := v.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := record.ParseStored(string(b)); err != nil || got != v {
			t.Fatalf("%q is stored as %q and read as %q: %v", text, b, got.Text(), err)
		}
	})
}

func TestEveryKindAndStateSurvivesStoring(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := record.Fields{}
		for range rapid.IntRange(0, 5).Draw(t, "fields") {
			k := record.Kind(rapid.IntRange(0, len(record.KindNames())-1).Draw(t, "kind"))
			text := rapid.String().Draw(t, "text")
			v := rapid.SampledFrom([]record.Value{record.NullOf(k), record.PlaceholderOf(k, text), record.Of(k, text)}).Draw(t, "value")
			f[rapid.String().Draw(t, "name")] = v
		}
		got, err := record.DecodeFields(f.Encode())
		if err != nil || !got.Equal(f) || got.Hash() != f.Hash() {
			t.Fatalf("%v, differs in %v", err, got.Diff(f))
		}
	})
}

func TestValues(t *testing.T) {
	t.Parallel()
	if a, b := record.OfSet("b", "a", "", "b"), record.OfSet("a", "b"); a != b || len(a.Members()) != 2 {
		t.Errorf("sets %q and %q", a.Members(), b.Members())
	}
	if v := record.OfSet(""); !v.IsNull() || v.Members() != nil {
		t.Errorf("an empty set is %s", v)
	}
	if minor, code, ok := record.OfMoney(-350, "EUR").Money(); minor != -350 || code != "EUR" || !ok {
		t.Errorf("money %d %s %t", minor, code, ok)
	}
	if _, _, ok := record.OfString("EUR 5").Money(); ok {
		t.Error("a text is no amount")
	}
	zone := time.FixedZone("", -8*3600)
	late := time.Date(2026, 11, 23, 23, 0, 0, 1000, zone)
	if got, _ := record.OfInstant(late).Time(); !got.Equal(late) || record.OfInstant(late) != record.OfInstant(late.UTC()) {
		t.Errorf("instant %v", got)
	}
	if record.OfDate(late).Text() != "2026-11-23" {
		t.Error("a day moved with its zone")
	}
	for _, v := range []record.Value{{}, record.NullOf(record.Boolean), record.PlaceholderOf(record.Boolean, "true"), record.OfString("yes")} {
		if _, ok := v.Bool(); ok {
			t.Errorf("%s is a boolean", v)
		}
	}
	if s := record.OfString("secret").String(); strings.Contains(s, "secret") {
		t.Error("a value prints itself")
	}
}
