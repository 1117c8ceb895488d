package salesforcesim

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/salesforce/salesforcesim/soql"
)

// SeedRow is one row of BulkSeed.
type SeedRow struct {
	// Values stand in the order of the fields named; empty is empty. Numbers,
	// dates and instants are written as the vendor does.
	Values []string
	// Created and Modified are the row's times; the clock's when zero.
	Created, Modified time.Time
}

// BulkSeed inserts many rows without rules, history or automations, straight
// into the tables: as a migration would, and lean in memory. Next returns
// false at the end. It returns the ids' first and last.
func (t *Twin) BulkSeed(object string, fields []string, next func() (SeedRow, bool)) (first, last string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	o, _, err := t.writable(object, "")
	if err != nil {
		return "", "", err
	}
	at := make([]int, len(fields))
	for i, name := range fields {
		if at[i] = o.must(name); at[i] < 0 {
			return "", "", fmt.Errorf("bulk seed of %s: no field %q", object, name)
		}
	}
	w := &writer{user: t.users.Admin, noAssign: true}
	for s, ok := next(); ok; s, ok = next() {
		r := t.seedRow(o, at, s)
		t.defaults(w, o, r)
		t.derive(o, nil, r)
		o.insert(r)
		last = o.id(r)
		if first == "" {
			first = last
		}
	}
	return first, last, nil
}

func (t *Twin) seedRow(o *object, at []int, s SeedRow) *row {
	r := &row{createdBy: t.users.Admin, modifiedBy: t.users.Admin, cells: make([]cell, 0, len(at)+4)}
	r.created, r.modified = t.seconds(s.Created), t.seconds(s.Modified)
	if s.Modified.IsZero() {
		r.modified = r.created
	}
	r.stamp = r.modified
	for i, v := range s.Values {
		if v == "" || i >= len(at) {
			continue
		}
		if o.fields[at[i]].kind() == soql.Number {
			v = normalNumber(o.fields[at[i]], v)
		}
		r.cells = append(r.cells, cell{uint16(at[i]), v})
	}
	return r
}

func (t *Twin) seconds(at time.Time) int64 {
	if at.IsZero() {
		return t.now()
	}
	return at.Truncate(time.Second).UnixMilli()
}

// plain turns Go values into what JSON would have held.
func plain(fields Fields) map[string]any {
	out := make(map[string]any, len(fields))
	for name, v := range fields {
		switch v := v.(type) {
		case int:
			out[name] = json.Number(strconv.Itoa(v))
		case float64:
			out[name] = json.Number(strings.TrimSuffix(strconv.FormatFloat(v, 'f', -1, 64), ".0"))
		case time.Time:
			out[name] = v.UTC().Format(time.RFC3339)
		default:
			out[name] = v
		}
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }

func compareText(a, b string) int { return strings.Compare(a, b) }
