package ends_test

import (
	"fmt"
	"testing"

	"github.com/tandem-sync/tandem/connectors/listmonk/listmonksim"
	"github.com/tandem-sync/tandem/internal/harness/scenario"
	"github.com/tandem-sync/tandem/internal/harness/scenario/ends"
	"github.com/tandem-sync/tandem/internal/harness/servers"
)

func TestListmonk(t *testing.T) {
	for _, version := range []int{1, 6} {
		t.Run(fmt.Sprintf("twin of version %d", version), func(t *testing.T) {
			twin := listmonksim.New(listmonksim.Options{Version: version})
			if err := twin.Start(""); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = twin.Close() })
			cred := twin.Credentials()
			testListmonk(t, ends.Listmonk(twin.URL(), cred.User, cred.Secret, twin.Mails))
			if c := twin.Counts().Routes["GET /link/{link}/{campaign}/{subscriber}"]; c != 2 {
				t.Errorf("%d links were followed", c)
			}
		})
	}
	t.Run("real", func(t *testing.T) {
		s := servers.Listmonk(t, servers.ListmonkOptions{})
		testListmonk(t, ends.Listmonk(s.URL, s.User, s.Password, s.Mailbox.Mails))
	})
}

func testListmonk(t *testing.T, end scenario.End) {
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
	other, err := end.Create(t.Context(), scenario.Person{Email: "ada@elsewhere.example", Name: "Ada Elsewhere"})
	must(err)
	ada.ID = id
	people(ada)
	must(end.Edit(t.Context(), id, scenario.Name, "Ada Neu"))
	must(end.Edit(t.Context(), id, scenario.City, "Bonn"))
	mailer, ok := end.(scenario.Mailer)
	if !ok {
		t.Fatal("the end sends no campaigns")
	}
	must(mailer.Campaign(t.Context(), "Spring", []string{id, other}))
	must(end.Edit(t.Context(), id, scenario.OptOut, ""))
	ada.Name, ada.City, ada.OptedOut = "Ada Neu", "Bonn", true
	people(ada)
	if end.Edit(t.Context(), id, "height", "2 m") == nil {
		t.Error("an unknown field can be edited")
	}
	must(end.Delete(t.Context(), id))
	people()
	if _, ok := ends.Listmonk("", "", "", nil).(scenario.Mailer); ok {
		t.Error("an end that sees no mails sends campaigns")
	}
}
