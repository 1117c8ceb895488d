package plan_test

import (
	"errors"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/plan"
)

func TestStands(t *testing.T) {
	t.Parallel()
	stands := map[ledger.Reason]string{ // what ends each: d desired, m map, v version, u until
		ledger.Pending: "dmvu", ledger.Dead: "dmvu", ledger.Quarantined: "dmvu",
		ledger.Left: "dmv", ledger.Excluded: "dmv", ledger.Manual: "dmv",
		ledger.Undone: "d", ledger.Fights: "", ledger.Consent: "",
	}
	for reason, ends := range stands {
		for _, what := range []string{"", "d", "m", "v", "u"} {
			h := ledger.Hold{Reason: reason, Desired: "d1", MapRev: "m1", Version: "v1", Until: now().Add(time.Minute)}
			desired, rev, version := "d1", "m1", "v1"
			switch what {
			case "d":
				desired = "d2"
			case "m":
				rev = "m2"
			case "v":
				version = "v2"
			case "u":
				h.Until = now()
			}
			ended := what != "" && containsByte(ends, what[0])
			if got := plan.Stands(h, desired, rev, version, now()); got == ended {
				t.Errorf("%s after a change of %q: stands is %t", reason, what, got)
			}
		}
		unknowing := ledger.Hold{Reason: reason}
		if !plan.Stands(unknowing, "d", "m", "v", now()) {
			t.Errorf("%s ends by what it does not know", reason)
		}
	}
}

func containsByte(s string, b byte) bool {
	for i := range len(s) {
		if s[i] == b {
			return true
		}
	}
	return false
}

func TestHoldsOnAnUpdate(t *testing.T) {
	t.Parallel()
	hold := func(system, field, version string) ledger.Hold {
		return ledger.Hold{HoldKey: ledger.HoldKey{Entity: "E1", System: system, Field: field}, Reason: ledger.Left, Version: version}
	}
	cases := map[string]struct {
		hold                   ledger.Hold
		fields, blocked, ended int
	}{
		"on the field":              {hold("crm", "name", "v1"), 1, 1, 0},
		"on the field, everywhere":  {hold("", "name", "v1"), 1, 1, 0},
		"on the field, elsewhere":   {hold("mkt", "name", "v1"), 2, 0, 0},
		"on the field, moved on":    {hold("crm", "name", "v0"), 2, 0, 1},
		"on the record":             {hold("crm", "*", "v1"), 0, 1, 0},
		"on the record, moved on":   {hold("crm", "*", "v0"), 2, 0, 1},
		"on a field that is no out": {hold("crm", "phone", "v1"), 2, 0, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := input(record.Fields{"name": str("n"), "city": str("c")}, link("crm", "Contact", "7", record.Fields{"F_name": str("x"), "F_city": str("y")}))
			in.Holds = []ledger.Hold{c.hold}
			got := planner(object("Contact", mirror("name", "city"))).Entity(in)
			fields := 0
			for _, r := range got.Rows {
				fields += len(r.After)
			}
			if fields != c.fields || len(got.Blocked) != c.blocked || len(got.Ended) != c.ended {
				t.Errorf("%d fields, blocked %v, ended %v", fields, got.Blocked, got.Ended)
			}
		})
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	boom := func(record.Fields) (bool, error) { return true, errors.New("boom") }
	quarantine := ledger.Hold{HoldKey: ledger.HoldKey{Entity: "E1", System: "mkt", Field: "email"}, Reason: ledger.Quarantined}
	undone := ledger.Hold{HoldKey: ledger.HoldKey{Entity: "E1", System: "crm", Field: "name"}, Reason: ledger.Undone, Desired: str("n").Hash()}
	intent := func(kind string, state ledger.IntentState) []ledger.Intent {
		return []ledger.Intent{{Ref: ledger.Ref{System: "crm"}, Kind: kind, State: state}}
	}
	cases := map[string]struct {
		golden  record.Fields
		change  func(*plan.Object)
		in      func(*plan.Input)
		fields  int    // of the row; 0 for none
		blocked string // cause
	}{
		"made":                     {fields: 2},
		"never made there":         {change: func(o *plan.Object) { o.Create = nil }},
		"connector cannot":         {change: func(o *plan.Object) { o.Caps.Create = false }},
		"another canonical object": {change: func(o *plan.Object) { o.As = record.Deal }},
		"create filter says no":    {change: func(o *plan.Object) { o.Create = no }},
		"create filter fails":      {change: func(o *plan.Object) { o.Create = boom }},
		"outside the inclusion":    {change: func(o *plan.Object) { o.Includes = no }},
		"inclusion fails":          {change: func(o *plan.Object) { o.Includes = boom }},
		"inside the inclusion":     {change: func(o *plan.Object) { o.Includes = yes }, fields: 2},
		"create open":              {in: func(in *plan.Input) { in.Intents = intent("create", ledger.IntentUnknown) }, blocked: "create not confirmed"},
		"create accepted":          {in: func(in *plan.Input) { in.Intents = intent("create", ledger.IntentAccepted) }, blocked: "create not confirmed"},
		"create ended":             {in: func(in *plan.Input) { in.Intents = intent("create", ledger.IntentRejected) }, fields: 2},
		"update open":              {in: func(in *plan.Input) { in.Intents = intent("update", ledger.IntentUnknown) }, fields: 2},
		"match key quarantined":    {in: func(in *plan.Input) { in.Holds = []ledger.Hold{quarantine} }, blocked: "match key in quarantine"},
		"a field undone there":     {in: func(in *plan.Input) { in.Holds = []ledger.Hold{undone} }, fields: 1, blocked: "undone"},
		"a value cannot be mapped": {golden: record.Fields{"name": str("!"), "city": str("c")}, blocked: "unmapped for F_name"},
		"nulls are not sent":       {golden: record.Fields{"name": str("n"), "city": null()}, fields: 1},
		"a placeholder is sent":    {golden: record.Fields{"name": record.PlaceholderOf(record.String, "-"), "city": str("c")}, fields: 2},
		"nothing to say":           {golden: record.Fields{"name": null()}},
	}
	undone.Cause = "undone"
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.golden == nil {
				c.golden = record.Fields{"name": str("n"), "city": str("c")}
			}
			o := object("Contact", mirror("name", "city"))
			o.Key = "tandem_id"
			if c.change != nil {
				c.change(&o)
			}
			in := input(c.golden)
			if c.in != nil {
				c.in(&in)
			}
			got := planner(o).Entity(in)
			fields := 0
			for _, r := range got.Rows {
				fields += len(r.After)
				if r.Kind != connectors.Create || r.Remote != "" || r.Key != (connectors.Key{Field: "tandem_id", Value: "E1"}) || len(r.Before) > 0 {
					t.Errorf("%+v", r)
				}
			}
			if fields != c.fields || (len(got.Blocked) == 1) != (c.blocked != "") {
				t.Fatalf("%d fields, blocked %v", fields, got.Blocked)
			}
			if c.blocked != "" && c.blocked != "undone" && got.Blocked[0].Cause != c.blocked {
				t.Errorf("blocked by %q", got.Blocked[0].Cause)
			}
		})
	}
}

func TestTheBestObjectThatTakesTheRecordIsCreated(t *testing.T) {
	t.Parallel()
	contact, lead := object("Contact", mirror("name")), object("Lead", mirror("name"))
	golden := record.Fields{"name": str("n")}
	if got := planner(contact, lead).Entity(input(golden)); len(got.Rows) != 1 || got.Rows[0].Object != "Contact" {
		t.Errorf("%+v", got.Rows)
	}
	contact.Create = no
	if got := planner(contact, lead).Entity(input(golden)); len(got.Rows) != 1 || got.Rows[0].Object != "Lead" {
		t.Errorf("%+v", got.Rows)
	}
}

func TestLinksDecide(t *testing.T) {
	t.Parallel()
	in := func(states ...ledger.LinkState) []ledger.Link {
		var links []ledger.Link
		for i, s := range states {
			l := link("crm", "Contact", string(rune('1'+i)), record.Fields{"F_name": str("old")})
			l.State, l.Primary = s, s == ledger.Live && i == 0
			links = append(links, l)
		}
		return links
	}
	cases := map[string]struct {
		onDelete string
		links    []ledger.Link
		mkt      ledger.LinkState
		want     connectors.OpKind // "" for nothing
	}{
		"live":                            {"unlink", in(ledger.Live), ledger.Live, connectors.Update},
		"gone, unlink":                    {"unlink", in(ledger.GoneState), ledger.Live, ""},
		"gone, archive":                   {"archive", in(ledger.GoneState), ledger.Live, ""},
		"gone, recreate":                  {"recreate", in(ledger.GoneState), ledger.Live, connectors.Create},
		"gone and lost, recreate":         {"recreate", in(ledger.GoneState, ledger.Lost), ledger.Live, ""},
		"lost, recreate":                  {"recreate", in(ledger.Lost), ledger.Live, ""},
		"merged, recreate":                {"recreate", in(ledger.Merged), ledger.Live, ""},
		"left filter, recreate":           {"recreate", in(ledger.LeftFilter), ledger.Live, ""},
		"left filter":                     {"unlink", in(ledger.LeftFilter), ledger.Live, ""},
		"live, gone elsewhere, archive":   {"archive", in(ledger.Live), ledger.GoneState, connectors.Archive},
		"live, gone elsewhere, unlink":    {"unlink", in(ledger.Live), ledger.GoneState, connectors.Update},
		"live, lost elsewhere, archive":   {"archive", in(ledger.Live), ledger.Lost, connectors.Update},
		"live, left elsewhere, archive":   {"archive", in(ledger.Live), ledger.LeftFilter, connectors.Update},
		"live, merged elsewhere, archive": {"archive", in(ledger.Live), ledger.Merged, connectors.Update},
		"never there, gone elsewhere":     {"recreate", nil, ledger.GoneState, ""},
		"never there, excluded elsewhere": {"unlink", nil, ledger.LeftFilter, ""},
		"never there":                     {"unlink", nil, ledger.Live, connectors.Create},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := object("Contact", mirror("name"))
			o.OnDelete = c.onDelete
			i := input(record.Fields{"name": str("new")}, c.links...)
			i.Links[0].State = c.mkt
			got := planner(o).Entity(i)
			var kind connectors.OpKind
			if len(got.Rows) > 0 {
				kind = got.Rows[0].Kind
			}
			if kind != c.want || len(got.Rows) > 1 {
				t.Errorf("%q, want %q", kind, c.want)
			}
			i.Entity.Into = "E2"
			if got = planner(o).Entity(i); len(got.Rows) > 0 {
				t.Error("a merged entity is written")
			}
		})
	}
}

func TestOnlyWhatCanBeDoneIsPlanned(t *testing.T) {
	t.Parallel()
	golden := record.Fields{"name": str("new")}
	l := link("crm", "Contact", "7", record.Fields{"F_name": str("old")})
	o := object("Contact", mirror("name"))
	o.Caps.Update = false
	if got := planner(o).Entity(input(golden, l)); len(got.Rows) > 0 {
		t.Error("an object without updates is updated")
	}
	if got := planner(object("Lead", mirror("name"))).Entity(input(golden, l)); len(got.Rows) > 0 {
		t.Errorf("a record linked as an object left out of the plan is written: %+v", got.Rows)
	}
}

func TestRefs(t *testing.T) {
	t.Parallel()
	r := ledger.Ref{System: "crm", Object: "Lead", ID: "a/b"}
	if got, ok := plan.ParseRef(plan.FormatRef(r)); !ok || got != r {
		t.Errorf("%+v", got)
	}
	for _, s := range []string{"", "E1", "crm/Lead"} {
		if _, ok := plan.ParseRef(s); ok {
			t.Errorf("%q is read as a reference", s)
		}
	}
}
