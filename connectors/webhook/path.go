package webhook

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// path says where a value stands in a body: names with dots between, each
// followed by any number of [3] (an item of a list), [*] (all of them),
// [name=text] (the first item that holds the text under a path) and [name].
type path struct {
	text  string
	steps []step
}

type step struct {
	name  string
	index int // of an item, where name is "" and where is nil
	all   bool
	where []step
	is    string
}

var (
	errEmptyName = errors.New("a name is empty")
	errBracket   = errors.New("a bracket is not closed")
	errIndex     = errors.New("in brackets stands neither a name, nor a number, nor *, nor name=text")
)

func parsePath(text string) (path, error) {
	p := path{text: text}
	for rest, begun := text, false; rest != ""; begun = true {
		if begun && rest[0] == '.' {
			rest = rest[1:]
		} else if begun && rest[0] != '[' {
			return p, errEmptyName // text after a bracket
		}
		s, after, err := next(rest)
		if err != nil {
			return p, err
		}
		p.steps, rest = append(p.steps, s), after
	}
	if strings.HasSuffix(text, ".") {
		return p, errEmptyName
	}
	return p, nil
}

// next cuts the first step off.
func next(text string) (s step, rest string, err error) {
	if strings.HasPrefix(text, "[") {
		return bracket(text[1:])
	}
	end := strings.IndexAny(text, ".[")
	switch {
	case end == 0 || text == "":
		return s, "", errEmptyName
	case end < 0:
		end = len(text)
	}
	return step{name: text[:end]}, text[end:], nil
}

func bracket(text string) (s step, rest string, err error) {
	inside, rest, closed := strings.Cut(text, "]")
	if !closed {
		return s, "", errBracket
	}
	if inside == "*" || inside == "" {
		return step{all: true}, rest, nil
	}
	if name, is, compared := strings.Cut(inside, "="); compared {
		where, err := parsePath(name)
		if err != nil || len(where.steps) == 0 {
			return s, "", errIndex
		}
		return step{where: where.steps, is: is}, rest, nil
	}
	if n, err := strconv.Atoi(inside); err == nil {
		if n < 0 {
			return s, "", errIndex
		}
		return step{index: n}, rest, nil
	}
	return step{name: inside}, rest, nil
}

// find returns what stands at the path. A name that is the whole path comes
// first: fields of forms are called such things as data[email].
func (p path) find(in any) (any, bool) {
	if object, ok := in.(map[string]any); ok {
		if v, there := object[p.text]; there {
			return v, true
		}
	}
	return walk(p.steps, in)
}

func walk(steps []step, in any) (any, bool) {
	for i, s := range steps {
		if s.all {
			return walkAll(steps[i+1:], in)
		}
		next, there := s.take(in)
		if !there {
			return nil, false
		}
		in = next
	}
	return in, true
}

func walkAll(steps []step, in any) (any, bool) {
	list, ok := in.([]any)
	if !ok {
		return nil, false
	}
	out := make([]any, 0, len(list))
	for _, item := range list {
		if v, there := walk(steps, item); there {
			out = append(out, v)
		}
	}
	return out, true
}

func (s step) take(in any) (any, bool) {
	if s.name != "" {
		object, ok := in.(map[string]any)
		v, there := object[s.name]
		return v, ok && there
	}
	list, ok := in.([]any)
	if !ok {
		return nil, false
	}
	if s.where == nil {
		if s.index >= len(list) {
			return nil, false
		}
		return list[s.index], true
	}
	for _, item := range list {
		if v, there := walk(s.where, item); there && plain(v) == s.is {
			return item, true
		}
	}
	return nil, false
}

// plain is the text of a value: of a list its members', of an object its JSON.
func plain(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case json.Number:
		return x.String()
	case bool:
		return strconv.FormatBool(x)
	case []any:
		return strings.Join(plains(x), ", ")
	default:
		b, err := json.Marshal(x)
		if err != nil {
			return ""
		}
		return string(b)
	}
}

func plains(list []any) []string {
	var out []string
	for _, v := range list {
		if text := plain(v); text != "" {
			out = append(out, text)
		}
	}
	return out
}
