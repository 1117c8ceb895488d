package identity_test

import (
	"slices"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/syncer/identity"
	"github.com/tandem-sync/tandem/syncer/ledger"
)

func ref(id string) ledger.Ref { return ledger.Ref{System: "crm", Object: "Lead", ID: id} }

func mail(v string) ledger.MatchKey { return ledger.MatchKey{Kind: "email", Value: v} }

func phone(v string) ledger.MatchKey { return ledger.MatchKey{Kind: "phone", Value: v} }

func candidate(id string, keys ...ledger.MatchKey) identity.Candidate {
	return identity.Candidate{Ref: ref(id), As: record.Person, Keys: keys}
}

func ids(of ...record.EntityID) []record.EntityID { return of }

func TestResolveOne(t *testing.T) {
	t.Parallel()
	pair := identity.RefKey(ledger.Ref{System: "mkt", Object: "contacts", ID: "9"})
	claimed := candidate("1", mail("a"))
	claimed.Claims = "E7"
	cases := map[string]struct {
		c         identity.Candidate
		links     map[ledger.Ref]ledger.Link
		byKey     map[ledger.MatchKey][]record.EntityID
		want      record.EntityID
		rule      string
		linked    bool
		held      string
		ambiguous []record.EntityID
	}{
		"a link wins over every key": {
			c: candidate("1", pair, mail("a")), links: map[ledger.Ref]ledger.Link{ref("1"): {Entity: "E1", Rule: "match:email"}},
			byKey: map[ledger.MatchKey][]record.EntityID{mail("a"): ids("E2"), pair: ids("E3")}, want: "E1", rule: "match:email", linked: true,
		},
		"a create under way wins over keys": {c: claimed, byKey: map[ledger.MatchKey][]record.EntityID{mail("a"): ids("E2")}, want: "E7", rule: "created"},
		"an adopted key wins over match keys, wherever it stands": {
			c: candidate("1", mail("a"), pair), byKey: map[ledger.MatchKey][]record.EntityID{mail("a"): ids("E2"), pair: ids("E3")}, want: "E3", rule: "adopted",
		},
		"an e-mail edited on a linked record keeps its entity": {
			c: candidate("1", mail("new")), links: map[ledger.Ref]ledger.Link{ref("1"): {Entity: "E1", Rule: "new"}}, want: "E1", rule: "new", linked: true,
		},
		"the strongest kind decides": {
			c: candidate("1", mail("a"), phone("+1")), byKey: map[ledger.MatchKey][]record.EntityID{mail("a"): ids("E2"), phone("+1"): ids("E3", "E4")}, want: "E2", rule: "match:email",
		},
		"a weaker kind where the strong one finds nothing": {
			c: candidate("1", mail("a"), phone("+1")), byKey: map[ledger.MatchKey][]record.EntityID{phone("+1"): ids("E3")}, want: "E3", rule: "match:phone",
		},
		"two holders of one key": {
			c: candidate("1", mail("a"), phone("+1")), byKey: map[ledger.MatchKey][]record.EntityID{mail("a"): ids("E2", "E3"), phone("+1"): ids("E2")},
			held: "ambiguous match by email", ambiguous: ids("E2", "E3"),
		},
		"two keys of one kind with different holders": {
			c: candidate("1", mail("a"), mail("b")), byKey: map[ledger.MatchKey][]record.EntityID{mail("a"): ids("E2"), mail("b"): ids("E3")},
			held: "ambiguous match by email", ambiguous: ids("E2", "E3"),
		},
		"two keys of one kind with one holder": {
			c: candidate("1", mail("a"), mail("b")), byKey: map[ledger.MatchKey][]record.EntityID{mail("a"): ids("E2"), mail("b"): ids("E2")}, want: "E2", rule: "match:email",
		},
		"two adopted pairs": {c: candidate("1", pair), byKey: map[ledger.MatchKey][]record.EntityID{pair: ids("E2", "E3")}, held: "ambiguous match by ref", ambiguous: ids("E2", "E3")},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := identity.Resolve([]identity.Candidate{c.c}, identity.Known{Links: c.links, ByKey: c.byKey})[0]
			if d.Entity != c.want || d.Linked != c.linked || d.New {
				t.Errorf("%+v", d)
			}
			if (d.Held != nil) != (c.held != "") {
				t.Fatalf("held %+v", d.Held)
			}
			if d.Held == nil {
				if d.Rule != c.rule {
					t.Errorf("rule %q", d.Rule)
				}
			} else if d.Held.Cause != c.held || !slices.Equal(d.Held.Entities, c.ambiguous) || d.Held.Detail == "" {
				t.Errorf("held %+v", d.Held)
			}
		})
	}
}

func TestAPageSeesItsOwnDecisions(t *testing.T) {
	t.Parallel()
	ds := identity.Resolve([]identity.Candidate{
		candidate("1", mail("a")), candidate("2", mail("a")), candidate("3", mail("b")),
		candidate("4", mail("a"), mail("b")), candidate("5"), candidate("6"),
		candidate("7", mail("")), candidate("8", mail("")),
	}, identity.Known{})
	if !ds[0].New || ds[1].New || ds[1].Entity != ds[0].Entity || ds[1].Rule != "match:email" {
		t.Errorf("a duplicate on the page: %+v, %+v", ds[0], ds[1])
	}
	if !ds[2].New || ds[2].Entity == ds[0].Entity {
		t.Errorf("another person: %+v", ds[2])
	}
	if ds[3].Held == nil || ds[3].Entity != "" {
		t.Errorf("guessed: %+v", ds[3])
	}
	for _, i := range []int{4, 5, 6, 7} {
		if !ds[i].New || ds[i].Entity == "" {
			t.Errorf("%d: a record without keys, or with empty ones, is its own entity: %+v", i, ds[i])
		}
	}
	if ds[6].Entity == ds[7].Entity || ds[4].Entity == ds[5].Entity {
		t.Error("two records without keys became one")
	}
}

func TestFreshIDs(t *testing.T) {
	t.Parallel()
	plain := record.NewEntityID(record.Person, "crm", "Lead", "1", 0)
	salted := record.NewEntityID(record.Person, "crm", "Lead", "1", 1)
	one := []identity.Candidate{candidate("1")}
	if d := identity.Resolve(one, identity.Known{}); d[0].Entity != plain || d[0].Rule != "new" {
		t.Errorf("%+v", d[0])
	}
	exists := func(id record.EntityID) bool { return id == plain }
	if d := identity.Resolve(one, identity.Known{Exists: exists}); d[0].Entity != salted {
		t.Errorf("an id in use was given again: %+v", d[0])
	}
}

func TestPrimary(t *testing.T) {
	t.Parallel()
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	link := func(object, id string, state ledger.LinkState, created time.Time) ledger.Link {
		return ledger.Link{Ref: ledger.Ref{Object: object, ID: id}, State: state, Shadow: ledger.Shadow{Created: created}}
	}
	order := []string{"Contact", "Lead"}
	cases := map[string]struct {
		links []ledger.Link
		want  int
	}{
		"none":                           {nil, -1},
		"none live":                      {[]ledger.Link{link("Lead", "1", ledger.GoneState, day(1)), link("Lead", "2", ledger.Merged, day(1)), link("Lead", "3", ledger.Lost, day(1)), link("Lead", "4", ledger.LeftFilter, day(1))}, -1},
		"a live one before others":       {[]ledger.Link{link("Contact", "1", ledger.GoneState, day(1)), link("Lead", "2", ledger.Live, day(2))}, 1},
		"a contact before an older lead": {[]ledger.Link{link("Lead", "1", ledger.Live, day(1)), link("Contact", "2", ledger.Live, day(2))}, 1},
		"an object not listed is last":   {[]ledger.Link{link("Other", "1", ledger.Live, day(1)), link("Lead", "2", ledger.Live, day(2))}, 1},
		"the oldest":                     {[]ledger.Link{link("Lead", "1", ledger.Live, day(2)), link("Lead", "2", ledger.Live, day(1))}, 1},
		"the lowest id":                  {[]ledger.Link{link("Lead", "2", ledger.Live, day(1)), link("Lead", "1", ledger.Live, day(1))}, 1},
	}
	for name, c := range cases {
		if got := identity.Primary(c.links, order); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

func TestClashes(t *testing.T) {
	t.Parallel()
	holders := map[ledger.MatchKey][]record.EntityID{mail("a"): ids("E1", "E2", "E3"), mail("b"): ids("E1"), phone("+1"): ids("E9")}
	got := identity.Clashes("E1", []ledger.MatchKey{mail("a"), mail("b")}, holders)
	if len(got) != 1 || !slices.Equal(got[mail("a")], ids("E2", "E3")) {
		t.Errorf("%v", got)
	}
}
