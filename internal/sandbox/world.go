package sandbox

import (
	"strings"
	"time"
)

// world is what both twins are to hold, before either knows any id. Others are
// named by their place in the list; -1 is none.
type world struct {
	now       time.Time
	owners    []owner
	companies []company
	campaigns []campaign
	people    []person
	deals     []deal
	calls     []call
	touches   []touch
	mails     []mail
	lists     []list
	members   []member
	// dealsByLead tells that deals hang on leads by a field of their own.
	dealsByLead bool
}

type owner struct {
	first, last string
	gone        bool
}

func (o owner) name() string { return strings.TrimSpace(o.first + " " + o.last) }

// email is the address that the simulated Salesforce gives its user.
func (o owner) email() string {
	if o.gone {
		return "gone@tandem.example.com"
	}
	return strings.ToLower(strings.ReplaceAll(o.name(), " ", ".")) + "@sales.example.com"
}

type company struct {
	name, domain, city string
	employees, owner   int
	hub, sales         bool
}

type campaign struct {
	name, kind, tag string
	start, end      time.Time
	hub, sales      bool
}

// Kinds of a person at Salesforce.
const (
	noRecord = iota
	isLead
	isContact
)

// facts are what one system knows of a person.
type facts struct {
	first, last, phone, title string
	status, stage             string
	source                    string
	owner                     int
	optOut                    bool
	created, modified         time.Time
}

// person is someone in HubSpot, Salesforce or both.
type person struct {
	external, email string
	company         int
	companyName     string
	hub             bool
	salesKind       int
	marketing       facts // in HubSpot
	sales           facts // in Salesforce
	sourceDetail    string
	campaign, term  string
	page            string
}

type deal struct {
	external, name    string
	person, company   int
	campaign, owner   int
	stage, lostReason string
	amount, initial   string // plain decimals, "" for none
	closeDate         string
	extra             map[string]string // further fields of the opportunity
	created           time.Time
}

type call struct {
	external, subject, direction, outcome string
	person, deal, owner                   int
	seconds                               string
	open                                  bool
	marketing                             bool // logged in HubSpot
	at                                    time.Time
}

// touch is a form sent from a page.
type touch struct {
	person     int
	form, page string
	at         time.Time
}

type mail struct {
	person, campaign int
	kind, url        string
	at               time.Time
}

type list struct {
	name   string
	people []int
}

// member is a person's part in a campaign at Salesforce.
type member struct {
	person, campaign int
	responded        bool
	at               time.Time
}
