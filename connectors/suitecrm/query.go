package suitecrm

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

// row is a record as the API shows it.
type row struct {
	ID         string         `json:"id"`
	Attributes map[string]any `json:"attributes"`
}

// UnmarshalJSON leaves out what hangs on a record, and copes with the empty
// list that PHP makes of no attributes.
func (r *row) UnmarshalJSON(b []byte) error {
	var shown struct {
		ID         string          `json:"id"`
		Attributes json.RawMessage `json:"attributes"`
	}
	if err := json.Unmarshal(b, &shown); err != nil {
		return err
	}
	*r = row{ID: shown.ID}
	if strings.HasPrefix(strings.TrimSpace(string(shown.Attributes)), "{") {
		return httpapi.Decode(shown.Attributes, &r.Attributes)
	}
	return nil
}

// text is an attribute as it is held: quotes and angle brackets are entities on
// the way.
func (r *row) text(name string) string { return unescape(plain(r.Attributes[name])) }

// plain is a JSON scalar as text.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "1"
		}
		return "0"
	}
	return ""
}

// unescape undoes what SuiteCRM does to what it shows, and no more: it leaves
// ampersands alone.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return strings.NewReplacer("&quot;", `"`, "&lt;", "<", "&gt;", ">", "&#039;", "'").Replace(s)
}

// cond is a condition of a list. SuiteCRM takes one value for each field and
// operator, and one operator between them all.
type cond struct{ field, op, value string }

// ask is one list call, in the order of ids.
type ask struct {
	object string
	fields []string
	conds  []cond
	either bool
	most   int
}

func (a ask) query() url.Values {
	q := url.Values{"sort": {"id"}, "page[size]": {strconv.Itoa(a.most)}, "fields[" + a.object + "]": {strings.Join(a.fields, ",")}}
	if a.either {
		q.Set("filter[operator]", "or")
	}
	for _, c := range a.conds {
		q.Set("filter["+c.field+"]["+c.op+"]", c.value)
	}
	return q
}

// page is a part of a list.
type page struct {
	rows []row
	more bool
}

// maxVanished is how often a list is asked for again that a row deleted
// meanwhile has spoiled.
const maxVanished = 4

// list makes a list call. SuiteCRM finds ids first and then loads each record:
// one that is deleted in between fails the whole list as not found.
func (c *Connector) list(ctx context.Context, a ask) (page, *httpapi.Response, error) {
	var answer struct {
		Data []row `json:"data"`
		Meta struct {
			Pages int `json:"total-pages"`
		} `json:"meta"`
	}
	res, err := c.get(ctx, a.object, "/module/"+a.object, a.query(), &answer)
	for range maxVanished {
		if !fault.Is(err, fault.Missing) {
			break
		}
		res, err = c.get(ctx, a.object, "/module/"+a.object, a.query(), &answer)
	}
	if fault.Is(err, fault.Missing) {
		f := *fault.As(err)
		f.Class, f.Scope = fault.Transient, fault.ScopeObject
		return page{}, res, &f
	}
	if err != nil {
		return page{}, res, err
	}
	return page{answer.Data, answer.Meta.Pages > 1}, res, nil
}

// either reads every row in which a field has one of these values. Two fit
// into a call, one under each operator that compares for equality; what LIKE
// finds beside is for the caller to sort out.
func (c *Connector) either(ctx context.Context, object string, fields []string, field string, values []string) ([]row, error) {
	var rows []row
	for i := 0; i < len(values); i += 2 {
		a := ask{object: object, fields: fields, either: true, most: c.cfg.PageSize, conds: []cond{{field, "eq", values[i]}}}
		if i+1 < len(values) {
			a.conds = append(a.conds, cond{field, "like", values[i+1]})
		}
		p, _, err := c.list(ctx, a)
		if err != nil {
			return nil, err
		}
		rows = append(rows, p.rows...)
	}
	return rows, nil
}

// column writes a moment as SuiteCRM's database holds it.
func column(at time.Time) string { return at.UTC().Format(time.DateTime) }

// instant reads a moment. Its offset is PHP's zone and means nothing: the time
// before it is in UTC.
func instant(s string) time.Time {
	if len(s) < len(time.DateTime) {
		return time.Time{}
	}
	at, err := time.Parse(time.DateTime, strings.Replace(s[:len(time.DateTime)], "T", " ", 1))
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
