package ends_test

import (
	"testing"

	"github.com/tandem-sync/tandem/connectors/tryton/trytonsim"
	"github.com/tandem-sync/tandem/internal/harness/scenario/ends"
)

func TestTryton(t *testing.T) {
	twin := trytonsim.New(trytonsim.Options{})
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	login := func(c trytonsim.Credentials) ends.TrytonLogin {
		return ends.TrytonLogin{User: c.User, Password: c.Password}
	}
	sold(t, ends.Tryton(twin.URL(), trytonsim.Database, login(twin.Person()), login(twin.Credentials())))
}
