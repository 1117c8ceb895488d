package odoo

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Canonical returns fields as Odoo will hold them: it knows no empty number
// and no empty boolean, keeps moments to the second, and longer texts without
// spaces at their ends.
func (*Connector) Canonical(_ string, f record.Fields) record.Fields {
	out := f.Clone()
	for name, v := range f {
		switch {
		case v.IsNull() && v.Kind() == record.Integer:
			out[name] = record.OfInt(0)
		case v.IsNull() && v.Kind() == record.Decimal:
			out[name] = record.Of(record.Decimal, "0")
		case v.IsNull() && v.Kind() == record.Boolean:
			out[name] = record.OfBool(false)
		case v.IsPresent() && v.Kind() == record.Text:
			out[name] = textOf(strings.TrimSpace(v.Text()))
		case v.IsPresent() && v.Kind() == record.Instant:
			if at, ok := v.Time(); ok {
				out[name] = record.OfInstant(at.Truncate(time.Second))
			}
		}
	}
	return out
}

func textOf(s string) record.Value {
	if s == "" {
		return record.NullOf(record.Text)
	}
	return record.Of(record.Text, s)
}

// column names the column of an import that a field goes into. What a field
// refers to is given by its id in the database.
func column(f schema.Field) string {
	switch {
	case f.Kind == record.Reference, f.Kind == record.Country, f.Name == "stage_id":
		return f.Name + "/.id"
	}
	return f.Name
}

// imported writes a value as an import takes it: as text, nothing for what is
// to be cleared.
func (w *write) imported(f schema.Field, v record.Value) string {
	switch {
	case !v.IsPresent() && v.State() != record.Placeholder:
		return ""
	case f.Kind == record.Boolean:
		if isTrue(v) {
			return "1"
		}
		return "0"
	case f.Kind == record.Country:
		if id, ok := w.lists.ids[v.Text()]; ok {
			return itoa(id)
		}
		return "0" // no country: Odoo refuses it
	case f.Kind == record.Instant:
		if at, ok := v.Time(); ok {
			return printed(at)
		}
	case f.Kind == record.Text && w.lists.html[w.kind.of()+"."+f.Name]:
		return markup(v.Text())
	}
	return v.Text()
}

// direct writes a value as create and write take it.
func (w *write) direct(f schema.Field, v record.Value) any {
	text := w.imported(f, v)
	switch f.Kind {
	case record.Boolean:
		return text == "1"
	case record.Integer, record.Reference, record.Country:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n
		}
	case record.Decimal:
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	case record.Enum:
		if n := number(text); f.Name == "stage_id" && n != 0 {
			return n
		}
	default:
	}
	if text == "" {
		return false
	}
	return text
}

func isTrue(v record.Value) bool {
	yes, ok := v.Bool()
	return ok && yes
}

var (
	lineEnds = regexp.MustCompile(`(?i)<br\s*/?>|</(p|div|li|h[1-6]|tr)>`)
	tags     = regexp.MustCompile(`<[a-zA-Z/!][^>]*>`)
)

// plain is the text of formatted text.
func plain(text string) string {
	text = tags.ReplaceAllString(lineEnds.ReplaceAllString(text, "\n"), "")
	return strings.TrimSpace(html.UnescapeString(text))
}

// markup is text as formatted text.
func markup(text string) string {
	if text == "" {
		return ""
	}
	return "<p>" + strings.ReplaceAll(html.EscapeString(text), "\n", "<br>") + "</p>"
}
