package salesforcesim

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// childColumn shows the result of a child query, or null when it is empty.
func (q *run) childColumn(rw *rowWriter, it soql.Item) error {
	c, ok := q.o.childRelation(it.Child.From.Path)
	if !ok {
		return soql.ErrorAt("INVALID_TYPE", q.text, it.Field.Pos, "Didn't understand relationship '"+it.Child.From.Path+"' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.")
	}
	kids := q.t.object(c.object)
	if kids == nil {
		return soql.NoObject(q.text, it.Field.Pos, c.object)
	}
	inner := q.with(kids, it.Child.Alias)
	sub, err := inner.writer(it.Child.Select, rw.version)
	if err != nil {
		return err
	}
	test, err := soql.Compile(it.Child.Where, inner.env())
	if err != nil {
		return err
	}
	keys, err := inner.sortKeys(it.Child)
	if err != nil {
		return err
	}
	o := q.o
	rw.columns = append(rw.columns, column{c.relation, func(b *bytes.Buffer, r *row) {
		rows := inner.kidsOf(kids, c, o.id(r), test)
		sortRows(keys, rows)
		writeChildren(b, sub, bound(rows, it.Child))
	}})
	return nil
}

func (q *run) kidsOf(kids *object, c child, parent string, test func(*row) bool) []*row {
	ix := kids.values[kids.must(c.field)]
	if ix == nil {
		return nil
	}
	var out []*row
	for _, r := range q.rowsOf(ix.seqs(parent)) {
		if (q.all || !r.deleted) && test(r) {
			out = append(out, r)
		}
	}
	return out
}

func writeChildren(b *bytes.Buffer, rw *rowWriter, rows []*row) {
	if len(rows) == 0 {
		b.WriteString("null")
		return
	}
	b.WriteString(`{"totalSize":` + strconv.Itoa(len(rows)) + `,"done":true,"records":`)
	writeRows(b, rw, rows)
	b.WriteByte('}')
}

func writeRows(b *bytes.Buffer, rw *rowWriter, rows []*row) {
	b.WriteByte('[')
	for i, r := range rows {
		if i > 0 {
			b.WriteByte(',')
		}
		rw.write(b, r)
	}
	b.WriteByte(']')
}

// typeColumn shows a reference by the kind of record it leads to.
func (q *run) typeColumn(rw *rowWriter, it soql.Item) error {
	i, f, ok := q.o.byRelation(it.Field.Path)
	if !ok {
		return soql.NoRelation(q.text, it.Field.Pos, it.Field.Path)
	}
	writers := map[*object]*rowWriter{}
	for _, target := range f.refTo {
		p := q.t.object(target)
		if p == nil {
			continue
		}
		names := it.Else
		for _, c := range it.Cases {
			if strings.EqualFold(c.Object, p.name) {
				names = c.Fields
			}
		}
		sub, err := q.parentWriter(p, names, rw.version)
		if err != nil {
			return err
		}
		writers[p] = sub
	}
	rw.columns = append(rw.columns, q.referred(f.relation, i, writers))
	return nil
}
