package hubspotsim_test

import (
	"strings"
	"testing"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/simkit"
)

const contactsPath = "/crm/objects/2026-03/contacts"

func traced(id string, props m) m { return m{"objectWriteTraceId": id, "properties": props} }

func TestBatchCreateConflicts(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	held := p.contact(map[string]string{"email": "a@example.com"})
	plain := p.want(409, "POST", contactsPath+"/batch/create", m{"inputs": rows{m{"properties": m{"email": "b@example.com"}}, m{"properties": m{"email": "A@example.com"}}}})
	if plain.at("category") != "CONFLICT" || plain.at("message") != "Contact already exists. Existing ID: "+held {
		t.Fatalf("%s", plain.raw)
	}
	if p.Count("contacts") != 1 {
		t.Fatal("a refused batch wrote something")
	}
	r := p.want(207, "POST", contactsPath+"/batch/create", m{"inputs": rows{traced("0", m{"email": "b@example.com"}), traced("1", m{"email": "a@example.com"})}})
	if len(r.ids()) != 1 || r.at("numErrors") != 1.0 || r.at("errors", 0, "context", "existingId", 0) != held || r.at("errors", 0, "context", "objectWriteTraceId", 0) != "1" {
		t.Fatalf("%s", r.raw)
	}
	if r.at("results", 0, "objectWriteTraceId") != "0" {
		t.Error("the row does not carry its trace id")
	}
}

func TestValidation(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	p.AddProperty("contacts", hubspotsim.Property{Name: "tandem_id", Label: "T", Type: "string", FieldType: "text", HasUniqueValue: true})
	p.contact(map[string]string{"tandem_id": "x"})
	cases := map[string]m{
		"PROPERTY_DOESNT_EXIST":    {"first000name": "x"},
		"INVALID_OPTION":           {"lifecyclestage": "Lead"},
		"INVALID_INTEGER":          {"associatedcompanyid": "many"},
		"INVALID_EMAIL":            {"email": "000"},
		"INVALID_DATE":             {"closedate": "soon"},
		"READ_ONLY_VALUE":          {"hs_email_optout": "true"},
		"CONFLICTING_UNIQUE_VALUE": {"tandem_id": "X"},
	}
	for code, props := range cases {
		for _, r := range []reply{
			p.want(400, "POST", contactsPath, m{"properties": props}),
			p.want(400, "POST", contactsPath+"/batch/create", m{"inputs": rows{m{"properties": props}}}),
		} {
			if r.at("errors", 0, "code") != code || r.at("category") != "VALIDATION_ERROR" || !strings.Contains(r.raw, "Property values were not valid") {
				t.Errorf("%s: %s", code, r.raw)
			}
		}
		if r := p.want(207, "POST", contactsPath+"/batch/create", m{"inputs": rows{traced("t", props)}}); r.at("errors", 0, "errors", 0, "code") != code {
			t.Errorf("%s in a 207: %s", code, r.raw)
		}
	}
	if p.Count("contacts") != 1 {
		t.Error("something refused was written")
	}
}

func TestUpdateAndUpsert(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	id := p.contact(map[string]string{"email": "a@example.com", "city": "Ulm", "lifecyclestage": "customer"})
	r := p.want(207, "POST", contactsPath+"/batch/update", m{"inputs": rows{
		m{"id": id, "properties": m{"city": "", "lifecyclestage": "lead"}}, m{"id": "999", "properties": m{"city": "x"}},
	}})
	if r.at("errors", 0, "category") != "OBJECT_NOT_FOUND" || r.at("errors", 0, "context", "ids", 0) != "999" {
		t.Fatalf("%s", r.raw)
	}
	got, _ := p.Get("contacts", id)
	if got.Properties["city"] != "" || got.Properties["lifecyclestage"] != "customer" {
		t.Fatalf("a clear must clear and the stage must not go back: %v", got.Properties)
	}
	p.want(200, "PATCH", contactsPath+"/"+id, m{"properties": m{"lifecyclestage": ""}})
	p.want(200, "PATCH", contactsPath+"/a@example.com?idProperty=email", m{"properties": m{"lifecyclestage": "lead"}})
	if got, _ = p.Get("contacts", id); got.Properties["lifecyclestage"] != "lead" {
		t.Error("cleared first, the stage must go back")
	}
	p.want(400, "POST", contactsPath+"/batch/update", m{"inputs": rows{m{"id": id}, m{"id": id}}})
	up := p.want(200, "POST", contactsPath+"/batch/upsert", m{"inputs": rows{
		m{"idProperty": "email", "id": "a@example.com", "properties": m{"city": "Bonn"}},
		m{"idProperty": "email", "id": "n@example.com", "properties": m{"city": "Kiel"}},
	}})
	if up.at("results", 0, "new") != false || up.at("results", 1, "new") != true || p.Count("contacts") != 2 {
		t.Fatalf("%s", up.raw)
	}
	many := make(rows, 101)
	for i := range many {
		many[i] = m{"properties": m{}}
	}
	p.want(400, "POST", contactsPath+"/batch/create", m{"inputs": many})
}

func TestRowFaults(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	plain := m{"inputs": rows{m{"properties": m{"city": "a"}}, m{"properties": m{"city": "b"}}}}
	byRow := m{"inputs": rows{traced("1", m{"city": "a"}), traced("2", m{"city": "b"})}}
	fault := simkit.Fault{Kind: "row_error", Rows: []string{"b"}, Times: 1}
	p.AddFault(fault)
	p.want(400, "POST", contactsPath+"/batch/create", plain)
	p.AddFault(fault)
	if r := p.want(207, "POST", contactsPath+"/batch/create", byRow); len(r.ids()) != 1 || r.at("errors", 0, "context", "objectWriteTraceId", 0) != "2" {
		t.Errorf("%s", r.raw)
	}
	p.AddFault(simkit.Fault{Kind: "whole_batch_error", Rows: []string{"b"}})
	p.want(400, "POST", contactsPath+"/batch/create", byRow)
	p.want(201, "POST", contactsPath+"/batch/create", m{"inputs": rows{traced("1", m{"city": "a"})}})
	p.ResetFaults()
	p.AddFault(simkit.Fault{Kind: "row_lock", Times: 1})
	p.want(423, "POST", contactsPath+"/batch/create", byRow)
	p.want(201, "POST", contactsPath+"/batch/create", byRow)
}

func TestBatchReadAndStaleRead(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	id := p.contact(map[string]string{"email": "a@example.com", "city": "Ulm"})
	p.want(200, "PATCH", contactsPath+"/"+id, m{"properties": m{"city": "Bonn"}})
	read := m{"properties": rows{"city"}, "inputs": rows{m{"id": id}}}
	p.AddFault(simkit.Fault{Kind: "stale_read", Times: 1})
	if r := p.want(200, "POST", contactsPath+"/batch/read", read); r.at("results", 0, "properties", "city") != "Ulm" {
		t.Errorf("stale: %s", r.raw)
	}
	if r := p.want(200, "POST", contactsPath+"/batch/read", read); r.at("results", 0, "properties", "city") != "Bonn" {
		t.Errorf("fresh: %s", r.raw)
	}
	by := m{"idProperty": "email", "properties": rows{"city"}, "inputs": rows{m{"id": "a@example.com"}, m{"id": "no@example.com"}}}
	if r := p.want(207, "POST", contactsPath+"/batch/read", by); r.at("results", 0, "id") != id || r.at("numErrors") != 1.0 {
		t.Errorf("by e-mail: %s", r.raw)
	}
	many := make(rows, 51)
	for i := range many {
		many[i] = m{"id": id}
	}
	p.want(400, "POST", contactsPath+"/batch/read", m{"inputs": many, "propertiesWithHistory": rows{"city"}})
}
