package format

import (
	"fmt"
	"strings"
	"time"
)

// Date is a day of the calendar. It is not an instant: it has no time zone, and
// neither is ever turned into the other here.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// String returns the date as yyyy-mm-dd.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Valid reports whether the day exists, in the years 1 to 9999.
func (d Date) Valid() bool {
	t := d.Midnight()
	return d.Year >= 1 && d.Year <= 9999 && t.Month() == d.Month && t.Day() == d.Day
}

// Midnight returns the start of the day in UTC, for arithmetic on dates.
func (d Date) Midnight() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// Layout is a declared way of writing dates or instants. Make one with
// ParseLayout.
type Layout struct {
	declared string
	zone     *time.Location
	forms    []dateForm
}

// dateForm is one alternative of a layout.
type dateForm interface {
	date(text string) (Date, error)
	instant(text string, zone *time.Location) (time.Time, error)
	printDate(d Date) (string, error)
	printInstant(t time.Time) (string, error) // t is in the layout's zone
}

// ParseLayout reads a pattern such as `dd.mm.yyyy hh:mm`. The letters, in
// either case:
//
//	yyyy yy           year; of two digits, 00-68 are 2000-2068 and 69-99 are 1969-1999
//	mm m mmm mmmm     month: two digits, one or two, Jan, January
//	dd d              day
//	hh h am/pm        hour; of twelve where am/pm is there, else of 24
//	mm m              minute, where an hour stands before it or a second after it
//	ss s fff          second and its decimals, as many as there are f
//	z                 zone: Z or +02:00 (+0200 and +02 are read too)
//	t, 'text'         a T, or any text
//
// or one of the words iso (ISO 8601 as in RFC 3339; a space may stand for the
// T, seconds and zone may be missing), unix (seconds) and unix_ms
// (milliseconds). Alternatives are separated by ` | `.
//
// Where a text names no zone, the IANA zone given here applies; none is UTC.
// A local time that does not exist, because clocks skipped it, is read with
// the offset in force before the skip (02:30 becomes 03:30 of the new time); a
// local time that happens twice is the first of the two. Printing in such a
// zone therefore loses which of two equal local times was meant, unless the
// pattern has a z.
func ParseLayout(pattern, zone string) (Layout, error) {
	if strings.EqualFold(zone, "local") {
		return Layout{}, fmt.Errorf("the zone %q depends on the machine: name one, such as Europe/Berlin", zone)
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		return Layout{}, fmt.Errorf("%q is not a time zone: write an IANA name such as Europe/Berlin: %w", zone, err)
	}
	l := Layout{declared: pattern, zone: location}
	for _, one := range alternatives(pattern) {
		f, err := parseDateForm(one)
		if err != nil {
			return Layout{}, fmt.Errorf("the date format %q: %w", one, err)
		}
		l.forms = append(l.forms, f)
	}
	return l, nil
}

func parseDateForm(pattern string) (dateForm, error) {
	switch strings.ToLower(pattern) {
	case "iso":
		return iso{}, nil
	case "unix":
		return unix{digits: 0}, nil
	case "unix_ms":
		return unix{digits: 3}, nil
	}
	return compile(pattern)
}

// String returns the layout as it was declared.
func (l Layout) String() string { return l.declared }

// ParseDate reads a day. A text with a time of day is an error: which day it
// is would depend on a zone.
func (l Layout) ParseDate(text string) (Date, error) {
	text = plainSpaces(text)
	d, err := pick(l.forms, func(f dateForm) (Date, error) { return f.date(text) }, func(a, b Date) bool { return a == b })
	if err != nil {
		return Date{}, fault("date", l.declared, err)
	}
	return d, nil
}

// ParseInstant reads an instant and returns it in UTC. A text without a time of
// day is an error.
func (l Layout) ParseInstant(text string) (time.Time, error) {
	text = plainSpaces(text)
	read := func(f dateForm) (time.Time, error) { return f.instant(text, l.zone) }
	t, err := pick(l.forms, read, time.Time.Equal)
	if err == nil {
		t = t.UTC()
		if t.Year() < 1 || t.Year() > 9999 {
			err = errWhy("the year is out of range")
		}
	}
	if err != nil {
		return time.Time{}, fault("instant", l.declared, err)
	}
	return t, nil
}

// FormatDate prints a day.
func (l Layout) FormatDate(d Date) (string, error) {
	if !d.Valid() || len(l.forms) == 0 {
		return "", mismatch("date", l.declared, "the day does not exist")
	}
	text, err := l.forms[0].printDate(d)
	if err != nil {
		return "", fault("date", l.declared, err)
	}
	return text, nil
}

// FormatInstant prints an instant in the layout's zone, cut to the smallest
// unit the layout has.
func (l Layout) FormatInstant(t time.Time) (string, error) {
	if len(l.forms) == 0 {
		return "", mismatch("instant", l.declared, "there is no format")
	}
	t = t.In(l.zone)
	if t.Year() < 1 || t.Year() > 9999 {
		return "", mismatch("instant", l.declared, "the year is out of range")
	}
	text, err := l.forms[0].printInstant(t)
	if err != nil {
		return "", fault("instant", l.declared, err)
	}
	return text, nil
}

// inZone finds the instant of a local time as ParseLayout promises. The wall
// clock is given as if it were UTC.
func inZone(wall time.Time, zone *time.Location) time.Time {
	const around = 24 * time.Hour // no transition moves clocks further
	offset := func(at time.Time) time.Duration {
		_, seconds := at.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	before, after := offset(wall.Add(-around)), offset(wall.Add(around))
	for _, o := range []time.Duration{before, after} {
		if t := wall.Add(-o); offset(t) == o {
			return t
		}
	}
	return wall.Add(-before)
}
