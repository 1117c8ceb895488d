package mapping_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
)

// mirrors is a map of entries that work both ways without loss.
const mirrors = `
- {field: email, remote: email}
- {field: phone, remote: phone, format: {region: DE}}
- {field: company_name, remote: company}
- {field: last_name, remote: LastName, placeholder: "[unknown]"}
- {field: lead_status, remote: status, values: {NEW: new, OPEN: working}}
- {field: deal_amount, remote: amount, currency_from: code}
- {field: score, remote: score_text, format: "1.234,56"}
- {field: won_at, remote: closed_text, format: dd.mm.yyyy}
- {field: created_at, remote: created_ms, format: unix_ms}
- {field: email_opt_out, remote: optout_text, format: {true: Ja, false: Nein}}
- {field: other_emails, remote: mails}
- {field: country, remote: country, format: {country: name}}
`

func day(t *rapid.T) time.Time {
	return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 20000).Draw(t, "day"))
}

// golden draws canonical fields: each absent, null or a value.
func golden(t *rapid.T) record.Fields {
	words := rapid.StringMatching(`[A-Za-zÄÖÜäöüß0-9]{1,20}`)
	draw := map[string]func() record.Value{
		"email": func() record.Value { return text(record.Email, words.Draw(t, "local")+"@example.com") },
		"phone": func() record.Value {
			return text(record.Phone, fmt.Sprintf("+4930%d", rapid.IntRange(200000, 999999).Draw(t, "phone")))
		},
		"company_name": func() record.Value { return record.OfString(words.Draw(t, "company")) },
		"last_name":    func() record.Value { return record.OfString(words.Draw(t, "name")) },
		"lead_status": func() record.Value {
			return text(record.Enum, rapid.SampledFrom([]string{"new", "working"}).Draw(t, "status"))
		},
		"deal_amount": func() record.Value {
			return record.OfMoney(rapid.Int64Range(-1e12, 1e12).Draw(t, "minor"), rapid.SampledFrom([]string{"EUR", "JPY", "BHD"}).Draw(t, "code"))
		},
		"score": func() record.Value {
			return record.OfDecimal(decimal.New(rapid.Int64Range(-1e9, 1e9).Draw(t, "score"), -2))
		},
		"won_at": func() record.Value { return record.OfDate(day(t)) },
		"created_at": func() record.Value {
			return record.OfInstant(day(t).Add(time.Duration(rapid.IntRange(0, 86399999).Draw(t, "ms")) * time.Millisecond))
		},
		"email_opt_out": func() record.Value { return record.OfBool(rapid.Bool().Draw(t, "optout")) },
		"other_emails":  func() record.Value { return record.OfSet(rapid.SliceOfN(words, 1, 4).Draw(t, "set")...) },
		"country": func() record.Value {
			return text(record.Country, rapid.SampledFrom([]string{"DE", "US", "BR", "KR", "CI", "GB"}).Draw(t, "country"))
		},
	}
	out := record.Fields{}
	for _, name := range (record.Fields{}).Merge(keys(draw)).Names() {
		switch rapid.IntRange(0, 5).Draw(t, name) {
		case 0:
		case 1:
			v := draw[name]()
			out[name] = record.NullOf(v.Kind())
		default:
			out[name] = draw[name]()
		}
	}
	return out
}

func keys(m map[string]func() record.Value) record.Fields {
	f := record.Fields{}
	for name := range m {
		f[name] = record.OfBool(true)
	}
	return f
}

// TestInUndoesOut: what mirror entries write is read back as it was.
func TestInUndoesOut(t *testing.T) {
	m := compiled(t, mirrors)
	rapid.Check(t, func(t *rapid.T) {
		want := golden(t)
		raw, problems := m.Out(want)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		got, problems := m.In(raw)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if want["last_name"].IsNull() { // written as a placeholder, which is never read back
			delete(want, "last_name")
		}
		if diff := want.Diff(got); len(diff) > 0 {
			t.Fatalf("%v: %s became %s by way of %s", diff, told(want), told(got), told(raw))
		}
	})
}

// rawFields draws what a remote system might hold, sound or not.
func rawFields(t *rapid.T) record.Fields {
	raw := record.Fields{}
	for _, f := range remote().Fields {
		kind := f.Kind
		if rapid.IntRange(0, 9).Draw(t, "odd") == 0 {
			kind = record.Kind(rapid.IntRange(0, int(record.Reference)).Draw(t, "kind"))
		}
		switch rapid.IntRange(0, 4).Draw(t, "state") {
		case 0:
		case 1:
			raw[f.Name] = record.NullOf(kind)
		case 2:
			raw[f.Name] = record.Of(kind, rapid.String().Draw(t, "any"))
		default:
			raw[f.Name] = record.Of(kind, rapid.SampledFrom([]string{
				" Ada@Example.com", "030 901820", "12.50", "1.234,56", "2026-02-29", "31.12.2026", "NEW", "OPEN", "Ja", "true", "EUR", "jpy",
				"1774915200000", "EUR 12", "a;b;;a", "Deutschland", "[unknown]", "0", "\x1f", "99999999999999999999999999", "1e30",
			}).Draw(t, "known"))
		}
	}
	return raw
}

// TestOutIsStable: reading what was written and writing it again changes
// nothing, whatever the system held at first.
func TestOutIsStable(t *testing.T) {
	m := compiled(t, mirrors)
	rapid.Check(t, func(t *rapid.T) {
		first, _ := m.In(rawFields(t))
		once, problems := m.Out(first)
		if len(problems) > 0 {
			t.Skip("a value that cannot be written there")
		}
		second, problems := m.In(once)
		if len(problems) > 0 {
			t.Fatalf("cannot read back %s: %v", told(once), problems)
		}
		twice, problems := m.Out(second)
		if len(problems) > 0 || !once.Equal(twice) {
			t.Fatalf("%s became %s: %v", told(once), told(twice), problems)
		}
	})
}

// TestDatesNeverShift: a day is the same day in every zone the process or the
// map may be in.
func TestDatesNeverShift(t *testing.T) {
	for _, zone := range []string{"Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York", "Europe/Berlin", "Asia/Kathmandu"} {
		for _, entry := range []string{"remote: closed_on", "remote: closed_text", "remote: closed_text, format: dd.mm.yyyy", "remote: closed_ms, format: unix_ms", "remote: closed_at"} {
			m := compiled(t, "- {field: won_at, "+entry+", zone: "+zone+"}")
			for _, date := range []string{"2026-03-29", "2026-10-25", "2026-12-31", "2027-01-01", "2028-02-29"} {
				raw, problems := m.Out(record.Fields{"won_at": text(record.Date, date)})
				got, more := m.In(raw)
				if v := got["won_at"]; v.Text() != date || len(problems)+len(more) > 0 {
					t.Errorf("%s in %s, %s: came back as %s by way of %s (%v %v)", date, zone, entry, v.Text(), told(raw), problems, more)
				}
			}
		}
	}
}

const everything = mirrors + `
- {field: mobile, in: 'phone(coalesce(mobile, phone), country(country))', absent: blank}
- {field: job_title, in: 'join(map(split(notes, ","), upper(#)), " ")'}
- {field: industry, in: 'notes matches "^[a-z]+$" ? hash(notes) : before(notes, " ")'}
- {field: rating, in: 'score > 50 ? "hot" : "cold"'}
- {field: website, remote: website}
- {field: description, in: 'substring(notes, length(notes) - 5, 99) + title(notes)'}
`

func FuzzIn(f *testing.F) {
	for _, s := range []string{"", "a", "Ada@Example.com", "030 901820", "1.234,56", "31.12.2026", "\xff\xfe", strings.Repeat("x", 5000), "\x00\x1f"} {
		f.Add(s, byte(0))
	}
	m, problems := mapping.Compile(node(f, everything), person(), remote(), mapping.Options{})
	if problems.HasErrors() {
		f.Fatal(problems)
	}
	f.Fuzz(func(t *testing.T, s string, kind byte) {
		raw := record.Fields{}
		for i, field := range remote().Fields {
			k := field.Kind
			if i%2 == 0 {
				k = record.Kind(kind) % (record.Reference + 1)
			}
			raw[field.Name] = record.Of(k, s)
		}
		golden, problems := m.In(raw)
		out, more := m.Out(golden)
		m.Explain(raw, golden)
		again, _ := m.In(out)
		for _, p := range append(problems, more...) {
			if len(s) > 12 && strings.Contains(p.Error(), s) {
				t.Fatalf("a value is in the message: %v", p)
			}
		}
		_, _ = m.Out(again)
	})
}
