package config

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/config/secret"
)

// shape describes a type that reads itself, for the schema and the reference.
type shape struct {
	name   string
	schema map[string]any // of a single value
	orWord []string       // the words that may stand in place of the keys
	of     any            // the struct whose keys it has
	each   any            // what every key of it holds
}

type shaped interface{ shape() shape }

// key is one key of a struct that configuration decodes into.
type key struct {
	name, doc, kind string
	required        bool
	oneOf           []string
	value           reflect.Value // the default
}

// keysOf lists the keys of a struct as package diag decodes it.
func keysOf(v reflect.Value) []key {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			v = reflect.New(v.Type().Elem())
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	var out []key
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		tag, tagged := sf.Tag.Lookup("yaml")
		name, options, _ := strings.Cut(tag, ",")
		list := strings.Split(options, ",")
		switch {
		case !tagged || name == "-":
		case slices.Contains(list, "inline"):
			out = append(out, keysOf(v.Field(i))...)
		default:
			out = append(out, key{
				name: name, doc: sf.Tag.Get("doc"), kind: sf.Tag.Get("kind"),
				required: slices.Contains(list, "required"), oneOf: strings.Fields(sf.Tag.Get("oneof")), value: v.Field(i),
			})
		}
	}
	return out
}

func keyNames(of any) []string {
	var names []string
	for _, k := range keysOf(reflect.ValueOf(of)) {
		names = append(names, k.name)
	}
	return names
}

// shapeOf returns how a value describes itself, if it does. Fields that are
// not exported are read by their type alone.
func shapeOf(v reflect.Value) (shape, bool) {
	if !v.CanInterface() {
		v = reflect.Zero(v.Type())
	}
	s, ok := reflect.TypeAssert[shaped](v)
	if !ok {
		return shape{}, false
	}
	return s.shape(), true
}

// sort is the kind of thing that a key holds, as readers know it.
type sort int

const (
	sortAny sort = iota
	sortSecret
	sortNode
	sortDuration
	sortText
	sortBool
	sortWhole
	sortNumber
	sortList
	sortMap
	sortStruct
)

func sortOf(t reflect.Type) sort {
	switch t {
	case reflect.TypeFor[secret.Secret]():
		return sortSecret
	case reflect.TypeFor[diag.Node]():
		return sortNode
	case reflect.TypeFor[time.Duration]():
		return sortDuration
	}
	switch t.Kind() {
	case reflect.String:
		return sortText
	case reflect.Bool:
		return sortBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return sortWhole
	case reflect.Float32, reflect.Float64:
		return sortNumber
	case reflect.Slice:
		return sortList
	case reflect.Map:
		return sortMap
	case reflect.Struct:
		return readable(t)
	case reflect.Pointer:
		return sortOf(t.Elem())
	default:
		return sortAny
	}
}

// readable tells structs that are decoded by their keys from those that read
// themselves in a way that is not known here.
func readable(t reflect.Type) sort {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[diag.NodeDecoder]()) {
		return sortAny
	}
	return sortStruct
}

// element is a zero value of what a list or mapping holds.
func element(v reflect.Value) reflect.Value { return reflect.New(v.Type().Elem()).Elem() }
