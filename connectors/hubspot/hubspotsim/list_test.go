package hubspotsim_test

import (
	"slices"
	"testing"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

func (p *portal) listAll(path string) []string {
	var all []string
	for after := ""; ; {
		r := p.want(200, "GET", path+after, nil)
		all = append(all, r.ids()...)
		if r.after() == "" {
			return all
		}
		after = "&after=" + r.after()
	}
}

func TestListPagesThroughEveryRecordOnce(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	first := p.seed(250)
	if err := p.Archive("contacts", itoa(int(first)+100)); err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{"/crm/objects/2026-03/contacts", "/crm/objects/2026-09/0-1", "/crm/v3/objects/CONTACT"} {
		ids := p.listAll(base + "?limit=100")
		if len(ids) != 249 || !slices.IsSorted(ids) || len(slices.Compact(ids)) != 249 {
			t.Fatalf("%s: %d ids", base, len(ids))
		}
	}
	if ids := p.listAll("/crm/v3/objects/contacts?limit=100&archived=true"); len(ids) != 1 {
		t.Fatalf("archived: %v", ids)
	}
	p.want(400, "GET", "/crm/v3/objects/contacts?limit=101", nil)
	p.want(404, "GET", "/crm/v9/objects/contacts", nil)
	p.want(400, "GET", "/crm/v3/objects/butterflies", nil)
}

func TestOnlyNamedPropertiesComeBack(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	id := p.contact(map[string]string{"email": "a@example.com", "city": "Ulm"})
	r := p.want(200, "GET", "/crm/v3/objects/contacts/"+id+"?properties=city,jobtitle,no_such", nil)
	props, _ := r.at("properties").(m)
	if props["city"] != "Ulm" || props["jobtitle"] != nil || props["hs_object_id"] != id {
		t.Fatalf("%v", props)
	}
	if _, there := props["jobtitle"]; !there {
		t.Error("an unset property must be null, not absent")
	}
	if _, there := props["email"]; there {
		t.Error("a default property came though others were named")
	}
	if _, there := props["no_such"]; there {
		t.Error("an unknown property must be left out")
	}
}

func TestListFaults(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	p.seed(30)
	const path = "/crm/objects/2026-03/contacts?limit=10"
	one := p.want(200, "GET", path, nil)
	p.AddFault(simkit.Fault{Kind: "repeated_page", Times: 1})
	again := p.want(200, "GET", path+"&after="+one.after(), nil)
	if !slices.Equal(one.ids(), again.ids()) || one.after() != again.after() {
		t.Error("repeated_page did not repeat the page")
	}
	p.AddFault(simkit.Fault{Kind: "empty_page", Times: 1})
	if r := p.want(200, "GET", path+"&after="+one.after(), nil); len(r.ids()) != 0 || r.after() != one.after() {
		t.Errorf("empty_page: %s", r.raw)
	}
	p.AddFault(simkit.Fault{Kind: "foreign_next", Times: 1, Value: "http://127.0.0.1:1"})
	if r := p.want(200, "GET", path, nil); r.at("paging", "next", "link") != "http://127.0.0.1:1/crm/objects/2026-03/contacts?after="+r.after()+"&limit=10" {
		t.Errorf("foreign_next: %v", r.at("paging"))
	}
	p.AddFault(simkit.Fault{Kind: "expired_cursor", Times: 1})
	p.want(400, "GET", path+"&after="+one.after(), nil)
	if ids := p.listAll(path); len(ids) != 30 {
		t.Errorf("after the faults %d came", len(ids))
	}
}

func TestHistoryTellsWhoChangedWhat(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	id := p.contact(map[string]string{"email": "a@example.com", "lifecyclestage": "lead"})
	if err := p.Edit("contacts", id, map[string]string{"lifecyclestage": "opportunity"}, hubspotsim.WorkflowActor("7")); err != nil {
		t.Fatal(err)
	}
	r := p.want(200, "GET", "/crm/v3/objects/contacts/"+id+"?propertiesWithHistory=lifecyclestage&properties=hs_lifecyclestage_lead_date,hs_updated_by_user_id", nil)
	if r.at("propertiesWithHistory", "lifecyclestage", 0, "value") != "opportunity" ||
		r.at("propertiesWithHistory", "lifecyclestage", 0, "sourceType") != "AUTOMATION_PLATFORM" ||
		r.at("propertiesWithHistory", "lifecyclestage", 1, "sourceType") != "CRM_UI" ||
		r.at("propertiesWithHistory", "lifecyclestage", 1, "updatedByUserId") != 76070032.0 {
		t.Fatalf("%s", r.raw)
	}
	if r.at("properties", "hs_lifecyclestage_lead_date") == nil {
		t.Error("the date the stage was entered is missing")
	}
}
