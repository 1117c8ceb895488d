package config

import (
	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record"
)

// What becomes of a record whose entity is gone elsewhere.
const (
	DeleteUnlink   = "unlink"   // the link ends, the record stays
	DeleteArchive  = "archive"  // the record is archived
	DeleteRecreate = "recreate" // the record that is gone is made again
)

// Objects are the remote objects of a connector in the order they are written.
type Objects []Object

// Object is one remote object that takes part.
type Object struct {
	As     record.Object `yaml:"as,required" oneof:"owner company person campaign deal activity touch relation change" doc:"The canonical object it is."`
	Create Create        `yaml:"create" doc:"Whether records may be created here: true, false, or an expression over canonical fields that says for which entities."`
	// Filter is an expression; the zero Node takes every record.
	Filter   diag.Node        `yaml:"filter" kind:"expression" doc:"Expression over remote fields that says which records take part."`
	Key      string           `yaml:"key" doc:"Remote field, unique there, into which Tandem writes its own id when it creates a record."`
	OnDelete string           `yaml:"on_delete" oneof:"unlink archive recreate" doc:"What a deletion elsewhere does here: unlink leaves the record alone, archive archives it; recreate makes a record again that was deleted here."`
	Match    []string         `yaml:"match" doc:"Canonical fields that propose identity, strongest first, unless tandem.yaml sets identity."`
	Adopt    map[string]Adopt `yaml:"adopt" doc:"Remote fields in which another synchronisation left the id of its pair."`
	ReadOnly bool             `yaml:"read_only" doc:"Nothing is written to this object."`
	Observe  []string         `yaml:"observe" doc:"Remote fields that something else writes: Tandem gives them a value with a record that it makes, and from then on only reads them."`
	// Fields, Picklists and Tests are for package mapping.
	Fields    diag.Node `yaml:"fields,required" kind:"list of field maps" doc:"The field map."`
	Picklists diag.Node `yaml:"picklists" kind:"mapping" doc:"Named value maps for use in the field map."`
	Tests     diag.Node `yaml:"tests" kind:"list of tests" doc:"Tests of the field map, run by tandem test."`

	// Name is the system's own name of the object.
	Name string
	// Node is what is written for the object.
	Node diag.Node
}

// Adopt names the record that an id left by another sync belongs to.
type Adopt struct {
	Connector string `yaml:"connector,required" doc:"The connector whose ids the field holds."`
	Object    string `yaml:"object,required" doc:"That connector's object."`
}

// Create says whether records may be made in a system.
type Create struct {
	// Allowed is false where they never are.
	Allowed bool
	// When is an expression over canonical fields; the zero Node for all.
	When diag.Node
}

// DecodeNode reads true, false or an expression.
func (c *Create) DecodeNode(n diag.Node) diag.List {
	if !n.IsScalar() {
		return diag.List{n.Errorf("expected true, false or an expression, found %s", n.Kind())}
	}
	var not diag.List
	allowed := n.Bool(&not)
	switch {
	case len(not) == 0:
		*c = Create{Allowed: allowed}
	case not[0].Hint != "": // yes, no, on, off
		return not
	case n.Kind() != "text" || n.String() == "":
		return diag.List{n.Errorf("expected true, false or an expression, found %s", n.Kind())}
	default:
		*c = Create{Allowed: true, When: n}
	}
	return nil
}

func (Create) shape() shape {
	return shape{name: "true, false or expression", schema: map[string]any{"type": []string{"boolean", "string"}}}
}

// DecodeNode reads the objects and keeps their order.
func (o *Objects) DecodeNode(n diag.Node) diag.List {
	if !n.IsMap() {
		return diag.List{n.Errorf("expected a mapping of remote objects, found %s", n.Kind())}
	}
	var problems diag.List
	*o = nil
	for _, key := range n.Keys() {
		node, _ := n.Get(key.Name)
		object := Object{Name: key.Name, Node: node, OnDelete: DeleteUnlink}
		problems.Add(diag.Decode(node, &object)...)
		problems.Add(object.check()...)
		*o = append(*o, object)
	}
	if len(*o) == 0 {
		problems.Add(n.Errorf("no object takes part").WithHint("name at least one, such as contacts: {as: person, fields: [...]}"))
	}
	return problems
}

func (Objects) shape() shape {
	return shape{name: "mapping of remote objects", each: Object{OnDelete: DeleteUnlink}}
}

// check looks at what can be told from the object alone.
func (o Object) check() diag.List {
	var problems diag.List
	if !o.Filter.IsNull() && (o.Filter.Kind() != "text" || o.Filter.String() == "") {
		problems.Add(o.Filter.Errorf("expected an expression, found %s", o.Filter.Kind()).WithHint("write it in quotes: 'email != nil'"))
	}
	if !o.Fields.IsNull() && !o.Fields.IsList() {
		problems.Add(o.Fields.Errorf("expected a list of field maps, found %s", o.Fields.Kind()).WithHint("write - {field: email, remote: email}"))
	}
	if o.Fields.IsList() && len(o.Fields.Items()) == 0 {
		problems.Errorf(o.Fields, "no field is mapped")
	}
	if o.ReadOnly && o.Create.Allowed {
		problems.Add(o.Node.At("create").Errorf("records cannot be created in an object that is read_only").WithHint("remove one of the two"))
	}
	if !o.Picklists.IsNull() && !o.Picklists.IsMap() {
		problems.Errorf(o.Picklists, "expected a mapping, found %s", o.Picklists.Kind())
	}
	if !o.Tests.IsNull() && !o.Tests.IsList() {
		problems.Errorf(o.Tests, "expected a list of tests, found %s", o.Tests.Kind())
	}
	return problems
}
