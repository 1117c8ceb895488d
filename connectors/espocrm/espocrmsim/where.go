package espocrmsim

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// tree is a query as PHP takes it apart: where[0][value][]=x.
type tree struct {
	text string
	keys []string
	kids map[string]*tree
}

func (n *tree) at(key string) *tree {
	if n == nil || n.kids == nil {
		return nil
	}
	return n.kids[key]
}

func (n *tree) str(key string) string {
	if kid := n.at(key); kid != nil {
		return kid.text
	}
	return ""
}

func (n *tree) child(key string) *tree {
	if n.kids == nil {
		n.kids = map[string]*tree{}
	}
	if key == "" {
		key = strconv.Itoa(len(n.keys))
	}
	if n.kids[key] == nil {
		n.kids[key] = &tree{}
		n.keys = append(n.keys, key)
	}
	return n.kids[key]
}

func (n *tree) list() []*tree {
	if n == nil {
		return nil
	}
	all := make([]*tree, len(n.keys))
	for i, k := range n.keys {
		all[i] = n.kids[k]
	}
	return all
}

// parse keeps the order of the query, which decides what [] means.
func parse(raw string) *tree {
	root := &tree{}
	for part := range strings.SplitSeq(raw, "&") {
		key, value, _ := strings.Cut(part, "=")
		key, err := url.QueryUnescape(key)
		if err != nil {
			continue
		}
		if value, err = url.QueryUnescape(value); err != nil {
			continue
		}
		name, rest, _ := strings.Cut(key, "[")
		n := root.child(name)
		for step := range strings.SplitSeq(strings.TrimSuffix(rest, "]"), "][") {
			if rest != "" {
				n = n.child(step)
			}
		}
		n.text = value
	}
	return root
}

// wrong is the reason why a condition is refused.
type wrong string

// fits tells whether a record meets a condition.
func (t *Twin) fits(e *entity, r *record, c *tree) (bool, wrong) {
	kind, name := c.str("type"), c.str("attribute")
	if kind == "and" || kind == "or" {
		for _, sub := range c.at("value").list() {
			ok, bad := t.fits(e, r, sub)
			if bad != "" || ok == (kind == "or") {
				return ok, bad
			}
		}
		return kind == "and", ""
	}
	if _, _, known := e.attribute(name); !known {
		return false, wrong("Not existing attribute '" + name + "' in where.")
	}
	v := t.value(e, r, name)
	switch kind {
	case "isNull":
		return v == nil, ""
	case "isNotNull":
		return v != nil, ""
	case "isTrue":
		return v == true, ""
	case "isFalse":
		return v != true, ""
	}
	if name == "emailAddress" {
		return t.fitsEmail(r, kind, c)
	}
	return compare(plain(v), kind, c)
}

func compare(text, kind string, c *tree) (bool, wrong) {
	given := c.str("value")
	switch kind {
	case "equals":
		return strings.EqualFold(text, given), ""
	case "notEquals":
		return !strings.EqualFold(text, given), ""
	case "in":
		return slices.ContainsFunc(c.at("value").list(), func(x *tree) bool { return strings.EqualFold(x.text, text) }), ""
	case "greaterThan", "after":
		return text > given, ""
	case "greaterThanOrEquals":
		return text >= given, ""
	case "lessThan", "before":
		return text != "" && text < given, ""
	}
	return false, "Unknown where item type '" + wrong(kind) + "'."
}

// fitsEmail looks at every address of a record. Only `equals` lowers what it
// is given.
func (t *Twin) fitsEmail(r *record, kind string, c *tree) (bool, wrong) {
	switch kind {
	case "equals":
		return slices.Contains(r.emails, strings.ToLower(c.str("value"))), ""
	case "in":
		return slices.ContainsFunc(c.at("value").list(), func(x *tree) bool { return slices.Contains(r.emails, x.text) }), ""
	}
	return false, "Unsupported comparison of an e-mail address."
}
