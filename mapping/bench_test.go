package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// wide makes a map of n mirror entries with its record.
func wide(b *testing.B, n int) (*mapping.Map, record.Fields) {
	b.Helper()
	var yaml strings.Builder
	from, to := schema.Object{Name: "from"}, schema.Object{Name: "to"}
	raw := record.Fields{}
	for i := range n {
		from.Fields = append(from.Fields, schema.Field{Name: fmt.Sprintf("remote_%d", i)})
		to.Fields = append(to.Fields, schema.Field{Name: fmt.Sprintf("field_%d", i)})
		fmt.Fprintf(&yaml, "- {field: field_%d, remote: remote_%d}\n", i, i)
		raw[fmt.Sprintf("remote_%d", i)] = record.OfString("a value of some length")
	}
	m, problems := mapping.Compile(node(b, yaml.String()), to, from, mapping.Options{})
	if len(problems) > 0 {
		b.Fatal(problems)
	}
	return m, raw
}

func BenchmarkMirror(b *testing.B) {
	for _, n := range []int{20, 60} {
		m, raw := wide(b, n)
		golden, _ := m.In(raw)
		b.Run(fmt.Sprintf("In%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.In(raw)
			}
		})
		b.Run(fmt.Sprintf("Out%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Out(golden)
			}
		})
	}
}

func BenchmarkMixed(b *testing.B) {
	m, problems := mapping.Compile(node(b, everything), person(), remote(), mapping.Options{})
	if problems.HasErrors() {
		b.Fatal(problems)
	}
	raw := record.Fields{
		"email": text(record.Email, "ada@example.com"), "phone": text(record.Phone, "+4930901820"), "company": record.OfString("ACME"),
		"LastName": record.OfString("Lovelace"), "status": text(record.Enum, "NEW"), "amount": text(record.Decimal, "1234.5"), "code": record.OfString("EUR"),
		"score_text": record.OfString("1.234,50"), "closed_text": record.OfString("31.12.2026"), "created_ms": record.OfInt(1774915200001),
		"optout_text": record.OfString("Nein"), "mails": record.OfString("a@b.de;c@d.de"), "country": record.OfString("Germany"),
		"mobile": record.OfString("030 901820"), "notes": record.OfString("one, two"), "score": text(record.Decimal, "12.5"), "website": text(record.URL, "https://acme.de"),
	}
	b.ReportAllocs()
	for b.Loop() {
		m.In(raw)
	}
}
