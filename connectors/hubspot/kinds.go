package hubspot

import (
	"strings"

	"github.com/tandem-sync/tandem/record"
)

// Fields of ours that are no HubSpot property.
const (
	optOutField = "email_opt_out"
	linkPrefix  = "associations."
)

const (
	listPage    = 100
	searchPage  = 200
	batchRows   = 100
	historyRows = 50 // HubSpot halves pages and batches that carry histories
	linkRows    = 1000
)

// kind is one CRM object.
type kind struct {
	name, singular string
	as             record.Object
	modified       string
	links          []linkKind
}

// linkKind is an association an object can carry; primary is the type id that
// makes the other record the main one, where HubSpot knows such a thing.
type linkKind struct {
	to     string
	typeID int
}

func kinds() []kind {
	activity := func(name, singular string, contact, company, deal int) kind {
		return kind{name, singular, record.Activity, "hs_lastmodifieddate", []linkKind{{"contacts", contact}, {"companies", company}, {"deals", deal}}}
	}
	return []kind{
		{"companies", "company", record.Company, "hs_lastmodifieddate", nil},
		{"contacts", "contact", record.Person, "lastmodifieddate", []linkKind{{"companies", 1}}},
		{"deals", "deal", record.Deal, "hs_lastmodifieddate", []linkKind{{"contacts", 3}, {"companies", 5}}},
		activity("calls", "call", 194, 182, 206),
		activity("meetings", "meeting", 200, 188, 212),
		activity("tasks", "task", 204, 192, 216),
		activity("emails", "email", 198, 186, 210),
	}
}

func kindOf(name string) (kind, bool) {
	for _, k := range kinds() {
		if k.name == name {
			return k, true
		}
	}
	return kind{}, false
}

func (k kind) link(to string) (linkKind, bool) {
	for _, l := range k.links {
		if l.to == to {
			return l, true
		}
	}
	return linkKind{}, false
}

// asked is what a query wants, in HubSpot's terms.
type asked struct {
	fields  []string
	props   []string
	history []string
	links   []string
}

// ask splits field names into properties and associations.
func (k kind) ask(fields []string) asked {
	a := asked{fields: fields}
	for _, f := range fields {
		to, isLink := strings.CutPrefix(f, linkPrefix)
		switch {
		case isLink:
			if _, known := k.link(to); known {
				a.links = append(a.links, to)
			}
		case f == optOutField && k.name == "contacts":
			a.props = append(a.props, "hs_email_optout")
		default:
			a.props = append(a.props, f)
		}
	}
	if len(a.props) == 0 {
		a.props = []string{"hs_object_id"} // or HubSpot sends what it thinks best
	}
	return a
}

// The length of a GET's address and of a search's body is limited; where the
// names of properties take more than this, batch read fetches the values.
const (
	longestQuery  = 3000
	longestSearch = 2550
)

func (a asked) length() int {
	n := 0
	for _, p := range a.props {
		n += len(p) + 3
	}
	return n
}
