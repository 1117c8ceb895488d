package hubspotsim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

func TestAssociations(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	contact, alone := p.contact(map[string]string{"city": "x"}), p.contact(map[string]string{"city": "y"})
	company := p.make("companies", map[string]string{"domain": "example.com"})
	if err := p.AssociateAs("contacts", contact, "companies", company, 1); err != nil {
		t.Fatal(err)
	}
	r := p.want(207, "POST", "/crm/associations/2026-03/contacts/companies/batch/read", m{"inputs": rows{m{"id": contact}, m{"id": alone}}})
	if r.at("results", 0, "to", 0, "associationTypes", 0, "label") != "Primary" || r.at("results", 0, "to", 0, "associationTypes", 1, "typeId") != 279.0 || r.at("errors", 0, "subCategory") != "crm.associations.NO_ASSOCIATIONS_FOUND" {
		t.Fatalf("%s", r.raw)
	}
	if r := p.want(200, "GET", "/crm/v4/objects/companies/"+company+"/associations/contacts", nil); r.at("results", 0, "associationTypes", 0, "typeId") != 2.0 {
		t.Errorf("the way back: %s", r.raw)
	}
	if r := p.want(200, "GET", contactsPath+"/"+contact+"?associations=companies", nil); r.at("associations", "companies", "results", 0, "id") != company {
		t.Errorf("%s", r.raw)
	}
	pair := m{"from": m{"id": alone}, "to": m{"id": company}, "types": rows{m{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}}}
	p.want(201, "POST", "/crm/v4/associations/contacts/companies/batch/create", m{"inputs": rows{pair}})
	p.want(204, "POST", "/crm/v4/associations/contacts/companies/batch/archive", m{"inputs": rows{m{"from": m{"id": contact}, "to": rows{m{"id": company}}}}})
	if links := p.Associated("companies", company, "contacts"); len(links) != 1 || links[0] != alone {
		t.Errorf("%v", links)
	}
	call := p.want(201, "POST", "/crm/v3/objects/calls", m{
		"properties":   m{"hs_timestamp": "2026-01-02T03:04:05Z"},
		"associations": rows{m{"to": m{"id": contact}, "types": rows{m{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}}}},
	})
	id, _ := call.at("id").(string)
	if links := p.Associated("calls", id, "contacts"); len(links) != 1 {
		t.Errorf("%v", links)
	}
	p.want(400, "POST", "/crm/v3/objects/calls", m{"properties": m{"hs_call_title": "no time"}})
}

func TestDealsDeriveFromTheirStage(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	p.AddPipeline(hubspotsim.NewPipeline("school", "School", "new=New=0.1", "paid=Paid=1.0", "lost=Lost=0.0"))
	id := p.make("deals", map[string]string{"dealname": "D", "pipeline": "school", "dealstage": "new", "amount": "3500.00"})
	p.want(200, "PATCH", "/crm/v3/objects/deals/"+id, m{"properties": m{"dealstage": "paid"}})
	r := p.want(200, "GET", "/crm/v3/objects/deals/"+id+"?properties=hs_is_closed_won,hs_deal_stage_probability,hs_v2_date_entered_paid,amount", nil)
	if r.at("properties", "hs_is_closed_won") != "true" || r.at("properties", "hs_deal_stage_probability") != "1.0" || r.at("properties", "hs_v2_date_entered_paid") == nil || r.at("properties", "amount") != "3500.00" {
		t.Errorf("%s", r.raw)
	}
	p.want(400, "PATCH", "/crm/v3/objects/deals/"+id, m{"properties": m{"dealstage": "closedwon"}})
	if r := p.want(200, "GET", "/crm/pipelines/2026-03/deals", nil); r.at("results", 1, "stages", 1, "metadata", "isClosed") != "true" {
		t.Errorf("%s", r.raw)
	}
}

func TestConsent(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	id := p.contact(map[string]string{"email": "a@example.com"})
	const path = "/communication-preferences/2026-03/statuses/a%40example.com"
	if r := p.want(200, "GET", path+"?channel=EMAIL", nil); r.at("results", 0, "status") != "NOT_SPECIFIED" {
		t.Errorf("%s", r.raw)
	}
	p.want(200, "POST", path, m{"channel": "EMAIL", "subscriptionId": 9001, "statusState": "UNSUBSCRIBED"})
	got := func() any {
		return p.want(200, "GET", contactsPath+"/"+id+"?properties=hs_email_optout,hs_email_optout_9001", nil).at("properties", "hs_email_optout_9001")
	}
	if got() != "true" {
		t.Error("the contact does not show it")
	}
	p.want(200, "POST", path+"/unsubscribe-all?channel=EMAIL", nil)
	p.want(400, "POST", path, m{"channel": "EMAIL", "subscriptionId": 9001, "statusState": "SUBSCRIBED"})
	if r := p.want(200, "POST", "/communication-preferences/v4/statuses/batch/read?channel=EMAIL", m{"inputs": rows{"a@example.com"}}); r.at("results", 0, "statuses", 1, "status") != "UNSUBSCRIBED" {
		t.Errorf("%s", r.raw)
	}
	if r := p.want(200, "GET", contactsPath+"/"+id+"?properties=hs_email_optout", nil); r.at("properties", "hs_email_optout") != "true" {
		t.Errorf("%s", r.raw)
	}
}

func TestMarketingReads(t *testing.T) {
	clock := simkit.NewClock(nil)
	p := newPortal(t, hubspotsim.Options{Clock: clock})
	id := p.contact(map[string]string{"email": "a@example.com"})
	campaign := p.AddCampaign(hubspotsim.Campaign{Properties: map[string]string{"hs_name": "Spring"}, Contacts: map[string][]string{"influencedContacts": {id}}})
	list := p.AddList(hubspotsim.List{Name: "Webinar"})
	p.AddToList(list, id)
	form := p.AddForm("Trial")
	for range 3 {
		p.Submit(form, "https://example.com/trial", map[string]string{"email": "a@example.com"})
		p.AddEmailEvent(hubspotsim.EmailEvent{Type: "CLICK", Recipient: "a@example.com", CampaignID: 7})
		p.AddOccurrence(hubspotsim.Occurrence{ObjectType: "CONTACT", ObjectID: id, EventType: "e_visited_page"})
		clock.Advance(time.Minute)
	}
	if r := p.want(200, "GET", "/marketing/v3/campaigns/"+campaign+"/reports/contacts/influencedContacts", nil); r.ids()[0] != id {
		t.Errorf("%s", r.raw)
	}
	if r := p.want(200, "GET", "/crm/lists/2026-03/"+list+"/memberships", nil); r.at("results", 0, "recordId") != id {
		t.Errorf("%s", r.raw)
	}
	if r := p.want(200, "GET", "/form-integrations/v1/submissions/forms/"+form+"?limit=2", nil); r.at("results", 0, "values", 0, "value") != "a@example.com" || r.after() != "2" {
		t.Errorf("%s", r.raw)
	}
	r := p.want(200, "GET", "/email/public/v1/events?eventType=CLICK&limit=2", nil)
	if r.at("hasMore") != true || r.at("events", 1, "type") != "CLICK" {
		t.Errorf("%s", r.raw)
	}
	last := p.want(200, "GET", "/email/public/v1/events?eventType=CLICK&limit=2&offset="+fmt.Sprint(r.at("offset")), nil)
	if last.at("hasMore") != false || last.at("events", 0) == nil {
		t.Errorf("%s", last.raw)
	}
	since := clock.Now().Add(-90 * time.Second).Format(time.RFC3339)
	if r := p.want(200, "GET", "/events/event-occurrences/2026-03?objectType=contact&objectId="+id+"&occurredAfter="+since, nil); len(r.ids()) != 1 {
		t.Errorf("%s", r.raw)
	}
}

func TestPropertiesAndOwners(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	def := m{"name": "tandem_id", "label": "Tandem", "groupName": "contactinformation", "type": "string", "fieldType": "text", "hasUniqueValue": true}
	p.want(201, "POST", "/crm/properties/2026-03/contacts", def)
	p.want(409, "POST", "/crm/properties/2026-03/contacts", def)
	if r := p.want(200, "GET", "/crm/v3/properties/contacts/tandem_id", nil); r.at("hasUniqueValue") != true || r.at("modificationMetadata", "readOnlyValue") != false {
		t.Errorf("%s", r.raw)
	}
	p.want(200, "POST", contactsPath+"/batch/upsert", m{"inputs": rows{m{"idProperty": "tandem_id", "id": "T1", "properties": m{"city": "x"}}}})
	owner := p.AddOwner(hubspotsim.Owner{Email: "sal@example.com"})
	if r := p.want(200, "GET", "/crm/owners/2026-03/?email=SAL@example.com", nil); r.ids()[0] != owner {
		t.Errorf("%s", r.raw)
	}
	p.want(201, "POST", contactsPath, m{"properties": m{"hubspot_owner_id": owner}})
	p.want(400, "POST", contactsPath, m{"properties": m{"hubspot_owner_id": "1"}})
	p.DeactivateOwner(owner)
	if r := p.want(200, "GET", "/crm/v3/owners?archived=true", nil); r.at("results", 0, "userId") != nil {
		t.Errorf("%s", r.raw)
	}
}
