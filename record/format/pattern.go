package format

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// unitOf is what a token of a pattern stands for.
type unitOf int

const (
	literal unitOf = iota
	year
	month
	monthName
	day
	hour
	halfDay
	minute
	second
	fraction
	offset
	hourOfTwelve
)

// name returns the unit's name for messages.
func (u unitOf) name() string {
	names := [...]string{"text", "year", "month", "month", "day", "hour", "am/pm", "minute", "second", "fraction", "zone", "hour"}
	return names[u]
}

// token is one piece of a pattern: a unit written with a number of letters, or
// a literal text.
type token struct {
	unit  unitOf
	width int
	text  string
}

// pattern is a compiled pattern of letters.
type pattern struct {
	tokens []token
	units  map[unitOf]bool
}

func compile(text string) (*pattern, error) {
	tokens, err := scan(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	settleMinutes(tokens)
	settleHours(tokens)
	p := &pattern{tokens: tokens, units: map[unitOf]bool{}}
	for _, t := range tokens {
		u := t.unit
		switch u {
		case monthName:
			u = month
		case hourOfTwelve:
			u = hour
		default:
		}
		if u != literal && p.units[u] {
			return nil, fmt.Errorf("it names the %s twice", u.name())
		}
		p.units[u] = true
	}
	return p, p.check()
}

func (p *pattern) check() error {
	for _, u := range []unitOf{year, month, day} {
		if !p.units[u] {
			return fmt.Errorf("it has no %s (the letters are yyyy mm dd hh mm ss; or iso, unix, unix_ms)", u.name())
		}
	}
	needs := []struct{ unit, needed unitOf }{
		{minute, hour}, {second, minute}, {fraction, second}, {halfDay, hour}, {offset, hour},
	}
	for _, n := range needs {
		if p.units[n.unit] && !p.units[n.needed] {
			return fmt.Errorf("it has a %s but no %s", n.unit.name(), n.needed.name())
		}
	}
	return nil
}

// scan splits a pattern into tokens; every m is a month for the time being.
func scan(text string) ([]token, error) {
	var out []token
	for lower := lowerASCII(text); lower != ""; {
		t, n, err := next(lower, text[len(text)-len(lower):])
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		lower = lower[n:]
	}
	return out, nil
}

// lowerASCII keeps every letter at its place, which strings.ToLower does not.
func lowerASCII(text string) string {
	b := []byte(text)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func next(lower, original string) (token, int, error) {
	c := lower[0]
	if strings.HasPrefix(lower, "am/pm") {
		return token{unit: halfDay}, len("am/pm"), nil
	}
	if c == '\'' {
		end := strings.IndexByte(lower[1:], '\'')
		if end < 0 {
			return token{}, 0, errors.New("a quote is not closed")
		}
		return token{text: original[1 : end+1]}, end + 2, nil
	}
	n := len(lower) - len(strings.TrimLeft(lower, string(c)))
	if c == 't' && n == 1 {
		return token{text: "T"}, 1, nil
	}
	if c < 'a' || c > 'z' {
		if c >= '0' && c <= '9' || c >= 0x80 {
			return token{}, 0, errors.New("put quotes around text: 'text'")
		}
		return token{text: lower[:1]}, 1, nil
	}
	unit, fits := unitFor(c, n)
	if !fits {
		return token{}, 0, fmt.Errorf("%q means nothing (the letters are yyyy mm dd hh mm ss; put quotes around text)", lower[:n])
	}
	return token{unit: unit, width: n}, n, nil
}

func unitFor(letter byte, n int) (unitOf, bool) {
	switch letter {
	case 'y':
		return year, n == 2 || n == 4
	case 'm':
		if n > 2 {
			return monthName, n <= 4
		}
		return month, true
	case 'd':
		return day, n <= 2
	case 'h':
		return hour, n <= 2
	case 's':
		return second, n <= 2
	case 'f':
		return fraction, n <= 9
	case 'z':
		return offset, n == 1
	}
	return literal, false
}

// settleMinutes turns an m next to an hour or a second into a minute.
func settleMinutes(tokens []token) {
	previous := literal
	for i := range tokens {
		t := &tokens[i]
		if t.unit == literal {
			continue
		}
		if t.unit == month && (previous == hour || following(tokens[i+1:]) == second) {
			t.unit = minute
		}
		previous = t.unit
	}
}

// settleHours turns the hour of a pattern with am/pm into one of twelve.
func settleHours(tokens []token) {
	if !slices.ContainsFunc(tokens, func(t token) bool { return t.unit == halfDay }) {
		return
	}
	for i := range tokens {
		if tokens[i].unit == hour {
			tokens[i].unit = hourOfTwelve
		}
	}
}

func following(tokens []token) unitOf {
	for _, t := range tokens {
		if t.unit != literal {
			return t.unit
		}
	}
	return literal
}

func (p *pattern) date(text string) (Date, error) {
	if p.units[hour] {
		return Date{}, errWhy("the format has a time of day, so it is for instants")
	}
	r, err := p.read(text)
	if err != nil {
		return Date{}, err
	}
	return r.date()
}

func (p *pattern) instant(text string, zone *time.Location) (time.Time, error) {
	if !p.units[hour] {
		return time.Time{}, errWhy("the format has no time of day, so it is for dates")
	}
	r, err := p.read(text)
	if err != nil {
		return time.Time{}, err
	}
	return r.instant(zone)
}

func (p *pattern) read(text string) (reading, error) {
	r := reading{rest: text, half: -1}
	for _, t := range p.tokens {
		if !r.take(t) {
			return r, errWhy("")
		}
	}
	if r.rest != "" {
		return r, errWhy("something follows")
	}
	return r, nil
}

func (p *pattern) printDate(d Date) (string, error) {
	if p.units[hour] {
		return "", errWhy("the format has a time of day, so it is for instants")
	}
	return p.write(d.Midnight())
}

func (p *pattern) printInstant(t time.Time) (string, error) {
	if !p.units[hour] {
		return "", errWhy("the format has no time of day, so it is for dates")
	}
	return p.write(t)
}

func (p *pattern) write(t time.Time) (string, error) {
	var b strings.Builder
	for _, tok := range p.tokens {
		text, ok := tok.write(t)
		if !ok {
			return "", errWhy("two digits cannot hold the year")
		}
		b.WriteString(text)
	}
	return b.String(), nil
}
