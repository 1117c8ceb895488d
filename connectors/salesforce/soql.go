package salesforce

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// maxQuery is how long a query may get, escaped for a URL: Salesforce refuses
// a request line of more than 16,384 bytes, and the path needs room too.
const maxQuery = 14_000

const stampForm = "2006-01-02T15:04:05.000Z"

// selection is one SOQL query. Names come from describe or from this package,
// never from outside; values are quoted by quote.
type selection struct {
	object string
	fields []string
	where  []string
	order  string
	limit  int
}

func (s selection) String() string {
	var b strings.Builder
	b.WriteString("SELECT " + strings.Join(s.fields, ", ") + " FROM " + s.object)
	if len(s.where) > 0 {
		b.WriteString(" WHERE " + strings.Join(s.where, " AND "))
	}
	if s.order != "" {
		b.WriteString(" ORDER BY " + s.order)
	}
	if s.limit > 0 {
		fmt.Fprintf(&b, " LIMIT %d", s.limit)
	}
	return b.String()
}

// quote writes text as a SOQL literal. Whatever the text holds, it stays one
// literal: nothing in it can end the quotation.
func quote(text string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for _, r := range text {
		switch r {
		case '\'', '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\b':
			b.WriteString(`\b`)
		case '\f':
			b.WriteString(`\f`)
		default:
			if r < ' ' || r == 0x7f {
				fmt.Fprintf(&b, `\u%04X`, r)
				continue
			}
			b.WriteRune(r)
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// in returns the condition that field is one of values.
func in(field string, values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	return field + " IN (" + strings.Join(quoted, ",") + ")"
}

// inChunks divides values so that a query with each part stays short enough.
func inChunks(values []string, taken, most int) [][]string {
	var chunks [][]string
	room, start, size := maxQuery-taken, 0, 0
	for i, v := range values {
		cost := len(url.QueryEscape(quote(v) + ","))
		if i > start && (size+cost > room || i-start >= most) {
			chunks = append(chunks, values[start:i])
			start, size = i, 0
		}
		size += cost
	}
	if start < len(values) {
		chunks = append(chunks, values[start:])
	}
	return chunks
}

// fieldChunks divides field names so that a query naming each part stays short.
func fieldChunks(fields []string, most int) [][]string {
	var chunks [][]string
	start, size := 0, 0
	for i, f := range fields {
		cost := len(f) + len("%2C+")
		if i > start && size+cost > most {
			chunks = append(chunks, fields[start:i])
			start, size = i, 0
		}
		size += cost
	}
	return append(chunks, fields[start:])
}

func instant(t time.Time) string { return t.UTC().Format(stampForm) }

// after is the keyset condition: rows that follow (t, id) in the order of
// stamp and Id. The first half lets an index on the stamp be used.
func after(stamp string, t time.Time, id string) []string {
	at := instant(t)
	if id == "" {
		return []string{stamp + " >= " + at}
	}
	return []string{stamp + " >= " + at, "(" + stamp + " > " + at + " OR Id > " + quote(id) + ")"}
}
