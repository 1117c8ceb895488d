package sandbox

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim"
)

// population is what may change while the sandbox lives, by id.
type population struct {
	contacts, leads, people []string // HubSpot contacts; Salesforce leads and contacts
	emails                  []string // of the HubSpot contacts
	deals                   []openDeal
	forms                   []string
	dealsByLead             bool
	born                    int
}

// openDeal is a deal that is neither won nor lost; person is a Salesforce
// contact or "".
type openDeal struct {
	id, person string
	stage      int
}

func (p *population) remember(w *world, out *ids) {
	for i, x := range w.people {
		if x.hub {
			p.contacts, p.emails = append(p.contacts, out.contacts[i]), append(p.emails, x.email)
		}
		switch x.salesKind {
		case isLead:
			p.leads = append(p.leads, out.salesPeople[i])
		case isContact:
			p.people = append(p.people, out.salesPeople[i])
		}
	}
	for i, d := range w.deals {
		if strings.HasPrefix(d.stage, "Closed") {
			continue
		}
		o := openDeal{id: out.deals[i]}
		if !w.dealsByLead {
			o.person = at(out.salesPeople, d.person)
		}
		p.deals = append(p.deals, o)
	}
}

// Live changes both systems as people at work would, one change every so
// often, until ctx ends. Each change is reported in words without personal
// data. The same seed makes the same changes.
func (s *Sandbox) Live(ctx context.Context, every time.Duration, report func(string)) {
	r := s.random(2)
	tick := time.NewTicker(max(every, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			said, err := s.change(r)
			switch {
			case err != nil:
				report("a change was refused by the twin: " + err.Error())
			case said != "":
				report(said)
			}
		}
	}
}

// change makes one change; "" is none, where there is nothing to change.
func (s *Sandbox) change(r *rand.Rand) (string, error) {
	switch n := r.IntN(100); {
	case n < 20:
		return s.newContact(r)
	case n < 28:
		return s.newLead(r)
	case n < 42:
		return s.editContact(r)
	case n < 54:
		return s.editSales(r)
	case n < 68:
		return s.workLead(r)
	case n < 86:
		return s.moveDeal(r)
	case n < 90:
		return s.optOut(r)
	default:
		return s.logCall(r)
	}
}

// newcomer is somebody neither system knows yet.
func (s *Sandbox) newcomer(r *rand.Rand) (first, last, email string) {
	s.live.born++
	first, last = pick(r, firstNames()), pick(r, lastNames())
	return first, last, strings.ToLower(first+"."+last) + ".new" + strconv.Itoa(s.live.born) + "@visitor.example"
}

func (s *Sandbox) newContact(r *rand.Rand) (string, error) {
	first, last, email := s.newcomer(r)
	source := pick(r, trafficSources())
	id, err := s.hub.Create("contacts", map[string]string{
		"email": email, "firstname": first, "lastname": last, "jobtitle": pick(r, titles()), "lifecyclestage": "lead", "hs_lead_status": "NEW",
		"hs_analytics_source": source,
	})
	if err != nil {
		return "", err
	}
	if len(s.live.forms) > 0 {
		s.hub.Submit(pick(r, s.live.forms), pick(r, pages()), map[string]string{"email": email})
	}
	s.live.contacts, s.live.emails = append(s.live.contacts, id), append(s.live.emails, email)
	return "HubSpot: somebody new sent a form (" + source + ")", nil
}

func (s *Sandbox) newLead(r *rand.Rand) (string, error) {
	first, last, email := s.newcomer(r)
	id, err := s.sales.Create("Lead", salesforcesim.Fields{"FirstName": first, "LastName": last, "Email": email, "Company": "Visitor", "Title": pick(r, titles())}, s.seller(r))
	if err != nil {
		return "", err
	}
	s.live.leads = append(s.live.leads, id)
	return "Salesforce: a lead was entered by hand", nil
}

func (s *Sandbox) seller(r *rand.Rand) string {
	people := s.sales.Users().People
	if len(people) == 0 {
		return ""
	}
	return pick(r, people)
}

func (s *Sandbox) editContact(r *rand.Rand) (string, error) {
	if len(s.live.contacts) == 0 {
		return "", nil
	}
	by := hubspotsim.UserActor(s.hub.Owners()[0].UserID)
	id := pick(r, s.live.contacts)
	if r.IntN(3) == 0 {
		return "HubSpot: a contact became marketing qualified", s.qualify(id, by)
	}
	return "HubSpot: the job title of a contact changed", s.hub.Edit("contacts", id, map[string]string{"jobtitle": pick(r, titles())}, by)
}

// qualify moves a contact on; never back, which HubSpot would not do either.
func (s *Sandbox) qualify(id string, by hubspotsim.Actor) error {
	o, ok := s.hub.Get("contacts", id)
	if stage := o.Properties["lifecyclestage"]; !ok || stage != "" && stage != "subscriber" && stage != "lead" {
		return nil
	}
	return s.hub.Edit("contacts", id, map[string]string{"lifecyclestage": "marketingqualifiedlead"}, by)
}

// somebody is a lead or a contact of Salesforce's.
func (s *Sandbox) somebody(r *rand.Rand) (object, id string) {
	n := len(s.live.leads) + len(s.live.people)
	if n == 0 {
		return "", ""
	}
	i := r.IntN(n)
	if i < len(s.live.leads) {
		return "Lead", s.live.leads[i]
	}
	return "Contact", s.live.people[i-len(s.live.leads)]
}

func (s *Sandbox) editSales(r *rand.Rand) (string, error) {
	object, id := s.somebody(r)
	if id == "" {
		return "", nil
	}
	phone := fmt.Sprintf("+44 20 7946 0%03d", r.IntN(1000))
	return "Salesforce: the phone number of a " + strings.ToLower(object) + " changed", s.sales.Edit(object, id, salesforcesim.Fields{"Phone": phone}, s.seller(r))
}

func (s *Sandbox) workLead(r *rand.Rand) (string, error) {
	if len(s.live.leads) == 0 {
		return "", nil
	}
	fields, said := salesforcesim.Fields{"Status": "Working - Contacted"}, "Salesforce: a lead is being worked"
	if r.IntN(3) == 0 {
		fields, said = salesforcesim.Fields{"Status": "Closed - Not Converted"}, "Salesforce: a lead was closed as unqualified"
	}
	return said, s.sales.Edit("Lead", pick(r, s.live.leads), fields, s.seller(r))
}
