package hubspot

import "strings"

// paths spells HubSpot's addresses for one API version. Dated versions stand
// behind the area (/crm/objects/2026-03/...), numbered ones before it
// (/crm/v3/objects/...), and some areas count their own numbers.
type paths string

func (p paths) numbered() bool { return strings.HasPrefix(string(p), "v") }

func (p paths) area(family, name, number string) string {
	if p.numbered() {
		return "/" + family + "/" + number + "/" + name
	}
	return "/" + family + "/" + name + "/" + string(p)
}

func (p paths) crm(area, rest string) string { return p.area("crm", area, "v3") + rest }

func (p paths) object(name, rest string) string { return p.crm("objects", "/"+name+rest) }

func (p paths) links(from, to, rest string) string {
	return p.area("crm", "associations", "v4") + "/" + from + "/" + to + rest
}

func (p paths) marketing(name, rest string) string { return p.area("marketing", name, "v3") + rest }

func (p paths) events(rest string) string {
	if p.numbered() {
		return "/events/v3/events" + rest
	}
	return "/events/event-occurrences/" + string(p) + rest
}

func (p paths) account() string {
	if p.numbered() {
		return "/account-info/v3/details"
	}
	return "/account-info/" + string(p) + "/details"
}

func (p paths) consent(rest string) string {
	if p.numbered() {
		return "/communication-preferences/v4" + rest
	}
	return "/communication-preferences/" + string(p) + rest
}

func (p paths) token() string { return "/oauth/" + string(p) + "/token" }
