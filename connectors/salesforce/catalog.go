package salesforce

import (
	_ "embed"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/record/schema"
)

// standard lists the fields of a new organisation that matter here, a line
// each: object, field, type, flags and length, objects referred to.
//
//go:embed standard.tsv
var standard string

type standardField struct {
	sfield
	expected bool // its absence is worth telling
}

// standardFields returns the standard fields of one object. Flags are r read
// only, m required, e expected, l idLookup, p restricted picklist.
func standardFields(object string) []standardField {
	var out []standardField
	for line := range strings.Lines(standard) {
		cells := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(cells) < 6 || cells[0] != object {
			continue
		}
		has := func(flag string) bool { return strings.Contains(cells[3], flag) }
		length, _ := strconv.Atoi(cells[4]) // empty where a type has none
		f := standardField{expected: has("e"), sfield: sfield{
			Name: cells[1], Label: cells[1], Type: cells[2], Length: length, Createable: !has("r"), Updateable: !has("r"),
			Nillable: !has("m"), IDLookup: has("l"), RestrictedPicklist: has("p"),
		}}
		if cells[5] != "" {
			f.ReferenceTo = strings.Split(cells[5], ",")
		}
		out = append(out, f)
	}
	return out
}

// standardCatalog is what a new organisation holds, for documentation and for
// checks without a network.
func standardCatalog() schema.Catalog {
	catalog := schema.Catalog{System: "salesforce"}
	for _, o := range objects() {
		s := sobject{
			Name: o.name, Label: o.name, Queryable: true, Createable: o.write, Updateable: o.write, Deletable: o.write,
			Replicateable: o.stamp == fieldStamp,
		}
		for _, f := range standardFields("*") {
			historic := o.stamp == fieldCreated && (f.Name == fieldModifiedBy || f.Name == "LastModifiedDate" || f.Name == fieldStamp)
			ownerless := (o.name == "User" || o.name == "Group") && f.Name == fieldDeleted
			if !historic && !ownerless {
				s.Fields = append(s.Fields, f.sfield)
			}
		}
		for _, f := range standardFields(o.name) {
			s.Fields = append(s.Fields, f.sfield)
		}
		if o.write {
			s.Fields = append(s.Fields, sfield{
				Name: fieldTandemID, Label: "Tandem Id", Type: "string", Length: 64, Createable: true, Updateable: true,
				Nillable: true, ExternalID: true, Unique: true, Custom: true, IDLookup: true,
			})
		}
		s.index()
		catalog.Objects = append(catalog.Objects, s.schema(o, defaultOverlap))
	}
	return catalog
}
