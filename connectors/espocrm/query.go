package espocrm

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// cond is a condition of a list call, or several joined by `and` or `or`.
type cond struct {
	attr, op string
	values   []string
	list     []cond
}

func where(attr, op string, values ...string) cond { return cond{attr: attr, op: op, values: values} }

func anyOf(list ...cond) cond { return cond{op: "or", list: list} }

func allOf(list ...cond) cond { return cond{op: "and", list: list} }

// oneOf compares addresses as EspoCRM keeps them for this: in lower case.
func oneOf(attr string, values []string) cond {
	list := slices.Clone(values)
	for i, v := range list {
		if attr == emailField {
			list[i] = strings.ToLower(v)
		}
	}
	return where(attr, "in", list...)
}

// put writes conditions in the way PHP takes a query apart.
func put(q url.Values, prefix string, conds []cond) {
	for i, c := range conds {
		at := prefix + "[" + strconv.Itoa(i) + "]"
		q.Set(at+"[type]", c.op)
		switch {
		case c.list != nil:
			put(q, at+"[value]", c.list)
			continue
		case c.op == "in":
			q[at+"[value][]"] = c.values
		case len(c.values) == 1:
			q.Set(at+"[value]", c.values[0])
		}
		q.Set(at+"[attribute]", c.attr)
	}
}

// ask is one list call.
type ask struct {
	kind  kind
	attrs []string
	conds []cond
	order string // rows of one value are ordered by id
	most  int
}

// page is a part of a list.
type page struct {
	rows []row
	more bool
}

// list makes a list call. The total is not asked for: counting costs the
// database more than the rows do, and -1 then tells that there is more.
func (c *Connector) list(ctx context.Context, a ask) (page, *httpapi.Response, error) {
	q := url.Values{"maxSize": {strconv.Itoa(a.most)}, "orderBy": {a.order}, "order": {"asc"}, "select": {strings.Join(a.attrs, ",")}}
	put(q, "where", append(a.kind.picked(), a.conds...))
	var answer struct {
		Total int   `json:"total"`
		List  []row `json:"list"`
	}
	res, err := c.do(ctx, httpapi.Request{
		Path: "/" + a.kind.name, Query: q, Header: http.Header{"X-No-Total": {"true"}}, Op: "list " + a.kind.name, Object: a.kind.name, Into: &answer,
	})
	if err != nil {
		return page{}, res, err
	}
	return page{answer.List, answer.Total == -1 || answer.Total > len(answer.List)}, res, nil
}

// all reads every row that meets a condition, by id.
func (c *Connector) all(ctx context.Context, k kind, attrs []string, fits cond) ([]row, error) {
	var rows []row
	for last := ""; ; {
		conds := []cond{fits}
		if last != "" {
			conds = append(conds, where("id", "greaterThan", last))
		}
		p, _, err := c.list(ctx, ask{kind: k, attrs: attrs, conds: conds, order: "id", most: c.cfg.PageSize})
		if err != nil {
			return nil, err
		}
		rows = append(rows, p.rows...)
		if !p.more || len(p.rows) == 0 {
			return rows, nil
		}
		last = p.rows[len(p.rows)-1].text("id")
	}
}

// column writes a moment as EspoCRM does: in UTC, without saying so.
func column(at time.Time) string { return at.UTC().Format(time.DateTime) }

// instant reads one; zero if it is none.
func instant(s string) time.Time {
	at, err := time.Parse(time.DateTime, s)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
