package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Request is one call.
type Request struct {
	Method string
	// Path is relative to the client's base, escaped, and may carry a query.
	Path   string
	Query  url.Values
	Header http.Header
	// Body is sent as JSON; RawBody as it is, as ContentType.
	Body        any
	RawBody     []byte
	ContentType string

	// Op says what is being done, for errors and metrics: a few fixed words,
	// as in "search contacts", never data.
	Op     string
	Object string // the remote object concerned, for errors

	// Idempotent says that the call may be repeated when its fate is not
	// known. GET and HEAD are so by nature.
	Idempotent bool
	// Into is what a JSON reply is decoded into, strictly; see Decode.
	Into     any
	MaxBytes int64         // instead of the profile's
	Timeout  time.Duration // instead of the profile's
}

// Response is a reply, read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	// ServerTime is the vendor's clock, from the Date header; zero if it sent none.
	ServerTime time.Time
}

func (r Request) repeatable(p Profile) bool {
	switch {
	case r.Idempotent, r.Method == http.MethodGet, r.Method == http.MethodHead:
		return true
	case p.Idempotent != nil:
		return p.Idempotent(r)
	}
	return false
}

func (r Request) payload() (body []byte, contentType string, err error) {
	if r.Body == nil {
		return r.RawBody, r.ContentType, nil
	}
	body, err = json.Marshal(r.Body)
	if err != nil {
		// The cause is left out: encoding/json quotes values in its errors.
		return nil, "", errors.New("the request body cannot be encoded as JSON")
	}
	return body, "application/json", nil
}

// wantsJSON tells whether a reply that is not JSON is an error.
func (r Request) wantsJSON() bool {
	accept := r.Header.Get("Accept")
	return r.Into != nil || accept == "" || strings.Contains(accept, "json")
}

// resolve joins the path to the base without ever leaving the base's origin.
func (r Request) resolve(base *url.URL) (*url.URL, error) {
	ref, err := url.Parse(r.Path)
	if err != nil || ref.IsAbs() || ref.Host != "" || ref.User != nil || ref.Opaque != "" {
		return nil, errors.New("the path is not a path below the base address; use SameOrigin for links the system gave")
	}
	u := *base
	prefix := strings.TrimSuffix(base.EscapedPath(), "/")
	escaped := prefix + "/" + strings.TrimPrefix(ref.EscapedPath(), "/")
	if u.Path, err = url.PathUnescape(escaped); err != nil {
		return nil, fmt.Errorf("the path is not escaped: %w", errBadEscape)
	}
	u.RawPath = escaped
	u.RawQuery = ref.RawQuery
	if len(r.Query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += r.Query.Encode()
	}
	u.Fragment, u.RawFragment = "", ""
	return &u, nil
}

var errBadEscape = errors.New("use url.PathEscape for each segment")

func responseOf(res *http.Response, body []byte) *Response {
	out := &Response{Status: res.StatusCode, Header: res.Header, Body: body}
	if t, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		out.ServerTime = t.UTC()
	}
	return out
}
