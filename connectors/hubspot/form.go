package hubspot

import (
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// Canonical returns fields as HubSpot will hold them: an address without
// spaces around it and in small letters, text without spaces at its ends, an
// instant to the millisecond, and nothing where a text is empty. Phone numbers
// stay as they are.
func (*Connector) Canonical(object string, f record.Fields) record.Fields {
	out := make(record.Fields, len(f))
	for name, v := range f {
		out[name] = canonical(object, name, v)
	}
	return out
}

func canonical(object, name string, v record.Value) record.Value {
	if !v.IsPresent() {
		return v
	}
	switch v.Kind() {
	case record.Instant:
		if at, ok := v.Time(); ok {
			return record.OfInstant(at.Truncate(time.Millisecond))
		}
	case record.String, record.Text, record.Email, record.Phone, record.URL:
		s := strings.TrimSpace(v.Text())
		if object == "contacts" && name == "email" || object == "companies" && name == "domain" {
			s = strings.ToLower(s)
		}
		if s == "" {
			return record.NullOf(v.Kind())
		}
		return record.Of(v.Kind(), s)
	default:
	}
	return v
}
