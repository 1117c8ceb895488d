package sandbox

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// Shares of the generated people, in per cent.
const (
	shareHub     = 90 // are in HubSpot
	shareBoth    = 40 // are in HubSpot and Salesforce; the rest of Salesforce's are its own
	shareContact = 50 // of Salesforce's people are contacts, the others leads
	shareDiffer  = 15 // of those in both differ in a value
	perCompany   = 8
)

// maker draws a world.
type maker struct {
	*rand.Rand
	w     *world
	taken map[string]int
}

func generate(people int, r *rand.Rand, now time.Time) *world {
	m := &maker{Rand: r, w: &world{now: now, owners: salesPeople()}, taken: map[string]int{}}
	m.companies(max(4, people/perCompany))
	m.campaigns()
	for i := range people {
		m.person(i*100/people, i)
	}
	m.sales()
	m.marketing()
	return m.w
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (m *maker) chance(percent int) bool { return m.IntN(100) < percent }

// ago is a time between so many days ago, whole seconds as Salesforce keeps.
func (m *maker) ago(from, to int) time.Time {
	day := 24 * time.Hour
	span := time.Duration(from-to) * day
	return m.w.now.Add(-time.Duration(to)*day - time.Duration(m.Int64N(int64(span)))).Truncate(time.Second)
}

// since is a time between then and an hour ago.
func (m *maker) since(then time.Time) time.Time {
	span := m.w.now.Add(-time.Hour).Sub(then)
	if span <= 0 {
		return then
	}
	return then.Add(time.Duration(m.Int64N(int64(span)))).Truncate(time.Second)
}

func (m *maker) companies(n int) {
	first, second := companyWords()
	for i := range n {
		name := first[i%len(first)] + " " + second[(i/len(first)+i)%len(second)]
		if round := i / (len(first) * len(second)); round > 0 {
			name += " " + strconv.Itoa(round+1)
		}
		c := company{
			name: name, domain: slug(name) + ".example", city: pick(m.Rand, cities()), employees: 10 * (1 + m.IntN(200)),
			owner: m.IntN(len(m.w.owners)), hub: i%10 != 0, sales: i%2 == 0,
		}
		m.w.companies = append(m.w.companies, c)
	}
}

func (m *maker) campaigns() {
	kinds := []string{"Webinar", "Email", "Advertisement", "Conference"}
	for i, name := range []string{
		"Spring webinar", "Buyer's guide", "Search ads", "Trade fair", "Summer newsletter", "Partner programme", "Autumn webinar", "Product launch",
	} {
		start := m.w.now.AddDate(0, -10+i, 0)
		m.w.campaigns = append(m.w.campaigns, campaign{
			name: name, kind: kinds[i%len(kinds)], tag: slug(strings.ReplaceAll(name, "'", "")), start: start, end: start.AddDate(0, 2, 0),
			hub: i < 6, sales: i%2 == 0 || i >= 6,
		})
	}
}

// person makes one; part is how far through all people, in per cent, so that
// the shares are exact at any size.
func (m *maker) person(part, i int) {
	p := person{company: m.IntN(len(m.w.companies)), hub: part < shareHub}
	if part < shareBoth || part >= shareHub {
		p.salesKind = isLead
		if m.chance(shareContact) {
			p.salesKind = isContact
		}
	}
	c := &m.w.companies[p.company]
	p.companyName = c.name
	c.hub, c.sales = c.hub || p.hub, c.sales || p.salesKind == isContact
	f := facts{first: pick(m.Rand, firstNames()), last: pick(m.Rand, lastNames()), title: pick(m.Rand, titles()), owner: m.IntN(len(m.w.owners) - 1)}
	if m.chance(80) {
		f.phone = fmt.Sprintf("+44 20 7946 0%03d", m.IntN(1000))
	}
	p.email = m.address(f, c.domain)
	f.created = m.ago(400, 2)
	f.modified = m.since(f.created)
	f.status, f.stage, f.source = "OPEN", pick(m.Rand, []string{"subscriber", "lead", "lead", "marketingqualifiedlead"}), pick(m.Rand, trafficSources())
	f.optOut = m.chance(2)
	p.marketing = f
	p.campaign, p.page = m.w.campaigns[m.IntN(6)].tag, pick(m.Rand, pages())
	p.sourceDetail = slug(strings.ToLower(f.source))
	p.sales = m.salesFacts(f, i)
	m.w.people = append(m.w.people, p)
}

func (m *maker) address(f facts, domain string) string {
	local := strings.ToLower(f.first + "." + f.last)
	m.taken[local+"@"+domain]++
	if n := m.taken[local+"@"+domain]; n > 1 {
		local += strconv.Itoa(n)
	}
	return local + "@" + domain
}

// salesFacts is how the same person stands in Salesforce: mostly alike, with
// the differences that two systems come to have.
func (m *maker) salesFacts(f facts, i int) facts {
	s := f
	s.created = m.since(f.created)
	s.modified = m.since(s.created)
	s.source, s.stage = "", ""
	s.status = pick(m.Rand, []string{"Open - Not Contacted", "Open - Not Contacted", "Working - Contacted", "Closed - Not Converted"})
	if m.chance(shareDiffer) {
		s.title = pick(m.Rand, titles())
	}
	if m.chance(shareDiffer) {
		s.phone = fmt.Sprintf("+44 20 7946 0%03d", m.IntN(1000))
	}
	if m.chance(3) {
		s.optOut = !s.optOut
	}
	if i%40 == 0 {
		s.owner = len(m.w.owners) - 1 // has left
	}
	return s
}

// sales makes what only the CRM has: deals, calls and campaign members.
func (m *maker) sales() {
	for i := range m.w.people {
		p := &m.w.people[i]
		if p.salesKind == noRecord {
			continue
		}
		at := -1
		if p.salesKind == isContact && m.chance(50) {
			at = m.deal(i, p)
		}
		if m.chance(60) {
			for range 1 + m.IntN(3) {
				m.call(i, at, p)
			}
		}
		if m.chance(30) {
			c := []int{0, 2, 4, 6, 7}[m.IntN(5)]
			m.w.members = append(m.w.members, member{person: i, campaign: c, responded: m.chance(40), at: m.since(p.sales.created)})
		}
	}
}

func (m *maker) deal(i int, p *person) int {
	d := deal{
		name: p.companyName + ", " + pick(m.Rand, []string{"starter", "team", "company"}) + " licence", person: i, company: p.company,
		campaign: -1, owner: p.sales.owner, stage: pick(m.Rand, openStages()), amount: fmt.Sprintf("%d.%02d", 500+m.IntN(40000), m.IntN(100)),
		created: m.since(p.sales.created),
	}
	d.closeDate = d.created.AddDate(0, 2, 0).Format(time.DateOnly)
	if m.chance(40) {
		d.campaign = []int{0, 2, 4, 6, 7}[m.IntN(5)]
	}
	p.sales.stage = "opportunity"
	switch n := m.IntN(100); {
	case n < 25:
		d.stage, p.sales.stage = "Closed Won", "customer"
	case n < 50:
		d.stage, d.lostReason = "Closed Lost", pick(m.Rand, lostReasons())
	}
	m.w.deals = append(m.w.deals, d)
	return len(m.w.deals) - 1
}

func (m *maker) call(i, deal int, p *person) {
	c := call{
		subject: "Call", direction: "Outbound", outcome: pick(m.Rand, outcomes()), person: i, deal: deal, owner: p.sales.owner,
		seconds: strconv.Itoa(m.IntN(900)), at: m.since(p.sales.created),
	}
	if m.chance(20) {
		c.direction = "Inbound"
	}
	m.w.calls = append(m.w.calls, c)
}

// marketing makes what only HubSpot has: forms sent, mails, lists and a few
// calls logged there.
func (m *maker) marketing() {
	news := list{name: "Newsletter"}
	guests := list{name: "Webinar guests"}
	for i, p := range m.w.people {
		if !p.hub {
			continue
		}
		if m.chance(40) {
			m.w.touches = append(m.w.touches, touch{person: i, form: pick(m.Rand, formNames()), page: pick(m.Rand, pages()) + "?utm_campaign=" + p.campaign, at: m.since(p.marketing.created)})
		}
		if m.chance(30) {
			m.mails(i, p)
		}
		if m.chance(35) {
			news.people = append(news.people, i)
		}
		if m.chance(8) {
			guests.people = append(guests.people, i)
		}
		if m.chance(4) {
			m.w.calls = append(m.w.calls, call{subject: "Call about the guide", direction: "OUTBOUND", person: i, deal: -1, owner: p.marketing.owner, marketing: true, at: m.since(p.marketing.created)})
		}
	}
	m.w.lists = []list{news, guests}
}

func (m *maker) mails(i int, p person) {
	at, c := m.since(p.marketing.created), m.IntN(6)
	for n, kind := range []string{"DELIVERED", "OPEN", "CLICK"} {
		if n > 0 && m.chance(50) {
			return
		}
		e := mail{person: i, campaign: c, kind: kind, at: at.Add(time.Duration(n) * 7 * time.Minute)}
		if kind == "CLICK" {
			e.url = pick(m.Rand, pages())
		}
		m.w.mails = append(m.w.mails, e)
	}
}
