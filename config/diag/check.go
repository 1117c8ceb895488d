package diag

import "go.yaml.in/yaml/v3"

// checker refuses what the rest of the package must not meet: duplicate and
// odd keys, aliases that contain themselves, and trees too deep or too large
// once their aliases are followed.
type checker struct {
	src      *source
	problems List
	sizes    map[*yaml.Node]int // expanded size of what was visited
	open     map[*yaml.Node]bool
	stopped  bool
}

func (c *checker) errorf(n *yaml.Node, format string, args ...any) {
	c.problems.Add(c.src.errorf(n.Line, n.Column, format, args...))
}

func (c *checker) stop(n *yaml.Node, format string, args ...any) int {
	if !c.stopped {
		c.errorf(n, format, args...)
	}
	c.stopped = true
	return 0
}

// visit returns the number of nodes below n with every alias expanded.
func (c *checker) visit(n *yaml.Node, depth int) int {
	if c.stopped {
		return 0
	}
	if size, seen := c.sizes[n]; seen {
		return size
	}
	if depth > maxDepth {
		return c.stop(n, "nested more than %d levels deep", maxDepth)
	}
	if c.open[n] {
		return c.stop(n, "the anchor %q contains itself", n.Anchor)
	}
	c.open[n] = true
	defer delete(c.open, n)
	size := 1
	if n.Kind == yaml.AliasNode {
		size += c.visit(n.Alias, depth+1)
	}
	if n.Kind == yaml.MappingNode {
		c.keys(n)
	}
	for _, child := range n.Content {
		size += c.visit(child, depth+1)
		if size > maxNodes {
			return c.stop(child, "aliases multiply this file beyond %d values", maxNodes)
		}
	}
	c.sizes[n] = size
	return size
}

func (c *checker) keys(n *yaml.Node) {
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			c.errorf(key, "a key must be a plain word")
			continue
		}
		if isMerge(key) {
			c.merge(value)
		}
		if line, dup := first[key.Value]; dup {
			c.errorf(key, "key %q is already set on line %d", key.Value, line)
			continue
		}
		first[key.Value] = key.Line
	}
}

func (c *checker) merge(value *yaml.Node) {
	sources := []*yaml.Node{value}
	if target := follow(value); target.Kind == yaml.SequenceNode {
		sources = target.Content
	}
	for _, s := range sources {
		if follow(s).Kind != yaml.MappingNode {
			c.errorf(s, "<< takes a mapping or a list of mappings")
		}
	}
}

func isMerge(key *yaml.Node) bool { return key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" }

// follow returns what an alias stands for; an alias never points to an alias.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}
