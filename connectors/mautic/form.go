package mautic

import (
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// Canonical returns fields as Mautic will hold them: text without spaces at its
// ends, instants to the minute, and of contacts neither a zero nor a false,
// which Mautic drops on the way in and which are therefore sent as blank.
func (*Connector) Canonical(object string, f record.Fields) record.Fields {
	out := make(record.Fields, len(f))
	for name, v := range f {
		out[name] = canonical(object, name, v)
	}
	return out
}

func canonical(object, name string, v record.Value) record.Value {
	if !v.IsPresent() || name == optOutField {
		return v
	}
	switch v.Kind() {
	case record.Instant:
		if at, ok := v.Time(); ok {
			return record.OfInstant(at.Truncate(time.Minute))
		}
	case record.String, record.Text, record.Email, record.URL, record.Phone:
		text := strings.TrimSpace(v.Text())
		if text == "" || object == contacts && zero(text) {
			return record.NullOf(v.Kind())
		}
		return record.Of(v.Kind(), text)
	case record.Boolean:
		if yes, _ := v.Bool(); !yes && object == contacts {
			return record.NullOf(record.Boolean)
		}
	case record.Integer, record.Decimal, record.Enum:
		if object == contacts && zero(v.Text()) {
			return record.NullOf(v.Kind())
		}
	default:
	}
	return v
}

// zero tells what is nought to PHP, however it is written.
func zero(text string) bool {
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && n == 0
}

// dropped tells what Mautic takes for nought though it is not: it looks at the
// whole part of a number only. Sent as blank it would be lost.
func dropped(object string, v record.Value) bool {
	n, err := strconv.ParseFloat(v.Text(), 64)
	return object == contacts && v.IsPresent() && err == nil && n != 0 && n > -1 && n < 1
}

// encode writes a value as Mautic takes it.
func encode(v record.Value) any {
	switch {
	case !v.IsPresent() && v.State() != record.Placeholder:
		return ""
	case v.Kind() == record.Boolean:
		if yes, _ := v.Bool(); yes {
			return 1
		}
		return 0
	case v.Kind() == record.Set:
		return v.Members()
	}
	return v.Text()
}
