package httpapi

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/tandem-sync/tandem/connectors/fault"
)

const (
	dialTimeout   = 10 * time.Second
	idleTimeout   = 60 * time.Second
	connsPerHost  = 64
	maxHeaderSize = 256 << 10
)

// NewTransport returns the default transport. It checks each address at the
// moment of dialling, after the name was looked up, so that a name that
// changes its address in between gains nothing.
func NewTransport(env Env) *http.Transport {
	dialer := &net.Dialer{
		Timeout: dialTimeout, KeepAlive: 30 * time.Second,
		Control: func(_, address string, _ syscall.RawConn) error { return guard(env, address) },
	}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    dialTimeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConns:           2 * connsPerHost,
		MaxIdleConnsPerHost:    connsPerHost,
		MaxConnsPerHost:        connsPerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeaderSize,
	}
}

func guard(env Env, address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fault.New(fault.Forbidden, fault.ScopeSystem, "the address dialled is not an IP address")
	}
	ip := at.Addr().Unmap().WithZone("")
	switch {
	case ip.IsLoopback():
		if env.AllowLoopback {
			return nil
		}
	case slices.ContainsFunc(env.AllowPrivate, func(p netip.Prefix) bool { return p.Contains(ip) }):
		return nil
	case !reserved(ip):
		return nil
	}
	return &fault.Error{
		Class: fault.Forbidden, Scope: fault.ScopeSystem,
		Err:  errors.New("the system's name leads to a private, link-local or reserved address"),
		Next: "check the base address; a system in your own network must be allowed by its network",
	}
}

// reserved lists what netip's own predicates leave out: carrier-grade NAT,
// protocol assignments, benchmarks, class E, and addresses that carry an IPv4
// address inside.
func reserved(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast() {
		return true
	}
	for _, block := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4",
		"64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10",
	} {
		if netip.MustParsePrefix(block).Contains(ip) {
			return true
		}
	}
	return false
}
