package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func (c *Connector) profile() httpapi.Profile {
	p := httpapi.Profile{Vendor: "rest", Classify: c.classify, Observe: c.observe, Correlation: c.api.Errors.Correlation}
	for _, l := range c.api.Limits {
		limit := httpapi.Limit{Name: l.Name, N: l.Calls, Period: l.Per}
		if len(l.Paths) > 0 {
			limit.Match = func(r *http.Request) bool {
				return slices.ContainsFunc(l.Paths, func(p string) bool { return strings.Contains(r.URL.Path, p) })
			}
		}
		p.Limits = append(p.Limits, limit)
	}
	return p
}

// observe reads what a reply's headers tell about limits.
func (c *Connector) observe(h http.Header) []httpapi.Seen {
	var seen []httpapi.Seen
	for _, l := range c.api.Limits {
		if n, err := strconv.Atoi(h.Get(l.Remaining)); err == nil && l.Remaining != "" {
			seen = append(seen, httpapi.Seen{Limit: l.Name, Remaining: n, Reset: moment(h.Get(l.Reset), l.Form, time.Now())})
		}
	}
	return seen
}

// moment reads a header that tells when something is over; zero if it does not
// make sense.
func moment(text, form string, now time.Time) time.Time {
	if form == "iso" {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return time.Time{}
		}
		return at
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || n < 0 || n > 1e15 {
		return time.Time{}
	}
	switch form {
	case "unix":
		return time.Unix(int64(n), 0)
	case "unix_ms":
		return time.UnixMilli(int64(n))
	}
	const longest = 48 * 3600
	return now.Add(time.Duration(min(n, longest) * float64(time.Second)))
}

// classify says what a reply means, by the manifest's rules and else by its
// status.
func (c *Connector) classify(status int, header http.Header, body []byte) *fault.Error {
	if status < http.StatusBadRequest && !c.doubts(status) {
		return nil
	}
	var tree value
	_ = tree.UnmarshalJSON(body) // what is no JSON holds nothing
	return c.meaning(status, header, tree)
}

// doubts tells whether a rule is about a good status.
func (c *Connector) doubts(status int) bool {
	return slices.ContainsFunc(c.api.Errors.Rules, func(r Rule) bool { return slices.Contains(r.Status, status) })
}

func (c *Connector) meaning(status int, header http.Header, tree value) *fault.Error {
	f := httpapi.ClassifyStatus(status, header, nil)
	i := slices.IndexFunc(c.api.Errors.Rules, func(r Rule) bool { return r.fits(status, tree) })
	if i >= 0 {
		if f == nil {
			f = &fault.Error{Status: status}
		}
		c.api.Errors.Rules[i].apply(f, header)
	}
	if f == nil {
		return nil
	}
	e := c.api.Errors
	if e.Code != "" {
		f.Code = tree.at(parsePath(e.Code)).text
	}
	if e.Message != "" {
		f.Detail = secret.Redact(tree.at(parsePath(e.Message)).text, c.cfg.Auth.Token)
	}
	if e.Field != "" {
		f.Field = tree.at(parsePath(e.Field)).text
	}
	if e.Existing != "" && f.Class == fault.Conflict {
		f.Existing = tree.at(parsePath(e.Existing)).text
	}
	return f
}

// rowFault says what one row of a batch met.
func (c *Connector) rowFault(row value, status path) *fault.Error {
	code := http.StatusBadRequest
	if n, ok := row.at(status).number(); ok && len(status) > 0 {
		code = int(n)
	}
	f := c.meaning(code, http.Header{}, row)
	if f == nil {
		f = &fault.Error{Class: fault.Invalid}
	}
	f.Status, f.Scope = code, fault.ScopeRow
	f.Detail = httpapi.Clean(f.Detail)
	return f
}

func (r Rule) fits(status int, tree value) bool {
	if len(r.Status) > 0 && !slices.Contains(r.Status, status) || len(r.Status) == 0 && status < http.StatusBadRequest {
		return false
	}
	if r.At == "" {
		return true
	}
	return slices.ContainsFunc(tree.at(parsePath(r.At)).texts(), func(have string) bool {
		return slices.ContainsFunc(r.Is, func(want string) bool { return strings.EqualFold(want, have) }) ||
			r.Has != "" && strings.Contains(strings.ToLower(have), strings.ToLower(r.Has))
	})
}

// apply gives a fault the rule's meaning. Retry-After is left to httpapi.
func (r Rule) apply(f *fault.Error, h http.Header) {
	f.Class, f.Scope, f.Next = classOf(r.Class), scopeOf(r), r.Next
	if h.Get("Retry-After") != "" || !f.Class.Later() {
		return
	}
	if f.Until = moment(h.Get(r.Until), r.Form, time.Now()); r.Until == "" || f.Until.IsZero() {
		f.Until = time.Time{}
		if r.Wait > 0 {
			f.Until = time.Now().Add(r.Wait)
		}
	}
}

func classOf(name string) fault.Class {
	for c := fault.Unclassified; c <= fault.OutcomeUnknown; c++ {
		if c.String() == name {
			return c
		}
	}
	return fault.Unclassified
}

func scopeOf(r Rule) fault.Scope {
	switch r.Scope {
	case "row":
		return fault.ScopeRow
	case "batch":
		return fault.ScopeBatch
	case "object":
		return fault.ScopeObject
	case "system":
		return fault.ScopeSystem
	}
	switch classOf(r.Class) {
	case fault.Auth, fault.RateLimited, fault.Exhausted:
		return fault.ScopeSystem
	case fault.Permission, fault.Unsupported, fault.Expired:
		return fault.ScopeObject
	case fault.Conflict, fault.Stale, fault.Missing:
		return fault.ScopeRow
	case fault.Invalid, fault.Locked:
		return fault.ScopeBatch
	default:
		return fault.ScopeCall
	}
}
