package salesforcesim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var refForm = regexp.MustCompile(`@\{([^}]+)\}`)

// fill replaces @{ref.field} by results of earlier parts.
func fill(s string, results map[string]any) (string, bool) {
	ok := true
	out := refForm.ReplaceAllStringFunc(s, func(m string) string {
		v, found := lookUp(m[2:len(m)-1], results)
		ok = ok && found
		return fmt.Sprint(v)
	})
	return out, ok
}

var refPart = regexp.MustCompile(`[^.\[\]]+`)

// lookUp follows a path such as ref.records[0].Id.
func lookUp(path string, results map[string]any) (any, bool) {
	parts := refPart.FindAllString(path, -1)
	if len(parts) == 0 {
		return nil, false
	}
	at, ok := results[parts[0]]
	for _, p := range parts[1:] {
		switch held := at.(type) {
		case map[string]any:
			at, ok = held[p]
		case []any:
			i, err := strconv.Atoi(p)
			if ok = err == nil && i >= 0 && i < len(held); ok {
				at = held[i]
			}
		default:
			ok = false
		}
		if !ok {
			return nil, false
		}
	}
	return at, ok
}

// fillAny replaces references anywhere in a body.
func fillAny(v any, results map[string]any) (any, bool) {
	switch v := v.(type) {
	case string:
		if !strings.Contains(v, "@{") {
			return v, true
		}
		return fill(v, results)
	case map[string]any:
		all := true
		for k, item := range v {
			filled, ok := fillAny(item, results)
			v[k], all = filled, all && ok
		}
		return v, all
	case []any:
		all := true
		for i, item := range v {
			filled, ok := fillAny(item, results)
			v[i], all = filled, all && ok
		}
		return v, all
	}
	return v, true
}

func decodeAny(body []byte) any {
	var v any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&v) != nil {
		return nil
	}
	return v
}
