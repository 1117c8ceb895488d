package odoosim

import (
	"slices"
	"strings"
	"time"
)

// holds tells whether a record meets a domain: conditions that all hold, with
// | before two of which one must.
func (t *Twin) holds(m *model, r *rec, domain []any) (bool, *raised) {
	for len(domain) > 0 {
		ok, rest, err := t.term(m, r, domain)
		if err != nil || !ok {
			return false, err
		}
		domain = rest
	}
	return true, nil
}

func (t *Twin) term(m *model, r *rec, domain []any) (bool, []any, *raised) {
	if len(domain) == 0 {
		return false, nil, valueError("the domain ends too early")
	}
	switch first := domain[0].(type) {
	case string:
		a, rest, err := t.term(m, r, domain[1:])
		if err != nil || first == "!" {
			return !a, rest, err
		}
		b, rest, err := t.term(m, r, rest)
		if first == "|" {
			return a || b, rest, err
		}
		return a && b, rest, err
	case []any:
		ok, err := t.leaf(m, r, first)
		return ok, domain[1:], err
	}
	return false, nil, valueError("Invalid leaf")
}

func (t *Twin) leaf(m *model, r *rec, leaf []any) (bool, *raised) {
	if len(leaf) != 3 {
		return false, valueError("Invalid leaf")
	}
	name, _ := leaf[0].(string)
	op, _ := leaf[1].(string)
	if _, known := m.fields[name]; !known {
		return false, valueError("Invalid field %s.%s in leaf", m.name, name)
	}
	return compare(t.value(m, r, name), op, leaf[2]), nil
}

func compare(held any, op string, want any) bool {
	switch op {
	case "in", "not in":
		list, _ := want.([]any)
		return slices.ContainsFunc(list, func(w any) bool { return same(held, w) }) == (op == "in")
	case "=", "!=":
		return same(held, want) == (op == "=")
	case "like", "ilike", "=like", "=ilike":
		return like(held, op, want)
	}
	c, ok := order(held, want)
	switch {
	case !ok:
		return false
	case op == ">":
		return c > 0
	case op == ">=":
		return c >= 0
	case op == "<":
		return c < 0
	}
	return op == "<=" && c <= 0
}

func same(held, want any) bool {
	if want == false || want == nil {
		return held == nil || held == false || held == ""
	}
	if c, ok := order(held, want); ok {
		return c == 0
	}
	return held == want
}

// order compares numbers, moments and texts. A moment is given in seconds and
// held in microseconds.
func order(held, want any) (int, bool) {
	switch held := held.(type) {
	case int64, float64:
		w, ok := want.(float64)
		if !ok {
			return 0, false
		}
		h, isFloat := held.(float64)
		if !isFloat {
			h = float64(number(held))
		}
		return int(min(max(h-w, -1), 1) * 1e6), true
	case time.Time:
		text, _ := want.(string)
		at, err := time.Parse(time.DateTime, text)
		return held.Compare(at), err == nil
	case string:
		w, ok := want.(string)
		return strings.Compare(held, w), ok
	}
	return 0, false
}

func like(held any, op string, want any) bool {
	h, _ := held.(string)
	w, _ := want.(string)
	if strings.HasSuffix(op, "ilike") {
		h, w = strings.ToLower(h), strings.ToLower(w)
	}
	if !strings.HasPrefix(op, "=") {
		return h != "" && strings.Contains(h, w)
	}
	prefix, suffix, pattern := strings.Cut(w, "%")
	if !pattern {
		return h == w
	}
	return strings.HasPrefix(h, prefix) && strings.HasSuffix(h, suffix)
}

// found are the records that a domain holds for, in order.
func (t *Twin) found(m *model, in invocation) ([]*rec, *raised) {
	domain, _ := in.args["domain"].([]any)
	hides := m.hides(domain, in)
	limit := number(in.args["limit"])
	order, _ := in.args["order"].(string)
	var out []*rec
	for _, id := range m.order {
		r := m.recs[id]
		ok, err := t.holds(m, r, domain)
		if err != nil {
			return nil, err
		}
		if ok && (!hides || r.vals["active"] != false) {
			out = append(out, r)
		}
		if limit > 0 && int64(len(out)) == limit && strings.HasPrefix(order, "id asc") {
			break
		}
	}
	t.sort(m, out, order)
	if limit > 0 && int64(len(out)) > limit {
		out = out[:limit]
	}
	return out, nil
}

// hides tells whether a search passes over archived records.
func (m *model) hides(domain []any, in invocation) bool {
	_, archives := m.fields["active"]
	return archives && in.activeTest() && !slices.ContainsFunc(domain, func(x any) bool {
		l, ok := x.([]any)
		return ok && len(l) > 0 && l[0] == "active"
	})
}

// sort knows "id", the order of the records as they are, and moments.
func (t *Twin) sort(m *model, recs []*rec, order string) {
	field, dir, _ := strings.Cut(order, " ")
	slices.SortStableFunc(recs, func(a, b *rec) int {
		at, isTime := t.value(m, a, field).(time.Time)
		bt, _ := t.value(m, b, field).(time.Time)
		switch {
		case !isTime:
			return 0
		case strings.HasPrefix(dir, "desc"):
			return bt.Compare(at)
		}
		return at.Compare(bt)
	})
}

func (in invocation) activeTest() bool {
	context, _ := in.args["context"].(map[string]any)
	return context["active_test"] != false
}
