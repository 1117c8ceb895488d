package format

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// reading is what has been read of a text so far.
type reading struct {
	rest                                string
	year, month, day, hour, minute, sec int
	nanos                               int
	half                                int // 0 am, 1 pm, -1 not said
	offset                              time.Duration
	zoned                               bool
}

// take reads one token off the rest of the text.
func (r *reading) take(t token) bool {
	switch t.unit {
	case literal:
		return r.literal(t.text)
	case year:
		return r.takeYear(t.width)
	case month:
		return r.number(&r.month, t.width, 2)
	case monthName:
		return r.monthName(t.width)
	case day:
		return r.number(&r.day, t.width, 2)
	case hour, hourOfTwelve:
		return r.number(&r.hour, t.width, 2)
	case minute:
		return r.number(&r.minute, t.width, 2)
	case second:
		return r.number(&r.sec, t.width, 2)
	case fraction:
		return r.fraction(t.width, t.width)
	case halfDay:
		return r.halfDay()
	default:
		return r.zone()
	}
}

func (r *reading) literal(text string) bool {
	if len(r.rest) < len(text) || !strings.EqualFold(r.rest[:len(text)], text) {
		return false
	}
	r.rest = r.rest[len(text):]
	return true
}

// number reads between least and most digits.
func (r *reading) number(into *int, least, most int) bool {
	n := 0
	for n < len(r.rest) && n < most && r.rest[n] >= '0' && r.rest[n] <= '9' {
		n++
	}
	if n < least {
		return false
	}
	v, err := strconv.Atoi(r.rest[:n])
	*into, r.rest = v, r.rest[n:]
	return err == nil
}

func (r *reading) takeYear(width int) bool {
	if !r.number(&r.year, width, width) {
		return false
	}
	const pivot = 69
	switch {
	case width == 4:
	case r.year < pivot:
		r.year += 2000
	default:
		r.year += 1900
	}
	return true
}

func (r *reading) monthName(width int) bool {
	for m := time.January; m <= time.December; m++ {
		if r.literal(shortened(m, width)) {
			r.month = int(m)
			return true
		}
	}
	return false
}

func shortened(m time.Month, width int) string {
	if width == 3 {
		return m.String()[:3]
	}
	return m.String()
}

func (r *reading) fraction(least, most int) bool {
	before := len(r.rest)
	if !r.number(&r.nanos, least, most) {
		return false
	}
	for digits := before - len(r.rest); digits < 9; digits++ {
		r.nanos *= 10
	}
	return true
}

func (r *reading) halfDay() bool {
	for half, word := range []string{"am", "pm"} {
		if r.literal(word) {
			r.half = half
			return true
		}
	}
	return false
}

func (r *reading) zone() bool {
	r.zoned = true
	if r.literal("z") {
		return true
	}
	sign := 1
	if r.literal("-") {
		sign = -1
	} else if !r.literal("+") {
		return false
	}
	var hours, minutes int
	if !r.number(&hours, 2, 2) {
		return false
	}
	if colon := r.literal(":"); colon || r.rest != "" && r.rest[0] >= '0' && r.rest[0] <= '9' {
		if !r.number(&minutes, 2, 2) {
			return false
		}
	}
	r.offset = time.Duration(sign*(hours*60+minutes)) * time.Minute
	return hours <= 15 && minutes < 60
}

func (r *reading) date() (Date, error) {
	d := Date{Year: r.year, Month: time.Month(r.month), Day: r.day}
	if !d.Valid() {
		return Date{}, errWhy("there is no such day")
	}
	return d, nil
}

func (r *reading) instant(zone *time.Location) (time.Time, error) {
	d, err := r.date()
	if err != nil {
		return time.Time{}, err
	}
	h := r.hour
	if r.half >= 0 {
		if h < 1 || h > 12 {
			return time.Time{}, errWhy("there is no such hour")
		}
		h = h%12 + 12*r.half
	}
	if h > 23 || r.minute > 59 || r.sec > 59 {
		return time.Time{}, errWhy("there is no such time of day")
	}
	wall := time.Date(d.Year, d.Month, d.Day, h, r.minute, r.sec, r.nanos, time.UTC)
	if r.zoned {
		return wall.Add(-r.offset), nil
	}
	return inZone(wall, zone), nil
}

// write prints one token; it fails where the token cannot hold the value.
func (t token) write(at time.Time) (string, bool) {
	switch t.unit {
	case literal:
		return t.text, true
	case year:
		return printYear(at.Year(), t.width)
	case month:
		return padded(int(at.Month()), t.width), true
	case monthName:
		return shortened(at.Month(), t.width), true
	case day:
		return padded(at.Day(), t.width), true
	case hour:
		return padded(at.Hour(), t.width), true
	case hourOfTwelve:
		return padded((at.Hour()+11)%12+1, t.width), true
	case halfDay:
		return at.Format("PM"), true
	case minute:
		return padded(at.Minute(), t.width), true
	case second:
		return padded(at.Second(), t.width), true
	case fraction:
		return fmt.Sprintf("%09d", at.Nanosecond())[:t.width], true
	default:
		return at.Format("Z07:00"), true
	}
}

func printYear(y, width int) (string, bool) {
	if width == 4 {
		return padded(y, 4), true
	}
	return padded(y%100, 2), y >= 1969 && y <= 2068
}

func padded(v, width int) string { return fmt.Sprintf("%0*d", width, v) }
