package trytonsim

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// search returns the ids that a domain holds for, in their order.
func (t *Twin) search(name string, domain []any) []int64 {
	var ids []int64
	for _, id := range slices.Sorted(maps.Keys(t.models[name].rows)) {
		if t.holds(name, id, domain) {
			ids = append(ids, id)
		}
	}
	return ids
}

// active leaves out what is archived.
func (t *Twin) active(name string, ids []int64) []int64 {
	return slices.DeleteFunc(ids, func(id int64) bool { return t.models[name].rows[id]["active"] == false })
}

// holds evaluates a clause, [field, operator, value], or a list of domains,
// which begins with "OR" or "AND" or means the latter.
func (t *Twin) holds(name string, id int64, domain []any) bool {
	if len(domain) == 0 {
		return true
	}
	if first, isText := domain[0].(string); isText && first != "OR" && first != "AND" {
		return t.clause(name, id, domain)
	}
	part := func(item any) bool {
		sub, ok := item.([]any)
		return !ok || t.holds(name, id, sub)
	}
	if domain[0] == "OR" {
		return slices.ContainsFunc(domain[1:], part)
	}
	if domain[0] == "AND" {
		domain = domain[1:]
	}
	return !slices.ContainsFunc(domain, func(item any) bool { return !part(item) })
}

func (t *Twin) clause(name string, id int64, c []any) bool {
	field, _ := c[0].(string)
	operator, _ := c[1].(string)
	m := t.models[name]
	head, rest, dotted := strings.Cut(field, ".")
	if r, ok := m.relations[head]; ok && (r.many || r.back != "") {
		below := []any{rest, operator, c[2]}
		if operator == "where" {
			below, _ = c[2].([]any)
		} else if !dotted {
			below = []any{"id", operator, c[2]}
		}
		return slices.ContainsFunc(t.many(name, id, r), func(other int64) bool { return t.holds(r.to, other, below) })
	}
	held := m.rows[id][field]
	if field == "id" {
		held = id
	}
	return compare(held, operator, c[2])
}

func compare(held any, operator string, with any) bool {
	switch operator {
	case "in":
		list, _ := with.([]any)
		return slices.ContainsFunc(list, func(v any) bool { return held == value(v) })
	case "ilike":
		text, _ := held.(string)
		pattern, _ := with.(string)
		return like(pattern).MatchString(text)
	case "=":
		return held == value(with)
	case "!=":
		return held != value(with)
	}
	order, known := 0, false
	switch a := held.(type) {
	case int64:
		b, ok := value(with).(int64)
		order, known = int(a-b), ok
	case time.Time:
		b, ok := value(with).(time.Time)
		order, known = a.Compare(b), ok
	}
	return known && (order > 0 && strings.HasPrefix(operator, ">") || order < 0 && strings.HasPrefix(operator, "<") || order == 0 && strings.HasSuffix(operator, "="))
}

// like turns a pattern of SQL into one of Go.
func like(pattern string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString("(?is)^")
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			i++
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		case c == '%':
			b.WriteString(".*")
		case c == '_':
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	return regexp.MustCompile(b.String() + "$")
}
