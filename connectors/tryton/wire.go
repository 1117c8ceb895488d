package tryton

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/record"
)

// row is a record as Tryton sends it. What was asked for as "party.name" is in
// the row under "party.".
type row map[string]any

// id is the record's.
func (r row) id() int64 { return integer(r["id"]) }

// under is a record referred to, or nil.
func (r row) under(name string) row {
	m, _ := r[name+"."].(map[string]any)
	return m
}

// rows are the records of a list.
func (r row) rows(name string) []row {
	list, _ := r[name+"."].([]any)
	out := make([]row, 0, len(list))
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// at follows a path of names and dots.
func (r row) at(path string) any {
	for r != nil {
		name, rest, deeper := strings.Cut(path, ".")
		if !deeper {
			return r[name]
		}
		r, path = r.under(name), rest
	}
	return nil
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func integer(v any) int64 {
	n, err := strconv.ParseInt(text(v), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// stamp is Tryton's way to send a time; without a zone, it means UTC.
func stamp(t time.Time) map[string]any {
	t = t.UTC()
	return map[string]any{
		"__class__": "datetime", "year": t.Year(), "month": int(t.Month()), "day": t.Day(),
		"hour": t.Hour(), "minute": t.Minute(), "second": t.Second(), "microsecond": t.Nanosecond() / 1000,
	}
}

func moment(v any) (time.Time, bool) {
	m, ok := v.(map[string]any)
	if !ok {
		return time.Time{}, false
	}
	n := func(key string) int { return int(integer(m[key])) }
	return time.Date(n("year"), time.Month(n("month")), n("day"), n("hour"), n("minute"), n("second"), n("microsecond")*1000, time.UTC), true
}

// changed is when a record was last written: Tryton leaves the date of writing
// empty until the first time.
func (r row) changed() time.Time {
	if t, ok := moment(r["write_date"]); ok {
		return t
	}
	t, _ := moment(r["create_date"])
	return t
}

var errForm = errors.New("the value is of a form not known")

// decode turns a value into one of a kind.
func decode(kind record.Kind, v any) (record.Value, error) {
	if v == nil {
		return record.NullOf(kind), nil
	}
	if m, ok := v.(map[string]any); ok {
		switch m["__class__"] {
		case "datetime":
			t, _ := moment(v)
			return record.OfInstant(t), nil
		case "date":
			return record.Parse(kind, fmt.Sprintf("%04d-%02d-%02d", integer(m["year"]), integer(m["month"]), integer(m["day"])))
		case "Decimal":
			return record.Parse(kind, text(m["decimal"]))
		}
		return record.Value{}, errForm
	}
	s := text(v)
	switch {
	case s == "":
		return record.NullOf(kind), nil
	case slices.Contains([]record.Kind{record.Integer, record.Decimal, record.Boolean}, kind):
		return record.Parse(kind, s)
	}
	return record.Of(kind, s), nil // what a person typed is for the maps to read
}

// encode is the other way round.
func encode(v record.Value) any {
	if !v.IsPresent() {
		return nil
	}
	if v.Kind() == record.Decimal {
		return map[string]any{"__class__": "Decimal", "decimal": v.Text()}
	}
	return v.Text()
}
