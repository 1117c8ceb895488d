package espocrm

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// Canonical returns fields as EspoCRM will hold them: texts of one line without
// spaces at their ends, empty ones as null, times in whole seconds.
func (*Connector) Canonical(_ string, f record.Fields) record.Fields {
	out := make(record.Fields, len(f))
	for name, v := range f {
		out[name] = canonical(v)
	}
	return out
}

func canonical(v record.Value) record.Value {
	switch {
	case v.IsNull() && v.Kind() == record.Boolean: // a tick is never unknown
		return record.OfBool(false)
	case !v.IsPresent():
		return v
	}
	switch v.Kind() {
	case record.Instant:
		if at, ok := v.Time(); ok {
			return record.OfInstant(at.Truncate(time.Second))
		}
	case record.Text:
		if v.Text() == "" {
			return record.NullOf(v.Kind())
		}
	case record.String, record.Email, record.URL, record.Phone, record.Enum:
		text := strings.TrimSpace(v.Text())
		if text == "" {
			return record.NullOf(v.Kind())
		}
		return record.Of(v.Kind(), text)
	default:
	}
	return v
}

// encode writes a value as EspoCRM takes it.
func encode(v record.Value) any {
	if v.State() != record.Placeholder {
		v = canonical(v)
	}
	text := v.Text()
	switch {
	case v.Kind() == record.Set:
		return append([]string{}, v.Members()...)
	case v.IsNull():
		return nil
	case v.Kind() == record.Boolean:
		return text == "true"
	case v.Kind() == record.Integer, v.Kind() == record.Decimal:
		return json.Number(text)
	case v.Kind() == record.Instant:
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return column(at)
		}
	}
	return text
}
