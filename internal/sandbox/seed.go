package sandbox

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/tandem-sync/tandem/connectors/hubspot/hubspotsim"
)

// ids are what the records of a world became; "" where a system has none.
type ids struct {
	hubOwners, salesOwners       []string
	hubCompanies, accounts       []string
	campaigns                    []string // at Salesforce
	contacts                     []string // at HubSpot
	salesPeople, deals, hubCalls []string
}

// seed fills both twins and remembers what may change later.
func (s *Sandbox) seed(w *world) error {
	s.seeded = Seeded{HubSpot: map[string]int{}, Salesforce: map[string]int{}}
	s.live.dealsByLead = w.dealsByLead
	out := &ids{}
	s.seedOwners(w, out)
	for _, step := range []func(*world, *ids) error{
		s.seedHubCompanies, s.seedContacts, s.seedHubCalls, s.seedMarketing,
		s.seedAccounts, s.seedCampaigns, s.seedPeople, s.seedDeals, s.seedTasks, s.seedMembers,
	} {
		if err := step(w, out); err != nil {
			return err
		}
	}
	s.live.remember(w, out)
	return nil
}

func (s *Sandbox) seedOwners(w *world, out *ids) {
	users, next := s.sales.Users(), 0
	for i, o := range w.owners {
		id := s.hub.AddOwner(hubspotsim.Owner{ID: int64(700_000_000 + i), UserID: int64(80_000_000 + i), Email: o.email(), FirstName: o.first, LastName: o.last})
		out.hubOwners = append(out.hubOwners, id)
		if o.gone {
			s.hub.DeactivateOwner(id)
			out.salesOwners = append(out.salesOwners, users.Inactive)
			continue
		}
		out.salesOwners = append(out.salesOwners, users.People[next])
		next++
	}
}

func at(list []string, i int) string {
	if i < 0 || i >= len(list) {
		return ""
	}
	return list[i]
}

// chosen lists the places of a world's list that one system holds.
func chosen[T any](all []T, holds func(T) bool) []int {
	var out []int
	for i, x := range all {
		if holds(x) {
			out = append(out, i)
		}
	}
	return out
}

// bulkHub seeds one object of the portal and returns the ids by place.
func (s *Sandbox) bulkHub(object string, columns []string, places []int, size int, row func(place int, row []string)) ([]string, error) {
	first, err := s.hub.BulkSeed(object, columns, len(places), func(i int, cells []string) { row(places[i], cells) })
	out := make([]string, size)
	for i, place := range places {
		out[place] = strconv.FormatInt(first+int64(i), 10)
	}
	s.seeded.HubSpot[object] = len(places)
	return out, err
}

func (s *Sandbox) seedHubCompanies(w *world, out *ids) (err error) {
	places := chosen(w.companies, func(c company) bool { return c.hub })
	out.hubCompanies, err = s.bulkHub("companies", []string{"name", "domain", "city", "numberofemployees", "hubspot_owner_id", "createdate", "hs_lastmodifieddate"},
		places, len(w.companies), func(i int, row []string) {
			c, old := w.companies[i], w.now.AddDate(-1, -2, 0).Format(time.RFC3339)
			copy(row, []string{c.name, c.domain, c.city, strconv.Itoa(c.employees), at(out.hubOwners, c.owner), old, old})
		})
	return err
}

func (s *Sandbox) seedContacts(w *world, out *ids) (err error) {
	columns := []string{
		"email", "firstname", "lastname", "phone", "jobtitle", "company", "hs_lead_status", "lifecyclestage", "hubspot_owner_id",
		"hs_analytics_source", "hs_analytics_source_data_1", "hs_latest_source", "utm_campaign", "utm_term", "hs_analytics_first_url",
		"external_id", "associatedcompanyid", "createdate", "lastmodifieddate",
	}
	places := chosen(w.people, func(p person) bool { return p.hub })
	out.contacts, err = s.bulkHub("contacts", columns, places, len(w.people), func(i int, row []string) {
		p := w.people[i]
		f := p.marketing
		copy(row, []string{
			p.email, f.first, f.last, f.phone, f.title, p.companyName, f.status, f.stage, at(out.hubOwners, f.owner),
			f.source, p.sourceDetail, f.source, p.campaign, p.term, p.page,
			p.external, at(out.hubCompanies, p.company), f.created.Format(time.RFC3339), f.modified.Format(time.RFC3339),
		})
	})
	if err != nil {
		return err
	}
	for _, i := range places {
		p := w.people[i]
		if c := at(out.hubCompanies, p.company); c != "" {
			if err := s.hub.AssociateAs("contacts", out.contacts[i], "companies", c, 1); err != nil {
				return err
			}
		}
		if p.marketing.optOut {
			s.hub.OptOut(p.email, 0)
		}
	}
	return nil
}

func (s *Sandbox) seedHubCalls(w *world, out *ids) (err error) {
	places := chosen(w.calls, func(c call) bool { return c.marketing })
	columns := []string{"hs_call_title", "hs_call_direction", "hs_call_status", "hs_timestamp", "hubspot_owner_id", "hs_createdate", "hs_lastmodifieddate"}
	out.hubCalls, err = s.bulkHub("calls", columns, places, len(w.calls), func(i int, row []string) {
		c := w.calls[i]
		when := c.at.Format(time.RFC3339)
		copy(row, []string{c.subject, c.direction, "COMPLETED", when, at(out.hubOwners, c.owner), when, when})
	})
	if err != nil {
		return err
	}
	for _, i := range places {
		if err := s.hub.AssociateAs("calls", out.hubCalls[i], "contacts", out.contacts[w.calls[i].person], 194); err != nil {
			return err
		}
	}
	return nil
}

// seedMarketing adds what HubSpot dates itself; its clock goes through the
// past meanwhile, as no one is looking yet.
func (s *Sandbox) seedMarketing(w *world, out *ids) error {
	for _, c := range w.campaigns {
		if c.hub {
			props := map[string]string{"hs_name": c.name, "hs_utm": c.tag}
			if !c.start.IsZero() {
				props["hs_start_date"], props["hs_end_date"] = c.start.Format(time.DateOnly), c.end.Format(time.DateOnly)
			}
			s.hub.AddCampaign(hubspotsim.Campaign{Properties: props})
			s.seeded.HubSpot["campaigns"]++
		}
	}
	slices.SortStableFunc(w.mails, func(a, b mail) int { return a.at.Compare(b.at) })
	for _, e := range w.mails {
		s.hub.AddEmailEvent(hubspotsim.EmailEvent{
			Type: e.kind, Recipient: w.people[e.person].email, CampaignID: int64(e.campaign + 1), At: e.at, URL: e.url,
		})
	}
	s.submissions(w)
	for _, l := range w.lists {
		id := s.hub.AddList(hubspotsim.List{Name: l.name})
		for _, p := range l.people {
			s.hub.AddToList(id, out.contacts[p])
		}
	}
	s.seeded.Touches = len(w.mails) + len(w.touches)
	return nil
}

func (s *Sandbox) submissions(w *world) {
	slices.SortStableFunc(w.touches, func(a, b touch) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.person, b.person)) })
	clock, moved := s.hub.Clock(), time.Duration(0)
	forms := map[string]string{}
	for _, name := range formNames() {
		forms[name] = s.hub.AddForm(name)
		s.live.forms = append(s.live.forms, forms[name])
	}
	for _, t := range w.touches {
		if forms[t.form] == "" {
			forms[t.form] = s.hub.AddForm(t.form)
		}
		step := t.at.Sub(clock.Now())
		clock.Advance(step)
		moved += step
		s.hub.Submit(forms[t.form], t.page, map[string]string{"email": w.people[t.person].email})
	}
	clock.Advance(-moved)
}
