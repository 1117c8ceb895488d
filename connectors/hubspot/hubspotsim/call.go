package hubspotsim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tandem-sync/tandem/connectors/simkit"
)

const maxBody = 8 << 20

// call is one request under way. Its answer is made under the portal's lock
// and sent after it.
type call struct {
	t      *Twin
	w      http.ResponseWriter
	r      *http.Request
	class  simkit.Class
	search bool
	actor  *Actor
	oauth  bool
	lacks  []string

	status int
	body   []byte
	after  []func()
}

func (c *call) run(fn func(*call) error) error {
	if c.class == simkit.Write {
		c.t.mu.Lock()
		defer c.t.mu.Unlock()
		err := fn(c)
		c.t.settle()
		return err
	}
	c.t.mu.RLock()
	err := fn(c)
	c.t.mu.RUnlock()
	if len(c.after) > 0 {
		c.t.mu.Lock()
		defer c.t.mu.Unlock()
		for _, do := range c.after {
			do()
		}
	}
	return err
}

func (c *call) refuse(err error) {
	var f *failure
	if !errors.As(err, &f) {
		f = fail(http.StatusInternalServerError, "INTERNAL_ERROR", "internal error")
	}
	f.write(c.w)
}

func (c *call) send() {
	if len(c.body) > 0 {
		c.w.Header().Set("Content-Type", "application/json;charset=utf-8")
	}
	c.w.WriteHeader(c.status)
	_, _ = c.w.Write(c.body) // a lost client is its own affair
}

func (c *call) raw(status int, body []byte) error {
	c.status, c.body = status, body
	return nil
}

func (c *call) json(status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return c.raw(status, body)
}

func (c *call) record(status int, tb *table, r *record, v view) error {
	return c.raw(status, c.t.appendRecord(nil, tb, r, v))
}

// fault takes a fault for this call.
func (c *call) fault(kinds ...string) (simkit.Fault, bool) {
	return c.t.faults.Take(c.r.Method, c.r.URL.Path, kinds...)
}

func (c *call) decode(into any) error {
	body, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, maxBody))
	if err != nil {
		return invalid("Invalid input: the request body could not be read")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return invalid("Invalid input JSON")
	}
	return nil
}

// table returns the object the path names.
func (c *call) table() (*table, error) {
	name := c.r.PathValue("object")
	if tb := c.t.table(name); tb != nil {
		return tb, nil
	}
	f := fail(http.StatusBadRequest, "", "Unable to infer object type from: "+name)
	return nil, f
}

func (c *call) tableAndBody(into any) (*table, error) {
	tb, err := c.table()
	if err != nil {
		return nil, err
	}
	return tb, c.decode(into)
}

func (c *call) query(name string) string { return c.r.URL.Query().Get(name) }

// limit reads ?limit within its bounds.
func (c *call) limit(fallback, most int) (int, error) {
	text := c.query("limit")
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, invalid("Invalid limit %s: it must be between 1 and %d", text, most)
	}
	return n, nil
}

// paging is what answers say about the next page; nil when there is none.
type paging struct {
	Next struct {
		After string `json:"after"`
		Link  string `json:"link,omitempty"`
	} `json:"next"`
}

// next builds the paging of a GET, with a link back to this very server, or to
// another where a fault says so.
func (c *call) next(after string) *paging {
	p := &paging{}
	p.Next.After = after
	q := c.r.URL.Query()
	q.Set("after", after)
	origin := "http://" + c.r.Host
	if fault, ok := c.fault("foreign_next"); ok {
		origin = fault.Value
	}
	u := url.URL{Path: c.r.URL.Path, RawQuery: q.Encode()}
	if c.r.RequestURI != "" {
		if asked, err := url.ParseRequestURI(c.r.RequestURI); err == nil {
			u.Path = asked.Path
		}
	}
	p.Next.Link = origin + u.String()
	return p
}

// page cuts one page out of a list that is paged by position.
func page[T any](c *call, all []T, limit int) ([]T, *paging, error) {
	from := 0
	if after := c.query("after"); after != "" {
		n, err := strconv.Atoi(after)
		if err != nil || n < 0 {
			return nil, nil, invalid("Invalid after: %s", after)
		}
		from = min(n, len(all))
	}
	to := min(from+limit, len(all))
	rows := append([]T{}, all[from:to]...)
	if to == len(all) {
		return rows, nil, nil
	}
	return rows, c.next(strconv.Itoa(to)), nil
}
