package format

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// iso reads and prints ISO 8601 as RFC 3339 profiles it.
type iso struct{}

func (iso) day(r *reading) bool {
	return r.number(&r.year, 4, 4) && r.literal("-") && r.number(&r.month, 2, 2) && r.literal("-") && r.number(&r.day, 2, 2)
}

func (i iso) date(text string) (Date, error) {
	r := reading{rest: text, half: -1}
	if !i.day(&r) {
		return Date{}, errWhy("")
	}
	if r.rest != "" {
		return Date{}, errWhy("something follows the day")
	}
	return r.date()
}

func (i iso) instant(text string, zone *time.Location) (time.Time, error) {
	r := reading{rest: text, half: -1}
	if !i.day(&r) {
		return time.Time{}, errWhy("")
	}
	if r.rest == "" {
		return time.Time{}, errWhy("the time of day is missing")
	}
	if !i.clock(&r) {
		return time.Time{}, errWhy("")
	}
	if r.rest != "" && (!r.zone() || r.rest != "") {
		return time.Time{}, errWhy("the zone is not Z or an offset such as +02:00")
	}
	return r.instant(zone)
}

func (iso) clock(r *reading) bool {
	if !r.literal("T") && !r.literal(" ") {
		return false
	}
	if !r.number(&r.hour, 2, 2) || !r.literal(":") || !r.number(&r.minute, 2, 2) {
		return false
	}
	if !r.literal(":") {
		return true
	}
	if !r.number(&r.sec, 2, 2) {
		return false
	}
	if r.literal(".") || r.literal(",") {
		return r.fraction(1, 9)
	}
	return true
}

func (iso) printDate(d Date) (string, error) { return d.String(), nil }

func (iso) printInstant(t time.Time) (string, error) { return t.UTC().Format(time.RFC3339Nano), nil }

// unix counts from 1970 in units of 10^-digits seconds.
type unix struct{ digits int32 }

func (unix) date(string) (Date, error) {
	return Date{}, errWhy("a count of seconds is an instant, not a date")
}

func (unix) printDate(Date) (string, error) {
	return "", errWhy("a count of seconds is an instant, not a date")
}

func (u unix) instant(text string, _ *time.Location) (time.Time, error) {
	const longest = 30
	bare := strings.Replace(strings.TrimPrefix(text, "-"), ".", "", 1)
	if len(text) > longest || bare == "" || !digitsOnly(bare) {
		return time.Time{}, errWhy("")
	}
	count, err := decimal.NewFromString(text)
	if err != nil {
		return time.Time{}, errWhy("")
	}
	nanos := count.Shift(9 - u.digits)
	if !nanos.IsInteger() {
		return time.Time{}, errWhy("it is finer than a nanosecond")
	}
	seconds := count.Shift(-u.digits).Floor()
	if !seconds.BigInt().IsInt64() {
		return time.Time{}, errWhy("the year is out of range")
	}
	const lastSecond = 253402300799 // the end of the year 9999
	if s := seconds.IntPart(); s > lastSecond || s < -62135596800 {
		return time.Time{}, errWhy("the year is out of range")
	}
	return time.Unix(seconds.IntPart(), nanos.Sub(seconds.Shift(9)).IntPart()), nil
}

func (u unix) printInstant(t time.Time) (string, error) {
	nanos := decimal.New(t.Unix(), 0).Shift(9).Add(decimal.New(int64(t.Nanosecond()), 0))
	return nanos.Shift(u.digits - 9).Floor().String(), nil
}
