package config

import (
	"regexp"
	"slices"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
)

// Connector is one connected system. The fields with a tag are the keys that
// every connectors/<name>.yaml may hold, whatever its type.
type Connector struct {
	Type     string  `yaml:"type,required" doc:"Which connector this is, such as hubspot or salesforce."`
	Role     string  `yaml:"role" oneof:"marketing sales both" doc:"What the system is used for; policies may name it. Default is what the type usually is."`
	Enabled  bool    `yaml:"enabled" doc:"Whether the system takes part."`
	Schedule Cron    `yaml:"schedule" doc:"When the system is synchronised; unless set, at schedule.default of tandem.yaml."`
	ReadOnly bool    `yaml:"read_only" doc:"Nothing is ever written to this system."`
	Objects  Objects `yaml:"objects,required" doc:"The remote objects that take part, by the system's own name of each. Where several are mapped as the same canonical object, the first is the one that is written by preference."`

	// Name is the name of the file without its ending.
	Name string
	// Rest holds the keys that are the connector's own, for its factory.
	Rest diag.Node
	// Node is the whole file.
	Node diag.Node
}

// Type is what is known of a connector's type without building one.
type Type struct {
	Name string
	Role string
	// Own is the struct its own keys are decoded into; nil leaves the check of
	// those keys to the factory.
	Own any
}

const (
	// ownSystem is the internal system that writes what Tandem computes.
	ownSystem = "tandem"
)

func roles() []string { return []string{"marketing", "sales"} }

// reserved lists the words that mean something else where a connector is named.
func reserved() []string {
	return append(roles(), ownSystem, "both", FirstNewest, FirstHold, off)
}

var connectorName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// connector decodes the common part of one file and sets the rest apart.
func (l *loader) connector(name string, n diag.Node) *Connector {
	k := &Connector{Name: name, Enabled: true, Node: n, Rest: n}
	if !n.IsMap() {
		l.problems.Add(diag.Decode(n, k)...)
		return k
	}
	common := keyNames(*k)
	var own []string
	for _, key := range n.Keys() {
		if !slices.Contains(common, key.Name) {
			own = append(own, key.Name)
		}
	}
	k.Rest = n.Without(common...)
	problems := diag.Decode(n.Without(own...), k)
	unknown := l.typed(k, common, own)
	for _, p := range problems {
		if !unknown[p.Summary] { // a misspelt key is not missing as well
			l.problems.Add(p)
		}
	}
	return k
}

// typed checks the type and, where its keys are known, the connector's own
// keys; it returns the complaints that the misspelt keys explain.
func (l *loader) typed(k *Connector, common, own []string) map[string]bool {
	explained := map[string]bool{}
	i := slices.IndexFunc(l.types, func(t Type) bool { return t.Name == k.Type })
	if i < 0 {
		if len(l.types) > 0 && k.Type != "" {
			l.problems.Add(k.Node.At("type").Errorf("there is no connector of type %q", k.Type).WithNearest(k.Type, typeNames(l.types)))
		}
		return explained
	}
	if k.Role == "" {
		k.Role = l.types[i].Role
	}
	if l.types[i].Own == nil {
		return explained
	}
	known := append(keyNames(l.types[i].Own), common...)
	var drop []string
	for _, key := range k.Rest.Keys() {
		if slices.Contains(own, key.Name) && !slices.Contains(known, key.Name) {
			l.problems.Add(key.Errorf("unknown key %q", key.Name).WithNearest(key.Name, known))
			explained[requiredText(diag.Nearest(key.Name, known))] = true
			drop = append(drop, key.Name)
		}
	}
	k.Rest = k.Rest.Without(drop...)
	return explained
}

// requiredText is how package diag words a missing key.
func requiredText(key string) string { return `the key "` + key + `" is required` }

func typeNames(types []Type) []string {
	var names []string
	for _, t := range types {
		names = append(names, t.Name)
	}
	return names
}

// Object returns the remote object of that name.
func (k *Connector) Object(name string) (Object, bool) {
	i := slices.IndexFunc(k.Objects, func(o Object) bool { return o.Name == name })
	if i < 0 {
		return Object{}, false
	}
	return k.Objects[i], true
}

func (k *Connector) objectNames() []string {
	var names []string
	for _, o := range k.Objects {
		names = append(names, o.Name)
	}
	return names
}

// adoptions checks that ids left by another sync point to something there is.
func (l *loader) adoptions(k *Connector) {
	for _, o := range k.Objects {
		list, _ := o.Node.Get("adopt")
		for _, key := range list.Keys() {
			n, _ := list.Get(key.Name)
			l.remote(n, o.Adopt[key.Name].Connector, o.Adopt[key.Name].Object, o.As)
		}
	}
}

// remote checks a reference to another connector's object.
func (l *loader) remote(n diag.Node, connector, object string, as record.Object) {
	if connector == "" || object == "" {
		return // reported as missing
	}
	if !slices.Contains(l.names, connector) {
		l.problems.Add(n.At("connector").Errorf("there is no connector %q", connector).WithNearest(connector, l.names))
		return
	}
	k, ok := l.cfg.Connector(connector)
	if !ok || len(k.Objects) == 0 {
		return // its file is broken, which is reported there
	}
	o, ok := k.Object(object)
	switch {
	case !ok:
		l.problems.Add(n.At("object").Errorf("the connector %s has no object %q", connector, object).WithNearest(object, k.objectNames()))
	case as != "" && o.As != "" && o.As != as:
		l.problems.Errorf(n.At("object"), "%s of %s is mapped as %s, this as %s: they cannot be the same record", object, connector, o.As, as)
	}
}
