package config

import (
	"maps"
	"slices"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
)

// The rules by which the differences of a field are decided.
const (
	RuleOwner      = "owner"       // one system or role decides
	RuleNewest     = "newest"      // the later edit wins
	RuleFillBlank  = "fill_blank"  // only blanks are filled
	RuleNeverClear = "never_clear" // the later edit wins, but a clear never does
	RuleMax        = "max"         // the greater value wins
	RuleRatchet    = "ratchet"     // ordered stages only advance
	RuleUnion      = "union"       // sets are merged
	RuleManual     = "manual"      // a person decides
	RuleConsent    = "consent"     // any opt-out wins and stays
)

// Rules lists every rule.
func Rules() []string {
	return []string{RuleOwner, RuleNewest, RuleFillBlank, RuleNeverClear, RuleMax, RuleRatchet, RuleUnion, RuleManual, RuleConsent}
}

// Who may decide besides connectors and roles, where two records that differ
// are first linked.
const (
	FirstNewest = "newest" // the later of the two times
	FirstHold   = "hold"   // nobody: the difference is held and listed
)

// defaultKey stands for all fields that have no policy of their own.
const defaultKey = "default"

// Policies are the policies of one object's fields.
type Policies struct {
	Default Policy
	Fields  map[string]Policy
}

// Policy is the rule of one field with its particulars.
type Policy struct {
	Rule   string   `yaml:"rule,required" oneof:"owner newest fill_blank never_clear max ratchet union manual consent" doc:"The rule."`
	Owners []string `yaml:"owners" doc:"For owner: connectors or roles (marketing, sales) that decide, best first."`
	Others string   `yaml:"others" oneof:"revert leave" doc:"For owner, ratchet and max: what becomes of a change that does not win: revert writes the winning value back, leave lets the system keep its own. Default revert."`
	Order  []string `yaml:"order" doc:"For ratchet: the stages from first to last."`
	Back   []string `yaml:"back" doc:"For ratchet: stages that may be gone back to."`
	Keep   bool     `yaml:"keep" doc:"For union: members are never removed."`
	Tie    []string `yaml:"tie" doc:"Connectors or roles that win when it cannot be told which edit was later. Taken from default unless set."`
	First  []string `yaml:"first" doc:"Who wins a difference found when two records are first linked: connectors, roles, newest, or hold, which asks a person. Taken from default unless set."`
	// Node is where it is written; the zero Node for a built-in one.
	Node diag.Node
}

// DefaultPolicies returns the policies of a configuration that sets none: the
// later edit wins; where the times cannot tell, sales does; a first difference
// goes to the later edit or is held. Opt-outs are decided by consent, the
// lifecycle stage only advances through HubSpot's eight stages.
func DefaultPolicies() map[record.Object]Policies {
	out := map[record.Object]Policies{}
	for _, as := range record.Objects() {
		out[as] = Policies{Default: builtin(), Fields: map[string]Policy{}}
	}
	consent, stages := builtin(), builtin()
	consent.Rule = RuleConsent
	stages.Rule = RuleRatchet
	stages.Order = []string{
		"subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist", "other",
	}
	person := out[record.Person].Fields
	person["email_opt_out"], person["phone_opt_out"], person["lifecycle_stage"] = consent, consent, stages
	return out
}

func builtin() Policy {
	return Policy{Rule: RuleNewest, First: []string{FirstNewest, FirstHold}, Tie: []string{"sales"}}
}

// DecodeNode reads the policies of an object over those it has already. A
// field that says nothing of tie and first takes them from default.
func (p *Policies) DecodeNode(n diag.Node) diag.List {
	if !n.IsMap() {
		return diag.List{n.Errorf("expected a mapping of fields to rules, found %s", n.Kind())}
	}
	var problems diag.List
	base := Policies{Default: builtin()}
	base.Fields = maps.Clone(p.Fields)
	if base.Fields == nil {
		base.Fields = map[string]Policy{}
	}
	if d, ok := n.Get(defaultKey); ok {
		base.Default.read(d, builtin(), &problems)
	}
	for field, f := range base.Fields {
		f.Tie, f.First = base.Default.Tie, base.Default.First
		base.Fields[field] = f
	}
	for _, key := range n.Keys() {
		if key.Name == defaultKey {
			continue
		}
		var f Policy
		node, _ := n.Get(key.Name)
		f.read(node, base.Default, &problems)
		base.Fields[key.Name] = f
	}
	*p = base
	return problems
}

// read decodes a policy, short or long, and fills in what it leaves out.
func (p *Policy) read(n diag.Node, from Policy, problems *diag.List) {
	*p = Policy{Node: n}
	switch {
	case n.IsNull():
		problems.Add(n.Errorf("a rule is missing").WithHint("allowed: %s", joined(Rules())))
	case n.IsScalar():
		p.Rule = n.String()
		if !slices.Contains(Rules(), p.Rule) {
			problems.Add(n.Errorf("%q is not a rule", p.Rule).WithNearest(p.Rule, Rules()))
		}
	default:
		problems.Add(diag.Decode(n, p)...)
	}
	if !n.Has("tie") {
		p.Tie = from.Tie
	}
	if !n.Has("first") {
		p.First = from.First
	}
}

func (Policies) shape() shape {
	return shape{name: "mapping of fields to policies", each: Policy{}}
}

func (p Policy) shape() shape {
	type plain Policy
	return shape{name: "policy", orWord: Rules(), of: plain(p)}
}
