package httpapi

import (
	"net/http"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
)

// Profile is what is particular to a vendor's API, stated once. Every field
// but Vendor may be left out.
type Profile struct {
	Vendor string

	// Classify reads a reply and says what is wrong with it; nil is fine. It is
	// asked about every reply, of any status, and must cope with any body.
	// ClassifyStatus does it by status alone. What it puts into Detail is
	// cleaned of personal data afterwards.
	Classify func(status int, header http.Header, body []byte) *fault.Error

	// Limits are the vendor's rate limits as far as they are known beforehand.
	Limits []Limit
	// Observe reads what a reply's headers tell about limits.
	Observe func(header http.Header) []Seen
	// Wait says how long to wait after attempt number n (from 1) failed by f;
	// 0 leaves it to the usual growing wait. Retry-After comes first.
	Wait func(f *fault.Error, n int) time.Duration
	// Idempotent tells whether a request that does not say so itself may be
	// repeated. GET and HEAD always may.
	Idempotent func(r Request) bool
	// TokenExpired tells a reply that asks for a new access token; by default
	// status 401.
	TokenExpired func(status int, header http.Header, body []byte) bool
	// Correlation names the header with the vendor's id of an exchange.
	Correlation string

	Timeout  time.Duration // on the wire, all attempts of a call together; 60 s
	MaxWait  time.Duration // waiting, all attempts together; 2 min
	MaxBytes int64         // of a reply, uncompressed; 32 MB
	MaxDepth int           // of a JSON reply; 64
}

// Limit is a rate limit: N calls in any Period.
type Limit struct {
	Name   string
	N      int // 0 is no limit of our own: the vendor's word alone counts
	Period time.Duration
	Match  func(r *http.Request) bool // nil matches every call
}

// Seen is what a reply told about a limit.
type Seen struct {
	Limit     string
	Remaining int
	Reset     time.Time // zero: a period from now
}

const (
	defaultTimeout  = 60 * time.Second
	defaultMaxWait  = 2 * time.Minute
	defaultMaxBytes = 32 << 20
	defaultMaxDepth = 64
)

func (p Profile) withDefaults() Profile {
	if p.Classify == nil {
		p.Classify = ClassifyStatus
	}
	if p.Timeout <= 0 {
		p.Timeout = defaultTimeout
	}
	if p.MaxWait <= 0 {
		p.MaxWait = defaultMaxWait
	}
	if p.MaxBytes <= 0 {
		p.MaxBytes = defaultMaxBytes
	}
	if p.MaxDepth <= 0 {
		p.MaxDepth = defaultMaxDepth
	}
	if p.TokenExpired == nil {
		p.TokenExpired = func(status int, _ http.Header, _ []byte) bool { return status == http.StatusUnauthorized }
	}
	return p
}

// ClassifyStatus classifies a reply by its status alone; nil below 400.
// Vendors' profiles fall back on it for what they do not know better.
func ClassifyStatus(status int, _ http.Header, _ []byte) *fault.Error {
	f := &fault.Error{Status: status}
	switch status {
	case http.StatusUnauthorized:
		f.Class, f.Scope = fault.Auth, fault.ScopeSystem
		f.Next = "check the credentials in the connector's file"
	case http.StatusPaymentRequired, http.StatusForbidden:
		f.Class, f.Scope = fault.Permission, fault.ScopeObject
		f.Next = "give the credentials the right to do this"
	case http.StatusNotFound, http.StatusGone:
		f.Class, f.Scope = fault.Missing, fault.ScopeRow
	case http.StatusRequestTimeout, http.StatusTooEarly:
		f.Class = fault.Transient
	case http.StatusConflict:
		f.Class, f.Scope = fault.Conflict, fault.ScopeRow
	case http.StatusPreconditionFailed:
		f.Class, f.Scope = fault.Stale, fault.ScopeRow
	case http.StatusLocked:
		f.Class, f.Scope = fault.Locked, fault.ScopeBatch
	case http.StatusTooManyRequests:
		f.Class, f.Scope = fault.RateLimited, fault.ScopeSystem
	case http.StatusNotImplemented:
		f.Class, f.Scope = fault.Unsupported, fault.ScopeObject
	default:
		switch {
		case status < http.StatusBadRequest:
			return nil
		case status >= http.StatusInternalServerError:
			f.Class = fault.Transient
		default:
			f.Class, f.Scope = fault.Invalid, fault.ScopeBatch
		}
	}
	return f
}
