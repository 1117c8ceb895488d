package hubspotsim_test

import (
	"slices"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
)

// scene is one answer of the twin, and the recording it is measured by.
type scene struct {
	name, fixture string
	play          func(p *portal) reply
}

func ann() map[string]string {
	return map[string]string{"email": "ann@example.com", "firstname": "Ann", "lastname": "Other"}
}

func create(email string) m { return m{"email": email, "firstname": "A", "lastname": "B"} }

func scenes() []scene {
	return slices.Concat(recordScenes(), writeScenes(), schemaScenes(), marketingScenes())
}

func recordScenes() []scene {
	return []scene{
		{"search", "search/contacts/1-first-page.json", func(p *portal) reply {
			p.contact(ann())
			p.contact(map[string]string{"city": "Ulm"})
			return p.want(200, "POST", contactsPath+"/search", m{"limit": 1, "properties": rows{"company", "email", "firstname", "lastname", "phone", "website"}})
		}},
		{"list", "read/objects-api/contacts-response.json", func(p *portal) reply {
			p.seed(3)
			return p.want(200, "GET", "/crm/v3/objects/contacts?limit=2&properties=email", nil)
		}},
		{"batch-read", "read/objects-api/contacts-batch.json", func(p *portal) reply {
			id := p.contact(ann())
			return p.want(200, "POST", contactsPath+"/batch/read", m{"inputs": rows{m{"id": id}}})
		}},
		{"get-with-history", "", func(p *portal) reply {
			id := p.contact(ann())
			return p.want(200, "GET", contactsPath+"/"+id+"?propertiesWithHistory=email", nil)
		}},
		{"unknown-object", "search/error-invalid-object.json", func(p *portal) reply {
			return p.want(400, "POST", "/crm/v3/objects/butterflies/search", m{})
		}},
		{"not-found", "", func(p *portal) reply { return p.want(404, "GET", contactsPath+"/1", nil) }},
		{"ten-secondly", "", func(p *portal) reply {
			p.want(204, "POST", "/__sim/fault", m{"kind": "rate_limit", "times": 1})
			return p.want(429, "GET", contactsPath, nil)
		}},
	}
}

func writeScenes() []scene {
	batch := func(status int, op string, inputs func(p *portal) rows) func(p *portal) reply {
		return func(p *portal) reply {
			p.contact(ann())
			return p.want(status, "POST", contactsPath+"/batch/"+op, m{"inputs": inputs(p)})
		}
	}
	bad := m{"properties": m{"first000name": "A", "last000name": "B"}}
	return []scene{
		{"batch-create", "batch/create/contacts/success.json", batch(201, "create", func(*portal) rows { return rows{m{"properties": create("b@example.com")}} })},
		{"batch-create-conflict", "batch/create/contacts/err-conflict.json", batch(409, "create", func(*portal) rows { return rows{m{"properties": create("ann@example.com")}} })},
		{"batch-create-invalid", "batch/create/contacts/err-many-invalid-properties.json", batch(400, "create", func(*portal) rows { return rows{bad, bad} })},
		{"batch-create-partial", "batch/create/contacts/err-partial-success.json", batch(207, "create", func(*portal) rows {
			return rows{traced("0", create("ann@example.com")), traced("1", create("b@example.com"))}
		})},
		{"batch-update", "batch/update/contacts/success.json", batch(200, "update", func(p *portal) rows {
			return rows{m{"id": p.contact(nil), "properties": create("c@example.com")}}
		})},
		{"batch-update-duplicates", "batch/update/contacts/err-duplicate-ids.json", batch(400, "update", func(*portal) rows { return rows{m{"id": "1"}, m{"id": "1"}} })},
		{"batch-update-invalid", "batch/update/contacts/err-many-invalid-properties.json", batch(400, "update", func(p *portal) rows {
			return rows{m{"id": p.contact(nil), "properties": bad["properties"]}}
		})},
		{"batch-update-partial", "batch/update/contacts/err-partial-success.json", batch(207, "update", func(p *portal) rows {
			return rows{m{"id": p.contact(nil), "properties": create("c@example.com")}, m{"id": "unknown", "properties": m{}}}
		})},
		{"associate", "associations/contact-to-company-resp.json", func(p *portal) reply {
			a, b := p.contact(ann()), p.make("companies", map[string]string{"name": "C"})
			return p.want(201, "POST", "/crm/v4/associations/contacts/companies/batch/create", m{"inputs": rows{m{"from": m{"id": a}, "to": m{"id": b}, "types": rows{}}}})
		}},
		{"associate-refused", "associations/err-contact-to-contact.json", func(p *portal) reply {
			a := p.contact(ann())
			return p.want(207, "POST", "/crm/v4/associations/contacts/contacts/batch/create", m{"inputs": rows{
				m{"from": m{"id": a}, "to": m{"id": "unknown"}}, m{"from": m{"id": a}, "to": m{"id": a}},
			}})
		}},
		{"association-read", "search/contacts/contacts-to-companies.json", func(p *portal) reply {
			a, alone, b := p.contact(ann()), p.contact(nil), p.make("companies", map[string]string{"name": "C"})
			if err := p.AssociateAs("contacts", a, "companies", b, 1); err != nil {
				p.t.Fatal(err)
			}
			return p.want(207, "POST", "/crm/v4/associations/contacts/companies/batch/read", m{"inputs": rows{m{"id": a}, m{"id": alone}}})
		}},
	}
}

func get(path string) func(p *portal) reply {
	return func(p *portal) reply { return p.want(200, "GET", path, nil) }
}

func schemaScenes() []scene {
	age := m{"name": "age__c", "label": "Age", "groupName": "contactinformation", "type": "number", "fieldType": "number", "formField": true}
	interests := m{
		"name": "interests__c", "label": "Interests", "groupName": "contactinformation", "type": "enumeration", "fieldType": "select",
		"options": rows{m{"label": "art", "value": "art", "description": "art"}},
	}
	return []scene{
		{"properties", "", get("/crm/v3/properties/contacts")},
		{"property-batch-create", "custom/create/4-response-batch-create-properties.json", func(p *portal) reply {
			return p.want(201, "POST", "/crm/v3/properties/contacts/batch/create", m{"inputs": rows{age, interests}})
		}},
		{"property-batch-partial", "custom/update/3-response-batch-create-properties.json", func(p *portal) reply {
			p.want(201, "POST", "/crm/v3/properties/contacts", age)
			return p.want(207, "POST", "/crm/v3/properties/contacts/batch/create", m{"inputs": rows{age, interests}})
		}},
		{"property-update", "custom/update/7-response-update-property-interests.json", func(p *portal) reply {
			p.want(201, "POST", "/crm/v3/properties/contacts", interests)
			return p.want(200, "PATCH", "/crm/v3/properties/contacts/interests__c", m{"label": "I"})
		}},
		{"property-group", "custom/create/2-response-create-property-group.json", func(p *portal) reply {
			return p.want(201, "POST", "/crm/v3/properties/contacts/groups", m{"name": "ours", "label": "Ours"})
		}},
		{"pipelines-contacts", "metadata-contacts-external-pipelines.json", get("/crm/v3/pipelines/contacts")},
		{"pipelines-deals", "metadata-deals-external-pipelines.json", get("/crm/v3/pipelines/deals")},
		{"missing-scopes", "metadata-err-schemas-scope.json", func(p *portal) reply {
			p.AddKey("pat-less", hubspotsim.IntegrationActor("1"), "custom-object-read")
			p.token = "pat-less"
			return p.want(403, "GET", "/crm/v3/schemas", nil)
		}},
		{"account", "post-auth/account-info.json", get("/account-info/v3/details")},
		{"owners", "", get("/crm/owners/2026-03")},
	}
}

func marketingScenes() []scene {
	return []scene{
		{"lists", "read-lists-1-first-page.json", func(p *portal) reply {
			p.AddList(hubspotsim.List{Name: "A"})
			return p.want(200, "POST", "/crm/v3/lists/search", m{})
		}},
		{"campaigns", "read/campaigns/1-first-page.json", func(p *portal) reply {
			p.AddCampaign(hubspotsim.Campaign{Properties: map[string]string{"hs_name": "A"}})
			p.AddCampaign(hubspotsim.Campaign{Properties: map[string]string{"hs_name": "B"}})
			return p.want(200, "GET", "/marketing/campaigns/2026-03?limit=1&sort=-updatedAt", nil)
		}},
		{"campaigns-batch", "batch/read/campaigns/multi-207.json", func(p *portal) reply {
			id := p.AddCampaign(hubspotsim.Campaign{
				Properties: map[string]string{"hs_name": "A"}, Assets: map[string][]hubspotsim.Asset{"OBJECT_LIST": {{ID: "44", Name: "L"}}},
			})
			return p.want(207, "POST", "/marketing/v3/campaigns/batch/read", m{"inputs": rows{m{"id": id}, m{"id": "no-guid"}}})
		}},
		{"campaign-contacts", "read/campaigns/influenced-contacts.json", func(p *portal) reply {
			id := p.AddCampaign(hubspotsim.Campaign{Contacts: map[string][]string{"influencedContacts": {"1"}}})
			return p.want(200, "GET", "/marketing/campaigns/2026-03/"+id+"/reports/contacts/influencedContacts", nil)
		}},
		{"occurrences", "read/events/e_deal_closed.json", func(p *portal) reply {
			for range 2 {
				p.AddOccurrence(hubspotsim.Occurrence{ObjectType: "DEAL", ObjectID: "1", EventType: "e_deal_closed", Properties: map[string]string{"hs_amount": "1"}})
			}
			return p.want(200, "GET", "/events/event-occurrences/2026-03/?eventType=e_deal_closed&limit=1", nil)
		}},
		{"forms", "read/marketing-forms.json", func(p *portal) reply {
			p.AddForm("A")
			p.AddForm("B")
			return p.want(200, "GET", "/marketing/forms/2026-09?limit=1", nil)
		}},
		{"consent", "", get("/communication-preferences/v4/statuses/a%40example.com?channel=EMAIL")},
	}
}
