package diag

// Plain returns a node as values whose JSON depends on nothing but what it
// says, not on comments, formatting or the order of keys. Scalars are their
// text, because 1.10 and 1.1 differ where text is read.
func (n Node) Plain() any {
	switch {
	case n.IsMap():
		m := map[string]any{}
		for _, key := range n.Keys() {
			v, _ := n.Get(key.Name)
			m[key.Name] = v.Plain()
		}
		return m
	case n.IsList():
		list := []any{}
		for _, item := range n.Items() {
			list = append(list, item.Plain())
		}
		return list
	case n.IsNull():
		return nil
	default:
		return n.String()
	}
}
