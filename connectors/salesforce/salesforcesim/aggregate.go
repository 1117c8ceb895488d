package salesforcesim

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// aggColumn is one column of an aggregate answer.
type aggColumn struct {
	name string
	kind soql.Kind
	fn   string
	get  getter
}

// aggregates groups rows and writes one AggregateResult for each group.
func (q *run) aggregates(query *soql.Query) ([][]byte, error) {
	cols, err := q.aggColumns(query)
	if err != nil {
		return nil, err
	}
	var by []path
	for _, n := range query.GroupBy {
		p, err := q.resolve(n)
		if err != nil {
			return nil, err
		}
		by = append(by, p)
	}
	all := *query
	all.Limit, all.Offset, all.OrderBy = -1, 0, nil
	rows, err := q.rows(&all)
	if err != nil {
		return nil, err
	}
	groups := groupRows(by, rows)
	if len(by) == 0 {
		groups = [][]*row{rows}
	}
	lines := make([]aggLine, len(groups))
	for i, g := range groups {
		lines[i] = line(cols, g)
	}
	sortLines(query, cols, lines)
	lines = lines[min(query.Offset, len(lines)):]
	if query.Limit >= 0 {
		lines = lines[:min(query.Limit, len(lines))]
	}
	out := make([][]byte, len(lines))
	for i, l := range lines {
		out[i] = l.json(cols)
	}
	return out, nil
}

func (q *run) aggColumns(query *soql.Query) ([]aggColumn, error) {
	var cols []aggColumn
	expr := 0
	for _, it := range query.Select {
		c, err := q.aggColumn(query, it)
		if err != nil {
			return nil, err
		}
		if c.fn != "" && c.name == "" {
			c.name = "expr" + strconv.Itoa(expr)
			expr++
		}
		cols = append(cols, c)
	}
	return cols, nil
}

func (q *run) aggColumn(query *soql.Query, it soql.Item) (aggColumn, error) {
	c := aggColumn{name: it.Alias, fn: it.Func}
	if it.Field.Path == "" {
		return c, nil
	}
	p, err := q.resolve(it.Field)
	if err != nil {
		return aggColumn{}, err
	}
	c.kind, c.get = p.field.kind(), p.get
	if it.IsAggregate() {
		return c, nil
	}
	if !grouped(query, it.Field.Path) {
		return aggColumn{}, soql.ErrorAt("MALFORMED_QUERY", q.text, it.Field.Pos, "Field must be grouped or aggregated: "+p.field.name)
	}
	c.fn = ""
	if c.name == "" {
		c.name = p.field.name
	}
	return c, nil
}

func grouped(query *soql.Query, path string) bool {
	return slices.ContainsFunc(query.GroupBy, func(n soql.Name) bool { return strings.EqualFold(n.Path, path) })
}

func groupRows(by []path, rows []*row) [][]*row {
	at := map[string]int{}
	var groups [][]*row
	for _, r := range rows {
		var key strings.Builder
		for _, p := range by {
			s, ok := p.get(r)
			key.WriteString(strings.ToLower(s) + "\x00" + strconv.FormatBool(ok) + "\x00")
		}
		i, ok := at[key.String()]
		if !ok {
			i = len(groups)
			at[key.String()] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

type aggCell struct {
	text string
	ok   bool
}

type aggLine []aggCell

func line(cols []aggColumn, rows []*row) aggLine {
	out := make(aggLine, len(cols))
	for i, c := range cols {
		out[i] = c.of(rows)
	}
	return out
}

func (c aggColumn) of(rows []*row) aggCell {
	if c.fn == "" {
		s, ok := c.get(rows[0])
		return aggCell{s, ok}
	}
	if c.get == nil {
		return aggCell{strconv.Itoa(len(rows)), true}
	}
	var n, sum float64
	var best string
	seen := map[string]bool{}
	for _, r := range rows {
		s, ok := c.get(r)
		if !ok {
			continue
		}
		n++
		seen[strings.ToLower(s)] = true
		f, _ := strconv.ParseFloat(s, 64)
		sum += f
		if cmp := soql.Order2(c.kind, s, best); n == 1 || (c.fn == "MIN" && cmp < 0) || (c.fn == "MAX" && cmp > 0) {
			best = s
		}
	}
	switch c.fn {
	case "COUNT":
		return aggCell{strconv.Itoa(int(n)), true}
	case "COUNT_DISTINCT":
		return aggCell{strconv.Itoa(len(seen)), true}
	case "SUM":
		return aggCell{strconv.FormatFloat(sum, 'f', -1, 64), n > 0}
	case "AVG":
		return aggCell{strconv.FormatFloat(sum/max(n, 1), 'f', -1, 64), n > 0}
	}
	return aggCell{best, n > 0}
}

func (l aggLine) json(cols []aggColumn) []byte {
	var b bytes.Buffer
	b.WriteString(`{"attributes":{"type":"AggregateResult"}`)
	for i, c := range cols {
		b.WriteString(`,"` + c.name + `":`)
		writeValue(&b, c.shown(), l[i].text, l[i].ok)
	}
	b.WriteByte('}')
	return b.Bytes()
}

func (c aggColumn) shown() soql.Kind {
	switch c.fn {
	case "", "MIN", "MAX":
		return c.kind
	}
	return soql.Number
}

func sortLines(query *soql.Query, cols []aggColumn, lines []aggLine) {
	for _, o := range slices.Backward(query.OrderBy) {
		at := slices.IndexFunc(cols, func(c aggColumn) bool { return strings.EqualFold(c.name, o.Field.Path) })
		if at < 0 {
			at = slices.IndexFunc(query.Select, func(it soql.Item) bool {
				return strings.EqualFold(it.Func+"("+it.Field.Path+")", o.Field.Path)
			})
		}
		if at < 0 {
			continue
		}
		slices.SortStableFunc(lines, func(a, b aggLine) int {
			c := soql.Order2(cols[at].shown(), a[at].text, b[at].text)
			if o.Desc {
				c = -c
			}
			return c
		})
	}
}
