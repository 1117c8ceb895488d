package app_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
	"github.com/tandem-sync/tandem/internal/app"
	"github.com/tandem-sync/tandem/syncer"
)

func TestAPlanTellsHowManyContactsWouldBeBilled(t *testing.T) {
	tw := newTwinsWith(t, hubspotsim.Options{})
	for i := range 60 {
		if _, err := tw.hub.Create("contacts", map[string]string{"email": fmt.Sprintf("p%d@acme.example", i), "lastname": "Doe"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tw.sales.Create("Lead", salesforcesim.Fields{"LastName": "New", "Company": "Acme", "Email": "new@acme.example"}, ""); err != nil {
		t.Fatal(err)
	}
	contacts := func(p *syncer.Plan) syncer.Total {
		for _, total := range p.Totals {
			if total.System == "hubspot" && total.Object == "contacts" {
				return total
			}
		}
		return syncer.Total{}
	}
	made := func() *syncer.Plan {
		t.Helper()
		a := tw.opened(app.OpenEmpty)
		p, err := tw.plan(a)
		if err != nil {
			t.Fatal(err)
		}
		tw.close(a)
		return p
	}
	if got := contacts(made()); got.Creates != 1 || got.Billable != 0 {
		t.Errorf("without a map: %+v", got)
	}
	file := tw.files["connectors/hubspot.yaml"]
	file.Data = append(bytes.Replace(file.Data, []byte("objects:"), []byte("marketing_contacts: true\nobjects:"), 1),
		"      - {remote: hs_marketable_status, out: 'email_opt_out != true', direction: out}\n"...)
	p := made()
	if got := contacts(p); got.Creates != 1 || got.Updates != 60 || got.Billable != 61 || got.Billed != "marketing contacts" {
		t.Errorf("with a map: %+v", got)
	}
	tripped := false
	for _, trip := range p.Tripped {
		tripped = tripped || (trip.Rule == "billable" && trip.N == 61)
	}
	if !tripped {
		t.Errorf("no breaker tripped: %+v", p.Tripped)
	}
}
