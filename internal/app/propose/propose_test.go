package propose_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/internal/app/propose"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

func field(name, label string, kind record.Kind, change ...func(*schema.Field)) schema.Field {
	f := schema.Field{Name: name, Label: label, Kind: kind}
	for _, c := range change {
		c(&f)
	}
	return f
}

func custom(f *schema.Field)   { f.Custom = true }
func readOnly(f *schema.Field) { f.ReadOnly = true }

func options(values ...string) func(*schema.Field) {
	return func(f *schema.Field) {
		f.Closed = true
		for _, v := range values {
			f.Options = append(f.Options, schema.Option{Value: v})
		}
	}
}

func people(system, object string, fields ...schema.Field) propose.System {
	caps := schema.Capabilities{Changes: true, Create: true, Update: true}
	return propose.System{
		Name:    system,
		Catalog: schema.Catalog{Objects: []schema.Object{{Name: object, As: record.Person, Fields: fields, Caps: caps}, {Name: "extra", As: record.Deal}}},
		Objects: []propose.Object{{Name: object, As: record.Person, Fields: []string{"email"}, Remotes: []string{"email", "key"}}},
	}
}

func lines(entries []propose.Entry) []string {
	var out []string
	for _, e := range entries {
		line := e.String()
		if e.Doubt != "" {
			line = "? " + line + " " + e.Doubt
		}
		out = append(out, line)
	}
	return out
}

func TestStandardFields(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		field schema.Field
		want  string // "" for nothing
	}{
		"by name":               {field("FirstName", "", record.String), "{field: first_name, remote: FirstName}"},
		"by a vendor's habit":   {field("hs_job_title__c", "", record.String), "{field: job_title, remote: hs_job_title__c}"},
		"by synonym":            {field("Zip", "", record.String), "{field: postal_code, remote: Zip}"},
		"by label":              {field("x17", "Mobile phone", record.Phone), "{field: mobile, remote: x17}"},
		"quoted":                {field("Given Name", "", record.String), `{field: first_name, remote: "Given Name"}`},
		"not written":           {field("city", "", record.String, readOnly), "{field: city, remote: city, direction: in}"},
		"a picklist":            {field("industry", "", record.Enum, options("A")), "{field: industry, remote: industry, direction: in}"},
		"an enum needs meaning": {field("rating", "", record.Enum, options("Hot", "Cold")), `? {field: rating, remote: rating, direction: in} say what its values mean here, as in values: {"Hot": ...}`},
		"money needs currency":  {field("deal_amount", "", record.Decimal), "? {field: deal_amount, remote: deal_amount} say the currency, as in currency: EUR"},
		"another kind":          {field("won_at", "", record.Boolean), "? {field: won_at, remote: won_at} boolean there, date here"},
		"another object":        {field("ownerid", "", record.Reference, func(f *schema.Field) { f.RefersTo = "extra" }), "? {field: owner, remote: ownerid, direction: in} it refers to something else: a reference to extra there, a reference to owner here"},
		"our own key":           {field("key", "First name", record.String), ""},
		"nothing like it":       {field("shoe_size", "Shoe size", record.Integer), ""},
	} {
		p := propose.From(schema.Canonical(), []propose.System{people("a", "contacts", field("email", "", record.Email), test.field)})
		got := strings.Join(lines(p.Entries["a"]["contacts"]), "\n")
		if got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
		if p.Empty() != (test.want == "") {
			t.Errorf("%s: empty is %v", name, p.Empty())
		}
	}
}

func TestTwoFieldsOfOneName(t *testing.T) {
	t.Parallel()
	p := propose.From(schema.Canonical(), []propose.System{people("a", "contacts", field("phone", "", record.Phone), field("Telephone", "", record.Phone))})
	for _, e := range p.Entries["a"]["contacts"] {
		if !strings.Contains(e.Doubt, "keep one") {
			t.Errorf("%s: %q", e, e.Doubt)
		}
	}
}

func TestSharedCustomFields(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		left, right schema.Field
		field       string // "" for nothing
		doubt       string
	}{
		"same":             {field("contract_end", "Contract end", record.Date, custom), field("Contract_End__c", "", record.Date, custom), "date contract_end", ""},
		"the vendors' own": {field("fax", "", record.Phone), field("Fax", "", record.Phone), "", ""},
		"nobody writes it": {field("calc", "", record.Decimal, custom, readOnly), field("Calc__c", "", record.Decimal, custom, readOnly), "", ""},
		"other kinds":      {field("plan", "", record.String, custom), field("Plan__c", "", record.Integer, custom), "string plan", "string in a contacts, integer in b Lead"},
		"same picklist":    {field("tier", "", record.Enum, custom, options("1", "2")), field("Tier__c", "", record.Enum, custom, options("1", "2")), "enum tier", ""},
		"more values":      {field("tier", "", record.Enum, custom, options("1")), field("Tier__c", "", record.Enum, custom, options("1", "2")), "enum tier", `b Lead offers "2" and a contacts does not: say what it means there in values:`},
		"fewer values":     {field("tier", "", record.Enum, custom, options("1", "2")), field("Tier__c", "", record.Enum, custom, options("1")), "enum tier", "b Lead offers fewer values than a contacts: say what they mean there in values:"},
		"our own key":      {field("tandem_id", "", record.String, custom), field("Tandem_Id__c", "", record.String, custom), "", ""},
	} {
		p := propose.From(schema.Canonical(), []propose.System{people("a", "contacts", test.left), people("b", "Lead", test.right)})
		if test.field == "" {
			if len(p.Custom) > 0 {
				t.Errorf("%s: proposes %+v", name, p.Custom)
			}
			continue
		}
		if len(p.Custom) != 1 || p.Custom[0].Kind.String()+" "+p.Custom[0].Name != test.field || p.Custom[0].Doubt != test.doubt {
			t.Errorf("%s: proposes %+v", name, p.Custom)
			continue
		}
		for _, e := range slices.Concat(p.Entries["a"]["contacts"], p.Entries["b"]["Lead"]) {
			if e.Field != p.Custom[0].Name || (e.Doubt == "") != (test.doubt == "") {
				t.Errorf("%s: %s %q", name, e, e.Doubt)
			}
		}
	}
}

const file = `type: hubspot
# a comment
objects:
  owners:
    as: owner
    fields:
      - {field: email, remote: email}

  contacts:
    as: person
    fields:
    - field: email
      remote: email
    # the last one
    tests: []
`

func TestTheFileKeepsItsShape(t *testing.T) {
	t.Parallel()
	got := propose.Connector(file, map[string][]propose.Entry{
		"owners":   {{Field: "name", Remote: "name", Note: "as is"}},
		"contacts": {{Field: "city", Remote: "city"}, {Field: "rating", Remote: "rating", Doubt: "say what"}},
		"deals":    {{Field: "name", Remote: "dealname"}},
	}, []schema.Object{{Name: "calls", As: record.Activity}})
	want := strings.NewReplacer(
		"      - {field: email, remote: email}\n", "      - {field: email, remote: email}\n      # Proposed from the schemas:\n      - {field: name, remote: name}   # as is\n",
		"      remote: email\n    #", "      remote: email\n    # Proposed from the schemas:\n    - {field: city, remote: city}\n    # - {field: rating, remote: rating}   # say what\n    #",
	).Replace(file) + "# Proposed for the field map of deals:\n# - {field: name, remote: dealname}\n# Not mapped here; `tandem connectors TYPE` tells what they hold:\n#   calls (activity)\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, problems := diag.Parse("f", []byte(got)); len(problems) > 0 {
		t.Error(problems)
	}
}

func TestCustomFieldsInTheSettings(t *testing.T) {
	t.Parallel()
	sure := propose.Custom{As: record.Person, Name: "plan", Kind: record.String, Label: "Plan"}
	unsure := propose.Custom{As: record.Deal, Name: "tier", Kind: record.Enum, Label: "Tier", Doubt: "which"}
	for name, test := range map[string]struct {
		text   string
		custom []propose.Custom
		want   string
	}{
		"none":      {"a: b\n", nil, "a: b\n"},
		"some":      {"a: b\n", []propose.Custom{sure, unsure}, "a: b\n\n# Proposed from the schemas.\nfields:\n  person:\n    - {name: plan, kind: string, label: \"Plan\"}\n#   deal:\n#     - {name: tier, kind: enum, label: \"Tier\"}   # which\n"},
		"unsure":    {"a: b\n", []propose.Custom{unsure}, "a: b\n\n# Proposed from the schemas.\n# fields:\n#   deal:\n#     - {name: tier, kind: enum, label: \"Tier\"}   # which\n"},
		"has some":  {"fields:\n  deal: []\n", []propose.Custom{sure}, "fields:\n  deal: []\n\n# Proposed from the schemas; to be moved into fields: above.\n# fields:\n#   person:\n#     - {name: plan, kind: string, label: \"Plan\"}\n"},
		"from zero": {"", []propose.Custom{sure}, "\n\n# Proposed from the schemas.\nfields:\n  person:\n    - {name: plan, kind: string, label: \"Plan\"}\n"},
	} {
		if got := propose.Settings(test.text, test.custom); got != test.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, test.want)
		}
	}
}
