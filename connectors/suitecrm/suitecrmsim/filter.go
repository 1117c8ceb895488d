package suitecrmsim

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// conds are the conditions of a list, joined by one operator.
type conds struct {
	either bool
	list   []cond
}

type cond struct{ field, op, value string }

var filterKey = regexp.MustCompile(`^filter\[(\w+)\](?:\[(\w+)\])?$`)

// filter reads the filter of a query. As in PHP, a field and operator given
// twice count once.
func (m *module) filter(q url.Values) (c conds, bad string) {
	for key, values := range q {
		parts := filterKey.FindStringSubmatch(key)
		if parts == nil {
			continue
		}
		name, op, value := parts[1], strings.ToLower(parts[2]), values[len(values)-1]
		switch f, known := m.field(name); {
		case name == "operator":
			c.either = strings.EqualFold(value, "or")
		case name == "deleted":
		case !known:
			return c, "Filter field " + name + " in " + m.object + " module is not found"
		case !slices.Contains([]string{"eq", "neq", "gt", "gte", "lt", "lte", "like"}, op):
			return c, "Filter operator " + op + " is invalid"
		case f.NonDB && name != "email1":
			return c, "Database failure. Please refer to suitecrm.log for details."
		default:
			c.list = append(c.list, cond{name, op, strings.ToLower(value)})
		}
	}
	return c, ""
}

func (t *Twin) fits(m *module, r *record, c conds) bool {
	for _, one := range c.list {
		if ok := t.holds(m, r, one); ok == c.either {
			return ok
		}
	}
	return !c.either || len(c.list) == 0
}

func (t *Twin) holds(m *module, r *record, c cond) bool {
	if c.field == "email1" {
		return slices.ContainsFunc(append(slices.Clone(r.emails), r.former...), func(id string) bool {
			return compare(t.modules["EmailAddresses"].records[id].values["email_address"], c.op, c.value)
		})
	}
	return compare(t.value(m, r, c.field), c.op, c.value)
}

// compare does as a database that looks at no capitals; given has none, and
// what is compared by size has none either: ids and times.
func compare(held, op, given string) bool {
	switch op {
	case "eq":
		return strings.EqualFold(held, given)
	case "neq":
		return !strings.EqualFold(held, given)
	case "gt":
		return held > given
	case "gte":
		return held >= given
	case "lt":
		return held < given
	case "lte":
		return held <= given
	}
	return like(strings.ToLower(held), given)
}

// like is SQL's LIKE.
func like(held, pattern string) bool {
	if !strings.ContainsAny(pattern, "%_") {
		return held == pattern
	}
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.NewReplacer("%", ".*", "_", ".").Replace(quoted)
	ok, err := regexp.MatchString("^(?s:"+quoted+")$", held)
	return err == nil && ok
}
