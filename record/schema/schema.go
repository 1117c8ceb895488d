// Package schema describes what a system holds: its objects, their fields,
// keys and what can be done with them. Capabilities are data, so that they
// survive wrapping and reach the documentation.
package schema

import (
	"slices"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// Catalog describes the objects of one system.
type Catalog struct {
	System  string // the vendor's name, as in "hubspot"
	Objects []Object
	// Missing names each tier, permission or feature that the credentials
	// lack, and what stays empty without it.
	Missing []Gap
}

// Gap is something the account or its credentials do not allow.
type Gap struct {
	Object string // the remote object touched, or "" for all
	What   string // the scope, tier, permission or setting that is missing
	Effect string // what stays empty or cannot be done without it
}

// Object describes one remote object.
type Object struct {
	Name   string        // the vendor's name, as in "contacts" or "Lead"
	Label  string        // what people call it
	As     record.Object // the canonical object it usually is
	Fields []Field
	Keys   []string // names of fields that can be looked up consistently (Finder.Lookup), best first
	Caps   Capabilities
	Lag    time.Duration // how late a change may become visible to Changes
	// MaxDowntime is the longest time without a pull after which Gone no
	// longer tells every deletion; zero if it never forgets.
	MaxDowntime time.Duration
}

// Capabilities say what can be done with an object. Declared ones must work;
// for undeclared ones the connector answers Unsupported.
type Capabilities struct {
	Changes     bool // Changes returns the rows changed since a cursor
	Split       bool // Split may return more than one range
	Gone        bool // Gone tells deletions, merges or conversions
	Read        bool // Read by id is consistent
	Lookup      bool // Lookup by each of Keys is consistent
	Create      bool
	Update      bool
	Archive     bool // a record can be removed
	Conditional bool // an update can be made to fail if the record changed since
	Echo        bool // a write's own reply carries the stored record or its version
	BatchRead   int  // ids a Read call takes at most; 0 if Read is not declared
	BatchWrite  int  // rows a write call takes at most; 0 if nothing can be written
	PageSize    int  // rows a Changes call returns at most
	FirstPage   int  // rows it returns at most in a first read, where that differs
}

// Field describes one field of an object.
type Field struct {
	Name     string
	Label    string
	Kind     record.Kind
	Options  []Option // the picklist of an Enum or Set; empty if open
	Empty    []string // texts that mean "no value" here, besides null
	RefersTo string   // for a Reference: the remote object
	MaxLen   int      // longest text accepted, in characters; 0 if not limited

	ReadOnly bool
	Required bool // a create without it is refused
	Unique   bool // the system refuses a second record with the same value
	Volatile bool // changes without moving the record's version (formulas, roll-ups)
	Custom   bool // made by the customer, not by the vendor
	Closed   bool // values outside Options are refused
}

// Option is one entry of a picklist.
type Option struct {
	Value string
	Label string
	Gone  bool // no longer offered; old records may still hold it
}

// Object returns the object of that name.
func (c Catalog) Object(name string) (Object, bool) {
	i := slices.IndexFunc(c.Objects, func(o Object) bool { return o.Name == name })
	if i < 0 {
		return Object{}, false
	}
	return c.Objects[i], true
}

// Names lists the names of the objects.
func (c Catalog) Names() []string {
	names := make([]string, len(c.Objects))
	for i, o := range c.Objects {
		names[i] = o.Name
	}
	return names
}

// Field returns the field of that name.
func (o Object) Field(name string) (Field, bool) {
	i := slices.IndexFunc(o.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return o.Fields[i], true
}

// FieldNames lists the names of the fields.
func (o Object) FieldNames() []string {
	names := make([]string, len(o.Fields))
	for i, f := range o.Fields {
		names[i] = f.Name
	}
	return names
}

// Allows tells whether value is one the field's picklist offers. An open
// field allows everything.
func (f Field) Allows(value string) bool {
	if !f.Closed || len(f.Options) == 0 {
		return true
	}
	return slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == value && !o.Gone })
}
