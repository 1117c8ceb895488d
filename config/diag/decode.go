package diag

import (
	"reflect"
	"slices"
	"strings"
	"time"
)

// NodeDecoder is implemented by types that read themselves from a node. It is
// not called for null, which leaves the value as it was.
type NodeDecoder interface {
	DecodeNode(n Node) List
}

// Decode reads the node into what into points at and returns every problem it
// finds. What the file does not mention keeps the value it had, so defaults are
// set beforehand.
//
// Struct fields are named by `yaml:"name"`; fields without the tag, or with
// `yaml:"-"`, are not configuration. `yaml:"name,required"` must be present and
// not empty; `yaml:",inline"` reads an embedded struct's fields from the same
// mapping; `oneof:"a b c"` lists the words a text (or each text of a list) may
// be. A key that no field names is an error. Texts, booleans, numbers,
// time.Duration, structs, pointers, slices, maps with text keys, any, Node
// (kept as it is) and NodeDecoder are understood; another type is a mistake of
// the program and panics.
func Decode(node Node, into any) List {
	v := reflect.ValueOf(into)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		panic("diag.Decode: into must be a pointer that is not nil")
	}
	d := decoder{}
	d.value(node, v.Elem(), nil)
	return d.problems
}

type decoder struct{ problems List }

func (d *decoder) value(n Node, v reflect.Value, oneOf []string) {
	if v.Type() == reflect.TypeFor[Node]() {
		v.Set(reflect.ValueOf(n))
		return
	}
	if n.IsNull() {
		d.null(n, v)
		return
	}
	if self, ok := reflect.TypeAssert[NodeDecoder](v.Addr()); ok {
		d.problems.Add(self.DecodeNode(n)...)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		d.value(n, v.Elem(), oneOf)
	case reflect.Struct:
		d.structure(n, v)
	case reflect.Slice:
		d.slice(n, v, oneOf)
	case reflect.Map:
		d.mapping(n, v, oneOf)
	default:
		d.scalar(n, v, oneOf)
	}
}

// null leaves a value alone, but a struct written as nothing (`auth:`) still
// has to have its required keys.
func (d *decoder) null(n Node, v reflect.Value) {
	if _, self := reflect.TypeAssert[NodeDecoder](v.Addr()); !self && v.Kind() == reflect.Struct {
		d.structure(n, v)
	}
}

func (d *decoder) scalar(n Node, v reflect.Value, oneOf []string) {
	before := len(d.problems)
	if v.Type() == reflect.TypeFor[time.Duration]() {
		v.SetInt(int64(n.Duration(&d.problems)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		text := n.Str(&d.problems)
		if len(d.problems) == before {
			d.word(n, text, oneOf)
		}
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(n.Bool(&d.problems))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		i := n.Int(&d.problems)
		if v.OverflowInt(i) {
			d.problems.Add(n.Errorf("the number is too large"))
			return
		}
		v.SetInt(i)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.unsigned(n, v)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(n.Float(&d.problems))
	case reflect.Interface:
		v.Set(reflect.ValueOf(n.Value()))
	default:
		panic("diag.Decode: cannot read into " + v.Type().String())
	}
}

func (d *decoder) unsigned(n Node, v reflect.Value) {
	i := n.Int(&d.problems)
	if i < 0 {
		d.problems.Add(n.Errorf("the number must not be negative"))
		return
	}
	if v.OverflowUint(uint64(i)) {
		d.problems.Add(n.Errorf("the number is too large"))
		return
	}
	v.SetUint(uint64(i))
}

func (d *decoder) word(n Node, text string, oneOf []string) {
	if len(oneOf) == 0 || slices.Contains(oneOf, text) {
		return
	}
	d.problems.Add(n.Errorf("%q is not one of: %s", text, strings.Join(oneOf, ", ")).WithNearest(text, oneOf))
}

func (d *decoder) slice(n Node, v reflect.Value, oneOf []string) {
	if !n.IsList() {
		n.expected(&d.problems, "a list")
		return
	}
	items := n.Items()
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if item.IsNull() && v.Type().Elem() != reflect.TypeFor[Node]() {
			d.problems.Add(item.Errorf("this item is empty"))
			continue
		}
		d.value(item, out.Index(i), oneOf)
	}
	v.Set(out)
}

func (d *decoder) mapping(n Node, v reflect.Value, oneOf []string) {
	if v.Type().Key().Kind() != reflect.String {
		panic("diag.Decode: cannot read into " + v.Type().String())
	}
	if !n.IsMap() {
		n.expected(&d.problems, "a mapping")
		return
	}
	out := reflect.MakeMap(v.Type())
	for _, key := range n.Keys() {
		item, _ := n.Get(key.Name)
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(item, elem, oneOf)
		out.SetMapIndex(reflect.ValueOf(key.Name).Convert(v.Type().Key()), elem)
	}
	v.Set(out)
}
