package reconcile_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/reconcile"
)

// read is a read of the CRM that found v where base was.
func read(v, base record.Value, minute int, kind record.ActorKind) reconcile.Side {
	return reconcile.Side{
		System: "crm", Role: "sales", Known: true, Incoming: record.Fields{"f": v}, Base: record.Fields{"f": base},
		Source: record.Source{System: "crm", At: at(minute), Actor: record.Actor{Kind: kind}}, After: at(minute - 1),
	}
}

func TestFights(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		values string
		actors map[int]record.ActorKind
		holdAt int // step, 0 for never
	}{
		"two flips are let pass":                {values: "abab", holdAt: 0},
		"the third flip is held":                {values: "ababa", holdAt: 4},
		"a person's edit starts anew":           {values: "ababa", actors: map[int]record.ActorKind{3: record.ActorUser}, holdAt: 0},
		"a value in between does not start new": {values: "abacacac", holdAt: 5},
		"onward is no flip":                     {values: "abcdefgh", holdAt: 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g, held := reconcile.Golden{}, 0
			for i := range c.values {
				v := str(c.values[i : i+1])
				var base record.Value
				if i > 0 {
					base = str(c.values[i-1 : i])
				}
				r := reconcile.Merge(g, read(v, base, i+2, c.actors[i]), under(reconcile.Policy{Rule: reconcile.Newest}))
				if len(r.Held) > 0 && held == 0 {
					held = i
					if r.Held[0].Reason != ledger.Fights || r.Golden.Fields["f"] != g.Fields["f"] || len(r.Changes) > 0 {
						t.Errorf("step %d: %+v", i, r)
					}
				}
				g = r.Golden
			}
			if held != c.holdAt {
				t.Errorf("held at step %d, want %d", held, c.holdAt)
			}
		})
	}
}

func TestAnOptOutIsNeverAFight(t *testing.T) {
	t.Parallel()
	out, in := record.OfBool(true), record.OfBool(false)
	g := reconcile.Golden{
		Fields:  record.Fields{"f": in},
		Origins: map[string]ledger.Origin{"f": {Before: out.Hash(), Flips: reconcile.MaxFlips}},
	}
	r := reconcile.Merge(g, read(out, in, 5, record.ActorWorkflow), under(reconcile.Policy{Rule: reconcile.Consent}))
	if r.Golden.Fields["f"] != out || len(r.Held) > 0 {
		t.Errorf("an opt-out was held: %+v", r.Held)
	}
}

func TestFollowingRecordsOnlyOptOut(t *testing.T) {
	t.Parallel()
	out, in := record.OfBool(true), record.OfBool(false)
	cases := map[string]struct {
		rule             reconcile.Rule
		golden, incoming record.Value
		want             record.Value
	}{
		"an edit is not taken":          {reconcile.Newest, str("g"), str("i"), str("g")},
		"a blank is not filled":         {reconcile.Newest, record.Value{}, str("i"), record.Value{}},
		"an opt-out is taken":           {reconcile.Consent, in, out, out},
		"no opt-out tells nothing":      {reconcile.Consent, record.Value{}, in, record.Value{}},
		"no opt-out takes nothing back": {reconcile.Consent, out, in, out},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := reconcile.Golden{Fields: record.Fields{"f": c.golden}}
			side := reconcile.Side{System: "crm", Follows: true, Incoming: record.Fields{"f": c.incoming}}
			r := reconcile.Merge(g, side, under(reconcile.Policy{Rule: c.rule}))
			if got := r.Golden.Fields["f"]; got != c.want || len(r.Held) > 0 {
				t.Errorf("golden is %s %q, held %v", got, got.Text(), r.Held)
			}
			side.Incoming = record.Fields{"f": str("g")}
			if r = reconcile.Merge(g, side, under(reconcile.Policy{Rule: c.rule})); len(r.Settled) > 0 {
				t.Errorf("settles %v of the primary record", r.Settled)
			}
		})
	}
}

func TestNothingToMerge(t *testing.T) {
	t.Parallel()
	for _, rule := range reconcile.Rules() {
		for name, side := range map[string]reconcile.Side{
			"absent":        {System: "crm", Incoming: record.Fields{"f": {}}, Known: true, Base: record.Fields{"f": str("g")}},
			"missing":       {System: "crm", Incoming: record.Fields{}, Known: true, Base: record.Fields{"f": str("g")}},
			"placeholder":   {System: "crm", Incoming: record.Fields{"f": record.PlaceholderOf(record.Enum, "-")}, Known: true, Base: record.Fields{"f": str("g")}},
			"as it was":     {System: "crm", Incoming: record.Fields{"f": str("i")}, Known: true, Base: record.Fields{"f": str("i")}},
			"placeholder 1": {System: "crm", Incoming: record.Fields{"f": record.PlaceholderOf(record.Enum, "-")}},
		} {
			r := reconcile.Merge(reconcile.Golden{Fields: record.Fields{"f": str("g")}}, side, under(reconcile.Policy{Rule: rule}))
			if len(r.Changes)+len(r.Held)+len(r.Settled) > 0 || r.Golden.Fields["f"] != str("g") {
				t.Errorf("%s, %s: %+v", rule, name, r)
			}
		}
	}
}

func TestSettled(t *testing.T) {
	t.Parallel()
	g := reconcile.Golden{Fields: record.Fields{"same": str("g"), "taken": str("g"), "kept": str("g"), "odd": str("g")}}
	side := reconcile.Side{
		System: "crm", Known: true,
		Incoming: record.Fields{"same": str("g"), "taken": str("i"), "kept": null(), "odd": str("i")},
		Base:     record.Fields{"same": str("b"), "taken": str("g"), "kept": str("b"), "odd": str("b")},
	}
	c := under(reconcile.Policy{Rule: reconcile.NeverClear})
	r := reconcile.Merge(g, side, c)
	if !slices.Equal(r.Settled, []string{"same", "taken"}) {
		t.Errorf("settled %v", r.Settled)
	}
	if len(r.Held) != 1 || r.Held[0].Field != "odd" {
		t.Errorf("held %v", r.Held)
	}
}

func TestOriginTellsWhereAValueCameFrom(t *testing.T) {
	t.Parallel()
	g := reconcile.Golden{
		Fields:  record.Fields{"f": str("g")},
		Origins: map[string]ledger.Origin{"f": {Source: record.Source{System: "mkt"}}},
	}
	side := read(str("i"), str("g"), 5, record.ActorWorkflow)
	side.Actors = map[string]record.Actor{"f": {Kind: record.ActorUser, ID: "7"}}
	side.Times = map[string]time.Time{"f": at(4)}
	r := reconcile.Merge(g, side, under(reconcile.Policy{Rule: reconcile.Newest}))
	o := r.Golden.Origins["f"]
	if o.Actor.ID != "7" || !o.At.Equal(at(4)) || !o.After.Before(at(4)) || o.Run != "r1" || !o.Read.Equal(at(59)) || o.Before != str("g").Hash() {
		t.Errorf("origin %+v", o)
	}
	if ch := r.Changes[0]; ch.From != str("g") || ch.To != str("i") || ch.Lost != str("g") || ch.LostBy != "mkt" {
		t.Errorf("change %+v", ch)
	}
	// Two edits of the same instant are a tie, whichever was read first.
	next := read(str("j"), str("g"), 5, "")
	next.System, next.Times = "mkt", map[string]time.Time{"f": at(4)}
	if r = reconcile.Merge(r.Golden, next, under(reconcile.Policy{Rule: reconcile.Newest})); len(r.Held) != 1 {
		t.Errorf("one of two edits of the same instant won: %+v", r)
	}
}

func TestPolicyOf(t *testing.T) {
	t.Parallel()
	p := reconcile.Policies{Fields: map[string]reconcile.Policy{"x": {Rule: reconcile.Max, Others: reconcile.Leave}}}
	if got := p.Of("y"); got.Rule != reconcile.Newest || got.Others != reconcile.Revert {
		t.Errorf("default %+v", got)
	}
	if got := p.Of("x"); got.Rule != reconcile.Max || got.Others != reconcile.Leave {
		t.Errorf("own %+v", got)
	}
}

func anyValue(t *rapid.T, label string) record.Value {
	return rapid.OneOf(
		rapid.Just(record.Value{}), rapid.Just(null()), rapid.Just(record.PlaceholderOf(record.Enum, "-")),
		rapid.Just(record.OfBool(true)), rapid.Just(record.OfBool(false)),
		rapid.Map(rapid.Int64Range(0, 3), record.OfInt),
		rapid.Map(rapid.SampledFrom([]string{"lead", "mql", "sql", "x"}), str),
		rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3), func(m []string) record.Value { return set(m...) }),
	).Draw(t, label)
}

func anySide(t *rapid.T) reconcile.Side {
	side := reconcile.Side{
		System: rapid.SampledFrom([]string{"crm", "mkt", "erp"}).Draw(t, "system"), Role: rapid.SampledFrom([]string{"sales", "marketing", "both"}).Draw(t, "role"),
		Incoming: record.Fields{"f": anyValue(t, "incoming")}, Base: record.Fields{"f": anyValue(t, "base")},
		Known: rapid.Bool().Draw(t, "known"), Follows: rapid.Bool().Draw(t, "follows"),
		After: at(rapid.IntRange(1, 10).Draw(t, "after")),
	}
	side.Source = record.Source{System: side.System, At: side.After.Add(time.Minute), Actor: record.Actor{Kind: rapid.SampledFrom([]record.ActorKind{"", record.ActorUser}).Draw(t, "actor")}}
	return side
}

func anyContext(t *rapid.T) reconcile.Context {
	names := rapid.SliceOfN(rapid.SampledFrom([]string{"crm", "mkt", "sales", "marketing"}), 0, 2)
	return under(reconcile.Policy{
		Rule: rapid.SampledFrom(reconcile.Rules()).Draw(t, "rule"), Owners: names.Draw(t, "owners"), Tie: names.Draw(t, "tie"), First: names.Draw(t, "first"),
		Others: rapid.SampledFrom([]string{"", reconcile.Leave}).Draw(t, "others"), Order: []string{"lead", "mql", "sql"}, Keep: rapid.Bool().Draw(t, "keep"),
	})
}

func TestMergeProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c, g := anyContext(t), reconcile.Golden{}
		for range rapid.IntRange(1, 6).Draw(t, "reads") {
			side := anySide(t)
			before, origins := g.Fields.Clone(), len(g.Origins)
			incoming, base := side.Incoming.Clone(), side.Base.Clone()
			r := reconcile.Merge(g, side, c)
			if !g.Fields.Equal(before) || len(g.Origins) != origins || !side.Incoming.Equal(incoming) || !side.Base.Equal(base) {
				t.Fatal("Merge changed its arguments")
			}
			was, now := g.Fields["f"], r.Golden.Fields["f"]
			if now.State() == record.Placeholder || (now.IsAbsent() && !was.IsAbsent()) {
				t.Fatalf("golden became %s", now)
			}
			wasOut, _ := was.Bool()
			if isOut, _ := now.Bool(); c.Policies.Default.Rule == reconcile.Consent && wasOut && !isOut {
				t.Fatal("an opt-out was taken back")
			}
			order := c.Policies.Default.Order
			if c.Policies.Default.Rule == reconcile.Ratchet && slices.Index(order, now.Text()) < slices.Index(order, was.Text()) {
				t.Fatalf("went back from %s to %s", was.Text(), now.Text())
			}
			again := reconcile.Merge(r.Golden, side, c)
			if !again.Golden.Fields.Equal(r.Golden.Fields) || len(again.Changes) > 0 {
				t.Fatalf("the same read changes golden twice: %+v", again.Changes)
			}
			g = r.Golden
		}
	})
}

func TestUnionDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "c", "d"}))
		a := reconcile.Side{System: "crm", Incoming: record.Fields{"f": set(members.Draw(t, "a")...)}}
		b := reconcile.Side{System: "mkt", Incoming: record.Fields{"f": set(members.Draw(t, "b")...)}}
		c := under(reconcile.Policy{Rule: reconcile.Union})
		ab := reconcile.Merge(reconcile.Merge(reconcile.Golden{}, a, c).Golden, b, c).Golden.Fields["f"]
		ba := reconcile.Merge(reconcile.Merge(reconcile.Golden{}, b, c).Golden, a, c).Golden.Fields["f"]
		if ab != ba {
			t.Fatalf("%q and %q", ab.Members(), ba.Members())
		}
	})
}
