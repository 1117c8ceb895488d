package httpapi_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tandem-sync/tandem/config/secret"
	"github.com/tandem-sync/tandem/connectors/fault"
	"github.com/tandem-sync/tandem/connectors/httpapi"
)

func local(t *testing.T, h http.HandlerFunc, auth httpapi.Auth) (*httpapi.Client, *httptest.Server) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	c, err := httpapi.New(httpapi.Env{AllowLoopback: true}, httpapi.Profile{}, "crm", srv.URL, auth)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, srv
}

// net/http keeps Authorization for another port of the same host and X-Api-Key
// for any host, and sends a body again on 307.
func TestForeignRedirectSeesNoRequest(t *testing.T) {
	var hits atomic.Int64
	foreign := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	t.Cleanup(foreign.Close)
	for _, code := range []int{301, 302, 303, 307, 308} {
		for name, auth := range map[string]httpapi.Auth{
			"bearer": httpapi.ServiceKey(secret.New("canary-key-1")), "header": httpapi.HeaderKey("X-Api-Key", secret.New("canary-key-1")),
			"basic": httpapi.Basic("u", secret.New("canary-key-1")),
		} {
			c, _ := local(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", foreign.URL+"/take?canary=1")
				w.WriteHeader(code)
			}, auth)
			for _, r := range []httpapi.Request{get(), post()} {
				_, err := c.Do(t.Context(), r)
				_ = class(t, err, fault.Forbidden)
			}
			if n := hits.Load(); n != 0 {
				t.Fatalf("%s %d: the foreign origin saw %d requests", name, code, n)
			}
		}
	}
}

func TestRedirectWithinTheOriginIsFollowedForReadsOnly(t *testing.T) {
	var posts atomic.Int64
	c, _ := local(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
		}
		if r.URL.Path == "/contacts" {
			http.Redirect(w, r, "/there", http.StatusTemporaryRedirect)
			return
		}
		if r.Header.Get("Authorization") != "Bearer canary-key-1" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{}`)
	}, httpapi.ServiceKey(secret.New("canary-key-1")))
	if _, err := c.Do(t.Context(), get()); err != nil {
		t.Error(err)
	}
	_, err := c.Do(t.Context(), post())
	_ = class(t, err, fault.Forbidden)
	if posts.Load() != 1 {
		t.Errorf("the data was sent %d times", posts.Load())
	}
}

func TestLinksMustStayAtTheOrigin(t *testing.T) {
	c, err := httpapi.New(httpapi.Env{}, httpapi.Profile{}, "crm", "https://api.example.com/rest/", httpapi.NoAuth())
	if err != nil {
		t.Fatal(err)
	}
	good := map[string]string{
		"https://api.example.com/rest/next?after=1": "/next?after=1", "https://API.example.com:443/rest/a%2Fb": "/a%2Fb", "/rest/x?y": "/x?y",
	}
	for link, want := range good {
		if got, err := c.SameOrigin(link); err != nil || got != want {
			t.Errorf("%s: %q, %v", link, got, err)
		}
	}
	for _, link := range []string{
		"https://evil.example/rest/x", "http://api.example.com/rest/x", "https://api.example.com:444/rest/x", "//evil.example/rest/x",
		"https://api.example.com@evil.example/rest/x", "https://u:p@api.example.com/rest/x", "https://api.example.com.evil.example/rest/x",
		"/other/x", "javascript:alert(1)", "https://api.example.com/rest/../admin",
	} {
		_, err := c.SameOrigin(link)
		_ = class(t, err, fault.Forbidden)
	}
	for _, path := range []string{"https://evil.example/x", "//evil.example/x", "http:x"} {
		_, err := c.Do(t.Context(), httpapi.Request{Path: path})
		_ = class(t, err, fault.Invalid)
	}
}

func TestBaseAddresses(t *testing.T) {
	tests := map[string]struct{ strict, loopback bool }{
		"https://api.example.com": {true, true}, "https://api.example.com/base": {true, true},
		"http://api.example.com": {false, false}, "http://127.0.0.1:80": {false, true}, "http://[::1]:80": {false, true},
		"http://localhost:80": {false, true}, "https://127.0.0.1": {false, true}, "ftp://x": {false, false}, "": {true, true},
		"https://user:pw@api.example.com": {false, false}, "https://api.example.com?key=1": {false, false}, "api.example.com": {false, false},
		"http://127.0.0.1.evil.example": {false, false},
	}
	for base, want := range tests {
		for _, loopback := range []bool{false, true} {
			_, err := httpapi.New(httpapi.Env{AllowLoopback: loopback}, httpapi.Profile{}, "crm", base, httpapi.NoAuth())
			if allowed := want.strict && !loopback || want.loopback && loopback; (err == nil) != allowed {
				t.Errorf("%s, loopback %t: %v", base, loopback, err)
			}
		}
	}
}

func TestPrivateAddressesAreNotDialled(t *testing.T) {
	for _, host := range []string{
		"10.0.0.1", "172.16.1.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fd00:ec2::254]", "100.64.0.1", "0.0.0.0", "[::]",
		"[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "224.0.0.1", "255.255.255.255", "198.18.0.1", "[2002:a00:1::]", "2130706433", "localhost",
	} {
		c, err := httpapi.New(httpapi.Env{}, httpapi.Profile{}, "crm", "https://"+host, httpapi.NoAuth())
		if err != nil {
			continue // refused even before
		}
		_, err = c.Do(t.Context(), get())
		if fault.ClassOf(err) != fault.Forbidden && (host != "2130706433" || err == nil) {
			t.Errorf("%s: %v", host, err)
		}
		c.Close()
	}
}

func TestPrivateNetworkCanBeAllowed(t *testing.T) {
	env := httpapi.Env{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("10.255.255.254/32")}}
	c, err := httpapi.New(env, httpapi.Profile{Timeout: 1}, "crm", "https://10.255.255.254", httpapi.NoAuth())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(t.Context(), get()); err == nil || fault.ClassOf(err) == fault.Forbidden {
		t.Errorf("an allowed network: %v", err)
	}
}

func TestUntrustedCertificateIsNotRetried(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = nil
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c, err := httpapi.New(httpapi.Env{AllowLoopback: true}, httpapi.Profile{}, "crm", srv.URL, httpapi.NoAuth())
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Do(t.Context(), get())
	if f := class(t, err, fault.Forbidden); f.Next == "" || !httpapi.NotSent(err) {
		t.Errorf("next %q, not sent %t", f.Next, httpapi.NotSent(err))
	}
}

// The transport un-gzips without a limit: 298 kB became 300 MB in memory.
func TestCompressedBombIsStopped(t *testing.T) {
	c, _ := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		block := []byte(strings.Repeat("a", 1<<20))
		_, _ = zip.Write([]byte(`"`))
		for range 300 {
			if _, err := zip.Write(block); err != nil {
				return
			}
		}
		_ = zip.Close()
	}, httpapi.NoAuth())
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := get()
	r.MaxBytes = 4 << 20
	_, err := c.Do(t.Context(), r)
	_ = class(t, err, fault.Malformed)
	_, err = c.Stream(t.Context(), r, func(in io.Reader) error { _, err := io.Copy(io.Discard, in); return err })
	_ = class(t, err, fault.Malformed)
	runtime.ReadMemStats(&after)
	if grown := int64(after.Sys) - int64(before.Sys); grown > 96<<20 {
		t.Errorf("memory grew by %d MB", grown>>20)
	}
}
