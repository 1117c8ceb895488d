package mautic

import (
	"net/url"
	"strconv"
	"strings"
)

// cond is a condition of a list call, or several joined by orX or andX.
type cond struct {
	col, expr, val string
	list           []cond
}

func where(col, expr, val string) cond { return cond{col: col, expr: expr, val: val} }

func anyOf(list ...cond) cond { return cond{expr: "orX", list: list} }

func allOf(list ...cond) cond { return cond{expr: "andX", list: list} }

// oneOf is always `in`: Mautic escapes the values of every other expression as
// HTML and then finds no O'Brien.
func oneOf(col string, values []string) cond {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
	}
	return where(col, "in", strings.Join(quoted, ","))
}

// after is the rest of a walk in the order of these columns.
func after(cols, at []string) cond {
	list := make([]cond, len(cols))
	for i := range cols {
		var and []cond
		for j := range i {
			and = append(and, where(cols[j], "eq", at[j]))
		}
		list[i] = allOf(append(and, where(cols[i], "gt", at[i]))...)
	}
	return anyOf(list...)
}

// ask is a list call. Columns are named as in the database throughout: Mautic
// translates the names of properties at the top level only.
func ask(limit int, conds []cond, order ...string) url.Values {
	q := url.Values{"limit": {strconv.Itoa(limit)}}
	put(q, "where", conds)
	for i, col := range order {
		prefix := "order[" + strconv.Itoa(i) + "]"
		q.Set(prefix+"[col]", col)
		q.Set(prefix+"[dir]", "asc")
	}
	return q
}

func put(q url.Values, prefix string, conds []cond) {
	for i, c := range conds {
		at := prefix + "[" + strconv.Itoa(i) + "]"
		q.Set(at+"[expr]", c.expr)
		if c.list != nil {
			put(q, at+"[val]", c.list)
			continue
		}
		q.Set(at+"[col]", c.col)
		q.Set(at+"[val]", c.val)
	}
}
