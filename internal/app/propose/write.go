package propose

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/tandem-sync/tandem/record/schema"
)

// Connector puts the entries into the text of a connector's file, at the end of
// each object's field map. What is doubtful is commented out with its reason.
func Connector(text string, entries map[string][]Entry, unused []schema.Object) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	var rest []string
	for _, object := range slices.Sorted(maps.Keys(entries)) {
		if len(entries[object]) == 0 {
			continue
		}
		at, indent := endOfFields(lines, object)
		if at < 0 {
			rest = append(rest, "# Proposed for the field map of "+object+":")
			for _, e := range entries[object] {
				rest = append(rest, "# "+entryLine(e, ""))
			}
			continue
		}
		added := []string{indent + "# Proposed from the schemas:"}
		for _, e := range entries[object] {
			added = append(added, entryLine(e, indent))
		}
		lines = slices.Insert(lines, at, added...)
	}
	for i, o := range unused {
		if i == 0 {
			rest = append(rest, "# Not mapped here; `tandem connectors TYPE` tells what they hold:")
		}
		rest = append(rest, fmt.Sprintf("#   %s (%s)", o.Name, o.As))
	}
	return strings.Join(append(lines, rest...), "\n") + "\n"
}

func entryLine(e Entry, indent string) string {
	switch {
	case e.Doubt == "" && e.Note == "":
		return indent + "- " + e.String()
	case e.Doubt == "":
		return indent + "- " + e.String() + "   # " + e.Note
	}
	return indent + "# - " + e.String() + "   # " + strings.ReplaceAll(e.Doubt, "\n", " ")
}

// endOfFields finds where an object's list of field maps ends, and how its
// items are indented; -1 where the file is not laid out in that way.
func endOfFields(lines []string, object string) (at int, indent string) {
	within := []string{"objects:", object + ":", "fields:"}
	from, depth := 0, -1
	for _, key := range within {
		if from, depth = below(lines, from, depth, key); from < 0 {
			return -1, ""
		}
	}
	at = -1
	for i, line := range lines[from:] {
		in, text := indented(line)
		item := strings.HasPrefix(text, "- ")
		switch {
		case text == "":
			continue
		case in < depth || (in == depth && !item):
			return at, indent
		case at < 0:
			indent = line[:in]
		}
		at = from + i + 1
	}
	return at, indent
}

// below finds a key among those right below one of that depth, and returns
// the line after it.
func below(lines []string, from, depth int, key string) (after, in int) {
	level := -1
	for i, line := range lines[from:] {
		in, text := indented(line)
		if text == "" {
			continue
		}
		if in <= depth {
			return -1, 0
		}
		if level < 0 {
			level = in
		}
		if in == level && (text == key || text == strconv.Quote(strings.TrimSuffix(key, ":"))+":") {
			return from + i + 1, in
		}
	}
	return -1, 0
}

// indented returns a line's depth and text; "" for one without content.
func indented(line string) (in int, text string) {
	text = strings.TrimLeft(line, " ")
	in = len(line) - len(text)
	if strings.HasPrefix(text, "#") {
		return in, ""
	}
	return in, strings.TrimRight(text, " ")
}

// Settings adds the custom fields to the text of tandem.yaml: as comments where
// it has fields of its own, for one key cannot stand twice, and what is
// doubtful always.
func Settings(text string, custom []Custom) string {
	if len(custom) == 0 {
		return text
	}
	mark, title := "", "# Proposed from the schemas."
	if strings.HasPrefix(text, "fields:") || strings.Contains(text, "\nfields:") {
		mark, title = "# ", "# Proposed from the schemas; to be moved into fields: above."
	}
	lines := []string{strings.TrimRight(text, "\n"), "", title, before(mark, custom) + "fields:"}
	for len(custom) > 0 {
		n := slices.IndexFunc(custom, func(c Custom) bool { return c.As != custom[0].As })
		if n < 0 {
			n = len(custom)
		}
		lines = append(lines, before(mark, custom[:n])+"  "+string(custom[0].As)+":")
		for _, c := range custom[:n] {
			line := fmt.Sprintf("    - {name: %s, kind: %s, label: %s}", c.Name, c.Kind, strconv.Quote(c.Label))
			if c.Doubt != "" {
				line += "   # " + c.Doubt
			}
			lines = append(lines, before(mark, []Custom{c})+line)
		}
		custom = custom[n:]
	}
	return strings.Join(lines, "\n") + "\n"
}

// before is what a line about the fields begins with: it is commented out
// unless one of them can be used.
func before(mark string, custom []Custom) string {
	if slices.ContainsFunc(custom, func(c Custom) bool { return c.Doubt == "" }) {
		return mark
	}
	return "# "
}
