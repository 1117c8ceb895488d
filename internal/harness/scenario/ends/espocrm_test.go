package ends_test

import (
	"testing"

	"github.com/tandem-sync/tandem/connectors/espocrm/espocrmsim"
	"github.com/tandem-sync/tandem/internal/harness/scenario"
	"github.com/tandem-sync/tandem/internal/harness/scenario/ends"
)

func TestEspoCRM(t *testing.T) {
	twin := espocrmsim.New(espocrmsim.Options{})
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	end := ends.EspoCRM(twin.URL(), twin.AddUser("clerk").Key, twin.AddUser("tandem").Key)
	sold(t, end)
	if n := twin.Count("Lead") + twin.Count("Contact"); n != 1 {
		t.Errorf("%d records are left, not the one of another domain", n)
	}
}

// sold walks a person through an end of sales, from birth to the end of it.
func sold(t *testing.T, end scenario.Seller) {
	t.Helper()
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
	ada := scenario.Person{Email: "ada@story.example", Name: "Ada Story", City: "Berlin"}
	id, err := end.Create(t.Context(), ada)
	must(err)
	_, err = end.Create(t.Context(), scenario.Person{Email: "ada@elsewhere.example", Name: "Ada Story"})
	must(err)
	ada.ID, ada.Status = id, scenario.Lead
	people(ada)
	must(end.Edit(t.Context(), id, scenario.Name, "Ada Neu"))
	must(end.Edit(t.Context(), id, scenario.City, "Bonn"))
	must(end.Edit(t.Context(), id, scenario.OptOut, ""))
	ada.Name, ada.City, ada.OptedOut = "Ada Neu", "Bonn", true
	people(ada)
	for _, to := range []scenario.Status{scenario.Opportunity, scenario.Lost, scenario.Lead, scenario.Won} {
		must(end.Advance(t.Context(), id, to))
		ada.Status = to
		people(ada)
	}
	twin, err := end.Create(t.Context(), scenario.Person{Email: ada.Email, Name: ada.Name})
	must(err)
	must(end.Delete(t.Context(), twin))
	people(ada)
	if end.Edit(t.Context(), id, "height", "2 m") == nil {
		t.Error("an unknown field can be edited")
	}
	must(end.Delete(t.Context(), id))
	people()
	if end.Delete(t.Context(), id) == nil {
		t.Error("a deleted person can be deleted again")
	}
}
