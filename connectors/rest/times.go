package rest

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/diag"
	"github.com/tandem-sync/tandem/record/format"
)

// layout is how moments are written in one place.
type layout struct {
	format.Layout
	numeric bool // seconds or milliseconds, which JSON has as numbers
}

// times are the layouts of a manifest.
type times struct{ rows, filter, write layout }

func (c *compiler) layouts(n diag.Node) times {
	t := c.m.Times
	if t.Rows == "" {
		t.Rows = "iso"
	}
	for _, own := range []*string{&t.Filter, &t.Write} {
		if *own == "" {
			*own, _, _ = strings.Cut(t.Rows, " | ")
		}
	}
	return times{rows: c.layout(n.At("rows"), t.Rows), filter: c.layout(n.At("filter"), t.Filter), write: c.layout(n.At("write"), t.Write)}
}

func (c *compiler) layout(n diag.Node, pattern string) layout {
	zone := c.m.Times.Zone
	if zone == "" {
		zone = "UTC"
	}
	l, err := format.ParseLayout(pattern, zone)
	if err != nil {
		c.problems.Add(n.Errorf("%v", err).WithHint("write iso, unix, unix_ms or a pattern such as yyyy-mm-dd hh:mm:ss"))
	}
	return layout{l, strings.HasPrefix(pattern, "unix")}
}

// write returns the moment for a call; a text, or a number where it is one.
func (l layout) write(at time.Time) any {
	s, err := l.FormatInstant(at)
	if err != nil {
		return at.UTC().Format(time.RFC3339)
	}
	if l.numeric {
		return json.Number(s)
	}
	return s
}

// moment reads a time of a row; zero if there is none or it cannot be read.
func (l layout) moment(v value) time.Time {
	if v.sort != scalar || v.text == "" {
		return time.Time{}
	}
	at, err := l.ParseInstant(v.text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// floor cuts a moment to what the layout can tell.
func (l layout) floor(at time.Time) time.Time {
	s, err := l.FormatInstant(at)
	if err != nil {
		return at
	}
	return l.moment(value{sort: scalar, text: s})
}

// since writes the moment that a filter asks for. A local time that comes twice
// a year, when clocks are put back, is gone back to before the first.
func (l layout) since(at time.Time) any {
	for range 2 {
		s := l.write(at)
		if s != l.write(at.Add(time.Hour)) && s != l.write(at.Add(-time.Hour)) {
			break
		}
		at = at.Add(-time.Hour)
	}
	return l.write(at)
}
