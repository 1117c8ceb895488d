package ends_test

import (
	"testing"

	"github.com/tandem-sync/tandem/connectors/odoo/odoosim"
	"github.com/tandem-sync/tandem/internal/harness/scenario"
	"github.com/tandem-sync/tandem/internal/harness/scenario/ends"
)

func TestOdoo(t *testing.T) {
	for _, version := range []string{"16.0", "19.0"} {
		t.Run(version, func(t *testing.T) {
			twin := odoosim.New(odoosim.Options{Version: version})
			if err := twin.Start(""); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = twin.Close() })
			testOdoo(t, twin)
		})
	}
}

func testOdoo(t *testing.T, twin *odoosim.Twin) {
	t.Helper()
	user := twin.Person()
	end := ends.Odoo(twin.URL(), odoosim.Database, user.Login, user.Key)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	people := func(want ...scenario.Person) {
		t.Helper()
		got, err := end.People(t.Context(), "story.example")
		must(err)
		if len(got) != len(want) || len(want) > 0 && got[0] != want[0] {
			t.Fatalf("the people are %+v, want %+v", got, want)
		}
	}
	people()
	ada := scenario.Person{Email: "ada@story.example", Name: "Ada Story", City: "Berlin", Status: scenario.Lead}
	id, err := end.Create(t.Context(), ada)
	must(err)
	_, err = end.Create(t.Context(), scenario.Person{Email: "ada@elsewhere.example", Name: "Ada Elsewhere"})
	must(err)
	ada.ID = id
	people(ada)
	must(end.Edit(t.Context(), id, scenario.Name, "Ada Neu"))
	must(end.Edit(t.Context(), id, scenario.City, "Bonn"))
	must(end.Edit(t.Context(), id, scenario.OptOut, ""))
	ada.Name, ada.City, ada.OptedOut = "Ada Neu", "Bonn", true
	people(ada)
	for _, status := range []scenario.Status{scenario.Opportunity, scenario.Lost, scenario.Won} {
		must(end.Advance(t.Context(), id, status))
		ada.Status = status
		people(ada)
	}
	if end.Edit(t.Context(), id, "height", "2 m") == nil {
		t.Error("an unknown field can be edited")
	}
	must(end.Delete(t.Context(), id))
	people()
	if end.Delete(t.Context(), id) == nil {
		t.Error("a deleted person can be deleted again")
	}
	if twin.Count("mail.blacklist") != 0 {
		t.Error("the blacklist still holds an address of the story")
	}
	if _, err := ends.Odoo(twin.URL(), odoosim.Database, user.Login, "wrong").People(t.Context(), "story.example"); err == nil {
		t.Error("a wrong key opens the end")
	}
}
