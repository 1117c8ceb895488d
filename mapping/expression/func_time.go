package expression

import (
	"time"

	"github.com/tandem-sync/tandem/record/format"
)

func timeFunctions() []function {
	three := []any{new(func(string, string, string) string), new(func(string, string) string), new(func(string) string)}
	return []function{
		{
			"date", three, toDate, "date(text[, layout[, zone]])",
			`The day as 2026-11-23, null if there is none; layout as in "dd.mm.yyyy". An instant needs a zone to have a day.`,
		},
		{
			"instant", three, toInstant, "instant(text[, layout[, zone]])",
			"The instant in UTC as 2026-11-23T08:30:00Z, null if there is none; a text without a zone is read in the one given, else UTC.",
		},
		{
			"format_date", three[:2], formatTime, "format_date(date or instant, layout[, zone])",
			"The date or instant written in a layout; an instant in the zone given, else UTC.",
		},
		{"days_between", []any{new(func(string, string) int)}, daysBetween, "days_between(date, date)", "Days from the first date to the second."},
	}
}

func toDate(b *budget, args []any) (any, error) {
	s, ok := argument(args, 0)
	if err := b.spend(200 + len(s)); err != nil || !ok {
		return nil, err
	}
	l, zone := b.layout(args, 1), or(args, 2, "")
	if d, err := l.ParseDate(s); err == nil {
		return d.String(), nil
	}
	t, err := l.ParseInstant(s)
	if err != nil || zone == "" {
		return nil, nil //nolint:nilerr // a text that is no day gives null, as documented
	}
	return t.In(b.zones[zone]).Format(time.DateOnly), nil
}

func toInstant(b *budget, args []any) (any, error) {
	s, ok := argument(args, 0)
	if err := b.spend(200 + len(s)); err != nil || !ok {
		return nil, err
	}
	t, err := b.layout(args, 1).ParseInstant(s)
	if err != nil {
		return nil, nil //nolint:nilerr // a text that is no instant gives null, as documented
	}
	return t.UTC().Format(time.RFC3339Nano), nil
}

func formatTime(b *budget, args []any) (any, error) {
	s, ok := argument(args, 0)
	if err := b.spend(200 + len(s)); err != nil || !ok {
		return nil, err
	}
	l := b.layout(args, 1)
	var out string
	var err error
	if t, bad := time.Parse(time.DateOnly, s); bad == nil {
		out, err = l.FormatDate(format.Date{Year: t.Year(), Month: t.Month(), Day: t.Day()})
	} else if t, bad := time.Parse(time.RFC3339Nano, s); bad == nil {
		out, err = l.FormatInstant(t)
	} else {
		return nil, nil
	}
	if err != nil {
		return nil, fail("format_date: the layout does not fit the value")
	}
	return out, b.grow(len(out))
}

func daysBetween(b *budget, args []any) (any, error) {
	from, _ := argument(args, 0)
	to, _ := argument(args, 1)
	x, err1 := time.Parse(time.DateOnly, from)
	y, err2 := time.Parse(time.DateOnly, to)
	if err1 != nil || err2 != nil {
		return nil, b.spend(0)
	}
	return int(y.Sub(x) / (24 * time.Hour)), b.spend(0)
}
