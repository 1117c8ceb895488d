package httpapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"strings"
	"syscall"

	"github.com/tandem-sync/tandem/connectors/fault"
)

var (
	errNotMade = errors.New("the call was not made")
	errNoCall  = errors.New("a request went past Client.Do")
	errTooSlow = errors.New("no complete answer in the time allowed")
)

// faultOf classifies an error of the way there. The texts of net/http are not
// kept: they carry addresses with queries.
func (c *Client) faultOf(ctx context.Context, err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if w, ok := errors.AsType[*WaitError](err); ok {
		return &fault.Error{Class: w.class(), Scope: fault.ScopeSystem, Until: w.Until, Err: errors.New("our own budget " + w.Limit + " is used up")}
	}
	if errors.Is(context.Cause(ctx), errTooSlow) {
		return &fault.Error{Class: fault.Transient, Err: errTooSlow}
	}
	if ctx.Err() != nil {
		return &fault.Error{Class: fault.Canceled, Err: ctx.Err()}
	}
	f := &fault.Error{Class: fault.Transient, Err: errors.New(c.cause(err))}
	if certificate(err) {
		f.Class, f.Scope = fault.Forbidden, fault.ScopeSystem
		f.Next = "check the address, the system's certificate and this machine's clock and certificate store"
	}
	return f
}

// cause words an error without the address it happened at.
func (c *Client) cause(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return "the system's host name is not known"
		}
		return "the system's host name cannot be looked up"
	}
	if no, ok := errors.AsType[syscall.Errno](err); ok {
		if op, isOp := errors.AsType[*net.OpError](err); isOp {
			return op.Op + ": " + no.Error()
		}
		return no.Error()
	}
	return Clean(c.Redact(err.Error()))
}

func certificate(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return true
	}
	_, ok := errors.AsType[x509.CertificateInvalidError](err)
	return ok
}

// refused tells whether the connection was never made.
func refused(err error) bool {
	if errors.Is(err, syscall.ECONNREFUSED) {
		return true
	}
	op, ok := errors.AsType[*net.OpError](err)
	return ok && op.Op == "dial"
}

// complete gives a fault what the client knows and cleans what it carries.
func (c *Client) complete(r Request, f *fault.Error) error {
	f.System = c.name
	if f.Op == "" {
		f.Op = r.Op
	}
	if f.Object == "" {
		f.Object = r.Object
	}
	f.Detail = Clean(c.Redact(f.Detail))
	f.Code, f.Field, f.Correlation = word(c.Redact(f.Code)), word(c.Redact(f.Field)), word(f.Correlation)
	if f.Class == fault.Auth && c.auth != nil && c.auth.renewable() && f.Next == "" {
		f.Next = loginHint(c.name)
	}
	return f
}

func loginHint(name string) string {
	return "run: tandem auth login " + strings.TrimSpace(name)
}
