package web

import (
	"strconv"
	"strings"
	"time"
)

// count writes a whole number with its thousands apart.
func count(n int) string {
	digits, sign := strconv.Itoa(n), ""
	if n < 0 {
		digits, sign = digits[1:], "-"
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// span writes a length of time with its two largest units.
func span(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	if d < time.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	if d < 10*time.Second {
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	s := int64(d.Round(time.Second) / time.Second)
	units := []struct {
		size int64
		name string
	}{{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}}
	for i, u := range units {
		if s < u.size {
			continue
		}
		out := strconv.FormatInt(s/u.size, 10) + " " + u.name
		if i+1 < len(units) && s%u.size/units[i+1].size > 0 {
			out += " " + strconv.FormatInt(s%u.size/units[i+1].size, 10) + " " + units[i+1].name
		}
		return out
	}
	return "0 s"
}

// when is an instant as the page shows it: how long ago or ahead, with the
// instant itself beside it.
type when struct {
	Rel, Full, ISO string
	OK             bool
}

func instant(t, now time.Time) when {
	if t.IsZero() {
		return when{Rel: "never"}
	}
	out := when{Full: t.UTC().Format("2 Jan 2006, 15:04:05 UTC"), ISO: t.UTC().Format(time.RFC3339), OK: true}
	switch d := now.Sub(t); {
	case d > -time.Second && d < time.Second:
		out.Rel = "just now"
	case d < 0:
		out.Rel = "in " + whole(-d)
	default:
		out.Rel = whole(d) + " ago"
	}
	return out
}

// whole is span without parts of seconds: they mean nothing on a page that is
// made anew twice a minute.
func whole(d time.Duration) string {
	if d = d.Round(time.Second); d < 10*time.Second {
		return strconv.FormatInt(int64(d/time.Second), 10) + " s"
	}
	return span(d)
}

func short(revision string) string {
	const most = 8
	if len(revision) > most {
		return revision[:most]
	}
	return revision
}

// words turns a name of the code into one of people.
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }
