package listmonksim

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// row gives the values of columns: int64, string, bool or time.Time; nil where
// there is no such column.
type row func(column string) any

type operand func(row) (any, error)

type condition func(row) (bool, error)

// compile makes a test of a condition in SQL. It understands AND, OR, NOT, IN
// with lists and with queries that do not look outwards, comparisons, mod,
// lower, count and sum.
func (d *database) compile(text string) (func(*subscriber) bool, error) {
	p := &parser{db: d, words: tokens(text)}
	holds, err := p.or()
	if err == nil && len(p.words) > 0 {
		err = p.unexpected()
	}
	if err != nil {
		return nil, err
	}
	// A mistake may show only when it is run.
	if _, err := holds((&subscriber{attribs: map[string]any{}}).row()); err != nil {
		return nil, err
	}
	return func(s *subscriber) bool {
		ok, err := holds(s.row())
		return ok && err == nil
	}, nil
}

func (s *subscriber) row() row {
	return func(column string) any {
		switch column {
		case "id":
			return s.id
		case "email":
			return s.email
		case "name":
			return s.name
		case "status":
			return s.status
		case "created_at":
			return s.created
		case "updated_at":
			return s.updated
		}
		return nil
	}
}

// table returns the rows of a table; nil if there is no such table.
func (d *database) table(name string) (rows []row) {
	rows = []row{}
	switch name {
	case "subscribers":
		for _, s := range d.order {
			rows = append(rows, s.row())
		}
	case "subscriber_lists":
		for _, s := range d.order {
			for _, x := range s.subs {
				rows = append(rows, func(column string) any {
					return map[string]any{
						"subscriber_id": s.id, "list_id": x.list.id, "status": x.status, "created_at": x.created, "updated_at": x.updated,
					}[column]
				})
			}
		}
	case "campaign_views", "link_clicks":
		for _, e := range map[bool][]event{true: d.views, false: d.clicks}[name == "campaign_views"] {
			rows = append(rows, func(column string) any {
				return map[string]any{"subscriber_id": e.subscriber, "campaign_id": e.campaign, "created_at": e.at}[column]
			})
		}
	default:
		return nil
	}
	return rows
}

// compare orders two values; a text beside a moment is one.
func compare(a, b any) (int, error) {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y), nil
		}
	case string:
		if y, ok := b.(string); ok {
			return cmp.Compare(x, y), nil
		}
	case time.Time:
		if y, ok := b.(string); ok {
			at, err := time.Parse(time.RFC3339Nano, y)
			return x.Compare(at), err
		}
	}
	return 0, fmt.Errorf("operator does not exist: %T and %T", a, b)
}

// selection is a query inside a condition, run once at most.
type selection struct {
	what    operand
	from    []row
	where   condition
	group   operand
	having  condition
	ordered bool
	limit   int
	result  map[any]bool
}

func (s *selection) run() (map[any]bool, error) {
	if s.result != nil {
		return s.result, nil
	}
	kept, err := filter(s.from, s.where)
	if err == nil && s.group != nil {
		kept, err = s.grouped(kept)
	}
	if err != nil {
		return nil, err
	}
	if s.ordered {
		slices.SortFunc(kept, func(a, b row) int { c, _ := compare(a("id"), b("id")); return c })
	}
	if s.limit > 0 && len(kept) > s.limit {
		kept = kept[:s.limit]
	}
	s.result = map[any]bool{}
	for _, r := range kept {
		v, err := s.what(r)
		if err != nil {
			return nil, err
		}
		s.result[v] = true
	}
	return s.result, nil
}

func filter(rows []row, holds condition) ([]row, error) {
	var kept []row
	for _, r := range rows {
		ok, err := holds(r)
		if err != nil {
			return nil, err
		}
		if ok {
			kept = append(kept, r)
		}
	}
	return kept, nil
}

// grouped makes one row of those that are equal in what they are grouped by.
func (s *selection) grouped(rows []row) ([]row, error) {
	type group struct {
		first      row
		count, sum int64
	}
	groups, order := map[any]*group{}, []*group{}
	for _, r := range rows {
		key, err := s.group(r)
		if err != nil {
			return nil, err
		}
		g := groups[key]
		if g == nil {
			g = &group{first: r}
			groups[key], order = g, append(order, g)
		}
		id, _ := r("id").(int64)
		g.count, g.sum = g.count+1, g.sum+id
	}
	var all []row
	for _, g := range order {
		all = append(all, func(column string) any {
			switch column {
			case "count(*)":
				return g.count
			case "sum(id)":
				return g.sum
			}
			return g.first(column)
		})
	}
	return filter(all, s.having)
}

// tokens divides SQL into words, numbers, texts (with their quotes) and signs.
func tokens(s string) []string {
	var out []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		n := 1
		switch {
		case s[0] == '\'':
			n = quoted(s)
		case strings.HasPrefix(s, "<>"), strings.HasPrefix(s, ">="), strings.HasPrefix(s, "<="):
			n = 2
		default:
			for wordly(s[0]) && n < len(s) && wordly(s[n]) {
				n++
			}
		}
		out, s = append(out, s[:n]), s[n:]
	}
	return out
}

// quoted is how long the text is that a string begins with: to the next quote
// that is not doubled.
func quoted(s string) int {
	for n := 1; n < len(s); n++ {
		if s[n] != '\'' {
			continue
		}
		if n+1 == len(s) || s[n+1] != '\'' {
			return n + 1
		}
		n++
	}
	return len(s)
}

func wordly(c byte) bool {
	return c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

var errEnd = errors.New("syntax error at end of input")

func literal(word string) (any, bool) {
	if strings.HasPrefix(word, "'") {
		return strings.ReplaceAll(strings.Trim(word, "'"), "''", "'"), len(word) > 1 && strings.HasSuffix(word, "'")
	}
	n, err := strconv.ParseInt(word, 10, 64)
	return n, err == nil
}
