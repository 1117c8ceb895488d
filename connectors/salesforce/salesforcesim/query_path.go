package salesforcesim

import (
	"strings"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// getter reads a canonical text from a row.
type getter func(*row) (string, bool)

// path is a resolved field: what it is, and how it is read from a row.
type path struct {
	owner *object
	field *field
	get   getter
	names []string // as the schema spells them
}

// run is one query in execution: the view it reads and where it came from.
type run struct {
	t     *Twin
	o     *object
	text  string
	all   bool
	stale bool
	alias string
}

func (q *run) with(o *object, alias string) *run {
	c := *q
	c.o, c.alias = o, alias
	return &c
}

// resolve finds a field path from the run's object.
func (q *run) resolve(n soql.Name) (path, error) {
	parts := strings.Split(n.Path, ".")
	if len(parts) > 1 && (strings.EqualFold(parts[0], q.alias) || strings.EqualFold(parts[0], q.o.name)) {
		parts = parts[1:]
	}
	if len(parts) == 1 {
		i, f, ok := q.o.field(parts[0])
		if !ok {
			return path{}, soql.NoColumn(q.text, n.Pos, parts[0], q.o.name)
		}
		o := q.o
		return path{owner: o, field: f, names: []string{f.name}, get: func(r *row) (string, bool) { return o.value(r, i) }}, nil
	}
	return q.resolveParent(parts, n.Pos)
}

func (q *run) resolveParent(parts []string, pos int) (path, error) {
	i, f, ok := q.o.byRelation(parts[0])
	if !ok {
		return path{}, soql.NoRelation(q.text, pos, parts[0])
	}
	o := q.o
	subs := map[*object]path{}
	var first path
	var failed error = soql.NoRelation(q.text, pos, parts[0])
	for _, target := range f.refTo {
		p := q.t.object(target)
		if p == nil {
			continue
		}
		sub, err := q.with(p, "").resolve(soql.Name{Path: strings.Join(parts[1:], "."), Pos: pos})
		if err != nil {
			failed = err
			continue
		}
		if first.field == nil {
			first = sub
		}
		subs[p] = sub
	}
	if len(f.refTo) > 1 && strings.EqualFold(parts[1], "Type") {
		return path{owner: o, field: &field{name: "Type", typ: "string"}, names: []string{f.relation, "Type"}, get: q.typeName(o, i)}, nil
	}
	if first.field == nil {
		return path{}, failed
	}
	return path{owner: first.owner, field: first.field, names: append([]string{f.relation}, first.names...), get: q.through(o, i, subs)}, nil
}

func (q *run) through(o *object, f int, subs map[*object]path) getter {
	return func(r *row) (string, bool) {
		id, ok := o.value(r, f)
		if !ok {
			return "", false
		}
		p := q.t.objectOf(id)
		sub, known := subs[p]
		if !known {
			return "", false
		}
		parent := p.find(id)
		if parent == nil {
			return "", false
		}
		return sub.get(parent)
	}
}

func (q *run) typeName(o *object, f int) getter {
	return func(r *row) (string, bool) {
		id, _ := o.value(r, f)
		if p := q.t.objectOf(id); p != nil {
			return p.name, true
		}
		return "", false
	}
}

// column is resolve as the evaluator wants it.
func (q *run) column(n soql.Name) (soql.Column[*row], error) {
	p, err := q.resolve(n)
	if err != nil {
		return soql.Column[*row]{}, err
	}
	if p.field.typ == "address" || (p.field.typ == "textarea" && p.field.length > 4000) {
		return soql.Column[*row]{}, soql.ErrorAt("INVALID_FIELD", q.text, n.Pos, "field '"+p.field.name+"' can not be filtered in a query call")
	}
	col := soql.Column[*row]{Kind: p.field.kind(), TypeName: p.field.soqlType(), Get: p.get}
	if p.field.sys == sysStamp && len(p.names) == 1 {
		col.Millis = func(r *row) int64 { return r.stamp }
	}
	return col, nil
}

func (q *run) env() soql.Env[*row] {
	return soql.Env[*row]{Text: q.text, Now: q.t.Clock.Now(), Resolve: q.column, Sub: q.subquery}
}

// subquery runs the query of a semi-join.
func (q *run) subquery(sub *soql.Query) (map[string]bool, error) {
	o := q.t.object(sub.From.Path)
	if o == nil {
		return nil, soql.NoObject(q.text, sub.From.Pos, sub.From.Path)
	}
	inner := q.with(o, sub.Alias)
	p, err := inner.resolve(sub.Select[0].Field)
	if err != nil {
		return nil, err
	}
	rows, err := inner.rows(sub)
	if err != nil {
		return nil, err
	}
	set := make(map[string]bool, len(rows))
	for _, r := range rows {
		if s, ok := p.get(r); ok {
			if p.field.kind() == soql.String {
				s = strings.ToLower(s)
			}
			set[s] = true
		}
	}
	return set, nil
}
