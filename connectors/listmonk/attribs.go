package listmonk

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"

	"github.com/tandem-sync/tandem/record"
)

const attribPrefix = "attribs."

// at finds the value at a path; nil if there is none.
func at(attribs map[string]any, path string) any {
	for {
		key, rest, nested := strings.Cut(path, ".")
		if !nested {
			return attribs[key]
		}
		inner, ok := attribs[key].(map[string]any)
		if !ok {
			return nil
		}
		attribs, path = inner, rest
	}
}

// with returns attribs with a value at a path, nil for none; what stands beside
// it stays. The map given is not changed.
func with(attribs map[string]any, path string, v any) map[string]any {
	out := maps.Clone(attribs)
	if out == nil {
		out = map[string]any{}
	}
	key, rest, nested := strings.Cut(path, ".")
	switch inner, isMap := out[key].(map[string]any); {
	case nested && (isMap || v != nil):
		out[key] = with(inner, rest, v)
	case nested: // nothing there to be cleared
	case v == nil:
		delete(out, key)
	default:
		out[key] = v
	}
	return out
}

var errShape = errors.New("the attribute is a list or an object")

// decode reads an attribute as a kind; an empty text is none.
func decode(k record.Kind, v any) (record.Value, error) {
	switch v := v.(type) {
	case nil:
		return record.NullOf(k), nil
	case string:
		return decodeText(k, v)
	case bool:
		return decodeText(k, map[bool]string{true: "true", false: "false"}[v])
	case json.Number:
		return decodeText(k, v.String())
	case []any:
		if k != record.Set {
			break
		}
		var members []string
		for _, m := range v {
			switch m := m.(type) {
			case string:
				members = append(members, m)
			case json.Number:
				members = append(members, m.String())
			default:
				return record.Value{}, errShape
			}
		}
		return record.OfSet(members...), nil
	}
	return record.Value{}, errShape
}

func decodeText(k record.Kind, s string) (record.Value, error) {
	switch {
	case s == "":
		return record.NullOf(k), nil
	case k == record.Set:
		return record.OfSet(s), nil
	case k == record.String, k == record.Text, k == record.Enum, k == record.Email, k == record.Reference: // kept as it is
		return record.Of(k, s), nil
	}
	return record.Parse(k, s)
}

// encode writes a value as JSON; nil clears.
func encode(v record.Value) any {
	if v.IsNull() {
		return nil
	}
	switch v.Kind() {
	case record.Boolean:
		yes, _ := v.Bool()
		return yes
	case record.Integer, record.Decimal:
		return json.Number(v.Text())
	case record.Set:
		return v.Members()
	default:
		return v.Text()
	}
}
