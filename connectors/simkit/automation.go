package simkit

import (
	"strings"
	"sync"
)

// The kinds of automation.
const (
	// RewriteField is a workflow of the customer's own that rewrites a field
	// after another one wrote the record.
	RewriteField = "rewrite_field"
	// Rival is another sync tool that writes a field after others did.
	Rival = "rival"
)

// Automation is something the customer runs inside the vendor's system.
type Automation struct {
	// Kind is RewriteField or Rival.
	Kind string `json:"kind"`
	// Object is the object as the vendor names it; empty means every object.
	Object string `json:"object,omitempty"`
	// Field is the field written.
	Field string `json:"field"`
	// Value is what is written: "upper:", "lower:" and "trim:" change what is
	// there, "prefix:x" puts x before it unless it is there, anything else is
	// the value itself.
	Value string `json:"value"`
	// Times is how many writes it answers; 0 means all.
	Times int `json:"times,omitempty"`
}

// Rewrite returns the value the automation leaves where old was.
func (a Automation) Rewrite(old string) string {
	prefix, isPrefix := strings.CutPrefix(a.Value, "prefix:")
	switch {
	case isPrefix && strings.HasPrefix(old, prefix):
		return old
	case isPrefix:
		return prefix + old
	case a.Value == "upper:":
		return strings.ToUpper(old)
	case a.Value == "lower:":
		return strings.ToLower(old)
	case a.Value == "trim:":
		return strings.TrimSpace(old)
	}
	return a.Value
}

// Automations is the list of running automations. Its zero value is empty and
// ready for concurrent use.
type Automations struct {
	mu   sync.Mutex
	list []*Automation
}

// Add starts an automation.
func (a *Automations) Add(auto Automation) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, &auto)
}

// Reset stops every automation.
func (a *Automations) Reset() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = nil
}

// For returns the automations a write of this object sets off, and uses up one
// of the times of each.
func (a *Automations) For(object string) []Automation {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.list) == 0 {
		return nil
	}
	var due []Automation
	kept := a.list[:0]
	for _, auto := range a.list {
		matches := auto.Object == "" || strings.EqualFold(auto.Object, object)
		if matches {
			due = append(due, *auto)
		}
		if matches && auto.Times > 0 {
			auto.Times--
			if auto.Times == 0 {
				continue
			}
		}
		kept = append(kept, auto)
	}
	a.list = kept
	return due
}
