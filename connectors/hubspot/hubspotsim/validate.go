package hubspotsim

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var emailShape = regexp.MustCompile(`^[^\s@<>(),;:]+@[^\s@<>(),;:.]+(\.[^\s@<>(),;:.]+)+$`)

// normalise returns a value as HubSpot stores it, or why it refuses it.
// An empty value clears and is always well.
func (t *Twin) normalise(tb *table, p *Property, value string) (string, *problem) {
	if value == "" {
		return "", nil
	}
	bad := func(code, format string, args ...any) (string, *problem) {
		return "", &problem{p.Name, code, fmt.Sprintf(format, args...)}
	}
	switch p.Type {
	case "number":
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return bad("INVALID_INTEGER", "%s was not a valid integer.", value)
		}
	case "datetime", "date":
		return normaliseTime(p, value)
	case "bool":
		if value != "true" && value != "false" {
			return bad("INVALID_BOOLEAN", "%s was not a valid boolean.", value)
		}
	case "enumeration":
		if allowed, ok := t.allows(tb, p, value); !ok {
			return bad("INVALID_OPTION", "%s was not one of the allowed options: [%s]", value, strings.Join(allowed, ", "))
		}
	}
	if tb.plural == "contacts" && p.Name == "email" {
		value = strings.ToLower(strings.TrimSpace(value))
		if !emailShape.MatchString(value) {
			return bad("INVALID_EMAIL", "Email address %s is invalid", value)
		}
	}
	return value, nil
}

// allows checks an enumeration; a value of several parts is checked by part.
func (t *Twin) allows(tb *table, p *Property, value string) (allowed []string, ok bool) {
	allowed, open := t.choices(tb, p)
	if open {
		return nil, true
	}
	for part := range strings.SplitSeq(strings.Trim(value, ";"), ";") {
		if !slices.Contains(allowed, part) {
			return allowed, false
		}
	}
	return allowed, true
}

// choices returns the values an enumeration takes; open says that it takes any.
func (t *Twin) choices(tb *table, p *Property) (allowed []string, open bool) {
	switch {
	case p.Name == "hubspot_owner_id":
		for _, o := range t.owners {
			allowed = append(allowed, itoa(o.ID))
		}
	case p.Name == "pipeline" && tb.plural == "deals":
		for _, line := range t.pipes["deals"] {
			allowed = append(allowed, line.ID)
		}
	case p.Name == "dealstage":
		for _, line := range t.pipes["deals"] {
			for _, stage := range line.Stages {
				allowed = append(allowed, stage.ID)
			}
		}
	case p.External:
		return nil, true
	default:
		for _, o := range p.Options {
			allowed = append(allowed, o.Value)
		}
	}
	return allowed, false
}

func normaliseTime(p *Property, value string) (string, *problem) {
	ms, ok := parseTime(value)
	if !ok {
		return "", &problem{p.Name, "INVALID_DATE", value + " was not a valid date."}
	}
	at := time.UnixMilli(ms).UTC()
	if p.Type == "datetime" {
		return iso(ms), nil
	}
	if !at.Equal(at.Truncate(24 * time.Hour)) {
		return "", &problem{p.Name, "INVALID_DATE", itoa(ms) + " is at " + at.Format("15:4:5.000") + " UTC, not midnight!"}
	}
	return at.Format(time.DateOnly), nil
}

// parseTime reads epoch milliseconds, RFC 3339 or a date.
func parseTime(value string) (int64, bool) {
	if ms, err := strconv.ParseInt(value, 10, 64); err == nil {
		return ms, true
	}
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return at.UnixMilli(), true
	}
	at, err := time.Parse(time.DateOnly, value)
	return at.UnixMilli(), err == nil
}

// check validates a set of values for a record (nil when it is to be created)
// and returns them as they would be stored.
func (t *Twin) check(tb *table, r *record, props map[string]string) (map[string]string, *refused) {
	clean := make(map[string]string, len(props))
	var problems []problem
	for _, name := range sortedKeys(props) {
		def := tb.defs[name]
		if def == nil {
			problems = append(problems, problem{name, "PROPERTY_DOESNT_EXIST", fmt.Sprintf("Property %q does not exist", name)})
			continue
		}
		if def.readOnly() {
			problems = append(problems, problem{name, "READ_ONLY_VALUE", fmt.Sprintf("%q is a read only property; its value cannot be set.", name)})
			continue
		}
		value, bad := t.normalise(tb, def, props[name])
		if bad != nil {
			problems = append(problems, *bad)
			continue
		}
		clean[name] = value
	}
	problems = append(problems, t.checkTogether(tb, r, clean)...)
	if len(problems) > 0 {
		return nil, &refused{problems: problems}
	}
	return clean, tb.checkUnique(r, clean)
}

// checkTogether applies the rules that need more than one value.
func (t *Twin) checkTogether(tb *table, r *record, clean map[string]string) []problem {
	var problems []problem
	if stage := clean["dealstage"]; tb.plural == "deals" && stage != "" {
		line := clean["pipeline"]
		if line == "" && r != nil {
			line = tb.stored(r, "pipeline")
		}
		if line == "" {
			line = t.pipes["deals"][0].ID
		}
		if _, ok := t.stage(line, stage); !ok {
			problems = append(problems, problem{"dealstage", "INVALID_OPTION", fmt.Sprintf("%s was not one of the allowed options of pipeline %s", stage, line)})
		}
	}
	if r == nil && tb.defs["hs_timestamp"] != nil && clean["hs_timestamp"] == "" {
		problems = append(problems, problem{"hs_timestamp", "REQUIRED_FIELD", "Property hs_timestamp is required"})
	}
	return problems
}

func (tb *table) checkUnique(r *record, clean map[string]string) *refused {
	for _, name := range sortedKeys(clean) {
		value := clean[name]
		held := tb.holder(name, value)
		if value == "" || held == nil || held == r {
			continue
		}
		if name == "email" && tb.plural == "contacts" {
			return &refused{existing: held.id}
		}
		subject := "a new record"
		if r != nil {
			subject = itoa(r.id)
		}
		return &refused{problems: []problem{{name, "CONFLICTING_UNIQUE_VALUE", fmt.Sprintf(
			"Cannot set PropertyValueCoordinates{objectTypeId=%s, propertyName=%s, value=%s} on %s. %d already has that value.",
			tb.typeID, name, value, subject, held.id)}}}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
