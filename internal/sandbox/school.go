package sandbox

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// school turns the exports of a school's CRM into a world.
type school struct {
	*layout
	w         *world
	byID      map[string]int // people by the id of the contact
	ownerAt   map[string]int
	campaigns map[string]bool
	origins   []origin // one for each deal
}

// origin is where the lead of a deal came from.
type origin struct {
	source, campaign, term, content, page string
}

func readExports(dir string) (*world, []Bad, error) {
	l, err := readLayout()
	if err != nil {
		return nil, nil, err
	}
	s := &school{layout: l, w: &world{dealsByLead: true}, byID: map[string]int{}, ownerAt: map[string]int{}, campaigns: map[string]bool{}}
	var bad []Bad
	for _, part := range []struct {
		file string
		take func(*export)
	}{{"contacts", s.contact}, {"deals", s.deal}, {"calls", s.call}} {
		more, err := readExport(dir, l, l.Files[part.file], part.take)
		if err != nil {
			return nil, nil, err
		}
		bad = append(bad, more...)
	}
	s.attribute()
	return s.w, bad, nil
}

// owner returns the place of somebody by name; nobody is -1.
func (s *school) owner(name string) int {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" {
		return -1
	}
	at, ok := s.ownerAt[strings.ToLower(name)]
	if !ok {
		at = len(s.w.owners)
		s.ownerAt[strings.ToLower(name)] = at
		first, last, more := strings.Cut(name, " ")
		if !more {
			first, last = "", first
		}
		s.w.owners = append(s.w.owners, owner{first: first, last: last})
	}
	return at
}

// who returns the place of a contact; unknown ones are nobody.
func (s *school) who(id string) int {
	if at, ok := s.byID[id]; ok {
		return at
	}
	return -1
}

func (s *school) contact(e *export) {
	id, created := e.text("external"), e.time("created")
	modified := created
	if e.text("modified") != "" {
		modified = e.time("modified")
	}
	f := facts{last: "Contact " + id, owner: s.owner(e.text("owner")), created: created, modified: modified}
	p := person{external: id, email: "contact-" + id + "@school.example", company: -1, hub: true, salesKind: isLead, marketing: f, sales: f}
	p.marketing.stage, p.sales.status = "lead", "Open - Not Contacted"
	s.byID[id] = len(s.w.people)
	s.w.people = append(s.w.people, p)
}

func (s *school) deal(e *export) {
	id, stage := e.text("external"), s.Stages[e.text("stage")]
	if stage == "" {
		stage = "Prospecting" // a word not in the layout; Source_Stage__c keeps it
	}
	o := origin{e.text("source"), e.text("campaign"), e.text("term"), e.text("content"), e.text("page")}
	s.w.deals = append(s.w.deals, deal{
		external: id, name: "Deal " + id, person: s.who(e.text("contact")), company: -1, campaign: -1, owner: s.owner(e.text("owner")),
		stage: stage, lostReason: e.text("lost_reason"), amount: e.money("offer"), initial: e.money("initial"), closeDate: e.date("closing"), created: e.time("created"),
		extra: map[string]string{
			"LeadSource": o.source, "Source_Stage__c": e.text("stage"), "UTM_Campaign__c": o.campaign, "UTM_Term__c": o.term, "UTM_Content__c": o.content,
			"Landing_Page__c": o.page, "Quality__c": e.text("quality"), "Product__c": e.text("product"), "Education_Type__c": e.text("education"),
			"Payment_Type__c": e.text("payment"), "First_Response_Seconds__c": e.text("response"),
		},
	})
	s.origins = append(s.origins, o)
	if o.campaign != "" && !s.campaigns[o.campaign] {
		s.campaigns[o.campaign] = true
		s.w.campaigns = append(s.w.campaigns, campaign{name: o.campaign, tag: o.campaign, hub: true})
	}
}

func (s *school) call(e *export) {
	c := call{
		external: e.text("external"), subject: "Call", direction: "Inbound", outcome: e.text("status"), person: s.who(e.text("contact")), deal: -1,
		owner: s.owner(e.text("owner")), seconds: e.text("seconds"), at: e.time("started"), open: strings.EqualFold(e.text("status"), "Scheduled"),
	}
	if e.text("type") == "Outbound" {
		c.direction = "Outbound"
	}
	s.w.calls = append(s.w.calls, c)
}

// attribute gives each contact the origin of its earliest deal; later deals
// are forms sent. Where a lead stands follows from its latest deal.
func (s *school) attribute() {
	order := make([]int, len(s.w.deals))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := s.w.deals[a], s.w.deals[b]
		return cmp.Or(x.created.Compare(y.created), cmp.Compare(len(x.external), len(y.external)), strings.Compare(x.external, y.external))
	})
	seen := map[int]bool{}
	for _, i := range order {
		d, o := s.w.deals[i], s.origins[i]
		if d.person < 0 {
			continue
		}
		p := &s.w.people[d.person]
		if seen[d.person] {
			s.w.touches = append(s.w.touches, touch{person: d.person, form: "Application", page: o.url(), at: d.created})
		} else {
			seen[d.person] = true
			p.marketing.source, p.sourceDetail, p.campaign, p.term, p.page = s.source(o.source), o.source, o.campaign, o.term, o.page
		}
		p.sales.status, p.sales.stage = standing(d.stage, p.sales.stage)
	}
}

func (s *school) source(name string) string {
	if known, ok := s.Sources[name]; ok || name == "" {
		return known
	}
	return "OTHER_CAMPAIGNS"
}

// standing is a lead's status and lifecycle stage after a deal.
func standing(stage, before string) (status, lifecycle string) {
	switch {
	case stage == "Closed Won" || before == "customer":
		return "Working - Contacted", "customer"
	case stage == "Closed Lost":
		return "Closed - Not Converted", before
	case stage == "Prospecting":
		return "Open - Not Contacted", before
	default:
		return "Working - Contacted", "opportunity"
	}
}

// url is the page with the tags that led there.
func (o origin) url() string {
	tags := url.Values{}
	for name, v := range map[string]string{"utm_source": o.source, "utm_campaign": o.campaign, "utm_term": o.term, "utm_content": o.content} {
		if v != "" {
			tags.Set(name, v)
		}
	}
	u := url.URL{Scheme: "https", Host: "www.school.example", Path: "/" + strings.TrimPrefix(o.page, "/"), RawQuery: tags.Encode()}
	return u.String()
}
