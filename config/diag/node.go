package diag

import (
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Node is a value of a YAML file together with its place. The zero Node stands
// for a value that is not there: it has no keys and no items and IsZero. Nodes
// are immutable and may be shared between goroutines.
type Node struct {
	y   *yaml.Node
	src *source
}

// Key is a key of a mapping with its place.
type Key struct {
	Name string
	node Node
}

// Pos returns where the key is written.
func (k Key) Pos() Pos { return k.node.Pos() }

// Errorf returns an error located at the key.
func (k Key) Errorf(format string, args ...any) Diagnostic { return k.node.Errorf(format, args...) }

// target returns the node behind an alias.
func (n Node) target() *yaml.Node {
	if n.y == nil {
		return &yaml.Node{}
	}
	return follow(n.y)
}

// IsZero reports whether there is no value at all, not even null.
func (n Node) IsZero() bool { return n.y == nil }

// IsNull reports whether the value is null or absent.
func (n Node) IsNull() bool {
	t := n.target()
	return t.Kind == 0 || t.Kind == yaml.ScalarNode && t.ShortTag() == "!!null"
}

// IsMap reports whether the value is a mapping.
func (n Node) IsMap() bool { return n.target().Kind == yaml.MappingNode }

// IsList reports whether the value is a sequence.
func (n Node) IsList() bool { return n.target().Kind == yaml.SequenceNode }

// IsScalar reports whether the value is a single value other than null.
func (n Node) IsScalar() bool { return n.target().Kind == yaml.ScalarNode && !n.IsNull() }

// Kind names the sort of value in words fit for a message.
func (n Node) Kind() string {
	switch t := n.target(); {
	case n.IsZero():
		return "nothing"
	case t.Kind == yaml.MappingNode:
		return "a mapping"
	case t.Kind == yaml.SequenceNode:
		return "a list"
	default:
		return scalarKind(t.ShortTag())
	}
}

func scalarKind(tag string) string {
	switch tag {
	case "!!null":
		return "null"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	default:
		return "text"
	}
}

type pair struct{ key, value *yaml.Node }

// pairs lists a mapping's keys with their values in the order written, its own
// first, then those merged in by << that it does not set itself.
func pairs(m *yaml.Node) []pair {
	if m.Kind != yaml.MappingNode {
		return nil
	}
	out := make([]pair, 0, len(m.Content)/2)
	var merged []*yaml.Node
	for i := 0; i+1 < len(m.Content); i += 2 {
		if isMerge(m.Content[i]) {
			merged = append(merged, m.Content[i+1])
			continue
		}
		out = append(out, pair{m.Content[i], m.Content[i+1]})
	}
	if len(merged) == 0 {
		return out
	}
	seen := make(map[string]bool, len(out))
	for _, p := range out {
		seen[p.key.Value] = true
	}
	for _, from := range mergeSources(merged) {
		for _, p := range pairs(from) {
			if !seen[p.key.Value] {
				seen[p.key.Value] = true
				out = append(out, p)
			}
		}
	}
	return out
}

func mergeSources(merged []*yaml.Node) []*yaml.Node {
	var out []*yaml.Node
	for _, m := range merged {
		t := follow(m)
		if t.Kind != yaml.SequenceNode {
			out = append(out, t)
			continue
		}
		for _, item := range t.Content {
			out = append(out, follow(item))
		}
	}
	return out
}

// Get returns the value of a key of a mapping, and whether the key is there.
func (n Node) Get(key string) (Node, bool) {
	for _, p := range pairs(n.target()) {
		if p.key.Value == key {
			return Node{p.value, n.src}, true
		}
	}
	return Node{}, false
}

// Keys returns the keys of a mapping in the order written.
func (n Node) Keys() []Key {
	all := pairs(n.target())
	keys := make([]Key, 0, len(all))
	for _, p := range all {
		keys = append(keys, Key{Name: p.key.Value, node: Node{p.key, n.src}})
	}
	return keys
}

// Has reports whether a mapping has the key.
func (n Node) Has(key string) bool {
	return slices.ContainsFunc(pairs(n.target()), func(p pair) bool { return p.key.Value == key })
}

// Items returns the values of a sequence.
func (n Node) Items() []Node {
	if !n.IsList() {
		return nil
	}
	content := n.target().Content
	items := make([]Node, 0, len(content))
	for _, c := range content {
		items = append(items, Node{c, n.src})
	}
	return items
}

// Pos returns where the value is written; for an alias, where it is used.
func (n Node) Pos() Pos {
	p := Pos{}
	if n.src != nil {
		p.File = n.src.file
	}
	if n.y != nil {
		p.Line, p.Column = n.y.Line, n.y.Column
	}
	return p
}

// Errorf returns an error located at the node, with its source line.
func (n Node) Errorf(format string, args ...any) Diagnostic {
	return n.diagnostic(Error, fmt.Sprintf(format, args...))
}

// Warnf returns a warning located at the node, with its source line.
func (n Node) Warnf(format string, args ...any) Diagnostic {
	return n.diagnostic(Warning, fmt.Sprintf(format, args...))
}

func (n Node) diagnostic(severity Severity, summary string) Diagnostic {
	pos := n.Pos()
	return Diagnostic{Severity: severity, Pos: pos, Summary: summary, Source: n.src.line(pos.Line)}
}
