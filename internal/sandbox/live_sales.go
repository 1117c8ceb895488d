package sandbox

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
)

// moveDeal moves an open deal on, wins or loses it; or opens a new one.
func (s *Sandbox) moveDeal(r *rand.Rand) (string, error) {
	if len(s.live.people) > 0 && (len(s.live.deals) == 0 || r.IntN(4) == 0) {
		return s.newDeal(r)
	}
	if len(s.live.deals) == 0 {
		return "", nil
	}
	i := r.IntN(len(s.live.deals))
	d := &s.live.deals[i]
	switch r.IntN(4) {
	case 0:
		return s.win(i, r)
	case 1:
		fields := salesforcesim.Fields{"StageName": "Closed Lost", "Lost_Reason__c": pick(r, lostReasons())}
		err := s.sales.Edit("Opportunity", d.id, fields, s.seller(r))
		s.live.deals = slices.Delete(s.live.deals, i, i+1)
		return "Salesforce: a deal was lost", err
	default:
		d.stage = min(d.stage+1, len(openStages())-1)
		return "Salesforce: a deal moved to " + openStages()[d.stage], s.sales.Edit("Opportunity", d.id, salesforcesim.Fields{"StageName": openStages()[d.stage]}, s.seller(r))
	}
}

func (s *Sandbox) newDeal(r *rand.Rand) (string, error) {
	who := pick(r, s.live.people)
	contact, _ := s.sales.Get("Contact", who)
	fields := salesforcesim.Fields{
		"Name": "New business", "StageName": openStages()[0], "CloseDate": s.sales.Clock.Now().AddDate(0, 1, 0).Format(time.DateOnly),
		"Amount": 1000 + r.IntN(9000), "ContactId": who,
	}
	if account := contact.Fields["AccountId"]; account != "" {
		fields["AccountId"] = account
	}
	id, err := s.sales.Create("Opportunity", fields, s.seller(r))
	if err != nil {
		return "", err
	}
	s.live.deals = append(s.live.deals, openDeal{id: id, person: who})
	return "Salesforce: a deal was opened", nil
}

func (s *Sandbox) win(i int, r *rand.Rand) (string, error) {
	d := s.live.deals[i]
	s.live.deals = slices.Delete(s.live.deals, i, i+1)
	by := s.seller(r)
	if err := s.sales.Edit("Opportunity", d.id, salesforcesim.Fields{"StageName": "Closed Won"}, by); err != nil {
		return "", err
	}
	if d.person == "" {
		return "Salesforce: a deal was won", nil
	}
	return "Salesforce: a deal was won, its contact is a customer", s.sales.Edit("Contact", d.person, salesforcesim.Fields{"Lifecycle_Stage__c": "customer"}, by)
}

func (s *Sandbox) optOut(r *rand.Rand) (string, error) {
	if r.IntN(2) == 0 && len(s.live.emails) > 0 {
		s.hub.OptOut(pick(r, s.live.emails), 0)
		return "HubSpot: somebody unsubscribed", nil
	}
	object, id := s.somebody(r)
	if id == "" {
		return "", nil
	}
	return "Salesforce: somebody asked for no more e-mail", s.sales.Edit(object, id, salesforcesim.Fields{"HasOptedOutOfEmail": true}, s.seller(r))
}

func (s *Sandbox) logCall(r *rand.Rand) (string, error) {
	_, who := s.somebody(r)
	if who == "" {
		return "", nil
	}
	_, err := s.sales.Create("Task", salesforcesim.Fields{
		"Subject": "Call", "TaskSubtype": "Call", "Status": "Completed", "CallType": "Outbound", "CallDisposition": pick(r, outcomes()),
		"CallDurationInSeconds": r.IntN(600), "ActivityDate": s.sales.Clock.Now().Format(time.DateOnly), "WhoId": who,
	}, s.seller(r))
	return "Salesforce: a call was logged", err
}
