package sandbox

import (
	"strconv"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
)

// bulkSales seeds one object of the organisation and returns the ids by place.
func (s *Sandbox) bulkSales(object string, fields []string, places []int, size int, row func(place int) salesforcesim.SeedRow) ([]string, error) {
	i := 0
	_, _, err := s.sales.BulkSeed(object, fields, func() (salesforcesim.SeedRow, bool) {
		if i == len(places) {
			return salesforcesim.SeedRow{}, false
		}
		i++
		return row(places[i-1]), true
	})
	out := make([]string, size)
	i = 0
	s.sales.Each(object, func(r salesforcesim.Record) bool {
		if i < len(places) {
			out[places[i]] = r.ID
		}
		i++
		return true
	})
	s.seeded.Salesforce[object] += len(places)
	return out, err
}

// optedOut is how Salesforce's checkbox says it.
func (f facts) optedOut() string {
	if f.optOut {
		return "true"
	}
	return ""
}

func (s *Sandbox) seedAccounts(w *world, out *ids) (err error) {
	places := chosen(w.companies, func(c company) bool { return c.sales })
	out.accounts, err = s.bulkSales("Account", []string{"Name", "Website", "BillingCity", "NumberOfEmployees", "OwnerId"}, places, len(w.companies),
		func(i int) salesforcesim.SeedRow {
			c, old := w.companies[i], w.now.AddDate(-1, -1, 0)
			return salesforcesim.SeedRow{Created: old, Values: []string{c.name, c.domain, c.city, strconv.Itoa(c.employees), at(out.salesOwners, c.owner)}}
		})
	return err
}

func (s *Sandbox) seedCampaigns(w *world, out *ids) (err error) {
	places := chosen(w.campaigns, func(c campaign) bool { return c.sales })
	out.campaigns, err = s.bulkSales("Campaign", []string{"Name", "Type", "Status", "StartDate", "EndDate"}, places, len(w.campaigns),
		func(i int) salesforcesim.SeedRow {
			c := w.campaigns[i]
			return salesforcesim.SeedRow{Created: c.start.AddDate(0, -1, 0), Values: []string{c.name, c.kind, "In Progress", c.start.Format(time.DateOnly), c.end.Format(time.DateOnly)}}
		})
	return err
}

func (s *Sandbox) seedPeople(w *world, out *ids) error {
	common := []string{
		"Email", "FirstName", "LastName", "Phone", "Title", "LeadSource", "Lifecycle_Stage__c", "OwnerId", "HasOptedOutOfEmail", "External_Id__c",
	}
	values := func(p person) []string {
		f := p.sales
		return []string{p.email, f.first, f.last, f.phone, f.title, f.source, f.stage, at(out.salesOwners, f.owner), f.optedOut(), p.external}
	}
	leads, err := s.bulkSales("Lead", append(common, "Company", "Status"), chosen(w.people, func(p person) bool { return p.salesKind == isLead }), len(w.people),
		func(i int) salesforcesim.SeedRow {
			p := w.people[i]
			name := p.companyName
			if name == "" {
				name = "Unknown"
			}
			return salesforcesim.SeedRow{Created: p.sales.created, Modified: p.sales.modified, Values: append(values(p), name, p.sales.status)}
		})
	if err != nil {
		return err
	}
	contacts, err := s.bulkSales("Contact", append(common, "AccountId"), chosen(w.people, func(p person) bool { return p.salesKind == isContact }), len(w.people),
		func(i int) salesforcesim.SeedRow {
			p := w.people[i]
			return salesforcesim.SeedRow{Created: p.sales.created, Modified: p.sales.modified, Values: append(values(p), at(out.accounts, p.company))}
		})
	for i, id := range contacts {
		if id != "" {
			leads[i] = id
		}
	}
	out.salesPeople = leads
	return err
}

// extras are the fields of an opportunity that an export may bring along.
func extras() []string {
	return []string{
		"LeadSource", "Source_Stage__c", "UTM_Campaign__c", "UTM_Term__c", "UTM_Content__c", "Landing_Page__c", "Quality__c", "Product__c",
		"Education_Type__c", "Payment_Type__c", "First_Response_Seconds__c",
	}
}

func (s *Sandbox) seedDeals(w *world, out *ids) (err error) {
	fields := append([]string{
		"Name", "StageName", "Amount", "Initial_Amount__c", "CloseDate", "Lost_Reason__c", "OwnerId", "CampaignId", "AccountId", "ContactId", "Lead__c", "External_Id__c",
	}, extras()...)
	out.deals, err = s.bulkSales("Opportunity", fields, chosen(w.deals, func(deal) bool { return true }), len(w.deals), func(i int) salesforcesim.SeedRow {
		d := w.deals[i]
		contact, lead := at(out.salesPeople, d.person), ""
		if w.dealsByLead {
			contact, lead = "", contact
		}
		row := []string{
			d.name, d.stage, d.amount, d.initial, d.closeDate, d.lostReason, at(out.salesOwners, d.owner), at(out.campaigns, d.campaign),
			at(out.accounts, d.company), contact, lead, d.external,
		}
		for _, name := range extras() {
			row = append(row, d.extra[name])
		}
		return salesforcesim.SeedRow{Created: d.created, Values: row}
	})
	if err != nil || w.dealsByLead {
		return err
	}
	withRole := chosen(w.deals, func(d deal) bool { return d.person >= 0 && d.person%10 != 0 })
	_, err = s.bulkSales("OpportunityContactRole", []string{"OpportunityId", "ContactId", "Role", "IsPrimary"}, withRole, len(w.deals), func(i int) salesforcesim.SeedRow {
		d := w.deals[i]
		return salesforcesim.SeedRow{Created: d.created, Values: []string{out.deals[i], out.salesPeople[d.person], "Decision Maker", "true"}}
	})
	return err
}

func (s *Sandbox) seedTasks(w *world, out *ids) error {
	fields := []string{
		"Subject", "TaskSubtype", "CallType", "CallDisposition", "CallDurationInSeconds", "Status", "ActivityDate", "WhoId", "WhatId", "OwnerId", "External_Id__c",
	}
	_, err := s.bulkSales("Task", fields, chosen(w.calls, func(c call) bool { return !c.marketing }), len(w.calls), func(i int) salesforcesim.SeedRow {
		c, status := w.calls[i], "Completed"
		if c.open {
			status = "Not Started"
		}
		return salesforcesim.SeedRow{Created: c.at, Values: []string{
			c.subject, "Call", c.direction, c.outcome, c.seconds, status, c.at.Format(time.DateOnly), at(out.salesPeople, c.person),
			at(out.deals, c.deal), at(out.salesOwners, c.owner), c.external,
		}}
	})
	return err
}

func (s *Sandbox) seedMembers(w *world, out *ids) error {
	places := chosen(w.members, func(m member) bool { return at(out.campaigns, m.campaign) != "" })
	_, err := s.bulkSales("CampaignMember", []string{"CampaignId", "LeadId", "ContactId", "Status"}, places, len(w.members), func(i int) salesforcesim.SeedRow {
		m := w.members[i]
		lead, contact, status := "", out.salesPeople[m.person], "Sent"
		if w.people[m.person].salesKind == isLead {
			lead, contact = contact, ""
		}
		if m.responded {
			status = "Responded"
		}
		return salesforcesim.SeedRow{Created: m.at, Values: []string{out.campaigns[m.campaign], lead, contact, status}}
	})
	return err
}
