package hubspot

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

const (
	limitRolling = "rolling"
	limitSearch  = "search"
	limitDaily   = "daily"
)

func (c *Connector) profile() httpapi.Profile {
	return httpapi.Profile{
		Vendor:      "hubspot",
		Correlation: "X-HubSpot-Correlation-Id",
		Limits: []httpapi.Limit{
			{Name: limitSearch, N: c.cfg.SearchRate, Period: time.Second, Match: isSearch},
			{Name: limitRolling, Period: 10 * time.Second, Match: func(r *http.Request) bool { return !isSearch(r) }},
			{Name: limitDaily, Period: 24 * time.Hour},
		},
		Observe:  c.observe,
		Wait:     wait,
		Classify: c.classify,
	}
}

func isSearch(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/search") && strings.Contains(r.URL.Path, "/objects/")
}

// observe reads the limits' headers, which search answers lack and OAuth apps
// get without the daily ones.
func (c *Connector) observe(h http.Header) []httpapi.Seen {
	var seen []httpapi.Seen
	if n, err := strconv.Atoi(h.Get("X-HubSpot-RateLimit-Remaining")); err == nil {
		seen = append(seen, httpapi.Seen{Limit: limitRolling, Remaining: n})
	}
	if n, err := strconv.Atoi(h.Get("X-HubSpot-RateLimit-Daily-Remaining")); err == nil {
		seen = append(seen, httpapi.Seen{Limit: limitDaily, Remaining: n, Reset: c.midnight(h)})
	}
	return seen
}

// wait follows HubSpot's advice where it sends no Retry-After.
func wait(f *fault.Error, n int) time.Duration {
	switch {
	case f.Class == fault.RateLimited && f.Code == "SECONDLY":
		return time.Duration(n) * time.Second
	case f.Class == fault.RateLimited:
		return time.Duration(n) * 10 * time.Second
	case f.Class == fault.Locked:
		return time.Duration(n) * 2 * time.Second
	}
	return 0
}

func (c *Connector) classify(status int, header http.Header, body []byte) *fault.Error {
	if status < http.StatusBadRequest {
		return nil
	}
	var p problem
	_ = json.Unmarshal(body, &p) // a body that is not HubSpot's leaves p empty
	f := httpapi.ClassifyStatus(status, header, body)
	if status == 477 { // HubSpot is moving the account between data centres
		f = &fault.Error{Class: fault.Transient, Scope: fault.ScopeSystem, Status: status}
	}
	f.Code, f.Correlation = code(&p), p.Correlation
	switch {
	case status == http.StatusTooManyRequests:
		c.limited(f, &p, header)
	case p.Category == "MISSING_SCOPES":
		f.Class, f.Scope = fault.Permission, fault.ScopeObject
		scopes := p.Context["requiredGranularScopes"]
		f.Next = "give the credentials the scope " + strings.Join(scopes, " or ")
		if len(scopes) == 0 {
			f.Next = "give the credentials the scopes this object needs"
		}
	case status == http.StatusRequestURITooLong && p.Category == "":
		f.Class, f.Scope = fault.Malformed, fault.ScopeObject
	case f.Class == fault.Invalid || f.Class == fault.Conflict:
		refine(f, &p)
	}
	return f
}

// limited tells the three policies apart. The daily one ends at midnight where
// the account is.
func (c *Connector) limited(f *fault.Error, p *problem, header http.Header) {
	policy := strings.ToUpper(p.PolicyName)
	message := strings.ToLower(p.Message)
	switch {
	case policy == "DAILY" || strings.Contains(message, "daily limit"):
		f.Class, f.Code, f.Scope = fault.Exhausted, "DAILY", fault.ScopeSystem
		f.Until = c.midnight(header)
	case policy == "SECONDLY" || strings.Contains(message, "secondly limit"):
		f.Code, f.Scope = "SECONDLY", fault.ScopeObject
	default:
		f.Code, f.Scope = "TEN_SECONDLY_ROLLING", fault.ScopeSystem
	}
}

// midnight is when the account's next day begins.
func (c *Connector) midnight(header http.Header) time.Time {
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	zone := time.UTC
	if known := c.zone.Load(); known != nil {
		zone = known
	}
	local := now.In(zone)
	return time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, zone)
}

var (
	existingShape = regexp.MustCompile(`Existing ID: ?(\d+)`)
	holderShape   = regexp.MustCompile(`\b(\d+) already has that value`)
)

// refine reads what a refusal of content says: the field, the code, and the
// record in the way. HubSpot's message itself quotes values and stays behind.
func refine(f *fault.Error, p *problem) {
	f.Code = code(p)
	for _, d := range p.Errors {
		if name := d.Context["propertyName"]; len(name) > 0 && f.Field == "" {
			f.Field = name[0]
		}
	}
	f.Existing = p.context("existingId")
	for _, shape := range []*regexp.Regexp{existingShape, holderShape} {
		if m := shape.FindStringSubmatch(p.Message); m != nil && f.Existing == "" {
			f.Existing = m[1]
		}
	}
	if f.Existing != "" || p.Category == "CONFLICT" || f.Code == "CONFLICTING_UNIQUE_VALUE" {
		f.Class = fault.Conflict
	}
	if f.Code == "PROPERTY_DOESNT_EXIST" {
		f.Next = "create the property in HubSpot, or run check with --create-fields"
	}
}

// code is the most telling of HubSpot's codes.
func code(p *problem) string {
	for _, d := range p.Errors {
		if d.Code != "" {
			return d.Code
		}
	}
	for _, s := range []string{p.SubCategory.s, p.Category, p.ErrorType, p.OAuth} {
		if s != "" {
			return s
		}
	}
	return ""
}

// rowFault is the fault of one row of a 207.
func (c *Connector) rowFault(object string, p *rowError) *fault.Error {
	f := &fault.Error{Class: fault.Invalid, Scope: fault.ScopeRow, System: c.name, Object: object, Op: "write " + object}
	f.Code = code(p)
	switch p.Category {
	case "OBJECT_NOT_FOUND":
		f.Class = fault.Missing
	case "MISSING_SCOPES":
		f.Class = fault.Permission
	case "RATE_LIMITS":
		f.Class = fault.RateLimited
	case "LOCKED":
		f.Class = fault.Locked
	case "INTERNAL_ERROR":
		f.Class = fault.Transient
	default:
		refine(f, p)
	}
	if f.Class == fault.Invalid && f.Field != "" {
		f.Scope = fault.ScopeField
	}
	return f
}
