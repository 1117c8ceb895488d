package reconcile_test

import (
	"testing"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/reconcile"
)

func at(minute int) time.Time { return time.Date(2026, 11, 23, 8, minute, 0, 0, time.UTC) }

func str(s string) record.Value { return record.Of(record.Enum, s) }

func null() record.Value { return record.NullOf(record.Enum) }

func num(n int64) record.Value { return record.OfInt(n) }

func set(members ...string) record.Value { return record.OfSet(members...) }

// cell is one cell of a rule's truth table: a read of the system "crm" (sales)
// against a golden value that came from "mkt" (marketing).
type cell struct {
	name     string
	policy   reconcile.Policy
	golden   record.Value
	incoming record.Value
	base     record.Value // absent: no base
	from     string       // golden's system, "mkt" if empty
	// The golden edit lies in (gAfter, gAt], this one in (after, at]; minutes.
	gAfter, gAt, after, at int
	field                  int // minute of the field's own time, 0 for none

	want record.Value
	rule string        // of the change; "" for none
	held ledger.Reason // "" for none
}

func (c cell) merge() reconcile.Result {
	g := reconcile.Golden{Fields: record.Fields{}, Origins: map[string]ledger.Origin{}}
	if !c.golden.IsAbsent() {
		from := c.from
		if from == "" {
			from = "mkt"
		}
		origin := ledger.Origin{Source: record.Source{System: from, At: minute(c.gAt)}, After: minute(c.gAfter)}
		g.Fields["f"], g.Origins["f"] = c.golden, origin
	}
	side := reconcile.Side{
		System: "crm", Role: "sales", Incoming: record.Fields{"f": c.incoming},
		Source: record.Source{System: "crm", At: minute(c.at)}, After: minute(c.after),
	}
	if !c.base.IsAbsent() {
		side.Known, side.Base = true, record.Fields{"f": c.base}
	}
	if c.field > 0 {
		side.Times = map[string]time.Time{"f": at(c.field)}
	}
	return reconcile.Merge(g, side, under(c.policy))
}

func minute(m int) time.Time {
	if m == 0 {
		return time.Time{}
	}
	return at(m)
}

func under(p reconcile.Policy) reconcile.Context {
	return reconcile.Context{
		Policies: reconcile.Policies{Default: p}, Roles: reconcile.Roles{"mkt": "marketing", "crm": "sales", "erp": "both"},
		Run: "r1", Now: at(59),
	}
}

func check(t *testing.T, cells []cell) {
	t.Helper()
	for _, c := range cells {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := c.merge()
			if got := r.Golden.Fields["f"]; got != c.want {
				t.Errorf("golden is %s %q, want %s %q", got, got.Text(), c.want, c.want.Text())
			}
			var rule string
			if len(r.Changes) == 1 {
				rule = r.Changes[0].Rule
			}
			if rule != c.rule {
				t.Errorf("rule %q, want %q", rule, c.rule)
			}
			var held ledger.Reason
			if len(r.Held) == 1 {
				held = r.Held[0].Reason
			}
			if held != c.held {
				t.Errorf("held %q, want %q", held, c.held)
			}
		})
	}
}

func TestFill(t *testing.T) {
	t.Parallel()
	p := reconcile.Policy{Rule: reconcile.Newest}
	check(t, []cell{
		{name: "golden absent, incoming present", policy: p, incoming: str("a"), want: str("a"), rule: "fill"},
		{name: "golden null, incoming present", policy: p, golden: null(), incoming: str("a"), want: str("a"), rule: "fill"},
		{name: "golden absent, incoming null", policy: p, incoming: null(), want: null(), rule: "fill"},
		{name: "golden null, incoming null of another kind", policy: p, golden: null(), incoming: record.NullOf(record.Text), want: null()},
	})
}

func TestFirst(t *testing.T) {
	t.Parallel()
	first := func(who ...string) reconcile.Policy { return reconcile.Policy{Rule: reconcile.Newest, First: who} }
	c := func(name string, p reconcile.Policy, goldenAt, sideAt int, want, rule string, held ledger.Reason) cell {
		return cell{name: name, policy: p, golden: str("g"), incoming: str("i"), gAt: goldenAt, at: sideAt, want: str(want), rule: rule, held: held}
	}
	check(t, []cell{
		{name: "incoming blank", policy: first("crm"), golden: str("g"), incoming: null(), want: str("g")},
		c("First names this side", first("crm"), 1, 2, "i", "first:crm", ""),
		c("First names this side's role", first("sales"), 1, 2, "i", "first:sales", ""),
		c("First names golden's origin", first("mkt", "crm"), 1, 2, "g", "", ""),
		c("First names golden's role", first("marketing"), 1, 2, "g", "", ""),
		c("newest: side later", first("newest"), 1, 2, "i", "first:newest", ""),
		c("newest: golden later", first("newest"), 2, 1, "g", "", ""),
		c("newest: same time", first("newest"), 2, 2, "g", "", ledger.Manual),
		c("newest: side does not tell when", first("newest"), 2, 0, "g", "", ledger.Manual),
		c("newest: golden does not tell when", first("newest"), 0, 2, "g", "", ledger.Manual),
		c("newest: same time, next decides", first("newest", "crm"), 2, 2, "i", "first:crm", ""),
		c("hold", first("hold", "crm"), 1, 2, "g", "", ledger.Manual),
		c("nothing", first(), 1, 2, "g", "", ledger.Manual),
		c("nothing matches", first("other"), 1, 2, "g", "", ledger.Manual),
	})
}

func TestOwner(t *testing.T) {
	t.Parallel()
	sales := reconcile.Policy{Rule: reconcile.Owner, Owners: []string{"sales"}}
	mkt := reconcile.Policy{Rule: reconcile.Owner, Owners: []string{"mkt"}}
	left := reconcile.Policy{Rule: reconcile.Owner, Owners: []string{"mkt"}, Others: reconcile.Leave}
	both := reconcile.Policy{Rule: reconcile.Owner, Owners: []string{"mkt", "crm"}}
	check(t, []cell{
		{name: "side is the owner", policy: sales, golden: str("g"), incoming: str("i"), base: str("g"), want: str("i"), rule: "owner"},
		{name: "side is the owner, clear", policy: sales, golden: str("g"), incoming: null(), base: str("g"), want: null(), rule: "owner"},
		{name: "side is the owner, no base", policy: sales, golden: str("g"), incoming: str("i"), want: str("i"), rule: "owner"},
		{name: "side is the owner, no base, blank", policy: sales, golden: str("g"), incoming: null(), want: str("g")},
		{name: "side is a lesser owner", policy: both, golden: str("g"), incoming: str("i"), base: str("g"), want: str("g")},
		{name: "not owner, no base, golden not by owner", policy: mkt, from: "erp", golden: str("g"), incoming: str("i"), want: str("g"), held: ledger.Manual},
		{name: "not owner, no base, golden by owner", policy: mkt, golden: str("g"), incoming: str("i"), want: str("g")},
		{name: "not owner, changed, revert", policy: mkt, golden: str("g"), incoming: str("i"), base: str("g"), want: str("g")},
		{name: "not owner, changed, leave", policy: left, golden: str("g"), incoming: str("i"), base: str("g"), want: str("g"), held: ledger.Left},
		{name: "no owner yet", policy: mkt, from: "erp", golden: str("g"), incoming: str("i"), base: str("g"), want: str("i"), rule: "owner:none yet"},
	})
}

func TestNewest(t *testing.T) {
	t.Parallel()
	p := reconcile.Policy{Rule: reconcile.Newest}
	tie := func(who string) reconcile.Policy { return reconcile.Policy{Rule: reconcile.Newest, Tie: []string{who}} }
	c := func(name string, p reconcile.Policy, gAfter, gAt, after, at, field int, want, rule string, held ledger.Reason) cell {
		return cell{
			name: name, policy: p, golden: str("g"), incoming: str("i"), base: str("b"),
			gAfter: gAfter, gAt: gAt, after: after, at: at, field: field, want: str(want), rule: rule, held: held,
		}
	}
	check(t, []cell{
		{name: "no base", policy: p, golden: str("g"), incoming: str("i"), want: str("g"), held: ledger.Manual},
		{name: "golden unchanged", policy: p, golden: str("g"), incoming: str("i"), base: str("g"), want: str("i"), rule: "newest"},
		{name: "golden unchanged, clear", policy: p, golden: str("g"), incoming: null(), base: str("g"), want: null(), rule: "newest"},
		c("later", p, 1, 2, 3, 4, 0, "i", "newest", ""),
		c("later, touching", p, 1, 3, 3, 4, 0, "i", "newest", ""),
		c("earlier", p, 4, 5, 2, 3, 0, "g", "", ""),
		c("earlier, touching", p, 3, 5, 2, 3, 0, "g", "", ""),
		c("overlap, tie names side", tie("sales"), 2, 5, 3, 6, 0, "i", "newest:tie:sales", ""),
		c("overlap, tie names golden", tie("marketing"), 2, 5, 3, 6, 0, "g", "", ""),
		c("overlap, no tie", p, 2, 5, 3, 6, 0, "g", "", ledger.Manual),
		c("field time later", p, 2, 5, 3, 9, 7, "i", "newest", ""),
		c("field time earlier", p, 5, 6, 3, 9, 4, "g", "", ""),
		c("field time inside golden's interval", p, 2, 5, 3, 9, 4, "g", "", ledger.Manual),
		c("side does not tell when", p, 2, 5, 0, 0, 0, "g", "", ledger.Manual),
		c("golden does not tell when", p, 0, 0, 3, 6, 0, "g", "", ledger.Manual),
	})
}

func TestFillBlank(t *testing.T) {
	t.Parallel()
	p := reconcile.Policy{Rule: reconcile.FillBlank}
	check(t, []cell{
		{name: "golden blank, incoming present", policy: p, golden: null(), incoming: str("i"), base: null(), want: str("i"), rule: "fill_blank"},
		{name: "golden present, incoming blank", policy: p, golden: str("g"), incoming: null(), base: str("g"), want: str("g")},
		{name: "both present", policy: p, golden: str("g"), incoming: str("i"), base: str("g"), want: str("g"), held: ledger.Left},
		{name: "both present, no base", policy: p, golden: str("g"), incoming: str("i"), want: str("g"), held: ledger.Left},
	})
}

func TestNeverClear(t *testing.T) {
	t.Parallel()
	p := reconcile.Policy{Rule: reconcile.NeverClear}
	check(t, []cell{
		{name: "incoming blank", policy: p, golden: str("g"), incoming: null(), base: str("g"), want: str("g")},
		{name: "as newest", policy: p, golden: str("g"), incoming: str("i"), base: str("g"), want: str("i"), rule: "newest"},
		{name: "as newest, overlap", policy: p, golden: str("g"), incoming: str("i"), base: str("b"), gAfter: 1, gAt: 3, after: 2, at: 4, want: str("g"), held: ledger.Manual},
	})
}

func TestMax(t *testing.T) {
	t.Parallel()
	p := reconcile.Policy{Rule: reconcile.Max}
	left := reconcile.Policy{Rule: reconcile.Max, Others: reconcile.Leave}
	eur, usd := record.OfMoney(100, "EUR"), record.OfMoney(200, "USD")
	early, late := record.OfInstant(at(1)), record.OfInstant(at(2))
	check(t, []cell{
		{name: "less", policy: p, golden: num(5), incoming: num(3), base: num(5), want: num(5)},
		{name: "less, leave", policy: left, golden: num(5), incoming: num(3), base: num(5), want: num(5), held: ledger.Left},
		{name: "cleared", policy: p, golden: num(5), incoming: null(), base: num(5), want: num(5)},
		{name: "cleared, leave", policy: left, golden: num(5), incoming: null(), base: num(5), want: num(5), held: ledger.Left},
		{name: "blank, no base", policy: left, golden: num(5), incoming: null(), want: num(5)},
		{name: "greater", policy: p, golden: num(5), incoming: num(10), base: num(5), want: num(10), rule: "max"},
		{name: "greater, no base", policy: p, golden: num(5), incoming: num(10), want: num(10), rule: "max"},
		{name: "golden blank", policy: p, golden: null(), incoming: num(1), base: num(9), want: num(1), rule: "max"},
		{name: "later instant", policy: p, golden: early, incoming: late, base: early, want: late, rule: "max"},
		{name: "two currencies", policy: p, golden: eur, incoming: usd, base: eur, want: eur, held: ledger.Manual},
		{name: "amount and number", policy: p, golden: num(1), incoming: eur, base: num(1), want: num(1), held: ledger.Manual},
		{name: "day and instant", policy: p, golden: record.OfDate(at(1)), incoming: late, base: early, want: record.OfDate(at(1)), held: ledger.Manual},
		{name: "words", policy: p, golden: str("g"), incoming: str("i"), base: str("g"), want: str("g"), held: ledger.Manual},
	})
}

func TestRatchet(t *testing.T) {
	t.Parallel()
	p := reconcile.Policy{Rule: reconcile.Ratchet, Order: []string{"lead", "mql", "sql", "won"}, Back: []string{"lead"}}
	left := p
	left.Others = reconcile.Leave
	check(t, []cell{
		{name: "golden blank", policy: p, golden: null(), incoming: str("mql"), base: str("lead"), want: str("mql"), rule: "ratchet"},
		{name: "incoming blank", policy: p, golden: str("mql"), incoming: null(), base: str("mql"), want: str("mql")},
		{name: "later", policy: p, golden: str("mql"), incoming: str("won"), base: str("mql"), want: str("won"), rule: "ratchet"},
		{name: "earlier in Back", policy: p, golden: str("sql"), incoming: str("lead"), base: str("sql"), want: str("lead"), rule: "ratchet:recycle"},
		{name: "earlier in Back, no base", policy: p, golden: str("sql"), incoming: str("lead"), want: str("sql")},
		{name: "earlier", policy: p, golden: str("sql"), incoming: str("mql"), base: str("sql"), want: str("sql")},
		{name: "earlier, leave", policy: left, golden: str("sql"), incoming: str("mql"), base: str("sql"), want: str("sql"), held: ledger.Left},
		{name: "incoming unknown", policy: p, golden: str("sql"), incoming: str("x"), base: str("sql"), want: str("sql"), held: ledger.Quarantined},
		{name: "incoming unknown, golden absent", policy: p, incoming: str("x"), held: ledger.Quarantined},
		{name: "golden unknown", policy: p, golden: str("x"), incoming: str("lead"), base: str("x"), want: str("lead"), rule: "ratchet"},
	})
}

func TestUnion(t *testing.T) {
	t.Parallel()
	p := reconcile.Policy{Rule: reconcile.Union}
	keep := reconcile.Policy{Rule: reconcile.Union, Keep: true}
	check(t, []cell{
		{name: "no base", policy: p, golden: set("a", "b"), incoming: set("b", "c"), want: set("a", "b", "c"), rule: "union"},
		{name: "base, Keep", policy: keep, golden: set("a", "b"), incoming: set("b", "c"), base: set("a", "b"), want: set("a", "b", "c"), rule: "union"},
		{name: "base", policy: p, golden: set("a", "b", "z"), incoming: set("b", "c"), base: set("a", "b"), want: set("b", "c", "z"), rule: "union"},
		{name: "base, member removed elsewhere stays so", policy: p, golden: set("b"), incoming: set("a", "c"), base: set("a"), want: set("b", "c"), rule: "union"},
		{name: "base, cleared", policy: p, golden: set("a"), incoming: record.NullOf(record.Set), base: set("a"), want: record.NullOf(record.Set), rule: "union"},
		{name: "base, Keep, cleared", policy: keep, golden: set("a"), incoming: record.NullOf(record.Set), base: set("a"), want: set("a")},
	})
}

func TestManual(t *testing.T) {
	t.Parallel()
	p := reconcile.Policy{Rule: reconcile.Manual}
	check(t, []cell{
		{name: "both present", policy: p, golden: str("g"), incoming: str("i"), base: str("g"), want: str("g"), held: ledger.Manual},
		{name: "golden blank", policy: p, golden: null(), incoming: str("i"), base: null(), want: str("i"), rule: "manual:fill"},
		{name: "incoming cleared", policy: p, golden: str("g"), incoming: null(), base: str("g"), want: str("g"), held: ledger.Manual},
		{name: "no base", policy: p, golden: str("g"), incoming: str("i"), want: str("g"), held: ledger.Manual},
		{name: "no base, incoming blank", policy: p, golden: str("g"), incoming: null(), want: str("g")},
	})
}

func TestConsent(t *testing.T) {
	t.Parallel()
	p := reconcile.Policy{Rule: reconcile.Consent}
	out, in := record.OfBool(true), record.OfBool(false)
	check(t, []cell{
		{name: "incoming opted out", policy: p, golden: in, incoming: out, base: in, want: out, rule: "consent"},
		{name: "incoming opted out, no base", policy: p, golden: in, incoming: out, want: out, rule: "consent"},
		{name: "golden opted out, incoming not", policy: p, golden: out, incoming: in, base: out, want: out},
		{name: "golden opted out, incoming not, no base", policy: p, golden: out, incoming: in, want: out},
		{name: "golden opted out, cleared", policy: p, golden: out, incoming: record.NullOf(record.Boolean), base: out, want: out},
		{name: "neither, golden blank", policy: p, incoming: in, want: in, rule: "consent:no opt-out"},
		{name: "nothing known", policy: p, incoming: record.NullOf(record.Boolean)},
	})
}
