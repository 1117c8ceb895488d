package httpapi

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/tandem-sync/tandem/connectors/fault"
)

const maxRedirects = 3

// checkBase accepts https addresses, and http on this machine where allowed.
func checkBase(env Env, base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, errors.New("the base address is not a URL; write it as https://host")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("the base address must hold neither credentials nor a query")
	}
	local := env.AllowLoopback && isLoopback(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return nil, errors.New("the base address must begin with https://")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && ip.IsLoopback() && !env.AllowLoopback {
		return nil, errors.New("the base address must not be this machine")
	}
	return u, nil
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// origin is scheme, host and port in one spelling.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return strings.ToLower(u.Scheme) + "://" + net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}

// SameOrigin turns a link that the system gave (to a next page, a result) into
// a path for Request.Path. A link that leads to another origin is
// fault.Forbidden: nobody else gets our credentials.
func (c *Client) SameOrigin(next string) (string, error) {
	base := c.base.Load()
	ref, err := url.Parse(next)
	if base == nil || err != nil || next == "" {
		return "", c.complete(Request{Op: "follow a link"}, fault.New(fault.Malformed, fault.ScopeObject, "the link cannot be read"))
	}
	full := base.ResolveReference(ref)
	if origin(full) != origin(base) || full.User != nil {
		return "", c.complete(Request{Op: "follow a link"}, foreign("a link"))
	}
	path := full.EscapedPath()
	if prefix := strings.TrimSuffix(base.EscapedPath(), "/"); prefix != "" {
		trimmed, ok := strings.CutPrefix(path, prefix+"/")
		if !ok {
			return "", c.complete(Request{Op: "follow a link"}, foreign("a link"))
		}
		path = "/" + trimmed
	}
	if full.RawQuery != "" {
		path += "?" + full.RawQuery
	}
	return path, nil
}

func foreign(what string) *fault.Error {
	return &fault.Error{
		Class: fault.Forbidden, Scope: fault.ScopeSystem,
		Err:  errors.New(what + " leads to another address than the one configured; it was not followed"),
		Next: "check the base address in the connector's file; if it is right, the system may have been tampered with",
	}
}

// checkRedirect follows nothing but a read within the same origin.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	if origin(req.URL) != origin(first.URL) {
		return foreign("a redirect")
	}
	if first.Method != http.MethodGet && first.Method != http.MethodHead {
		return fault.New(fault.Forbidden, fault.ScopeSystem, "a redirect would send the data a second time; it was not followed")
	}
	if len(via) > maxRedirects {
		return fault.New(fault.Malformed, fault.ScopeObject, "too many redirects")
	}
	return nil
}

func isRedirect(res *http.Response) bool {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return res.Header.Get("Location") != ""
	}
	return false
}
