package salesforce

import (
	"slices"
	"strings"

	"github.com/tandem-sync/tandem/record"
)

// Names of objects that get more than the common treatment.
const (
	lead               = "Lead"
	contact            = "Contact"
	campaignMember     = "CampaignMember"
	opportunityHistory = "OpportunityHistory"
)

// Names of fields that Salesforce keeps on every object, or on some.
const (
	fieldID           = "Id"
	fieldStamp        = "SystemModstamp"
	fieldCreated      = "CreatedDate"
	fieldCreatedBy    = "CreatedById"
	fieldModifiedBy   = "LastModifiedById"
	fieldDeleted      = "IsDeleted"
	fieldMaster       = "MasterRecordId"
	fieldConverted    = "IsConverted"
	fieldConvertedTo  = "ConvertedContactId"
	fieldTandemID     = "Tandem_Id__c"
	fieldStageName    = "StageName"
	fieldStageBefore  = "FromOpportunityStageName"
	syntheticField    = "Field"
	syntheticOldValue = "OldValue"
	syntheticNewValue = "NewValue"
)

// object says how one sObject is treated.
type object struct {
	name    string
	as      record.Object
	stamp   string   // the field that orders changes
	filter  string   // a condition every read carries
	parents []string // rows are sent in the order of these, so that parents are locked once
	write   bool
	archive bool // old rows are seen by queryAll only
}

func objects() []object {
	return []object{
		{name: "User", as: record.Owner, stamp: fieldStamp},
		{name: "Group", as: record.Owner, stamp: fieldStamp, filter: "Type = 'Queue'"},
		{name: "Account", as: record.Company, stamp: fieldStamp, parents: []string{"ParentId"}, write: true},
		{name: contact, as: record.Person, stamp: fieldStamp, parents: []string{"AccountId"}, write: true},
		{name: lead, as: record.Person, stamp: fieldStamp, write: true},
		{name: "Campaign", as: record.Campaign, stamp: fieldStamp, parents: []string{"ParentId"}, write: true},
		{name: "Opportunity", as: record.Deal, stamp: fieldStamp, parents: []string{"AccountId", "CampaignId"}, write: true},
		{name: "Task", as: record.Activity, stamp: fieldStamp, parents: []string{"WhatId", "WhoId"}, write: true, archive: true},
		{name: "Event", as: record.Activity, stamp: fieldStamp, parents: []string{"WhatId", "WhoId"}, write: true, archive: true},
		{name: "OpportunityContactRole", as: record.Relation, stamp: fieldStamp, parents: []string{"OpportunityId"}, write: true},
		{name: campaignMember, as: record.Relation, stamp: fieldStamp, parents: []string{"CampaignId"}, write: true},
		{name: opportunityHistory, as: record.Change, stamp: fieldCreated},
		{name: "OpportunityFieldHistory", as: record.Change, stamp: fieldCreated},
		{name: "LeadHistory", as: record.Change, stamp: fieldCreated},
		{name: "ContactHistory", as: record.Change, stamp: fieldCreated},
	}
}

func objectNamed(name string) (object, bool) {
	all := objects()
	i := slices.IndexFunc(all, func(o object) bool { return o.name == name })
	if i < 0 {
		return object{}, false
	}
	return all[i], true
}

// missingEffect tells what stays empty while an object cannot be read.
func missingEffect(name string) (what, effect string) {
	switch name {
	case "LeadHistory", "ContactHistory", "OpportunityFieldHistory":
		return "field history tracking of " + strings.TrimSuffix(strings.TrimSuffix(name, "History"), "Field"),
			"dates and authors of earlier status, owner and stage changes; who else writes a field is then told per record only"
	case opportunityHistory:
		return "read access to opportunities", "dates of stage changes"
	case campaignMember, "Campaign":
		return "the Marketing User feature licence and read access to campaigns", "campaigns, their members and responses (touches)"
	case "Group":
		return "read access to queues", "records owned by a queue show no owner"
	}
	return "read access to " + name, name + " records are not synchronised"
}

// prefixes are the first characters of the ids of standard objects; describe
// adds what the organisation has.
func prefixes() map[string]string {
	return map[string]string{
		"001": "Account", "003": contact, "00Q": lead, "006": "Opportunity", "701": "Campaign", "00v": campaignMember,
		"00T": "Task", "00U": "Event", "005": "User", "00G": "Group", "00K": "OpportunityContactRole", "500": "Case",
		"01t": "Product2", "800": "Contract", "0Q0": "Quote", "801": "Order",
	}
}
