package salesforcesim

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// sysKind says which system column of a row a field reads; none for the rest.
type sysKind int

const (
	sysNone sysKind = iota
	sysID
	sysDeleted
	sysCreated
	sysCreatedBy
	sysModified
	sysModifiedBy
	sysStamp
)

// field is one field of an object.
type field struct {
	name, typ, label      string
	length                int
	precision, scale      int
	create, update        bool
	required, defaulted   bool
	lookup, unique, extID bool
	restricted, formula   bool
	nameField, custom     bool
	hidden                bool
	refTo                 []string
	relation              string
	picks                 []string
	sys                   sysKind
	// compute is a formula's value; get reads other fields of the row.
	compute func(get func(name string) string) string
}

func (f *field) indexed() bool {
	return f.lookup || f.unique || f.extID || f.typ == "reference" && f.sys == sysNone && f.name != "OwnerId" && f.name != "RecordTypeId"
}

func (f *field) kind() soql.Kind {
	switch f.typ {
	case "id", "reference":
		return soql.ID
	case "boolean":
		return soql.Boolean
	case "int", "double", "currency", "percent":
		return soql.Number
	case "date":
		return soql.Date
	case "datetime":
		return soql.DateTime
	case "multipicklist":
		return soql.Multi
	}
	return soql.String
}

// soqlType is the type as the refusals of the query language name it.
func (f *field) soqlType() string {
	switch f.typ {
	case "id", "reference":
		return "ID"
	case "datetime":
		return "dateTime"
	case "currency", "percent", "double":
		return "double"
	case "boolean", "int", "date":
		return f.typ
	}
	return "string"
}

// child is a relationship seen from the parent.
type child struct {
	object, field, relation string
	cascade                 bool
}

// object is one sObject: its fields and its rows.
type object struct {
	name, label, plural, prefix string
	start                       string // prefix and instance, how every id begins
	create, update, remove      bool
	merge, custom, history      bool
	setup                       bool
	fields                      []*field
	byName                      map[string]int
	children                    []child
	changed                     int64
	table
}

func (o *object) field(name string) (int, *field, bool) {
	i, ok := o.byName[strings.ToLower(name)]
	if !ok || o.fields[i].hidden {
		return 0, nil, false
	}
	return i, o.fields[i], true
}

// must returns a field that the schema of this package defines.
func (o *object) must(name string) int {
	i, ok := o.byName[strings.ToLower(name)]
	if !ok {
		return -1
	}
	return i
}

func (o *object) addField(f *field) {
	if o.byName == nil {
		o.byName = map[string]int{}
	}
	o.byName[strings.ToLower(f.name)] = len(o.fields)
	o.fields = append(o.fields, f)
}

func (o *object) childRelation(name string) (child, bool) {
	i := slices.IndexFunc(o.children, func(c child) bool { return strings.EqualFold(c.relation, name) && name != "" })
	if i < 0 {
		return child{}, false
	}
	return o.children[i], true
}

// byRelation finds the reference field a relationship name stands for.
func (o *object) byRelation(name string) (int, *field, bool) {
	for i, f := range o.fields {
		if f.relation != "" && !f.hidden && strings.EqualFold(f.relation, name) {
			return i, f, true
		}
	}
	return 0, nil, false
}

// parseFields reads the field tables of this package. A line is
//
//	Name type[:length | :precision,scale] [flags] [>Object,Object] [@Relation] [=value|value]
//
// with flags c createable, u updateable, r required, d defaulted on create,
// l lookup, q unique, x external id, f formula, n name field, p restricted.
func parseFields(table string) []*field {
	var out []*field
	for line := range strings.Lines(table) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		out = append(out, parseField(line))
	}
	return out
}

func parseField(line string) *field {
	line, picks, _ := strings.Cut(line, "=")
	parts := strings.Fields(line)
	f := &field{name: parts[0]}
	if picks != "" {
		f.picks = strings.Split(picks, "|")
	}
	typ, size, _ := strings.Cut(parts[1], ":")
	f.typ = typ
	if whole, frac, ok := strings.Cut(size, ","); ok {
		f.precision, f.scale = atoi(whole), atoi(frac)
	} else {
		f.length = atoi(size)
	}
	for _, p := range parts[2:] {
		switch p[0] {
		case '>':
			f.refTo = strings.Split(p[1:], ",")
		case '@':
			f.relation = p[1:]
		default:
			f.flags(p)
		}
	}
	f.finish()
	return f
}

func (f *field) flags(flags string) {
	for _, c := range flags {
		switch c {
		case 'c':
			f.create = true
		case 'u':
			f.update = true
		case 'r':
			f.required = true
		case 'd':
			f.defaulted = true
		case 'l':
			f.lookup = true
		case 'q':
			f.unique = true
		case 'x':
			f.extID, f.lookup = true, true
		case 'f':
			f.formula = true
		case 'n':
			f.nameField = true
		case 'p':
			f.restricted = true
		}
	}
}

func (f *field) finish() {
	f.custom = strings.HasSuffix(f.name, "__c")
	if f.typ == "id" || f.typ == "reference" {
		f.length = 18
	}
	if f.typ == "reference" && f.relation == "" {
		f.relation = strings.TrimSuffix(f.name, "Id")
	}
	if f.typ == "boolean" {
		f.defaulted, f.required = true, true
	}
	f.label = labelOf(strings.TrimSuffix(f.name, "__c"))
	f.sys = systemField(f.name)
}

func systemField(name string) sysKind {
	switch name {
	case "Id":
		return sysID
	case "IsDeleted":
		return sysDeleted
	case "CreatedDate":
		return sysCreated
	case "CreatedById":
		return sysCreatedBy
	case "LastModifiedDate":
		return sysModified
	case "LastModifiedById":
		return sysModifiedBy
	case "SystemModstamp":
		return sysStamp
	}
	return sysNone
}

func labelOf(name string) string {
	if base, ok := strings.CutSuffix(name, "Id"); ok && base != "" {
		return labelOf(base) + " ID"
	}
	var b strings.Builder
	for i, r := range name {
		if r == '_' {
			b.WriteByte(' ')
			continue
		}
		if i > 0 && unicode.IsUpper(r) && !unicode.IsUpper(rune(name[i-1])) && name[i-1] != '_' {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s) // the tables hold numbers; a missing one is nought
	return n
}
