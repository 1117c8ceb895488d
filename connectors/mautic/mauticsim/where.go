package mauticsim

import (
	"cmp"
	"encoding/csv"
	"errors"
	"html"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// params is a query as PHP reads it: names with brackets nest.
type params map[string]any

func parse(q url.Values) params {
	root := params{}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		path := strings.Split(strings.ReplaceAll(name, "]", ""), "[")
		at := root
		for _, part := range path[:len(path)-1] {
			next, ok := at[part].(params)
			if !ok {
				next = params{}
				at[part] = next
			}
			at = next
		}
		at[path[len(path)-1]] = q[name][len(q[name])-1]
	}
	return root
}

func (p params) text(name string) string {
	s, _ := p[name].(string)
	return s
}

// items returns nested parameters in the order of their keys.
func (p params) items(name string) []params {
	nested, _ := p[name].(params)
	keys := slices.Collect(maps.Keys(nested))
	slices.SortFunc(keys, func(a, b string) int { return cmp.Compare(idOf(a), idOf(b)) })
	var out []params
	for _, k := range keys {
		if item, ok := nested[k].(params); ok {
			out = append(out, item)
		}
	}
	return out
}

var errColumn = errors.New("an exception occurred while executing a query: unknown column")

// source is a row that conditions look into; nil is SQL's null.
type source func(column string) (value string, null, known bool)

type condition func(source) (bool, error)

func all(list []condition) condition {
	return func(s source) (bool, error) {
		for _, c := range list {
			if yes, err := c(s); err != nil || !yes {
				return false, err
			}
		}
		return true, nil
	}
}

func some(list []condition) condition {
	return func(s source) (bool, error) {
		for _, c := range list {
			if yes, err := c(s); err != nil || yes {
				return yes, err
			}
		}
		return false, nil
	}
}

// clauses reads conditions, of which rename knows the columns: the names of
// properties are translated at the top level only.
func clauses(list []params, rename func(string) string) []condition {
	out := make([]condition, len(list))
	for i, c := range list {
		switch c.text("expr") {
		case "orX":
			out[i] = some(clauses(c.items("val"), strings.ToLower))
		case "andX":
			out[i] = all(clauses(c.items("val"), strings.ToLower))
		default:
			out[i] = clause(c, rename(c.text("col")))
		}
	}
	return out
}

func clause(c params, name string) condition {
	expr := c.text("expr")
	// Mautic escapes what it is given; only `in` undoes that.
	want := escape(c.text("val"))
	return func(s source) (bool, error) {
		have, null, known := s(name)
		if !known {
			return false, errColumn
		}
		switch expr {
		case "isNull":
			return null, nil
		case "isNotNull":
			return !null, nil
		}
		if null {
			return false, nil
		}
		if expr == "in" {
			list, err := csv.NewReader(strings.NewReader(html.UnescapeString(want))).Read()
			return err == nil && slices.ContainsFunc(list, func(v string) bool { return compare(have, v) == 0 }), nil
		}
		return holds(expr, compare(have, want))
	}
}

func holds(expr string, order int) (bool, error) {
	switch expr {
	case "eq":
		return order == 0, nil
	case "neq":
		return order != 0, nil
	case "gt":
		return order > 0, nil
	case "gte":
		return order >= 0, nil
	case "lt":
		return order < 0, nil
	case "lte":
		return order <= 0, nil
	}
	return false, errors.New("unknown expression")
}

// compare orders as MySQL does: numbers by value, text without regard to case.
func compare(a, b string) int {
	x, isX := whole(a)
	y, isY := whole(b)
	if isX && isY {
		return cmp.Compare(x, y)
	}
	if a == b {
		return 0
	}
	return strings.Compare(strings.ToLower(a), strings.ToLower(b))
}

func whole(s string) (int64, bool) {
	if s == "" || len(s) > 19 || strings.Trim(s, "-0123456789") != "" || strings.LastIndexByte(s, '-') > 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

func escape(s string) string {
	return strings.NewReplacer("&", "&#38;", "'", "&#39;", `"`, "&#34;", "<", "&#60;", ">", "&#62;").Replace(s)
}

func snake(name string) string {
	var b strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			b.WriteByte('_')
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// query narrows, sorts and cuts rows as a list call asks.
func query[R any](rows []R, p params, look func(R) source) (page []R, total int, err error) {
	fits := all(clauses(p.items("where"), snake))
	var kept []R
	for _, r := range rows {
		yes, err := fits(look(r))
		if err != nil {
			return nil, 0, err
		}
		if yes {
			kept = append(kept, r)
		}
	}
	kept = arrange(kept, p.items("order"), look)
	start, limit := int(idOf(p.text("start"))), int(idOf(p.text("limit")))
	if limit == 0 {
		limit = 30
	}
	start = min(start, len(kept))
	return kept[start:min(start+limit, len(kept))], len(kept), nil
}

func arrange[R any](rows []R, order []params, look func(R) source) []R {
	type keyed struct {
		row  R
		at   int
		keys []string
	}
	list := make([]keyed, len(rows))
	for i, r := range rows {
		list[i] = keyed{row: r, at: i, keys: make([]string, len(order))}
		for j, o := range order {
			list[i].keys[j], _, _ = look(r)(o.text("col"))
		}
	}
	slices.SortFunc(list, func(a, b keyed) int {
		for j, o := range order {
			if c := compare(a.keys[j], b.keys[j]); c != 0 {
				if strings.EqualFold(o.text("dir"), "desc") {
					return -c
				}
				return c
			}
		}
		return cmp.Compare(a.at, b.at)
	})
	sorted := make([]R, len(list))
	for i, k := range list {
		sorted[i] = k.row
	}
	return sorted
}
