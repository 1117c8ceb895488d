package httpapi

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const longestRetryAfter = 24 * time.Hour

// retryAfter reads Retry-After: seconds or a date. What makes no sense - a
// negative number, words, more than a day - is no answer, and zero is none
// either: the usual growing wait applies, never a hot loop. A date is measured
// against the sender's own clock.
func retryAfter(h http.Header, now time.Time) time.Time {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if text == "" {
		return time.Time{}
	}
	var wait time.Duration
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(seconds) || seconds > longestRetryAfter.Seconds() {
			return time.Time{}
		}
		wait = time.Duration(seconds * float64(time.Second))
	} else if at, err := http.ParseTime(text); err == nil {
		sender := now
		if date, err := http.ParseTime(h.Get("Date")); err == nil {
			sender = date
		}
		wait = at.Sub(sender)
	}
	if wait <= 0 || wait > longestRetryAfter {
		return time.Time{}
	}
	return now.Add(wait)
}
