package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// sort is what a JSON value is; zero is a value that is not there.
type sort byte

const (
	nothing sort = iota
	null
	scalar
	flag
	list
	object
)

// value is a JSON value that remembers the order of its members: rows come
// under keys as often as in lists, and the last one tells where to go on.
type value struct {
	sort  sort
	text  string // of a scalar or flag, as written
	keys  []string
	items []value
}

// UnmarshalJSON reads any JSON.
func (v *value) UnmarshalJSON(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return v.read(dec)
}

func (v *value) read(dec *json.Decoder) error {
	t, err := dec.Token()
	if err != nil {
		return err
	}
	switch t := t.(type) {
	case json.Delim:
		return v.members(dec, t)
	case string:
		*v = value{sort: scalar, text: t}
	case json.Number:
		*v = value{sort: scalar, text: t.String()}
	case bool:
		*v = value{sort: flag, text: strconv.FormatBool(t)}
	default:
		*v = value{sort: null}
	}
	return nil
}

func (v *value) members(dec *json.Decoder, open json.Delim) error {
	*v = value{sort: list}
	if open == '{' {
		v.sort = object
	}
	for dec.More() {
		if v.sort == object {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			name, ok := key.(string)
			if !ok {
				return errShape
			}
			v.keys = append(v.keys, name)
		}
		var item value
		if err := item.read(dec); err != nil {
			return err
		}
		v.items = append(v.items, item)
	}
	_, err := dec.Token()
	return err
}

var errShape = errors.New("the reply has another shape than expected")

// path leads to a value inside another: names, or places in a list.
type path []string

// parsePath reads `a.b.0`; a dot that belongs to a name is written `\.`.
func parsePath(text string) path {
	if text == "" || text == "." {
		return nil
	}
	const dot = "\x00"
	parts := strings.Split(strings.ReplaceAll(text, `\.`, dot), ".")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], dot, ".")
	}
	return parts
}

// at follows a path; what is not there is the zero value.
func (v value) at(p path) value {
	for _, name := range p {
		v = v.member(name)
	}
	return v
}

func (v value) member(name string) value {
	switch v.sort {
	case object:
		for i, key := range v.keys {
			if key == name {
				return v.items[i]
			}
		}
	case list:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(v.items) {
			return v.items[i]
		}
	default:
	}
	return value{}
}

// first follows the paths in turn to a value that is neither missing nor null
// nor empty; else to the first that is there at all.
func (v value) first(paths []path) value {
	var found value
	for _, p := range paths {
		at := v.at(p)
		if at.sort > null && (at.sort != scalar || at.text != "") {
			return at
		}
		if found.sort == nothing {
			found = at
		}
	}
	return found
}

// texts are the scalars of a list, or the only one.
func (v value) texts() []string {
	switch v.sort {
	case scalar, flag:
		return []string{v.text}
	case list:
		out := make([]string, 0, len(v.items))
		for _, item := range v.items {
			out = append(out, item.texts()...)
		}
		return out
	default:
		return nil
	}
}

// truth reads a value as an answer to "is there more" or "is it gone".
func (v value) truth() bool {
	switch v.sort {
	case flag:
		return v.text == "true"
	case scalar:
		return v.text != "" && v.text != "0" && !strings.EqualFold(v.text, "false")
	default:
		return len(v.items) > 0
	}
}

func (v value) number() (int64, bool) {
	n, err := strconv.ParseInt(v.text, 10, 64)
	return n, err == nil && v.sort == scalar
}
