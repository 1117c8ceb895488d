package soql

import (
	"strings"
	"time"
)

// The canonical forms of values: both sort as text.
const (
	DateLayout     = "2006-01-02"
	DateTimeLayout = "2006-01-02T15:04:05.000-0700"
)

// Canonical writes an instant as the vendor does: UTC, milliseconds.
func Canonical(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000") + "+0000" }

// ReadInstant reads an instant in any of the forms the vendor takes.
func ReadInstant(s string) (time.Time, bool) {
	for _, layout := range []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999-0700", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05.999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func readTime(s string) (Kind, string, bool) {
	if t, err := time.Parse(DateLayout, s); err == nil {
		return Date, t.Format(DateLayout), true
	}
	if len(s) <= len(DateLayout) {
		return Null, "", false
	}
	t, ok := ReadInstant(strings.ToUpper(s))
	return DateTime, Canonical(t), ok
}

func isDateLiteral(w string) bool {
	switch w {
	case "TODAY", "YESTERDAY", "TOMORROW", "LAST_90_DAYS", "NEXT_90_DAYS":
		return true
	}
	if takesNumber(w) {
		return true
	}
	when, unit, ok := strings.Cut(w, "_")
	return ok && (when == "LAST" || when == "THIS" || when == "NEXT") && isUnit(unit)
}

func isUnit(u string) bool { return u == "WEEK" || u == "MONTH" || u == "QUARTER" || u == "YEAR" }

func takesNumber(w string) bool {
	if rest, ok := strings.CutPrefix(w, "N_"); ok {
		unit, isAgo := strings.CutSuffix(rest, "S_AGO")
		return isAgo && (unit == "DAY" || isUnit(unit))
	}
	for _, pre := range []string{"LAST_N_", "NEXT_N_"} {
		if rest, ok := strings.CutPrefix(w, pre); ok {
			unit, plural := strings.CutSuffix(rest, "S")
			return plural && (unit == "DAY" || isUnit(unit))
		}
	}
	return false
}

// span returns the first instant in and the first after a date literal.
func span(v Value, now time.Time) (time.Time, time.Time) {
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	switch v.Text {
	case "TODAY":
		return day, day.AddDate(0, 0, 1)
	case "YESTERDAY":
		return day.AddDate(0, 0, -1), day
	case "TOMORROW":
		return day.AddDate(0, 0, 1), day.AddDate(0, 0, 2)
	case "LAST_90_DAYS":
		return day.AddDate(0, 0, -90), day.AddDate(0, 0, 1)
	case "NEXT_90_DAYS":
		return day.AddDate(0, 0, 1), day.AddDate(0, 0, 91)
	}
	if rest, ok := strings.CutPrefix(v.Text, "N_"); ok {
		unit := strings.TrimSuffix(rest, "S_AGO")
		start := shift(unitStart(unit, day), unit, -v.N)
		return start, shift(start, unit, 1)
	}
	if strings.Contains(v.Text, "_N_") {
		return numbered(v, day)
	}
	when, unit, _ := strings.Cut(v.Text, "_")
	start := unitStart(unit, day)
	start = shift(start, unit, map[string]int{"LAST": -1, "NEXT": 1}[when])
	return start, shift(start, unit, 1)
}

func numbered(v Value, day time.Time) (time.Time, time.Time) {
	unit := strings.TrimSuffix(v.Text[len("LAST_N_"):], "S")
	start := unitStart(unit, day)
	switch {
	case unit == "DAY" && strings.HasPrefix(v.Text, "LAST"):
		return day.AddDate(0, 0, -v.N), day.AddDate(0, 0, 1) // LAST_N_DAYS runs up to the end of today
	case strings.HasPrefix(v.Text, "LAST"):
		return shift(start, unit, -v.N), start
	}
	first := shift(start, unit, 1)
	return first, shift(first, unit, v.N)
}

func unitStart(unit string, day time.Time) time.Time {
	switch unit {
	case "WEEK":
		return day.AddDate(0, 0, -int(day.Weekday()))
	case "MONTH":
		return day.AddDate(0, 0, 1-day.Day())
	case "QUARTER":
		return time.Date(day.Year(), (day.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
	case "YEAR":
		return time.Date(day.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return day
}

func shift(t time.Time, unit string, n int) time.Time {
	switch unit {
	case "WEEK":
		return t.AddDate(0, 0, 7*n)
	case "MONTH":
		return t.AddDate(0, n, 0)
	case "QUARTER":
		return t.AddDate(0, 3*n, 0)
	case "YEAR":
		return t.AddDate(n, 0, 0)
	}
	return t.AddDate(0, 0, n)
}
