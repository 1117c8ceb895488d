package csv

import (
	"bytes"
	stdjson "encoding/json"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/record"
)

// render makes a row of the old one (nil for none) with the fields laid over
// it. The row is in the file's encoding, for UTF-16 in UTF-8.
func (e *edit) render(old []byte, fields record.Fields) ([]byte, *fault.Error) {
	texts, f := e.texts(fields)
	if f != nil {
		return nil, f
	}
	if e.t.jsonl() {
		return e.renderJSON(old, fields, texts)
	}
	cells := make([]string, len(e.names))
	if old != nil {
		held, err := e.t.cells(e.place.header, &rows{set: e.set, delim: e.t.delim, quote: e.t.quote}, row{raw: old})
		if err != nil {
			return nil, e.t.fault(fault.Invalid, "update", err)
		}
		for i := range held {
			cells[i] = held[i].text
		}
	}
	for i, name := range e.names {
		if text, ok := texts[name]; ok {
			cells[i] = e.t.guarded(text, e.t.column(name))
			delete(texts, name)
		}
	}
	for name := range texts {
		return nil, e.invalid(name, errors.New("the file has no such column"))
	}
	raw, f := e.join(cells)
	if f == nil && old != nil && !bytes.HasSuffix(old, []byte("\n")) {
		raw = bytes.TrimRight(raw, "\r\n") // the last row of a file that ends without a line end
	}
	return raw, f
}

// texts writes the fields as their columns are written.
func (e *edit) texts(fields record.Fields) (map[string]string, *fault.Error) {
	texts := make(map[string]string, len(fields))
	for _, name := range fields.Names() {
		if fields[name].IsAbsent() {
			continue
		}
		c := e.t.column(name)
		text, err := c.write(fields[name])
		if err == nil && strings.IndexByte(text, 0) >= 0 {
			err = errors.New("the value holds a zero byte")
		}
		if err != nil {
			return nil, e.invalid(name, err)
		}
		texts[name] = text
	}
	return texts, nil
}

func (e *edit) invalid(field string, err error) *fault.Error {
	f := e.t.fault(fault.Invalid, "write", err)
	f.Field = field
	return f
}

// join writes cells as a row by RFC 4180.
func (e *edit) join(cells []string) ([]byte, *fault.Error) {
	var b strings.Builder
	quote := string(e.t.quote)
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte(e.t.delim)
		}
		special := strings.ContainsAny(cell, "\r\n"+quote+string(e.t.delim)) || strings.TrimSpace(cell) != cell
		if special || len(cells) == 1 && cell == "" {
			cell = quote + strings.ReplaceAll(cell, quote, quote+quote) + quote
		}
		b.WriteString(cell)
	}
	b.WriteString(e.eol)
	if e.set.wide != nil {
		return []byte(b.String()), nil
	}
	raw, err := e.set.bytes(b.String())
	if err != nil {
		return nil, e.t.fault(fault.Invalid, "write", err)
	}
	return raw, nil
}

// guarded puts an apostrophe before what a spreadsheet would run. A text that
// begins like a guarded one gets another, so that reading gives back the same.
func (t *table) guarded(text string, c column) string {
	if !t.guards() || c.plain() {
		return text
	}
	if formula(text) || strings.HasPrefix(text, "'") && formula(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

func (t *table) unguarded(text string) string {
	if t.guards() && strings.HasPrefix(text, "'") && formula(strings.TrimLeft(text, "'")) {
		return text[1:]
	}
	return text
}

func (t *table) guards() bool { return t.file.Write && t.file.Formulas != "keep" && !t.jsonl() }

func formula(text string) bool { return text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) }

type member struct {
	name  string
	value jsontext.Value
}

// members takes a JSON object apart, in its order.
func members(raw []byte) ([]member, error) {
	if raw == nil {
		return nil, nil
	}
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	if _, err := dec.ReadToken(); err != nil {
		return nil, errNoObject
	}
	var out []member
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, errNoObject
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, errNoObject
		}
		out = append(out, member{key, value.Clone()})
	}
	return out, nil
}

// renderJSON keeps the order and the members it does not know.
func (e *edit) renderJSON(old []byte, fields record.Fields, texts map[string]string) ([]byte, *fault.Error) {
	list, err := members(old)
	if err != nil {
		return nil, e.t.fault(fault.Invalid, "update", err)
	}
	for i, m := range list {
		if text, ok := texts[m.name]; ok {
			list[i].value = e.jsonValue(m.name, fields[m.name], text)
			delete(texts, m.name)
		}
	}
	for _, name := range fields.Names() {
		if text, ok := texts[name]; ok {
			list = append(list, member{name, e.jsonValue(name, fields[name], text)})
		}
	}
	b := []byte{'{'}
	for i, m := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, quoted(m.name)...), ':'), m.value...)
	}
	return append(append(b, '}'), e.eol...), nil
}

func (e *edit) jsonValue(name string, v record.Value, text string) jsontext.Value {
	c := e.t.column(name)
	switch {
	case v.IsNull():
		return jsontext.Value("null")
	case c.kind == record.Set:
		list := []byte{'['}
		for i, m := range v.Members() {
			if i > 0 {
				list = append(list, ',')
			}
			list = append(list, quoted(m)...)
		}
		return append(list, ']')
	case c.kind == record.Boolean && (text == "true" || text == "false"),
		c.number == nil && (c.kind == record.Integer || c.kind == record.Decimal) && jsontext.Value(text).IsValid():
		return jsontext.Value(text)
	}
	return quoted(text)
}

func quoted(text string) []byte {
	raw, err := stdjson.Marshal(text)
	if err != nil {
		return []byte(`""`) // a text always encodes
	}
	return raw
}
