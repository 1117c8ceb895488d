package salesforcesim

import "strings"

type objectSpec struct {
	name, plural, prefix, fields string
	flags                        string // c u d as the vendor allows, m merge, s system fields added, t setup object, h history
}

func objectSpecs() []objectSpec {
	return []objectSpec{
		{"Account", "Accounts", "001", accountFields, "cudms"},
		{"Contact", "Contacts", "003", contactFields, "cudms"},
		{"Lead", "Leads", "00Q", leadFields, "cudms"},
		{"Opportunity", "Opportunities", "006", opportunityFields, "cuds"},
		{"OpportunityContactRole", "Opportunity Contact Role", "00K", contactRoleFields, "cuds"},
		{"Campaign", "Campaigns", "701", campaignFields, "cuds"},
		{"CampaignMember", "Campaign Members", "00v", campaignMemberFields, "cuds"},
		{"Task", "Tasks", "00T", taskFields, "cuds"},
		{"Event", "Events", "00U", eventFields, "cuds"},
		{"User", "Users", "005", userFields, "cust"},
		{"Group", "Groups", "00G", groupFields, "cuds"},
		{"OpportunityHistory", "Opportunity Histories", "008", opportunityHistoryFields, "h"},
		{"LeadHistory", "Lead Histories", "017", "Id id rdl\nLeadId reference r >Lead" + historyTail, "h"},
		{"ContactHistory", "Contact Histories", "017", "Id id rdl\nContactId reference r >Contact" + historyTail, "h"},
		{"OpportunityFieldHistory", "Opportunity Field Histories", "017", "Id id rdl\nOpportunityId reference r >Opportunity" + historyTail, "h"},
		{"OpportunityStage", "Opportunity Stages", "01J", stageFields, ""},
		{"LeadStatus", "Lead Statuses", "01J", leadStatusFields, ""},
		{"RecordType", "Record Types", "012", recordTypeFields, "cu"},
		{"Organization", "Organizations", "00D", organizationFields, "u"},
	}
}

func newObject(s objectSpec) *object {
	o := &object{
		name: s.name, label: labelOf(s.name), plural: s.plural, prefix: s.prefix, start: s.prefix + instance(s.name),
		create: strings.Contains(s.flags, "c"), update: strings.Contains(s.flags, "u"), remove: strings.Contains(s.flags, "d"),
		merge: strings.Contains(s.flags, "m"), setup: strings.Contains(s.flags, "t"), history: strings.Contains(s.flags, "h"),
	}
	for _, f := range parseFields(s.fields) {
		o.addField(f)
	}
	if strings.Contains(s.flags, "s") {
		for _, f := range parseFields(systemFields) {
			if s.name != "User" || f.name != "IsDeleted" {
				o.addField(f)
			}
		}
	}
	o.table = newTable(o)
	return o
}

// linkChildren fills in each object's child relationships from the references
// to it, with the vendor's names.
func (t *Twin) linkChildren() {
	for _, o := range t.order {
		o.children = nil
	}
	for _, o := range t.order {
		for _, f := range o.fields {
			if f.typ != "reference" || f.hidden {
				continue
			}
			for _, parent := range f.refTo {
				if p := t.objects[strings.ToLower(parent)]; p != nil {
					p.children = append(p.children, child{object: o.name, field: f.name, relation: childName(o, f), cascade: cascades(o.name, f.name)})
				}
			}
		}
	}
}

func childName(o *object, f *field) string {
	switch o.name + "." + f.name {
	case "OpportunityFieldHistory.OpportunityId", "LeadHistory.LeadId", "ContactHistory.ContactId":
		return "Histories"
	case "OpportunityHistory.OpportunityId":
		return "OpportunityHistories"
	case "Account.ParentId":
		return "ChildAccounts"
	case "Campaign.ParentId":
		return "ChildCampaigns"
	case "Contact.AccountId", "Opportunity.AccountId", "Opportunity.CampaignId", "OpportunityContactRole.OpportunityId",
		"OpportunityContactRole.ContactId", "CampaignMember.CampaignId", "CampaignMember.LeadId", "CampaignMember.ContactId",
		"Task.WhoId", "Task.WhatId", "Event.WhoId", "Event.WhatId", "Opportunity.ContactId":
		return strings.ReplaceAll(o.plural, " ", "") + roleEnding(o.name)
	}
	if f.custom {
		return strings.ReplaceAll(o.plural, " ", "") + "__r"
	}
	return ""
}

func roleEnding(object string) string {
	if object == "OpportunityContactRole" {
		return "s"
	}
	return ""
}

func cascades(object, field string) bool {
	switch object + "." + field {
	case "Contact.AccountId", "Opportunity.AccountId", "OpportunityContactRole.OpportunityId", "OpportunityContactRole.ContactId",
		"CampaignMember.CampaignId", "CampaignMember.LeadId", "CampaignMember.ContactId", "Task.WhoId", "Event.WhoId", "Task.WhatId", "Event.WhatId":
		return true
	}
	return false
}
