package hubspotsim_test

import (
	"testing"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

func TestMergeMakesANewRecord(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	a := p.contact(map[string]string{"email": "a@example.com", "city": "Ulm"})
	b := p.contact(map[string]string{"email": "b@example.com", "jobtitle": "Smith"})
	company := p.make("companies", map[string]string{"name": "C"})
	if err := p.Associate("contacts", b, "companies", company); err != nil {
		t.Fatal(err)
	}
	r := p.want(200, "POST", contactsPath+"/merge", m{"primaryObjectId": a, "objectIdToMerge": b})
	id, _ := r.at("id").(string)
	if id == a || id == b {
		t.Fatalf("a merge makes a new id, got %s", id)
	}
	for _, old := range []string{a, b} {
		got := p.want(200, "GET", contactsPath+"/"+old+"?properties=email,jobtitle,hs_merged_object_ids", nil)
		if got.at("id") != id || got.at("properties", "email") != "a@example.com" || got.at("properties", "jobtitle") != "Smith" || got.at("properties", "hs_merged_object_ids") != a+";"+b {
			t.Errorf("%s", got.raw)
		}
		p.want(200, "PATCH", contactsPath+"/"+old, m{"properties": m{"city": "Bonn"}})
		if got := p.want(207, "POST", contactsPath+"/batch/update", m{"inputs": rows{m{"id": old, "properties": m{"city": "x"}}}}); len(got.ids()) != 0 {
			t.Error("a batch update must not follow an old id")
		}
	}
	if ids := p.listAll(contactsPath + "?limit=100"); len(ids) != 1 || ids[0] != id {
		t.Errorf("%v", ids)
	}
	if ids := p.listAll(contactsPath + "?limit=100&archived=true"); len(ids) != 0 {
		t.Errorf("losers must not be in the bin: %v", ids)
	}
	if links := p.Associated("contacts", id, "companies"); len(links) != 1 || links[0] != company {
		t.Errorf("the links did not move: %v", links)
	}
}

func TestMergeFaultComesAfterTheRead(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	a, b := p.contact(map[string]string{"city": "a"}), p.contact(map[string]string{"city": "b"})
	p.AddFault(simkit.Fault{Kind: "merge", Times: 1, PathPrefix: "/crm/v3/objects/contacts", Rows: []string{a, b}})
	if ids := p.listAll(contactsPath + "?limit=100"); len(ids) != 2 {
		t.Fatalf("the read itself must not see it: %v", ids)
	}
	if ids := p.listAll(contactsPath + "?limit=100"); len(ids) != 1 {
		t.Fatalf("the next must: %v", ids)
	}
}

func TestArchiveRestoreAndForget(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	id := p.contact(map[string]string{"email": "a@example.com"})
	p.want(204, "DELETE", contactsPath+"/"+id, nil)
	p.want(404, "GET", contactsPath+"/"+id, nil)
	if r := p.want(200, "GET", contactsPath+"/"+id+"?archived=true", nil); r.at("archived") != true || r.at("archivedAt") == nil {
		t.Errorf("%s", r.raw)
	}
	if r := p.want(200, "POST", contactsPath+"/search", where()); len(r.ids()) != 0 {
		t.Error("search shows the bin")
	}
	other := p.contact(map[string]string{"email": "a@example.com"})
	p.want(204, "POST", contactsPath+"/batch/archive", m{"inputs": rows{m{"id": other}}})
	if err := p.Restore("contacts", id); err != nil {
		t.Fatal(err)
	}
	p.want(200, "GET", contactsPath+"/a@example.com?idProperty=email", nil)
	p.want(204, "POST", contactsPath+"/gdpr-delete", m{"objectId": "a@example.com", "idProperty": "email"})
	p.want(404, "GET", contactsPath+"/"+id+"?archived=true", nil)
}

func TestAutomationsShowAfterTheReplyAndInHistory(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	id := p.contact(map[string]string{"email": "a@example.com"})
	p.want(204, "POST", "/__sim/automation", m{"kind": "rewrite_field", "object": "contacts", "field": "city", "value": "upper:"})
	p.Automate(simkit.Automation{Kind: simkit.Rival, Object: "contacts", Field: "jobtitle", Value: "rival"})
	if r := p.want(200, "PATCH", contactsPath+"/"+id, m{"properties": m{"city": "ulm"}}); r.at("properties", "city") != "ulm" {
		t.Errorf("the reply must show what was written: %s", r.raw)
	}
	r := p.want(200, "GET", contactsPath+"/"+id+"?propertiesWithHistory=city,jobtitle", nil)
	if r.at("propertiesWithHistory", "city", 0, "value") != "ULM" || r.at("propertiesWithHistory", "city", 0, "sourceType") != "AUTOMATION_PLATFORM" {
		t.Errorf("%s", r.raw)
	}
	ours, rival := r.at("propertiesWithHistory", "city", 1, "sourceId"), r.at("propertiesWithHistory", "jobtitle", 0, "sourceId")
	if r.at("propertiesWithHistory", "jobtitle", 0, "sourceType") != "INTEGRATION" || ours == rival {
		t.Errorf("the rival is not told from us: %s", r.raw)
	}
}
