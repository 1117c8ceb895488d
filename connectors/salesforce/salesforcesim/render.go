package salesforcesim

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// column is one thing a row of an answer shows.
type column struct {
	name string
	// write puts the value; it is called under the twin's lock.
	write func(b *bytes.Buffer, r *row)
}

// rowWriter writes rows of one object as the vendor does.
type rowWriter struct {
	o       *object
	version string
	columns []column
}

func (rw *rowWriter) write(b *bytes.Buffer, r *row) {
	b.WriteString(`{"attributes":{"type":"` + rw.o.name + `","url":"/services/data/` + rw.version + `/sobjects/` + rw.o.name + `/` + rw.o.id(r) + `"}`)
	for _, c := range rw.columns {
		b.WriteString(`,"` + c.name + `":`)
		c.write(b, r)
	}
	b.WriteByte('}')
}

// valueColumn shows one field.
func valueColumn(o *object, i int) column {
	f := o.fields[i]
	if f.typ == "address" {
		return column{f.name, func(b *bytes.Buffer, r *row) { writeAddress(b, o, f, r) }}
	}
	return column{f.name, func(b *bytes.Buffer, r *row) {
		s, ok := o.value(r, i)
		writeValue(b, f.kind(), s, ok)
	}}
}

func writeValue(b *bytes.Buffer, k soql.Kind, s string, ok bool) {
	switch {
	case !ok:
		b.WriteString("null")
	case k == soql.Number || k == soql.Boolean:
		b.WriteString(s)
	default:
		writeText(b, s)
	}
}

// writeText quotes a text; most need no escaping.
func writeText(b *bytes.Buffer, s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f || c == '<' || c == '>' || c == '&' {
			var out bytes.Buffer
			enc := json.NewEncoder(&out)
			enc.SetEscapeHTML(false)
			_ = enc.Encode(s) // a string always encodes
			b.Write(bytes.TrimRight(out.Bytes(), "\n"))
			return
		}
	}
	b.WriteByte('"')
	b.WriteString(s)
	b.WriteByte('"')
}

// writeAddress shows a compound address, or null when all of it is empty.
func writeAddress(b *bytes.Buffer, o *object, f *field, r *row) {
	prefix := strings.TrimSuffix(f.name, "Address")
	start, filled := b.Len(), false
	for i, part := range []string{"City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State", "Street"} {
		b.WriteByte("{,"[min(i, 1)])
		b.WriteString(`"` + strings.ToLower(part[:1]) + part[1:] + `":`)
		j := o.must(prefix + part)
		if j < 0 {
			b.WriteString("null")
			continue
		}
		s, ok := r.at(j)
		filled = filled || ok
		writeValue(b, o.fields[j].kind(), s, ok)
	}
	b.WriteByte('}')
	if !filled {
		b.Truncate(start)
		b.WriteString("null")
	}
}

// writer builds the row writer of a query's columns.
func (q *run) writer(items []soql.Item, version string) (*rowWriter, error) {
	rw := &rowWriter{o: q.o, version: version}
	parents := map[string][]soql.Name{}
	for _, it := range items {
		if err := q.addColumn(rw, it, parents); err != nil {
			return nil, err
		}
	}
	for i := range rw.columns {
		if names := parents[rw.columns[i].name]; names != nil {
			c, err := q.parentColumn(rw.columns[i].name, names, version)
			if err != nil {
				return nil, err
			}
			rw.columns[i] = c
		}
	}
	return rw, nil
}

func (q *run) addColumn(rw *rowWriter, it soql.Item, parents map[string][]soql.Name) error {
	switch {
	case it.Child != nil:
		return q.childColumn(rw, it)
	case it.TypeOf:
		return q.typeColumn(rw, it)
	case it.Func == "FIELDS":
		return q.allColumns(rw, it)
	}
	path := it.Field.Path
	if first, rest, ok := strings.Cut(path, "."); ok && (strings.EqualFold(first, q.alias) || strings.EqualFold(first, q.o.name)) {
		path = rest
	}
	first, rest, isParent := strings.Cut(path, ".")
	if !isParent {
		i, _, ok := q.o.field(path)
		if !ok {
			return soql.NoColumn(q.text, it.Field.Pos, path, q.o.name)
		}
		c := valueColumn(q.o, i)
		if it.Alias != "" {
			c.name = it.Alias
		}
		rw.columns = append(rw.columns, c)
		return nil
	}
	p, err := q.resolve(soql.Name{Path: path, Pos: it.Field.Pos})
	if err != nil {
		return err
	}
	_ = first
	name := p.names[0]
	if parents[name] == nil {
		rw.columns = append(rw.columns, column{name: name})
	}
	parents[name] = append(parents[name], soql.Name{Path: rest, Pos: it.Field.Pos})
	return nil
}

func (q *run) allColumns(rw *rowWriter, it soql.Item) error {
	kind := strings.ToUpper(it.Field.Path)
	for i, f := range q.o.fields {
		if f.hidden || kind == "STANDARD" && f.custom || kind == "CUSTOM" && !f.custom {
			continue
		}
		rw.columns = append(rw.columns, valueColumn(q.o, i))
	}
	return nil
}

// parentColumn shows fields of the record a row refers to.
func (q *run) parentColumn(relation string, names []soql.Name, version string) (column, error) {
	i, f, _ := q.o.byRelation(relation)
	write := q.parentWriter
	if len(f.refTo) > 1 {
		write = q.kindWriter
	}
	writers := map[*object]*rowWriter{}
	for _, target := range f.refTo {
		p := q.t.object(target)
		if p == nil {
			continue
		}
		rw, err := write(p, names, version)
		if err != nil {
			return column{}, err
		}
		writers[p] = rw
	}
	return q.referred(relation, i, writers), nil
}

// referred shows the record that field i refers to, or null.
func (q *run) referred(name string, i int, writers map[*object]*rowWriter) column {
	o := q.o
	return column{name, func(b *bytes.Buffer, r *row) {
		id, _ := o.value(r, i)
		p := q.t.objectOf(id)
		rw := writers[p]
		if rw == nil || p.find(id) == nil {
			b.WriteString("null")
			return
		}
		rw.write(b, p.find(id))
	}}
}

// parentWriter shows names of p.
func (q *run) parentWriter(p *object, names []soql.Name, version string) (*rowWriter, error) {
	items := make([]soql.Item, len(names))
	for i, n := range names {
		items[i] = soql.Item{Field: n}
	}
	return q.with(p, "").writer(items, version)
}

// kindWriter shows names of p, one of several kinds of parent: it may lack
// some, and Type tells the kinds apart.
func (q *run) kindWriter(p *object, names []soql.Name, version string) (*rowWriter, error) {
	sub := q.with(p, "")
	var held []soql.Name
	typed := false
	for _, n := range names {
		if strings.EqualFold(n.Path, "Type") {
			typed = true
		} else if _, err := sub.resolve(n); err == nil {
			held = append(held, n)
		}
	}
	rw, err := q.parentWriter(p, held, version)
	if err == nil && typed {
		rw.columns = append(rw.columns, column{"Type", func(b *bytes.Buffer, _ *row) { writeText(b, p.name) }})
	}
	return rw, err
}
