package config

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
)

const dialect = "https://json-schema.org/draft/2020-12/schema"

// Schema returns the JSON Schema of tandem.yaml, for editors.
func Schema() ([]byte, error) {
	return document("Tandem: tandem.yaml", keysOf(reflect.ValueOf(*Default())))
}

// ConnectorSchema returns the JSON Schema of a connectors/<name>.yaml of one
// type: the keys of every connector, and its own.
func ConnectorSchema(t Type) ([]byte, error) {
	keys := keysOf(reflect.ValueOf(Connector{Enabled: true}))
	if t.Name != "" {
		keys[0].oneOf = []string{t.Name}
	}
	if t.Own != nil {
		keys = append(keys, keysOf(reflect.ValueOf(t.Own))...)
	}
	return document("Tandem: a connector of type "+t.Name, keys)
}

func document(title string, keys []key) ([]byte, error) {
	s := objectSchema(keys)
	s["$schema"], s["title"] = dialect, title
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the schema of %s: %w", title, err)
	}
	return append(out, '\n'), nil
}

func objectSchema(keys []key) map[string]any {
	properties := map[string]any{}
	var required []string
	for _, k := range keys {
		properties[k.name] = k.schema()
		if k.required {
			required = append(required, k.name)
		}
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func (k key) schema() map[string]any {
	s := valueSchema(k.value, k.oneOf)
	if k.kind != "" {
		s = nodeSchema(k.kind)
	}
	if k.doc != "" {
		s["description"] = k.doc
	}
	if d := defaultText(k.value); d != "" {
		s["default"] = d
		if sortOf(k.value.Type()) == sortBool || sortOf(k.value.Type()) == sortWhole {
			s["default"] = k.value.Interface()
		}
	}
	return s
}

// nodeSchema describes what is only kept here, by the words of its tag.
func nodeSchema(kind string) map[string]any {
	switch kind {
	case "mapping":
		return map[string]any{"type": "object"}
	case "expression":
		return map[string]any{"type": "string"}
	default:
		return map[string]any{"type": "array"}
	}
}

func valueSchema(v reflect.Value, oneOf []string) map[string]any {
	if s, ok := shapeOf(v); ok {
		return s.jsonSchema()
	}
	switch sortOf(v.Type()) {
	case sortSecret:
		return map[string]any{"type": "string", "pattern": `^\$\{(env|file):[^{}]+\}$`}
	case sortDuration:
		return map[string]any{"type": "string", "pattern": `^-?([0-9.]+(ms|s|m|h|d))+$|^0$`}
	case sortText:
		if len(oneOf) > 0 {
			return map[string]any{"type": "string", "enum": oneOf}
		}
		return map[string]any{"type": []string{"string", "number"}}
	case sortBool:
		return map[string]any{"type": "boolean"}
	case sortWhole:
		return map[string]any{"type": "integer"}
	case sortNumber:
		return map[string]any{"type": "number"}
	case sortList:
		return map[string]any{"type": "array", "items": valueSchema(element(v), oneOf)}
	case sortMap:
		return mapSchema(v, oneOf)
	case sortStruct:
		return objectSchema(keysOf(v))
	default:
		return map[string]any{}
	}
}

func mapSchema(v reflect.Value, oneOf []string) map[string]any {
	s := map[string]any{"type": "object", "additionalProperties": valueSchema(element(v), oneOf)}
	if byObject(v) {
		s["propertyNames"] = map[string]any{"enum": objectNames()}
	}
	return s
}

func (s shape) jsonSchema() map[string]any {
	switch {
	case s.each != nil:
		return map[string]any{"type": "object", "additionalProperties": valueSchema(reflect.ValueOf(s.each), nil)}
	case s.of != nil:
		word := map[string]any{"type": "string", "enum": s.orWord}
		return map[string]any{"anyOf": []any{word, objectSchema(keysOf(reflect.ValueOf(s.of)))}}
	}
	out := map[string]any{}
	maps.Copy(out, s.schema)
	return out
}
