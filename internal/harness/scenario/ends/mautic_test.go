package ends_test

import (
	"testing"

	"github.com/tandem-sync/tandem/connectors/mautic/mauticsim"
	"github.com/tandem-sync/tandem/internal/harness/scenario"
	"github.com/tandem-sync/tandem/internal/harness/scenario/ends"
)

func TestMautic(t *testing.T) {
	twin := mauticsim.New(mauticsim.Options{})
	twin.AddField("contacts", mauticsim.Field{Alias: "sale_status", Label: "Sale", Type: "text"})
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	cred := twin.Credentials()
	end := ends.Mautic(twin.URL(), cred.User, cred.Password)
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
	_, err = end.Create(t.Context(), scenario.Person{Email: "ada@elsewhere.example"})
	must(err)
	ada.ID = id
	people(ada)
	must(end.Edit(t.Context(), id, scenario.Name, "Ada Neu"))
	must(end.Edit(t.Context(), id, scenario.City, "Bonn"))
	must(end.Edit(t.Context(), id, scenario.OptOut, ""))
	twin.Edit("contacts", id, map[string]string{"sale_status": "won"})
	ada.Name, ada.City, ada.OptedOut, ada.Status = "Ada Neu", "Bonn", true, scenario.Won
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
