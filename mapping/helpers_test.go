package mapping_test

import (
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

func person() schema.Object {
	o, _ := schema.Canonical().Object(string(record.Person))
	return o
}

// remote is an object with a field of every kind.
func remote() schema.Object {
	return schema.Object{Name: "contacts", Fields: []schema.Field{
		{Name: "email", Kind: record.Email},
		{Name: "firstname", Kind: record.String, MaxLen: 10},
		{Name: "LastName", Kind: record.String, Required: true, MaxLen: 80},
		{Name: "phone", Kind: record.Phone},
		{Name: "mobile", Kind: record.String, Empty: []string{"n/a"}},
		{Name: "company", Kind: record.String},
		{Name: "website", Kind: record.URL},
		{Name: "notes", Kind: record.Text},
		{Name: "short_notes", Kind: record.String, MaxLen: 20},
		{Name: "country", Kind: record.String},
		{Name: "status", Kind: record.Enum, Closed: true, Options: []schema.Option{
			{Value: "NEW", Label: "New lead"}, {Value: "OPEN", Label: "Open"}, {Value: "CONNECTED", Label: "Connected"}, {Value: "OLD", Label: "Old", Gone: true},
		}},
		{Name: "stage", Kind: record.Enum, Options: []schema.Option{{Value: "100", Label: "Won"}, {Value: "200", Label: "Lost"}}},
		{Name: "amount", Kind: record.Decimal},
		{Name: "amount_text", Kind: record.String},
		{Name: "code", Kind: record.String},
		{Name: "iso_code", Kind: record.Enum},
		{Name: "score", Kind: record.Decimal, Empty: []string{"0"}},
		{Name: "score_text", Kind: record.String},
		{Name: "closed_on", Kind: record.Date},
		{Name: "closed_at", Kind: record.Instant},
		{Name: "closed_ms", Kind: record.Integer},
		{Name: "closed_text", Kind: record.String},
		{Name: "created", Kind: record.Instant},
		{Name: "created_text", Kind: record.String},
		{Name: "created_ms", Kind: record.Integer},
		{Name: "optout", Kind: record.Boolean},
		{Name: "optin", Kind: record.Boolean},
		{Name: "optout_text", Kind: record.String},
		{Name: "optout_int", Kind: record.Integer},
		{Name: "mails", Kind: record.String},
		{Name: "mail_set", Kind: record.Set},
		{Name: "owner_id", Kind: record.Integer, ReadOnly: true},
		{Name: "First Name", Kind: record.String},
	}}
}

func node(tb testing.TB, text string) diag.Node {
	tb.Helper()
	n, problems := diag.Parse("map.yaml", []byte(text))
	if len(problems) > 0 {
		tb.Fatal(problems)
	}
	return n
}

// compiled compiles a map that must have no mistakes.
func compiled(tb testing.TB, text string) *mapping.Map {
	tb.Helper()
	m, problems := mapping.Compile(node(tb, text), person(), remote(), mapping.Options{})
	if problems.HasErrors() {
		tb.Fatal(problems)
	}
	return m
}

func text(k record.Kind, s string) record.Value { return record.Of(k, s) }

// told spells fields for comparison: name=state or text.
func told(f record.Fields) string {
	var parts []string
	for _, name := range f.Names() {
		v := f[name]
		s := v.String()
		if !v.IsNull() {
			s = v.Kind().String() + ":" + strings.ReplaceAll(v.Text(), "\x1f", ",")
		}
		if v.State() == record.Placeholder {
			s = "placeholder:" + v.Text()
		}
		parts = append(parts, name+"="+s)
	}
	return strings.Join(parts, " ")
}

func failures(problems []mapping.Problem) string {
	var parts []string
	for _, p := range problems {
		parts = append(parts, p.Field+"/"+p.Remote+":"+string(p.Reason))
	}
	return strings.Join(parts, " ")
}
