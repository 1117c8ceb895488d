package plan_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/plan"
)

func TestUpdateOfOneField(t *testing.T) {
	t.Parallel()
	out, in := record.OfBool(true), record.OfBool(false)
	blind := func(o *plan.Out) { o.Mirror = false }
	form := func(o *plan.Out) { o.Rewrite = true }
	ph := record.PlaceholderOf(record.String, "-")
	cases := map[string]struct {
		field        string
		change       func(*plan.Out)
		golden, held record.Value
		sent, echo   record.Value
		want         record.Value // absent: not written
	}{
		"differs":                               {golden: str("new"), held: str("old"), want: str("new")},
		"clear":                                 {golden: null(), held: str("old"), want: null()},
		"golden absent":                         {held: str("old")},
		"not read":                              {golden: str("new")},
		"means the same":                        {golden: str("x"), held: str("=x")},
		"means the same, rewrite_form":          {change: form, golden: str("x"), held: str("=x"), want: str("x")},
		"would be stored the same":              {golden: str("abcd"), held: str("abc")},
		"the system rewrites it so":             {field: "city", golden: str("new"), held: str("NEW"), sent: str("new"), echo: str("NEW")},
		"rewritten once, edited since":          {field: "city", golden: str("new"), held: str("old"), sent: str("new"), echo: str("NEW"), want: str("new")},
		"rewritten once, another value now":     {field: "city", golden: str("next"), held: str("NEW"), sent: str("new"), echo: str("NEW"), want: str("next")},
		"sent but no echo known":                {field: "city", golden: str("new"), held: str("old"), sent: str("new"), want: str("new")},
		"clear of null":                         {change: blind, golden: null(), held: null()},
		"clear of empty text":                   {change: blind, golden: null(), held: str("")},
		"clear of null of another kind":         {golden: null(), held: record.NullOf(record.Text)},
		"placeholder over a value":              {golden: ph, held: str("old")},
		"placeholder there already":             {golden: ph, held: ph},
		"opt-out":                               {field: "opt_out", golden: out, held: in, want: out},
		"opt-out over null":                     {field: "opt_out", golden: out, held: null(), want: out},
		"opt-out taken back":                    {field: "opt_out", golden: in, held: out},
		"opt-out cleared":                       {field: "opt_out", golden: null(), held: out},
		"opt-out taken back, not read back":     {field: "opt_out", change: blind, golden: in, held: out},
		"opt-out taken back by rewrite_form":    {field: "opt_out", change: form, golden: in, held: out},
		"another boolean may go back and forth": {field: "city", golden: in, held: out, want: in},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.field == "" {
				c.field = "name"
			}
			m := mirror("name", "city", "opt_out")
			if c.change != nil {
				m = m.with(c.field, c.change)
			}
			remote := "F_" + c.field
			l := link("crm", "Contact", "7", record.Fields{remote: c.held})
			l.Shadow.Sent, l.Shadow.Echo = record.Fields{remote: c.sent}, record.Fields{remote: c.echo}
			p := planner(object("Contact", m))
			p.Systems[0].Former = former{}
			got := p.Entity(input(record.Fields{c.field: c.golden}, l))
			if c.want.IsAbsent() {
				if len(got.Rows) > 0 {
					t.Fatalf("writes %v", got.Rows[0].After)
				}
				return
			}
			if len(got.Rows) != 1 {
				t.Fatalf("%d rows, blocked %v", len(got.Rows), got.Blocked)
			}
			r := got.Rows[0]
			if r.After[remote] != c.want || r.Before[remote] != c.held || r.Kind != connectors.Update || r.Remote != "7" || r.Version != "v1" || r.MapRev != "rev" {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestUpdateOfAReference(t *testing.T) {
	t.Parallel()
	company := func(o *plan.Out) { o.Ref = "Account" }
	created := object("Account", mirror())
	created.As = record.Company
	hold := ledger.Hold{HoldKey: ledger.HoldKey{Entity: "E1", System: "crm", Field: "company"}, Reason: ledger.Manual, Version: "v1"}
	cases := map[string]struct {
		golden, held, sent, echo record.Value
		noCreate                 bool
		holds                    []ledger.Hold
		want                     record.Value
	}{
		"points elsewhere":                   {golden: refTo("C1"), held: str("999"), want: refTo("C1")},
		"points there":                       {golden: refTo("C1"), held: str("001")},
		"points there, object named":         {golden: refTo("C1"), held: str("Account/001")},
		"by a record known by now":           {golden: refTo("mkt/companies/c1"), held: null(), want: refTo("C1")},
		"by a record not read yet":           {golden: refTo("mkt/companies/c9"), held: null()},
		"to what will be created":            {golden: refTo("C2"), held: null(), want: refTo("C2")},
		"to what is never created":           {golden: refTo("C2"), held: null(), noCreate: true},
		"cleared":                            {golden: record.NullOf(record.Reference), held: str("001"), want: record.NullOf(record.Reference)},
		"cleared already":                    {golden: record.NullOf(record.Reference), held: null()},
		"placeholder over a value":           {golden: record.PlaceholderOf(record.Reference, "x"), held: str("001")},
		"held":                               {golden: refTo("C1"), held: str("999"), holds: []ledger.Hold{hold}},
		"rewritten by the target":            {golden: refTo("C1"), held: str("999"), sent: str("001"), echo: str("999")},
		"rewritten by the target, edited":    {golden: refTo("C1"), held: str("888"), sent: str("001"), echo: str("999"), want: refTo("C1")},
		"a clear rewritten by the target":    {golden: record.NullOf(record.Reference), held: str("999"), sent: record.NullOf(record.Reference), echo: str("999")},
		"another reference rewritten before": {golden: refTo("C1"), held: str("999"), sent: str("777"), echo: str("999"), want: refTo("C1")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			accounts := created
			if c.noCreate {
				accounts.Create = nil
			}
			p := planner(object("Contact", mirror("company").with("company", company)), accounts)
			l := link("crm", "Contact", "7", record.Fields{"F_company": c.held})
			l.Shadow.Sent, l.Shadow.Echo = record.Fields{"F_company": c.sent}, record.Fields{"F_company": c.echo}
			in := input(record.Fields{"company": c.golden}, l)
			in.Holds = c.holds
			got := p.Entity(in)
			if len(got.Blocked) != len(c.holds) {
				t.Errorf("blocked %v", got.Blocked)
			}
			if c.want.IsAbsent() {
				if len(got.Rows) > 0 {
					t.Fatalf("writes %v", got.Rows[0].After)
				}
				return
			}
			if len(got.Rows) != 1 || got.Rows[0].After["F_company"] != c.want {
				t.Fatalf("%+v", got.Rows)
			}
			if refs := got.Rows[0].Refs; c.want.IsPresent() != (refs["F_company"] == "Account") {
				t.Errorf("refs %v", refs)
			}
		})
	}
}

func TestWhatCannotBeMappedIsBlocked(t *testing.T) {
	t.Parallel()
	p := planner(object("Contact", mirror("name", "city")))
	in := input(record.Fields{"name": str("!x"), "city": str("new")}, link("crm", "Contact", "7", record.Fields{"F_name": str("a"), "F_city": str("b")}))
	got := p.Entity(in)
	if len(got.Rows) != 1 || len(got.Rows[0].After) != 1 || len(got.Blocked) != 1 {
		t.Fatalf("%+v", got)
	}
	h := got.Blocked[0]
	if !h.New || h.Reason != ledger.Quarantined || h.Field != "name" || h.System != "crm" {
		t.Errorf("%+v", h)
	}
	in.Holds = []ledger.Hold{h.Hold}
	if got = p.Entity(in); len(got.Blocked) != 1 || got.Blocked[0].New || len(got.Ended) > 0 {
		t.Errorf("the hold is made anew: %+v", got.Blocked)
	}
}

func TestPlanningIsIdempotent(t *testing.T) {
	t.Parallel()
	value := rapid.OneOf(rapid.Just(record.Value{}), rapid.Just(null()), rapid.Map(rapid.SampledFrom([]string{"", "a", "b", "abcd", "!"}), str))
	rapid.Check(t, func(t *rapid.T) {
		fields := []string{"name", "city", "opt_out"}
		golden, held := record.Fields{}, record.Fields{}
		for _, f := range fields {
			golden[f], held["F_"+f] = value.Draw(t, "golden"), value.Draw(t, "held")
		}
		golden["opt_out"] = record.OfBool(rapid.Bool().Draw(t, "out"))
		held["F_opt_out"] = record.OfBool(rapid.Bool().Draw(t, "held out"))
		o := object("Contact", mirror(fields...))
		o.OnDelete = rapid.SampledFrom([]string{"unlink", "archive", "recreate"}).Draw(t, "on delete")
		in := input(golden)
		if rapid.Bool().Draw(t, "linked") {
			in.Links = append(in.Links, link("crm", "Contact", "7", held))
		}
		p := planner(o)
		first, second := p.Entity(in), p.Entity(in)
		if len(first.Rows) != len(second.Rows) || len(first.Blocked) != len(second.Blocked) {
			t.Fatal("two plans of the same differ")
		}
		for i := range first.Rows {
			if first.Rows[i].ID() != second.Rows[i].ID() {
				t.Fatal("two plans of the same differ")
			}
		}
		// A create writes no clears: what is not there cannot be read back.
		if again := p.Entity(apply(in, first.Rows)); len(again.Rows) > 0 {
			t.Fatalf("%v, then %v", first.Rows[0].After, again.Rows[0].After)
		}
	})
}
