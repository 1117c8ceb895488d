package mapping

import (
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
	"github.com/tandem-sync/tandem/record/format"
)

// toDate gives the day. A date never passes through a zone; an instant becomes
// a day only in the declared one.
func (f *forms) toDate(v record.Value, _ record.Fields) (record.Value, error) {
	switch v.Kind() {
	case record.Date:
		return v, nil
	case record.Instant:
		t, ok := v.Time()
		if !ok {
			return record.Value{}, invalid(record.Date, "a day")
		}
		return f.day(t)
	default:
		return f.readDate(strings.TrimSpace(v.Text()))
	}
}

func (f *forms) readDate(text string) (record.Value, error) {
	if f.layout == nil {
		if out, err := record.Parse(record.Date, text); err == nil {
			return out, nil
		}
		if t, err := record.Parse(record.Instant, text); err == nil {
			at, _ := t.Time()
			return f.day(at)
		}
		return record.Value{}, invalid(record.Date, "YYYY-MM-DD, or declare its format")
	}
	if d, err := f.layout.ParseDate(text); err == nil {
		return record.Of(record.Date, d.String()), nil
	}
	t, err := f.layout.ParseInstant(text)
	if err != nil {
		return record.Value{}, invalid(record.Date, "the declared format")
	}
	return f.day(t)
}

// day is the day an instant falls on in the declared zone. Without one, only
// midnight UTC is a day: systems that have no dates send them so.
func (f *forms) day(t time.Time) (record.Value, error) {
	switch {
	case f.zone != nil:
		return record.OfDate(t.In(f.zone)), nil
	case t.UTC().Truncate(24 * time.Hour).Equal(t):
		return record.OfDate(t.UTC()), nil
	default:
		return record.Value{}, invalid(record.Date, "a day; it is an instant, which needs a declared zone")
	}
}

func (f *forms) toInstant(v record.Value, _ record.Fields) (record.Value, error) {
	switch v.Kind() {
	case record.Instant:
		return v, nil
	case record.Date:
		t, ok := v.Time()
		if !ok || f.zone == nil {
			return record.Value{}, invalid(record.Instant, "an instant; a day needs a declared zone")
		}
		return record.OfInstant(f.midnight(t)), nil
	default:
		return f.readInstant(strings.TrimSpace(v.Text()))
	}
}

func (f *forms) readInstant(text string) (record.Value, error) {
	if f.layout == nil {
		out, err := record.Parse(record.Instant, text)
		if err != nil {
			return record.Value{}, invalid(record.Instant, "RFC 3339, or declare its format")
		}
		return out, nil
	}
	t, err := f.layout.ParseInstant(text)
	if err != nil {
		return record.Value{}, invalid(record.Instant, "the declared format")
	}
	return record.OfInstant(t), nil
}

// spellTime writes a date or an instant in the declared layout, else in ISO
// 8601.
func (f *forms) spellTime(v record.Value) (string, error) {
	if f.layout == nil {
		return v.Text(), nil
	}
	t, ok := v.Time()
	if !ok {
		return "", invalid(v.Kind(), "a day or an instant")
	}
	if v.Kind() == record.Date {
		if s, err := f.layout.FormatDate(format.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}); err == nil {
			return s, nil
		}
		t = f.midnight(t) // the layout is one of instants
	}
	s, err := f.layout.FormatInstant(t)
	if err != nil {
		return "", &failure{Invalid, "the declared format cannot write this value"}
	}
	return s, nil
}

// midnight is the start of a day in the declared zone, else in UTC.
func (f *forms) midnight(day time.Time) time.Time {
	zone := f.zone
	if zone == nil {
		zone = time.UTC
	}
	return time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone)
}
