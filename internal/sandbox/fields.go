package sandbox

import (
	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
)

// addProperties gives the portal what Tandem writes into, and the ids that the
// records of an export bring along.
func addProperties(t *hubspotsim.Twin) {
	text := func(object, name, label string) {
		t.AddProperty(object, hubspotsim.Property{Name: name, Label: label, Type: "string", FieldType: "text"})
	}
	number := func(object, name, label string) {
		t.AddProperty(object, hubspotsim.Property{Name: name, Label: label, Type: "number", FieldType: "number"})
	}
	for _, object := range []string{"contacts", "companies", "deals"} {
		t.AddProperty(object, hubspotsim.Property{Name: "tandem_id", Label: "Tandem id", Type: "string", FieldType: "text", HasUniqueValue: true})
		text(object, "external_id", "Id in the source")
	}
	text("contacts", "tandem_deal_stage", "Stage of the latest deal")
	number("contacts", "tandem_deal_amount", "Amount of the latest deal")
	t.AddProperty("contacts", hubspotsim.Property{Name: "tandem_won_at", Label: "Day the latest deal was won", Type: "date", FieldType: "date"})
	text("contacts", "tandem_lost_reason", "Why the latest deal was lost")
	number("deals", "initial_amount", "Amount paid at first")
	text("deals", "source_stage", "Stage in the source")
	text("deals", "lead_source", "Source in the CRM")
}

// customFields are the fields an administrator would have added to the
// organisation; Tandem_Id__c is there already.
func customFields() []salesforcesim.CustomField {
	var out []salesforcesim.CustomField
	add := func(object, kind string, names ...string) {
		for _, name := range names {
			out = append(out, salesforcesim.CustomField{Object: object, Name: name, Type: kind})
		}
	}
	for _, object := range []string{"Lead", "Contact"} {
		add(object, "string", "Lifecycle_Stage__c", "Source_Detail__c", "UTM_Campaign__c", "UTM_Term__c", "Landing_Page__c")
	}
	for _, object := range []string{"Lead", "Contact", "Opportunity", "Task"} {
		out = append(out, salesforcesim.CustomField{Object: object, Name: "External_Id__c", Length: 64, ExternalID: true, Unique: true})
	}
	add("Opportunity", "string", "Lost_Reason__c", "Source_Stage__c", "UTM_Campaign__c", "UTM_Term__c", "UTM_Content__c", "Landing_Page__c",
		"Quality__c", "Product__c", "Education_Type__c", "Payment_Type__c")
	add("Opportunity", "currency", "Initial_Amount__c")
	add("Opportunity", "int", "First_Response_Seconds__c")
	return append(out, salesforcesim.CustomField{Object: "Opportunity", Name: "Lead__c", Type: "reference", RefTo: "Lead"})
}
