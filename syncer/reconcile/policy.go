// Package reconcile decides, field by field, what a change read in one system
// means for the golden record. It is pure.
package reconcile

import (
	"slices"

	"github.com/tandem-sync/tandem/record"
)

// Rule is how a field's conflicts are decided.
type Rule string

// The rules. Each has its truth table on the function that carries it out.
const (
	Owner      Rule = "owner"       // one system or role decides
	Newest     Rule = "newest"      // the later edit wins
	FillBlank  Rule = "fill_blank"  // only blanks are filled
	NeverClear Rule = "never_clear" // newest, but a clear never wins
	Max        Rule = "max"         // the greater number, day or instant wins
	Ratchet    Rule = "ratchet"     // ordered stages only advance
	Union      Rule = "union"       // sets are merged
	Manual     Rule = "manual"      // a person decides every difference
	Consent    Rule = "consent"     // any opt-out wins and stays
)

// Rules lists every rule.
func Rules() []Rule {
	return []Rule{Owner, Newest, FillBlank, NeverClear, Max, Ratchet, Union, Manual, Consent}
}

// What becomes of a difference that a rule does not let win.
const (
	Revert = "revert" // the golden value is written back
	Leave  = "leave"  // the other system keeps its own value
)

// FirstHold is the way to treat a difference found when two records are first
// linked: hold it and list it.
const FirstHold = "hold"

// Policy is the rule of one field with its particulars.
type Policy struct {
	Rule   Rule
	Owners []string // Owner: connector names or roles that decide, best first
	Others string   // Owner, Ratchet, Max: Revert (default) or Leave
	Order  []string // Ratchet: stages from first to last
	Back   []string // Ratchet: stages that may be gone back to (recycling)
	Keep   bool     // Union: members are never removed
	Tie    []string // Newest, NeverClear: who wins when edits overlap in time
	First  []string // who wins a first difference; FirstHold (default) asks; "newest" compares times
}

// Policies are the policies of one object's fields.
type Policies struct {
	Default Policy
	Fields  map[string]Policy
}

// Of returns the policy of a field.
func (p Policies) Of(field string) Policy {
	policy, ok := p.Fields[field]
	if !ok {
		policy = p.Default
	}
	if policy.Rule == "" {
		policy.Rule = Newest
	}
	if policy.Others == "" {
		policy.Others = Revert
	}
	return policy
}

// rank is the place of a system in a list of names and roles; -1 if it is in
// none of them.
func rank(list []string, system, role string) int {
	return slices.IndexFunc(list, func(s string) bool {
		return s == system || (role != "" && s == role) || (role == "both" && (s == "sales" || s == "marketing"))
	})
}

func stage(order []string, v record.Value) int { return slices.Index(order, v.Text()) }
