package audit_test

import (
	"maps"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/mapping"
	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
	"github.com/tandem-sync/tandem/syncer"
	"github.com/tandem-sync/tandem/syncer/audit"
	"github.com/tandem-sync/tandem/syncer/ledger"
	"github.com/tandem-sync/tandem/syncer/ledger/sqlite"
	"github.com/tandem-sync/tandem/syncer/reconcile"
)

func text(s string) record.Value { return record.OfString(s) }

func mail(s string) record.Value { return record.Of(record.Email, s) }

func to(id string) record.Value { return record.Of(record.Reference, id) }

// entity is one with its links: what each system holds, by system and id.
type entity struct {
	id     string
	as     record.Object
	golden record.Fields
	links  []ledger.Link
}

// in is the one live record of an entity in a system.
func in(system, id string, held record.Fields) ledger.Link {
	return ledger.Link{
		Ref: ledger.Ref{System: system, Object: "people", ID: id}, As: record.Person, Primary: true, State: ledger.Live,
		Shadow: ledger.Shadow{Held: held},
	}
}

// also is a further live record of the entity in the system, not written.
func also(system, id string) ledger.Link {
	l := in(system, id, nil)
	l.Primary = false
	return l
}

// gone is a record that the system no longer has.
func gone(system, id string) ledger.Link {
	l := also(system, id)
	l.State = ledger.GoneState
	return l
}

// well is a person that nothing is to be said of but where it is.
func well(id string, over record.Fields, links ...ledger.Link) []entity {
	golden := record.Fields{"owner": to("owner-active")}
	return []entity{
		{id: id, as: record.Person, golden: golden.Merge(over), links: links},
		{id: id + "-call", as: record.Activity, golden: record.Fields{"person": to(id)}},
		{id: "owner-active", as: record.Owner, golden: record.Fields{"active": record.OfBool(true)}},
	}
}

func engine(t *testing.T, systems ...string) *syncer.Engine {
	t.Helper()
	l, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	e := &syncer.Engine{Ledger: l, Policies: map[record.Object]reconcile.Policies{record.Person: {
		Fields: map[string]reconcile.Policy{"email_opt_out": {Rule: reconcile.Consent}},
	}}}
	for _, name := range systems {
		o := &syncer.Object{Name: "people", As: record.Person, Map: people(t)}
		e.Systems = append(e.Systems, &syncer.System{Name: name, Objects: []*syncer.Object{o}})
	}
	return e
}

func people(t *testing.T) *mapping.Map {
	t.Helper()
	canonical, _ := schema.Canonical().Object("person")
	remote := schema.Object{Name: "people", As: record.Person, Fields: []schema.Field{
		{Name: "mail", Kind: record.Email},
		{Name: "first", Kind: record.String},
		{Name: "out", Kind: record.Boolean},
		{Name: "owner_id", Kind: record.Reference},
	}}
	node, problems := diag.Parse("map.yaml", []byte(`
- {field: email, remote: mail}
- {field: first_name, remote: first}
- {field: email_opt_out, remote: out}
- {field: owner, remote: owner_id}
`))
	m, more := mapping.Compile(node, canonical, remote, mapping.Options{})
	if problems = append(problems, more...); problems.HasErrors() {
		t.Fatalf("the map does not compile:\n%v", problems)
	}
	return m
}

func put(t *testing.T, l ledger.Ledger, entities []entity) {
	t.Helper()
	at := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	err := l.Update(t.Context(), func(tx ledger.Tx) error {
		for _, e := range entities {
			id := record.EntityID(e.id)
			if err := tx.Entities.Put(t.Context(), ledger.Entity{ID: id, Object: e.as, Golden: e.golden, Created: at, Updated: at}); err != nil {
				return err
			}
			for _, link := range e.links {
				link.Entity, link.Rule, link.Made = id, "created", at
				if err := tx.Links.Put(t.Context(), link); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEachFindingIsCounted(t *testing.T) {
	t.Parallel()
	deal := func(id string, golden record.Fields) entity { return entity{id: id, as: record.Deal, golden: golden} }
	yes, no := record.OfBool(true), record.OfBool(false)
	for name, c := range map[string]struct {
		entities []entity
		want     map[string]int
	}{
		"an empty ledger": {nil, map[string]int{}},
		"agreement": {
			well("p", nil, in("left", "1", record.Fields{"mail": mail("a@x.example")}), in("right", "2", record.Fields{"mail": mail("a@x.example")})),
			map[string]int{"matched": 1},
		},
		"in one system": {well("p", nil, in("left", "1", nil)), map[string]int{"only_in_left": 1}},
		"a record that is gone does not count": {
			well("p", nil, in("right", "1", nil), gone("left", "2")), map[string]int{"only_in_right": 1},
		},
		"twice in one system": {
			well("p", nil, in("left", "1", nil), also("left", "3"), in("right", "2", nil)), map[string]int{"matched": 1, "twice_in_left": 1},
		},
		"values differ, or one is empty": {
			well(
				"p", nil, in("left", "1", record.Fields{"mail": mail("a@x.example"), "first": text("Ann")}),
				in("right", "2", record.Fields{"mail": mail("b@x.example"), "first": record.NullOf(record.String)}),
			),
			map[string]int{"matched": 1, "differs_email": 1, "differs_first_name": 1},
		},
		"references are each system's own ids": {
			well("p", nil, in("left", "1", record.Fields{"owner_id": to("7")}), in("right", "2", record.Fields{"owner_id": to("005x")})),
			map[string]int{"matched": 1},
		},
		"nothing known and not opted out are one": {
			well("p", nil, in("left", "1", record.Fields{"out": no}), in("right", "2", record.Fields{"out": record.NullOf(record.Boolean)})),
			map[string]int{"matched": 1},
		},
		"an opt-out that one side ignores": {
			well("p", record.Fields{"email_opt_out": yes}, in("left", "1", record.Fields{"out": yes}), in("right", "2", record.Fields{"out": no})),
			map[string]int{"matched": 1, "differs_email_opt_out": 1, "opt_out_ignored_by_right": 1},
		},
		"a side that does not know of an opt-out does not ignore it": {
			well("p", record.Fields{"email_opt_out": yes}, in("left", "1", record.Fields{"out": yes}), in("right", "2", nil)),
			map[string]int{"matched": 1},
		},
		"no owner, one that left, and nobody in touch": {
			[]entity{
				{id: "o", as: record.Owner, golden: record.Fields{"active": no}},
				{id: "p", as: record.Person, golden: record.Fields{"owner": to("o")}, links: []ledger.Link{in("left", "1", nil)}},
				{id: "q", as: record.Person, links: []ledger.Link{in("left", "2", nil)}},
			},
			map[string]int{"only_in_left": 2, "inactive_owner": 1, "no_owner": 1, "no_touch": 2},
		},
		"deals": {
			[]entity{
				deal("alone", nil), deal("of a person", record.Fields{"person": to("p")}), deal("with a role", nil),
				{id: "role", as: record.Relation, golden: record.Fields{"deal": to("with a role"), "person": to("p")}},
				deal("undated", record.Fields{"person": to("p"), "won": yes}),
				deal("dated", record.Fields{"person": to("p"), "won": yes, "close_date": record.Of(record.Date, "2026-11-01")}),
			},
			map[string]int{"deal_without_contact": 1, "won_without_close_date": 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engine(t, "left", "right")
			put(t, e.Ledger, c.entities)
			report, err := audit.Run(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]int{}
			for _, f := range report.Findings {
				got[f.Name] = f.N
				if len(f.Rows) != f.N || f.Title == "" || slices.ContainsFunc(f.Rows, func(r []string) bool { return len(r) != len(audit.Columns()) }) {
					t.Errorf("%s: %d found, titled %q, with rows %q", f.Name, f.N, f.Title, f.Rows)
				}
			}
			if !maps.Equal(got, c.want) {
				t.Errorf("found %v, want %v", got, c.want)
			}
		})
	}
}

func TestRowNamesWhereAndWhat(t *testing.T) {
	t.Parallel()
	e := engine(t, "left", "right")
	put(t, e.Ledger, well(
		"p", nil, in("right", "2", record.Fields{"first": record.NullOf(record.String)}), in("left", "1", record.Fields{"first": text("Ann")}),
	))
	report, err := audit.Run(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(report.Findings, func(f audit.Finding) bool { return f.Name == "differs_first_name" })
	if i < 0 {
		t.Fatalf("found only %v", report.Findings)
	}
	want := []string{"p", "left/people/1 right/people/2", "first_name", "empty in right"}
	if rows := report.Findings[i].Rows; len(rows) != 1 || !slices.Equal(rows[0], want) {
		t.Errorf("rows %q, want %q", rows, want)
	}
	if report.People != 1 {
		t.Errorf("%d people, want 1", report.People)
	}
}

func TestOneSystemAloneMissesNobody(t *testing.T) {
	t.Parallel()
	e := engine(t, "left")
	put(t, e.Ledger, well("p", nil, in("left", "1", nil)))
	report, err := audit.Run(t.Context(), e)
	if err != nil || len(report.Findings) != 0 {
		t.Errorf("found %v, %v", report.Findings, err)
	}
}
