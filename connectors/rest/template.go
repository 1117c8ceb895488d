package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// scope holds what placeholders stand for at one call: strings, int64s,
// json.Numbers, lists and mappings. A name that is not in it has no value now.
type scope map[string]any

// part is a piece of a text: a literal, or a placeholder with its form.
type part struct{ literal, name, form string }

// text is a text with placeholders.
type text []part

// forms are the ways to write a placeholder besides its own: {ids:csv}.
func forms() []string { return []string{"csv", "text", "number"} }

// parseText reads placeholders; {{ and }} are braces.
func parseText(n diag.Node, s string, names []string, problems *diag.List) text {
	const open, shut = "\x00", "\x01"
	s = strings.NewReplacer("{{", open, "}}", shut).Replace(s)
	braces := strings.NewReplacer(open, "{", shut, "}")
	var t text
	for s != "" {
		before, rest, found := strings.Cut(s, "{")
		if before != "" {
			t = append(t, part{literal: braces.Replace(before)})
		}
		if !found {
			break
		}
		inner, after, closed := strings.Cut(rest, "}")
		if !closed {
			problems.Add(n.Errorf("a placeholder is not closed").WithHint("write {name}, or {{ for a brace"))
			break
		}
		name, form, _ := strings.Cut(inner, ":")
		if !slices.Contains(names, name) {
			problems.Add(n.Errorf("there is no placeholder {%s} here", name).WithNearest(name, names))
		}
		if form != "" && !slices.Contains(forms(), form) {
			problems.Add(n.Errorf("there is no form %q of a placeholder", form).WithNearest(form, forms()))
		}
		t = append(t, part{name: name, form: form})
		s = after
	}
	return t
}

func (t text) uses(name string) bool {
	return slices.ContainsFunc(t, func(p part) bool { return p.name == name })
}

// fill writes the text; ok is false if a placeholder in it has no value.
func (t text) fill(s scope) (out string, ok bool) {
	var b strings.Builder
	for _, p := range t {
		if p.name == "" {
			b.WriteString(p.literal)
			continue
		}
		v, has := s[p.name]
		if !has {
			return "", false
		}
		b.WriteString(p.write(v))
	}
	return b.String(), true
}

func (p part) write(v any) string {
	words := wordsOf(v)
	if p.form != "csv" {
		return strings.Join(words, ",")
	}
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = `"` + strings.ReplaceAll(w, `"`, `""`) + `"`
	}
	return strings.Join(quoted, ",")
}

func wordsOf(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case int64:
		return []string{strconv.FormatInt(v, 10)}
	case json.Number:
		return []string{v.String()}
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	return []string{string(raw)}
}

// figure is a body, or a part of one, with placeholders.
type figure struct {
	sort  sort
	text  text
	plain any
	keys  []string
	items []figure
}

// spread is the key whose mapping is laid among those beside it.
const spread = "..."

func parseFigure(n diag.Node, names []string, problems *diag.List) figure {
	switch {
	case n.IsMap():
		f := figure{sort: object}
		for _, k := range n.Keys() {
			item, _ := n.Get(k.Name)
			f.keys, f.items = append(f.keys, k.Name), append(f.items, parseFigure(item, names, problems))
		}
		return f
	case n.IsList():
		f := figure{sort: list}
		for _, item := range n.Items() {
			f.items = append(f.items, parseFigure(item, names, problems))
		}
		return f
	}
	if s, ok := n.Value().(string); ok {
		return figure{sort: scalar, text: parseText(n, s, names, problems)}
	}
	return figure{sort: flag, plain: n.Value()}
}

func (f figure) uses(name string) bool {
	return f.text.uses(name) || slices.ContainsFunc(f.items, func(i figure) bool { return i.uses(name) })
}

// fill makes the JSON value. A text that is one placeholder takes its value as
// it is; a member whose placeholder has no value is left out.
func (f figure) fill(s scope) (v any, ok bool) {
	switch f.sort {
	case object:
		return f.fillObject(s), true
	case list:
		out := make([]any, 0, len(f.items))
		for _, item := range f.items {
			if v, ok := item.fill(s); ok {
				out = append(out, v)
			}
		}
		return out, true
	case scalar:
		return f.text.value(s)
	default:
		return f.plain, true
	}
}

func (f figure) fillObject(s scope) map[string]any {
	out := make(map[string]any, len(f.items))
	for i, item := range f.items {
		v, ok := item.fill(s)
		if !ok {
			continue
		}
		if inner, isMap := v.(map[string]any); isMap && f.keys[i] == spread {
			maps.Copy(out, inner)
			continue
		}
		out[f.keys[i]] = v
	}
	return out
}

func (t text) value(s scope) (any, bool) {
	if len(t) != 1 || t[0].name == "" || t[0].form == "csv" || t[0].form == "text" {
		return t.fill(s)
	}
	v, ok := s[t[0].name]
	if word, isText := v.(string); isText && t[0].form == "number" {
		return json.Number(word), ok
	}
	return v, ok
}

// param is a parameter of a query, or a header.
type param struct {
	name   string
	values []text
}

// call is a request with placeholders.
type call struct {
	method string
	path   text
	query  []param
	header []param
	body   *figure
	op     string
	object string
	repeat bool // may be made again when its fate is not known
}

var errNoValue = errors.New("the path needs a value that is not there")

// request makes the request proper.
func (c call) request(s scope) (httpapi.Request, error) {
	r := httpapi.Request{
		Method: c.method, Op: c.op, Object: c.object, Idempotent: c.repeat, Query: url.Values{}, Header: http.Header{},
	}
	var err error
	if r.Path, err = c.path.escaped(s); err != nil {
		return r, err
	}
	for _, q := range c.query {
		q.add(s, r.Query.Add)
	}
	for _, h := range c.header {
		h.add(s, r.Header.Add)
	}
	if c.body != nil {
		r.Body, _ = c.body.fill(s)
	}
	return r, nil
}

func (p param) add(s scope, add func(name, value string)) {
	for _, t := range p.values {
		if v, ok := t.fill(s); ok {
			add(p.name, v)
		}
	}
}

// escaped writes a path; what stands for a placeholder is one segment of it.
func (t text) escaped(s scope) (string, error) {
	var b strings.Builder
	for _, part := range t {
		if part.name == "" {
			b.WriteString(part.literal)
			continue
		}
		v, ok := s[part.name]
		segment := part.write(v)
		if !ok || segment == "" || segment == "." || segment == ".." {
			return "", fmt.Errorf("%w: {%s}", errNoValue, part.name)
		}
		b.WriteString(url.PathEscape(segment))
	}
	return b.String(), nil
}

func (c call) uses(name string) bool {
	inParams := func(list []param) bool {
		return slices.ContainsFunc(list, func(p param) bool {
			return slices.ContainsFunc(p.values, func(t text) bool { return t.uses(name) })
		})
	}
	return c.path.uses(name) || inParams(c.query) || inParams(c.header) || c.body != nil && c.body.uses(name)
}
