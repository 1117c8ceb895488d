package suitecrm

import (
	"encoding/json"
	"html"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/schema"
)

// Canonical returns fields as SuiteCRM will hold them: texts with one layer of
// HTML entities taken off and cut at the field's length, times without the
// seconds that the API does not show, ticks never unknown.
func (c *Connector) Canonical(object string, f record.Fields) record.Fields {
	c.mu.Lock()
	o, _ := c.catalog.Object(object)
	c.mu.Unlock()
	out := make(record.Fields, len(f))
	for name, v := range f {
		def, _ := o.Field(name)
		out[name] = canonical(def, v)
	}
	return out
}

func canonical(f schema.Field, v record.Value) record.Value {
	switch {
	case v.IsNull() && v.Kind() == record.Boolean:
		return record.OfBool(false)
	case !v.IsPresent():
		return v
	}
	switch v.Kind() {
	case record.Instant:
		if at, ok := v.Time(); ok {
			return record.OfInstant(at.Truncate(time.Minute))
		}
	case record.String, record.Text, record.URL, record.Phone, record.Enum, record.Email:
		text := html.UnescapeString(v.Text())
		if v.Kind() == record.Email {
			text = strings.TrimSpace(text)
		}
		if runes := []rune(text); f.MaxLen > 0 && len(runes) > f.MaxLen {
			text = string(runes[:f.MaxLen])
		}
		if text == "" {
			return record.NullOf(v.Kind())
		}
		return record.Of(v.Kind(), text)
	default:
	}
	return v
}

// encode writes a value as SuiteCRM takes it: numbers as numbers, because texts
// are read with the user's separators, and times as the database has them,
// because others are read in the user's format.
func encode(v record.Value) any {
	text := v.Text()
	switch {
	case v.IsNull():
		return ""
	case v.Kind() == record.Boolean:
		return text == "true"
	case v.Kind() == record.Integer, v.Kind() == record.Decimal:
		return json.Number(text)
	case v.Kind() == record.Instant:
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return column(at)
		}
	case v.Kind() == record.Set:
		return "^" + strings.Join(v.Members(), "^,^") + "^"
	case v.Kind() == record.Email:
		return strings.TrimSpace(text)
	}
	return text
}
