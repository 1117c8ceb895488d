package connectortest

import (
	"slices"

	"github.com/tandem-sync/tandem/record/schema"
)

// Case is one case of the suite.
type Case struct {
	Name  string
	About string // what must hold, in a sentence for the connector's page
	// NotApplicable is why the case does not apply; "" if it does.
	NotApplicable string

	needs need
	run   func(*kit)
}

// need says what a case cannot do without.
type need struct {
	transport Transport
	caps      []string
	faults    []string
	remover   bool
	expirer   bool
	lag       bool
}

// Applicable lists every case of the suite, each marked if it cannot apply to
// a connector of this catalog and transport.
func Applicable(c schema.Catalog, transport Transport) []Case {
	all := cases()
	for i := range all {
		all[i].NotApplicable = all[i].needs.missing(c.Objects, transport)
	}
	return all
}

func (n need) missing(objects []schema.Object, transport Transport) string {
	if n.transport != "" && n.transport != transport {
		return "needs the transport " + string(n.transport)
	}
	for _, name := range n.caps {
		if !slices.ContainsFunc(objects, func(o schema.Object) bool { return has(o, name) }) {
			return "needs the capability " + name
		}
	}
	if n.lag && !slices.ContainsFunc(objects, func(o schema.Object) bool { return o.Lag > 0 }) {
		return "changes are visible at once"
	}
	return ""
}

// lacking tells what the set-up and its bench do not offer.
func (n need) lacking(s Setup, b Bench) string {
	_, faulter := b.(Faulter)
	for _, kind := range n.faults {
		if !faulter || !slices.Contains(transportFaults(), kind) && !slices.Contains(s.Faults, kind) {
			return "the twin does not play the fault " + kind
		}
	}
	if _, ok := b.(Remover); n.remover && !ok {
		return "the bench cannot remove records"
	}
	if _, ok := b.(Expirer); n.expirer && !ok {
		return "the credentials do not expire"
	}
	return ""
}

func transportFaults() []string {
	return []string{
		"latency", "reset", "reply_lost", "truncate", "html", "oversize", "slow_body", "hang", "gzip_bomb", "redirect", "server_error",
	}
}

func has(o schema.Object, capability string) bool {
	switch capability {
	case "changes":
		return o.Caps.Changes
	case "split":
		return o.Caps.Split
	case "gone":
		return o.Caps.Gone
	case "read":
		return o.Caps.Read
	case "lookup":
		return o.Caps.Lookup && len(o.Keys) > 0
	case "create":
		return o.Caps.Create
	case "update":
		return o.Caps.Update
	case "archive":
		return o.Caps.Archive
	case "conditional":
		return o.Caps.Conditional
	case "echo":
		return o.Caps.Echo
	case "pages":
		return o.Caps.PageSize > 0
	}
	return false
}

func cases() []Case {
	return slices.Concat(metaCases(), readCases(), pageCases(), failCases(), writeCases(), lossCases(), safetyCases(), economyCases())
}
