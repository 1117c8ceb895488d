package config

import (
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// Reference writes the reference of tandem.yaml and of the keys that every
// connector's file has, as Markdown.
func Reference(w io.Writer) error {
	var b strings.Builder
	b.WriteString("## tandem.yaml\n\nEvery key may be left out; an empty file is a configuration.\n\n")
	for _, k := range keysOf(reflect.ValueOf(*Default())) {
		fmt.Fprintf(&b, "### `%s`\n\n%s\n\n", k.name, k.doc)
		rows := below(k.name, k.value)
		if len(rows) == 0 {
			rows = []row{k.row("")}
		}
		table(&b, rows)
	}
	b.WriteString("## connectors/&lt;name&gt;.yaml\n\nThe name of the file is the name of the connector. Beside these keys, a file holds those of its type.\n\n")
	table(&b, rowsOf("", keysOf(reflect.ValueOf(Connector{Enabled: true}))))
	return flush(w, &b)
}

// ConnectorReference writes the table of a connector's own keys, as Markdown.
// The value holds the defaults.
func ConnectorReference(w io.Writer, own any) error {
	var b strings.Builder
	table(&b, rowsOf("", keysOf(reflect.ValueOf(own))))
	return flush(w, &b)
}

func flush(w io.Writer, b *strings.Builder) error {
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the reference: %w", err)
	}
	return nil
}

type row struct{ path, kind, value, doc string }

func table(b *strings.Builder, rows []row) {
	if len(rows) == 0 {
		b.WriteString("No keys of its own.\n\n")
		return
	}
	b.WriteString("| Key | Type | Default | Meaning |\n|---|---|---|---|\n")
	cell := strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", ">", "&gt;")
	for _, r := range rows {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", r.path, cell.Replace(r.kind), r.value, cell.Replace(r.doc))
	}
	b.WriteString("\n")
}

func rowsOf(path string, keys []key) []row {
	var out []row
	for _, k := range keys {
		out = append(out, k.row(path))
		out = append(out, below(join(path, k.name), k.value)...)
	}
	return out
}

// below lists the keys within a value.
func below(path string, v reflect.Value) []row {
	if s, ok := shapeOf(v); ok {
		switch {
		case s.each != nil:
			return below(path+".<name>", reflect.ValueOf(s.each))
		case s.of != nil:
			return rowsOf(path, keysOf(reflect.ValueOf(s.of)))
		}
		return nil
	}
	switch sortOf(v.Type()) {
	case sortList:
		return below(path+"[]", element(v))
	case sortMap:
		if byObject(v) {
			return below(path+".<object>", element(v))
		}
		return below(path+".<name>", element(v))
	case sortStruct:
		return rowsOf(path, keysOf(v))
	default:
		return nil
	}
}

func (k key) row(path string) row {
	value := "—"
	if k.required {
		value = "required"
	} else if d := defaultText(k.value); d != "" {
		value = "`" + d + "`"
	}
	kind := k.kind
	if kind == "" {
		kind = typeText(k.value, k.oneOf)
	}
	return row{path: join(path, k.name), kind: kind, value: value, doc: k.doc}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func byObject(v reflect.Value) bool { return v.Type().Key() == reflect.TypeFor[record.Object]() }

func typeText(v reflect.Value, oneOf []string) string {
	if s, ok := shapeOf(v); ok {
		return s.name
	}
	if len(oneOf) > 0 && sortOf(v.Type()) == sortText {
		return "`" + strings.Join(oneOf, "`, `") + "`"
	}
	switch sortOf(v.Type()) {
	case sortSecret:
		return "reference to a secret"
	case sortDuration:
		return "duration"
	case sortText:
		return "text"
	case sortBool:
		return "true or false"
	case sortWhole:
		return "whole number"
	case sortNumber:
		return "number"
	case sortList:
		return "list of " + typeText(element(v), oneOf)
	case sortMap, sortStruct:
		return "mapping"
	default:
		return "any"
	}
}

// defaultText is a value as it would be written; "" for none.
func defaultText(v reflect.Value) string {
	if !v.CanInterface() {
		return ""
	}
	switch sortOf(v.Type()) {
	case sortBool:
		return strconv.FormatBool(v.Bool())
	case sortSecret, sortNode, sortMap:
		return ""
	case sortList:
		if words, ok := reflect.TypeAssert[[]string](v); ok && len(words) > 0 {
			return "[" + strings.Join(words, ", ") + "]"
		}
		return ""
	default:
	}
	if v.IsZero() {
		return ""
	}
	if d, ok := reflect.TypeAssert[time.Duration](v); ok {
		return durationText(d)
	}
	if s, ok := reflect.TypeAssert[fmt.Stringer](v); ok {
		return s.String()
	}
	switch sortOf(v.Type()) {
	case sortText, sortWhole, sortNumber:
		return fmt.Sprint(v.Interface())
	default:
		return ""
	}
}

// durationText leaves out the parts of a duration that are zero.
func durationText(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
