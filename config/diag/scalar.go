package diag

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// String returns the text of a scalar exactly as written (without its quotes),
// and "" for anything else.
func (n Node) String() string {
	if !n.IsScalar() {
		return ""
	}
	return n.target().Value
}

func (n Node) expected(problems *List, want string) {
	problems.Add(n.Errorf("expected %s, found %s", want, n.Kind()))
}

// Str returns the text of a scalar. Numbers and booleans count as the text
// they were written as, so `version: 1.10` stays "1.10".
func (n Node) Str(problems *List) string {
	if !n.IsScalar() {
		n.expected(problems, "text")
	}
	return n.String()
}

// Strings returns a sequence of texts.
func (n Node) Strings(problems *List) []string {
	if !n.IsList() {
		n.expected(problems, "a list of texts")
		return nil
	}
	var out []string
	for _, item := range n.Items() {
		out = append(out, item.Str(problems))
	}
	return out
}

// Bool returns a boolean, written `true` or `false`.
func (n Node) Bool(problems *List) bool {
	if n.IsScalar() && n.target().ShortTag() == "!!bool" {
		return strings.EqualFold(n.String(), "true")
	}
	switch d := n.Errorf("expected true or false, found %s", n.Kind()); strings.ToLower(n.String()) {
	case "yes", "on", "y":
		problems.Add(d.WithHint("write true"))
	case "no", "off", "n":
		problems.Add(d.WithHint("write false"))
	default:
		problems.Add(d)
	}
	return false
}

var (
	decimalInt   = regexp.MustCompile(`^[+-]?(0|[1-9][0-9]*(_[0-9]+)*)$`)
	durationPart = regexp.MustCompile(`^([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h|d)`)
)

// Int returns a whole number, written in decimal (underscores may group).
func (n Node) Int(problems *List) int64 {
	text := n.String()
	if !n.IsScalar() || n.target().ShortTag() == "!!str" || !decimalInt.MatchString(text) {
		n.expectedNumber(problems, "a whole number")
		return 0
	}
	v, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
	if err != nil {
		problems.Add(n.Errorf("the number is too large"))
		return 0
	}
	return v
}

// Float returns a finite number.
func (n Node) Float(problems *List) float64 {
	text := strings.ReplaceAll(n.String(), "_", "")
	tag := n.target().ShortTag()
	v, err := strconv.ParseFloat(text, 64)
	if !n.IsScalar() || tag != "!!int" && tag != "!!float" || err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		n.expectedNumber(problems, "a number")
		return 0
	}
	return v
}

func (n Node) expectedNumber(problems *List, want string) {
	d := n.Errorf("expected %s, found %s", want, n.Kind())
	if n.IsScalar() && n.target().Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		d = d.WithHint("remove the quotes")
	}
	problems.Add(d)
}

// Duration returns a length of time as ParseDuration reads it.
func (n Node) Duration(problems *List) time.Duration {
	if !n.IsScalar() {
		n.expected(problems, "a duration such as 30s, 15m, 36h or 7d")
		return 0
	}
	d, err := ParseDuration(n.String())
	if err != nil {
		problems.Add(n.Errorf("%q is not a duration", n.String()).WithHint("%s", err.Error()))
	}
	return d
}

var errDuration = errors.New("write a number and a unit, such as 500ms, 30s, 15m, 36h or 7d; parts may follow each other: 1h30m")

// ParseDuration reads a length of time such as 30s, 15m, 36h, 7d or 1h30m. A
// day is 24 hours. A number without a unit is refused, except 0.
func ParseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	rest := strings.TrimPrefix(text, "-")
	var total float64
	for rest != "" {
		m := durationPart.FindStringSubmatch(rest)
		if m == nil {
			return 0, errDuration
		}
		count, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return 0, errDuration
		}
		total += count * float64(unit(m[2]))
		rest = rest[len(m[0]):]
	}
	if text == "" || text == "-" || total > math.MaxInt64/2 {
		return 0, errDuration
	}
	if strings.HasPrefix(text, "-") {
		total = -total
	}
	return time.Duration(math.Round(total)), nil
}

func unit(name string) time.Duration {
	switch name {
	case "ms":
		return time.Millisecond
	case "s":
		return time.Second
	case "m":
		return time.Minute
	case "h":
		return time.Hour
	default:
		return 24 * time.Hour
	}
}

// Value returns the node as plain Go values: nil, bool, int64, float64,
// string, []any or map[string]any. A number too long for an int64 is returned
// as the text it was written as, because a float would damage it.
func (n Node) Value() any {
	switch {
	case n.IsNull():
		return nil
	case n.IsMap():
		m := map[string]any{}
		for _, k := range n.Keys() {
			v, _ := n.Get(k.Name)
			m[k.Name] = v.Value()
		}
		return m
	case n.IsList():
		list := []any{}
		for _, item := range n.Items() {
			list = append(list, item.Value())
		}
		return list
	}
	return n.plain()
}

func (n Node) plain() any {
	var ignored List
	var v any
	switch n.target().ShortTag() {
	case "!!bool":
		v = n.Bool(&ignored)
	case "!!int":
		v = n.Int(&ignored)
	case "!!float":
		if !strings.ContainsAny(n.String(), ".eE") { // an integer that fits no int64
			return n.String()
		}
		v = n.Float(&ignored)
	default:
		return n.String()
	}
	if len(ignored) > 0 {
		return n.String()
	}
	return v
}
