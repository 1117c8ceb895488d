package ends_test

import (
	"testing"

	"github.com/tandem-sync/tandem/connectors/suitecrm/suitecrmsim"
	"github.com/tandem-sync/tandem/internal/harness/scenario/ends"
)

func TestSuiteCRM(t *testing.T) {
	twin := suitecrmsim.New(suitecrmsim.Options{})
	if err := twin.Start(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = twin.Close() })
	clerk, tandem := twin.AddClient("clerk"), twin.AddClient("tandem")
	sold(t, ends.SuiteCRM(twin.URL(), ends.SuiteClient{ID: clerk.ClientID, Secret: clerk.ClientSecret}, ends.SuiteClient{ID: tandem.ClientID, Secret: tandem.ClientSecret}))
	if n := twin.Count("Leads"); n != 1 {
		t.Errorf("%d leads are left, not the one of another domain", n)
	}
}
