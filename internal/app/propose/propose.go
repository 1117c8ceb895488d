// Package propose suggests field maps from the schemas of the connected
// systems. It is pure; what it is not sure of it says so about.
package propose

import (
	"slices"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// System is a connected system with what is mapped of it already.
type System struct {
	Name    string
	Catalog schema.Catalog
	Objects []Object
}

// Object is one configured object.
type Object struct {
	Name string
	As   record.Object
	// Fields and Remotes are the canonical and remote fields that the
	// configuration uses already, Tandem's own key among them.
	Fields, Remotes []string
}

// Entry is one line of a field map.
type Entry struct {
	Field, Remote string
	In            bool // read only
	// Doubt says why a person has to decide; "" if the entry can be used.
	Doubt string
	// Note is what to know about an entry that can be used.
	Note string
}

// Custom is a field to add to the canonical model.
type Custom struct {
	As    record.Object
	Name  string
	Kind  record.Kind
	Label string
	Doubt string
}

// Proposal is what to add to a configuration.
type Proposal struct {
	// Entries are by system and object.
	Entries map[string]map[string][]Entry
	Custom  []Custom
	// Unused names the remote objects that are usually mapped and are not, by
	// system.
	Unused map[string][]schema.Object
}

// From proposes entries for what the objects do not map yet: first for the
// fields of the canonical model, then for fields that two systems have in
// common.
func From(canonical schema.Catalog, systems []System) Proposal {
	p := Proposal{Entries: map[string]map[string][]Entry{}, Unused: map[string][]schema.Object{}}
	for i := range systems {
		s := &systems[i]
		p.Entries[s.Name] = map[string][]Entry{}
		p.ofModel(canonical, s)
		for _, remote := range s.Catalog.Objects {
			used := slices.ContainsFunc(s.Objects, func(o Object) bool { return o.Name == remote.Name })
			if remote.As != "" && !used {
				p.Unused[s.Name] = append(p.Unused[s.Name], remote)
			}
		}
	}
	p.shared(canonical, systems)
	return p
}

// ofModel proposes entries for the fields of the canonical model.
func (p *Proposal) ofModel(canonical schema.Catalog, s *System) {
	for j := range s.Objects {
		o := &s.Objects[j]
		remote, ok := s.Catalog.Object(o.Name)
		model, known := canonical.Object(string(o.As))
		if !ok || !known {
			continue // `tandem check` says so
		}
		for _, e := range standard(model, remote, o, s.Catalog) {
			p.add(s, o, e)
		}
	}
}

// add proposes an entry; its fields are not proposed again.
func (p *Proposal) add(s *System, o *Object, e Entry) {
	p.Entries[s.Name][o.Name] = append(p.Entries[s.Name][o.Name], e)
	o.Remotes = append(o.Remotes, e.Remote)
	if e.Doubt == "" {
		o.Fields = append(o.Fields, e.Field)
	}
}

// Empty tells that there is nothing to add.
func (p Proposal) Empty() bool {
	for _, objects := range p.Entries {
		for _, entries := range objects {
			if len(entries) > 0 {
				return false
			}
		}
	}
	return true
}
