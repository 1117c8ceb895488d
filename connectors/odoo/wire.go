package odoo

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// term is a condition of a domain: field, operator, value.
type term [3]any

// domain is a list of conditions that all hold.
type domain []term

func (d domain) and(more ...term) domain { return append(append(domain{}, d...), more...) }

type query struct {
	object string // for errors; the model if empty
	domain domain
	fields []string
	order  string
	limit  int
}

// search reads records that a domain holds for, archived ones included.
func (c *Connector) search(ctx context.Context, model string, q query) ([]row, error) {
	rows, _, err := c.searchAt(ctx, model, q)
	return rows, err
}

func (c *Connector) searchAt(ctx context.Context, model string, q query) ([]row, *httpapi.Response, error) {
	if q.domain == nil {
		q.domain = domain{}
	}
	args := map[string]any{"domain": q.domain, "fields": q.fields}
	if q.order != "" {
		args["order"] = q.order
	}
	if q.limit > 0 {
		args["limit"] = q.limit
	}
	if q.object == "" {
		q.object = model
	}
	var rows []row
	res, err := c.do(ctx, call{model: model, method: "search_read", args: args, op: "read " + q.object, object: q.object, again: true}, &rows)
	return rows, res, err
}

// row is a record as Odoo sends it: false stands for everything that is empty,
// but in a boolean.
type row map[string]json.RawMessage

func (r row) empty(name string) bool {
	v := string(r[name])
	return v == "" || v == "false" || v == "null" || v == `""`
}

func (r row) text(name string) string {
	var s string
	if json.Unmarshal(r[name], &s) != nil {
		return ""
	}
	return s
}

func (r row) id() int64 { return r.number("id") }

func (r row) number(name string) int64 {
	n, err := strconv.ParseInt(string(r[name]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (r row) float(name string) float64 {
	n, err := strconv.ParseFloat(string(r[name]), 64)
	if err != nil {
		return 0
	}
	return n
}

func (r row) yes(name string) bool { return string(r[name]) == "true" }

// pair is what a many2one refers to: its id and the name shown; 0 is nothing.
func (r row) pair(name string) (int64, string) {
	var both []json.RawMessage
	if json.Unmarshal(r[name], &both) != nil || len(both) == 0 {
		return r.number(name), "" // some kinds of fields hold the bare id
	}
	id, err := strconv.ParseInt(string(both[0]), 10, 64)
	if err != nil {
		return 0, ""
	}
	var label string
	if len(both) > 1 && json.Unmarshal(both[1], &label) != nil {
		label = ""
	}
	return id, label
}

func (r row) time(name string) time.Time {
	t, err := time.Parse(time.DateTime, r.text(name))
	if err != nil {
		return time.Time{}
	}
	return t
}

// printed is a moment as Odoo writes it: UTC, whole seconds.
func printed(t time.Time) string { return t.UTC().Format(time.DateTime) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// number reads an id; 0 is none.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func numbers(ids []string) []int64 {
	out := make([]int64, 0, len(ids))
	for _, id := range ids {
		if n := number(id); n != 0 {
			out = append(out, n)
		}
	}
	return out
}

// normalized is an address as Odoo compares it: without a name around it, in
// small letters.
func normalized(address string) string {
	if from := strings.LastIndexByte(address, '<'); from >= 0 {
		address, _, _ = strings.Cut(address[from+1:], ">")
	}
	return strings.ToLower(strings.TrimSpace(address))
}
