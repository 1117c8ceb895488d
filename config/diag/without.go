package diag

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// Without returns a mapping as if the keys were not in it, in the same place,
// so that two readers can each check strictly what is theirs. Anything but a
// mapping is returned as it is.
func (n Node) Without(keys ...string) Node {
	t := n.target()
	if t.Kind != yaml.MappingNode {
		return n
	}
	rest := &yaml.Node{Kind: yaml.MappingNode, Tag: t.Tag, Style: t.Style, Line: n.y.Line, Column: n.y.Column}
	for _, p := range pairs(t) {
		if !slices.Contains(keys, p.key.Value) {
			rest.Content = append(rest.Content, p.key, p.value)
		}
	}
	return Node{y: rest, src: n.src}
}

// At returns the value of a key for a message about it, or the node itself
// where the key is not written.
func (n Node) At(key string) Node {
	if value, ok := n.Get(key); ok {
		return value
	}
	return n
}
